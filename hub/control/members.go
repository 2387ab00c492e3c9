package control

import "time"

// Member is another hub that the membership says is up. That is a hint: only a
// link has seen its certificate.
type Member struct {
	Peer  string    `json:"peer"`            // the key it says, in hex
	Label string    `json:"label,omitempty"` // empty where no certificate of that key is known
	Addr  string    `json:"addr"`            // where it speaks of the membership
	Since time.Time `json:"since"`           // up, by this hub's clock
	Doubt bool      `json:"doubt,omitempty"` // its name belies its key, or another says the same key
}
