package maps

import (
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// importKey is how the keys of a file begin that was taken over: i/ID is what of it, i/ID/N
// what stood before.
const importKey = "i/"

// imports is the term of files that were taken over.
const imports = hub.Term("i")

// Bounds of a file that is taken over.
const (
	maxListName = 60 // characters
	maxListB    = 180
	maxWas      = 100 // places that one record says of what stood before
	maxWasParts = 40  // such records of one file
	wasBytes    = record.MaxBody - 64
)

type (
	// Import is what stands at i/ID: that a file was taken over, by whoever has written it.
	Import struct {
		List    string `cbor:"1,keyasint" json:"list"` // by which its ids are told from others'
		File    string `cbor:"2,keyasint,omitempty" json:"file,omitempty"`
		Format  string `cbor:"3,keyasint" json:"format"`
		New     int    `cbor:"4,keyasint,omitempty" json:"new"`
		Changed int    `cbor:"5,keyasint,omitempty" json:"changed"`
		Same    int    `cbor:"6,keyasint,omitempty" json:"same"`
		Kept    int    `cbor:"7,keyasint,omitempty" json:"kept"` // somebody here said otherwise, and that stays
		Refused int    `cbor:"8,keyasint,omitempty" json:"refused"`
		Parts   int    `cbor:"9,keyasint,omitempty" json:"-"` // records at i/ID/0 and on
		Undone  bool   `cbor:"10,keyasint,omitempty" json:"undone"`
		Left    int    `cbor:"11,keyasint,omitempty" json:"left,omitempty"` // places that had changed since, when it was undone

		Seen []place.Prefix `cbor:"12,keyasint,omitempty" json:"-"`
		Form place.Prefix   `cbor:"13,keyasint" json:"-"`

		// Of a file that became one layer: its id, how its file's SHA-256 begins, how many places
		// the list has no more, and what stood there before; nil for nothing.
		Layer   string `cbor:"14,keyasint,omitempty" json:"layer,omitempty"`
		Sum     []byte `cbor:"15,keyasint,omitempty" json:"-"`
		Dropped int    `cbor:"16,keyasint,omitempty" json:"dropped,omitempty"`
		Was     *Layer `cbor:"17,keyasint,omitempty" json:"-"`

		// Prior names itself, and the files of the list that stood then: see prior.
		Prior []place.Prefix `cbor:"18,keyasint,omitempty" json:"-"`
	}
	// Before is what stands at i/ID/N: what stood of some places before a file was taken over.
	Before struct {
		Of []Was `cbor:"1,keyasint"`
	}
	// Was is what stood of one place; nil of what nobody had said. After names what the file
	// has made of it, zero of what it has left.
	Was struct {
		_         struct{} `cbor:",toarray"`
		ID        string
		Details   *place.Details
		State     *place.State
		Recount   *place.Recount
		After     place.Prefix
		AfterHow  place.Prefix
		AfterMany place.Prefix
	}
)

// Replaced is which versions it replaces, and which form wrote it.
func (i Import) Replaced() ([]place.Prefix, place.Prefix) { return i.Seen, i.Form }

func checkImport(r record.Record, rest string) error {
	id, part, isPart := strings.Cut(rest, "/")
	if isPart {
		return errors.Join(place.CheckID(id), checkBefore(r, part))
	}
	b, err := hub.Collection[Import]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !place.Fit(b.List, maxListName, maxListB) || hub.Blank(b.List) || !place.Fit(b.File, place.MaxLine, place.MaxLineBytes):
		return errors.New("a list has a name, of at most 60 characters")
	case b.Layer != "" && (!hub.ValidID(b.Layer) || len(b.Sum) != len(place.Prefix{})):
		return errors.New("a file became one layer")
	case b.Parts < 0 || b.Parts > maxWasParts:
		return errors.New("a file has changed too many places")
	}
	if _, ok := exchange.Known(b.Format); !ok {
		return errors.New("a file is of a format")
	}
	return errors.Join(place.CheckID(id), place.CheckVersions(b.Seen), place.CheckVersions(b.Prior))
}

func checkBefore(r record.Record, part string) error {
	n, err := strconv.ParseUint(part, 10, 8)
	if err != nil || n >= maxWasParts || strconv.FormatUint(n, 10) != part {
		return errors.New("parts are numbered from 0")
	}
	b, err := hub.Collection[Before]{}.Decode(r)
	if err == nil && len(b.Of) > maxWas {
		err = errors.New("this is of too many places")
	}
	for _, w := range b.Of {
		err = errors.Join(err, place.CheckID(w.ID))
		if w.Details != nil {
			err = errors.Join(err, w.Details.Check())
		}
		if w.State != nil {
			err = errors.Join(err, w.State.Check())
		}
		if w.Recount != nil {
			err = errors.Join(err, w.Recount.Check())
		}
	}
	return err
}

// nameOf names what a body says, whatever it replaces, whichever form wrote it and since when
// it is so; zero of what cannot be written.
func nameOf(body any) (p place.Prefix) {
	switch b := body.(type) {
	case place.Details:
		b.Seen, b.Knew, b.Form, b.AsOf = nil, nil, place.Prefix{}, 0
		body = b
	case place.State:
		b.Seen, b.Form, b.Of, b.AsOf = nil, place.Prefix{}, nil, 0
		body = b
	case place.Recount:
		b.Seen, b.Form, b.Of, b.AsOf = nil, place.Prefix{}, nil, 0
		body = b
	}
	raw, err := place.Encoded(body)
	if err != nil {
		return p
	}
	sum := sha256.Sum256(raw)
	return place.Prefix(sum[:8])
}

// parts are the records of what stood before, each as full as it can be.
func parts(all []Was) (out []Before, _ error) {
	size := wasBytes + 1
	for _, w := range all {
		raw, err := place.Encoded(w)
		if err == nil && len(raw) > wasBytes {
			err = hub.Errorf(hub.Invalid, "", "All this together is too long for one place. Please shorten it, or draw it with fewer points.")
		}
		if err != nil {
			return nil, err
		}
		if size += len(raw); size > wasBytes || len(out[len(out)-1].Of) == maxWas {
			out, size = append(out, Before{}), len(raw)
		}
		last := &out[len(out)-1]
		last.Of = append(last.Of, w)
	}
	if len(out) > maxWasParts {
		return nil, hub.Errorf(hub.Invalid, "", "This file changes too much at once. Split it into smaller files.")
	}
	return out, nil
}
