package hub

import "time"

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

// Officer is an App with something to do for those who speak officially in it.
type Officer interface {
	// Office is the ways in for whoever asks; none for those who may do nothing there. The
	// page about themselves shows them.
	Office(Snapshot, Request) ([]Way, error)
}

// Reporter is an App whose news can be printed.
type Reporter interface {
	// Report shows what has come since a moment, for a sheet on a wall: whole, without
	// anything to press, and bounded. The zero time asks for the newest, as where
	// nobody knows what time it is.
	Report(_ Snapshot, _ Request, since time.Time) (Page, error)
}
