// Package strict is how hubs write CBOR (RFC 8949) to each other, and how they read it
// from peers that are not trusted: one value has one form, and what is read stays within
// bounds. Pure.
package strict

import "github.com/fxamacker/cbor/v2"

// Rules are what a Form is read by. Duplicate keys, tags and items of indefinite length
// are refused by all.
type Rules struct {
	Elements int // one array has no more; 16 or more
	Pairs    int // one map has no more; 16 or more
	Levels   int // nothing lies deeper; 4 to 65535

	// Closed forms have no fields but those that are known, and write a nil slice as an
	// empty one: what was read can be written again and compared. Forms that are not
	// leave room for the fields of later versions, and write a nil slice as null.
	Closed bool
}

// Form writes and reads values by its rules. It is safe for concurrent use.
type Form struct {
	enc cbor.EncMode
	dec cbor.DecMode
}

// New makes a form. It fails on rules out of their range.
func New(r Rules) (Form, error) {
	eo := cbor.CoreDetEncOptions()
	do := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxArrayElements: r.Elements,
		MaxMapPairs:      r.Pairs,
		MaxNestedLevels:  r.Levels,
	}
	if r.Closed {
		eo.NilContainers = cbor.NilContainerAsEmpty
		do.ExtraReturnErrors = cbor.ExtraDecErrorUnknownField
	}
	enc, err := eo.EncMode()
	if err != nil {
		return Form{}, err
	}
	dec, err := do.DecMode()
	return Form{enc, dec}, err
}

// Must is New for rules that are constant, so that a form can be a package's: it panics
// where New fails.
func Must(r Rules) Form {
	f, err := New(r)
	if err != nil {
		panic(err)
	}
	return f
}

// Marshal is v in deterministic encoding (RFC 8949 §4.2.1): keys ascending, shortest
// heads.
func (f Form) Marshal(v any) ([]byte, error) { return f.enc.Marshal(v) }

// Message is a byte that says what kind of message it is, and v behind it.
func (f Form) Message(kind byte, v any) ([]byte, error) {
	b, err := f.enc.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append([]byte{kind}, b...), nil
}

// Unmarshal reads the one item that b is into what v points to. What v holds after an
// error is not specified. That b is in deterministic encoding is not checked: where it
// matters, marshal again and compare.
func (f Form) Unmarshal(b []byte, v any) error { return f.dec.Unmarshal(b, v) }
