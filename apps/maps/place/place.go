// Package place is what a place is, how it stands there and how many people are there, as
// coordinators say it: the words that can be said, their bounds, and how they are signed.
// It reads and writes nothing itself.
package place

import (
	"encoding/hex"
	"strconv"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of what a place says. All of one body together stays within record.MaxBody.
const (
	MaxName       = 80  // characters of a name
	MaxNameBytes  = 240 // bytes of it
	MaxAbout      = 500 // characters of a description
	MaxAboutBytes = 1500
	MaxLine       = 120 // characters of a contact, of hours
	MaxLineBytes  = 360
	MaxID         = hub.MaxID
	MaxLangs      = 12
	MaxLang       = 16
	MaxPoints     = 300 // of a line or an outline
	MaxKnew       = 64  // versions of how it stands and who is there that who takes a place off the map names
	MaxSeen       = 64  // versions that one says it replaces
	MaxIncluded   = 100 // counts that a recount includes
	MaxPeople     = 100_000
)

// Prefix is how the id of a record begins: a version that another one says it replaces.
type Prefix [8]byte

// MarshalCBOR is a byte string.
func (p Prefix) MarshalCBOR() ([]byte, error) { return cbor.Marshal(p[:]) }

// UnmarshalCBOR reads what MarshalCBOR wrote.
func (p *Prefix) UnmarshalCBOR(b []byte) error {
	var raw []byte
	if err := cbor.Unmarshal(b, &raw); err != nil {
		return err
	}
	if len(raw) != len(p) {
		return errPrefix
	}
	copy(p[:], raw)
	return nil
}

// PrefixOf is how an id begins.
func PrefixOf(id record.ID) Prefix { return Prefix(id[:8]) }

// String is it in hex.
func (p Prefix) String() string { return hex.EncodeToString(p[:]) }

type (
	// Details is what stands at p/: what a place is, by one coordinator.
	Details struct {
		Kind     Kind     `cbor:"1,keyasint" json:"kind"`
		Shape    Shape    `cbor:"2,keyasint" json:"geometry,omitzero"`
		Name     string   `cbor:"3,keyasint" json:"name"`
		About    string   `cbor:"4,keyasint,omitempty" json:"description,omitempty"`
		Contact  string   `cbor:"5,keyasint,omitempty" json:"contact,omitempty"`
		Hours    string   `cbor:"6,keyasint,omitempty" json:"hours,omitempty"`
		StepFree Answer   `cbor:"7,keyasint,omitempty" json:"step_free,omitempty"`
		Pets     Answer   `cbor:"8,keyasint,omitempty" json:"pets,omitempty"`
		Langs    []string `cbor:"9,keyasint,omitempty" json:"languages,omitempty"`            // BCP 47, in their order
		Everyday uint32   `cbor:"10,keyasint,omitempty" json:"capacity_everyday,omitempty"`   // people whom it holds for long; 0: not known
		Most     uint32   `cbor:"11,keyasint,omitempty" json:"capacity_evacuation,omitempty"` // in an evacuation
		Gone     bool     `cbor:"12,keyasint,omitempty" json:"removed,omitempty"`             // it is no more, or never was
		Seen     []Prefix `cbor:"13,keyasint,omitempty" json:"-"`                             // versions that this one replaces
		Form     Prefix   `cbor:"14,keyasint" json:"-"`                                       // of SHA-256 of the client_id of the form that wrote it
		Knew     []Prefix `cbor:"15,keyasint,omitempty" json:"-"`                             // by who says that it is no more: Form, and what they had seen of how it stands and who is there; none: not known
		AsOf     Moment   `cbor:"16,keyasint,omitempty" json:"-"`
		None     bool     `cbor:"17,keyasint,omitempty" json:"-"` // as State's
	}
	// State is what stands at s/: how it stands there, by one coordinator.
	State struct {
		Status Status   `cbor:"1,keyasint" json:"status"`
		Offers Things   `cbor:"2,keyasint,omitempty" json:"offers"`
		Needs  Things   `cbor:"3,keyasint,omitempty" json:"needs"`
		Offer  string   `cbor:"4,keyasint,omitempty" json:"offers_text,omitempty"` // in words
		Need   string   `cbor:"5,keyasint,omitempty" json:"needs_text,omitempty"`
		Seen   []Prefix `cbor:"6,keyasint,omitempty" json:"-"`
		Form   Prefix   `cbor:"7,keyasint" json:"-"`
		Of     *Sketch  `cbor:"8,keyasint,omitempty" json:"-"` // what it is of; nil: not said
		AsOf   Moment   `cbor:"9,keyasint,omitempty" json:"-"`
		None   bool     `cbor:"10,keyasint,omitempty" json:"-"` // it was taken back: nothing is said
	}
	// Sketch is what a place is, in short, for where its Details are not.
	Sketch struct {
		_    struct{} `cbor:",toarray"`
		Kind Kind
		Name string
		At   Point
	}
	// Recount is what stands at r/: how many people were there, and what of the counts at
	// the door that number includes.
	Recount struct {
		Total    int32      `cbor:"1,keyasint"`
		Included []Included `cbor:"2,keyasint,omitempty"`
		Seen     []Prefix   `cbor:"3,keyasint,omitempty"`
		Form     Prefix     `cbor:"4,keyasint"`
		Of       *Sketch    `cbor:"5,keyasint,omitempty"` // as State's
		AsOf     Moment     `cbor:"6,keyasint,omitempty"`
		None     bool       `cbor:"7,keyasint,omitempty"` // as State's
	}
	// Moment is when something was so, in seconds of Unix time, where that is longer ago than
	// it was written down, as what a file says is; 0 where it is not known to be.
	Moment int64
	// Included is the value of one slot of a count at the time of a recount.
	Included struct {
		_     struct{} `cbor:",toarray"`
		Who   Prefix   // how the key begins
		Hub   string
		Value int32
	}
)

// Encoded is a body as it is signed: deterministic CBOR (RFC 8949 §4.2.1). It is an
// Invalid if it has no room in a record.
func Encoded(v any) ([]byte, error) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	b, err := mode.Marshal(v)
	if err == nil && len(b) > record.MaxBody {
		err = hub.Errorf(hub.Invalid, "about", "All this together is too long for one place. Please shorten it, or draw it with fewer points.")
	}
	return b, err
}

// Number is a number of people as a form has it; empty for 0.
func Number(n uint32) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(n), 10)
}

// Replaced is which versions it replaces, and which form wrote it.
func (d Details) Replaced() ([]Prefix, Prefix) { return d.Seen, d.Form }

// Replaced is which versions it replaces, and which form wrote it.
func (s State) Replaced() ([]Prefix, Prefix) { return s.Seen, s.Form }

// Replaced is which versions it replaces, and which form wrote it.
func (r Recount) Replaced() ([]Prefix, Prefix) { return r.Seen, r.Form }
