package place

import (
	"errors"

	"github.com/fxamacker/cbor/v2"
)

// Sheet is all that somebody says of one place at once: what a file says of it, and what
// stands in an entry of a layer. Its bodies replace no versions and have no form.
type Sheet struct {
	Details Details `cbor:"1,keyasint"`
	State   *State  `cbor:"2,keyasint,omitempty"` // nil: nothing is said of how it stands
	People  *uint32 `cbor:"3,keyasint,omitempty"` // how many are there; nil: not known
	AsOf    Moment  `cbor:"4,keyasint,omitempty"` // when so many were there
	// Included are the counts at the door that People has in it, where Tallied says so; else
	// it has all of before it was said.
	Included []Included `cbor:"5,keyasint,omitempty"`
	Tallied  bool       `cbor:"7,keyasint,omitempty"`
	// Counts are the recounts that People replaces, of the same list.
	Counts []Prefix `cbor:"6,keyasint,omitempty"`
}

// Encode is the sheet as it is kept: deterministic CBOR of at most record.MaxBody bytes. It
// is an Invalid if it is longer.
func (s Sheet) Encode() ([]byte, error) { return Encoded(s) }

// DecodeSheet reads what Encode wrote, and checks it.
func DecodeSheet(b []byte) (s Sheet, _ error) {
	if err := cbor.Unmarshal(b, &s); err != nil {
		return Sheet{}, err
	}
	if err := s.Check(); err != nil {
		return Sheet{}, err
	}
	return s, nil
}

// Check reports what is wrong with it.
func (s Sheet) Check() error {
	err := s.Details.Check()
	if s.State != nil {
		err = errors.Join(err, s.State.Check())
	}
	if s.People != nil && *s.People > MaxPeople {
		err = errors.Join(err, errors.New("at most 100,000 people are at a place"))
	}
	return errors.Join(err, s.AsOf.check(), checkIncluded(s.Included), CheckVersions(s.Counts))
}
