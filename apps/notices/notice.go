package notices

import (
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

type (
	// Notice is one official word as this hub knows it, wherever it is from. Fold says
	// which of them hold.
	Notice struct {
		// Identity names it among all: of one that was written here the Ref, of another
		// what its sender calls it.
		Identity string   `json:"id"`
		Path     string   `json:"path"`   // of its page, on this hub
		Number   string   `json:"number"` // that people compare: "FS4-12"
		Kind     Kind     `json:"kind"`
		Re       []string `json:"references,omitempty"` // identities that it updates or cancels
		Clears   []string `json:"clears,omitempty"`     // of an all clear: identities that were cancelled with it
		Grade    Grade    `json:"grade"`
		Span     Span     `json:"span"`
		Template string   `json:"template,omitempty"` // one of the program's, which has its words in all languages
		Words    []Words  `json:"words"`              // the author's own first
		Areas    []Area   `json:"areas,omitempty"`
		Contact  string   `json:"contact,omitempty"`

		By     Provenance `json:"by"`
		Signed Signed     `json:"signed"`
		Reach  Reach      `json:"reach"`
		Relay  *Relay     `json:"relayed,omitempty"` // nil: it was written in this community
		End    *End       `json:"end,omitempty"`     // Fold's: why it does not hold any more

		ends  []string // Fold's: numbers of what it has ended
		lifts Severity // Fold's: the worst of that, while an all clear is fresh; 0 for nothing

		cleared record.Time // Fold's: when the all clear was released of which this is the last word
	}
	// Span is when a notice was written and when it holds.
	Span struct {
		Sent  record.Time `json:"-"`
		At    time.Time   `json:"sent"`
		From  time.Time   `json:"effective,omitzero"` // zero: at once
		Until time.Time   `json:"expires"`
		Ahead bool        `json:"-"` // its time is implausibly ahead of this hub's clock
	}
	// Provenance is who says it, and how this hub knows.
	Provenance struct {
		// Authority is whoever may update it: only who has the same one.
		Authority string `json:"authority"`
		// Local is that it is by a coordinator of this community, whose others may cancel it.
		Local   bool     `json:"local"`
		Checked bool     `json:"checked"` // the signature, by this hub
		Words   hub.Said `json:"-"`       // "From Maria Ortiz, fire district · checked by this place"
		Name    string   `json:"name"`
		Area    string   `json:"area,omitempty"`
		Place   string   `json:"place,omitempty"` // where it was released
	}
	// Signed is who stands behind a notice besides its author.
	Signed struct {
		By      []string  `json:"second,omitempty"` // names
		Alone   bool      `json:"alone,omitempty"`  // it takes two, and one has released it
		Waiting bool      `json:"-"`                // for a second signature; nobody but coordinators sees it
		Lone    time.Time `json:"-"`                // from when its author may release it alone
		Hash    string    `json:"-"`                // of the body, in hex

		since record.Time // of the first of the signatures that count; zero if it takes none
	}
	// Reach is where it has got to.
	Reach struct {
		Places int `json:"places"` // known to hold it, this one among them
		Of     int `json:"of"`     // places that there are
	}
	// End is why a notice does not hold any more.
	End struct {
		How Ending    `json:"how"`
		By  string    `json:"by,omitempty"` // identity of what ended it
		At  time.Time `json:"at"`

		by *Notice
	}
	// Ending is one way for a notice to end.
	Ending string
)

// The endings.
const (
	Expired   Ending = "expired"
	Replaced  Ending = "replaced"
	Cancelled Ending = "cancelled"
)

// shownCancelled is for how long a cancellation stands among what holds.
const shownCancelled = 12 * time.Hour

// freshClear is for how long an all clear stands where stood what it has ended.
const freshClear = 3 * time.Hour

// May reports whether n ends o: it names it, was written after it, and is by whoever
// may. Only who has said a thing can say it anew, so that nobody speaks in another's
// name; but any coordinator can cancel what another one of the community has said: its
// author may be cut off, or wrong, and everybody sees who it was.
func (n *Notice) may(o *Notice) bool {
	if n.Relay != nil || o.Relay != nil {
		return n.Relay.ends(o.Relay)
	}
	if n.Kind == Alert || n.Span.Sent <= o.Span.Sent || o.Kind == Cancel {
		return false
	}
	return n.By.Authority == o.By.Authority || n.Kind == Cancel && n.By.Local && o.By.Local
}
