// Package feature is what the formats of maps have in common: one thing of a file,
// where it stands there, what bounds it, and whether its geometry is sound. It reads
// and writes nothing itself.
//
// Geometry is that of paulmach/orb everywhere: orb.Point{longitude, latitude} in
// degrees of WGS 84. Heights and times of points are not kept.
package feature

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/hub"
)

// Feature is one thing of a file, before anybody has said what it is here.
type Feature struct {
	ID string // as the file names it; may be empty
	// Geometry is an orb.Point, LineString, Polygon or one of their Multi forms. It is
	// nil where the file says that the place is not known (RFC 7946 §3.2).
	Geometry          orb.Geometry
	Name, Description string
	Props             []Prop   // the rest, in the file's order
	At                hub.Said // where in the file: Line(12), Nth(7)
	// Part says that it is the same thing as the feature before, with geometry of another kind.
	Part bool
}

// Prop is one more thing that a file says of a feature, as text. A name may come twice.
type Prop struct {
	Name, Value string
	// JSON says that Value is as JSON has it, on one line: a number, true, false, an
	// object or a list; empty is null. Otherwise it is text.
	JSON bool
}

// Prop is the first value of a name, and whether there is one.
func (f Feature) Prop(name string) (string, bool) {
	for _, p := range f.Props {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// Line is where a line of a file is, the first being 1.
func Line(n int) hub.Said { return hub.Said{Phrase: "line %d", Args: []any{n}} }

// Nth is where the n-th feature of a file is, the first being 1.
func Nth(n int) hub.Said { return hub.Said{Phrase: "entry %d", Args: []any{n}} }

// Source gives one feature after the other and io.EOF after the last. A *Refused is of
// one that is left out while the rest goes on; any other error ends the file.
type Source interface {
	Next() (Feature, error)
}

// Sink takes features; Close ends the file and says what could not be written.
type Sink interface {
	Put(Feature) error
	Close() error
}

// Refused is why one feature of a file is left out.
type Refused struct {
	At   hub.Said // where in the file
	Name string   // what it is called there; empty where it does not say so
	Said hub.Said // what is wrong, and what to do
	// Swapped is the feature as the file has it if it is off the earth, and would be sound with
	// latitude and longitude swapped; nil otherwise.
	Swapped *Feature
}

func (r *Refused) Error() string { return r.At.String() + ": " + r.Said.String() }

// Refuse makes a *Refused.
func Refuse(at hub.Said, phrase hub.Phrase, args ...any) error {
	return &Refused{At: at, Said: hub.Said{Phrase: phrase, Args: args}}
}

// Named adds what a feature is called to an error that is a *Refused of it, unless that says
// so already. It is the error that it was given.
func Named(err error, name string) error {
	if r, is := errors.AsType[*Refused](err); is && r.Name == "" {
		r.Name = name
	}
	return err
}

// All is what a source gives. A *Refused comes in place of its feature and does not
// end it; any other error is the last.
func All(s Source) iter.Seq2[Feature, error] {
	return func(yield func(Feature, error) bool) {
		for {
			f, err := s.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			_, goesOn := errors.AsType[*Refused](err)
			if !yield(f, err) || err != nil && !goesOn {
				return
			}
		}
	}
}

// Broken is the error that ends a file at a place in it: what is wrong there, in words.
func Broken(at hub.Said, phrase hub.Phrase, args ...any) error {
	return hub.Errorf(hub.Invalid, "", "This file cannot be read further, at %[1]s: %[2]s", at, hub.Said{Phrase: phrase, Args: args})
}

// Spot is where a character of a file is, both from 1, columns counted in bytes.
func Spot(line, column int) hub.Said {
	return hub.Said{Phrase: "line %[1]d, column %[2]d", Args: []any{line, column}}
}

// point is a position as people read it: latitude first.
func point(p orb.Point) string {
	return fmt.Sprintf("%.5f, %.5f", p.Lat(), p.Lon())
}
