package control

import "time"

type (
	// Hubs are the community's hubs that have a certificate, this one included, and
	// after them those that were revoked.
	Hubs struct {
		Hubs []CertifiedHub `json:"hubs"` // by label
	}
	// Revoked is how a hub came to its end.
	Revoked struct {
		At  time.Time `json:"at"`            // by the clock of whoever revoked it
		By  string    `json:"by,omitempty"`  // the label of the hub that did; empty = the roots, or a hub not known here
		Why string    `json:"why,omitempty"` // for people
	}
	// CertifiedHub is what the community's roster says of a hub.
	CertifiedHub struct {
		ID       string   `json:"id"` // its key in hex
		Label    string   `json:"label"`
		Self     bool     `json:"self,omitempty"`
		Retired  bool     `json:"retired,omitempty"`
		Roles    string   `json:"roles,omitempty"`    // "admit"
		Issuer   string   `json:"issuer,omitempty"`   // the label of the hub that let it in; empty = the roots
		Admitted []string `json:"admitted,omitempty"` // the labels of hubs that have their certificate from it
		Idle     []string `json:"idle,omitempty"`     // of those, which it has marked as no longer in use, in hex
		PutOut   []string `json:"putOut,omitempty"`   // hubs that it let in and has revoked, in hex
		Vouches  int      `json:"vouches"`            // people it speaks for
		Linked   bool     `json:"linked,omitempty"`
		Revoked  *Revoked `json:"revoked,omitempty"` // nil = it is not; else it has no roles, issuer and links
	}
	// HubAct is something to be decided about a hub.
	HubAct struct {
		Act   ActKind `json:"act"`
		Hub   string  `json:"hub"`             // its key in hex
		Label string  `json:"label,omitempty"` // of Rename: the new one
		Why   string  `json:"why,omitempty"`   // of Revoke: for people; at most 256 bytes

		Roots bool      `json:"roots,omitempty"` // by the roots, also where a hub may
		None  bool      `json:"none,omitempty"`  // of Revoke: none of its vouches stays
		Since time.Time `json:"since,omitzero"`  // of Revoke: those from then on do not stay
		Alone bool      `json:"alone,omitempty"` // of Revoke: the hubs that it let in fall with it
		Sign  bool      `json:"sign,omitempty"`  // have this hub sign it and take it in, if it may
	}
	// RootPlan is what is to be signed, and by whom.
	RootPlan struct {
		Roots      []string    `json:"roots,omitempty"`     // whose act it is, in hex; empty = this hub's
		Threshold  int         `json:"threshold,omitempty"` // how many of them it takes
		Statements []Statement `json:"statements"`          // what is to be signed
	}
	// HubPlan is what an act takes, and what comes of it.
	HubPlan struct {
		RootPlan
		Label string   `json:"label"`          // as it will be
		Stay  int      `json:"stay"`           // of Revoke: vouches that stay
		Go    int      `json:"go"`             // of Revoke: vouches that do not
		Kept  []string `json:"kept,omitempty"` // hubs that it let in and that the roots certify now
		Idle  []string `json:"idle,omitempty"` // of those, which stay marked as no longer in use
		Out   []string `json:"out,omitempty"`  // hubs that it has put out, as the roots do now
		Fall  []string `json:"fall,omitempty"` // hubs that it let in and that fall with it
		Done  bool     `json:"done,omitempty"` // it is signed and in the set
	}
	// Statement is an unsigned trust record.
	Statement struct {
		Key  string `json:"key"`
		Time uint64 `json:"time"` // a hybrid time
		Body []byte `json:"body"`
	}
)

// ActKind is what is to be decided about a hub.
type ActKind string

// The acts.
const (
	Rename ActKind = "rename"
	Retire ActKind = "retire"
	Revoke ActKind = "revoke"
	Grant  ActKind = "grant" // it may let others in, by the roots

	Ungrant ActKind = "ungrant" // it may not any more, by the roots
)
