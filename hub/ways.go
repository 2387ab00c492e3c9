package hub

// Guide is an App that has ways in from the home page. The page shows the first
// few of all apps together.
type Guide interface {
	Ways() []Way // the most wanted first
}

// Way is one way into an app.
type Way struct {
	Title Phrase
	Path  string // below the app's own, escaped; may end in a fragment
	Icon  string // of package webui
}
