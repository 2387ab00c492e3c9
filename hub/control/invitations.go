package control

// The verbs of join codes: "invite" takes an Invite and gives an Invited,
// "invitations" gives Invitations, "uninvite" takes a Cancel and gives the
// Invitation.
type (
	// Invite asks for a join code.
	Invite struct {
		Label   string `json:"label,omitempty"`   // what the new place is to be called; empty = it says itself
		Seconds int64  `json:"seconds"`           // how long the code is good
		Address string `json:"address,omitempty"` // ip:port to be told in the code; empty = the likeliest
	}
	// Invited is a join code that was made.
	Invited struct {
		Code    string   `json:"code"` // in groups of four with hyphens
		Address string   `json:"address,omitempty"`
		Others  []string `json:"others,omitempty"` // addresses that could have been told instead
		Invitation
	}
	// Invitation is how a join code stands. The code itself is not kept.
	Invitation struct {
		ID    string `json:"id"` // the first of its id in hex
		Label string `json:"label,omitempty"`
		State string `json:"state"`          // open, used, expired, cancelled or void
		By    string `json:"by,omitempty"`   // what the hub is called that used it
		Left  int64  `json:"left,omitempty"` // seconds for which it is still good
		Ago   int64  `json:"ago"`            // seconds since it came into its state, while the hub ran

		Before bool `json:"before,omitempty"` // of "uninvite": it was no longer good before
	}
	// Invitations are the open ones first.
	Invitations struct {
		Invitations []Invitation `json:"invitations"`
	}
	// Cancel names the code that is to be good no longer: the code, or an
	// Invitation's ID.
	Cancel struct {
		Which string `json:"which"`
	}
)
