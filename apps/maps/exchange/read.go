package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// Swapped is what to do with what would lie in the region if latitude and longitude were
// swapped.
type Swapped uint8

// The choices.
const (
	LeaveOut Swapped = iota // until somebody has decided
	Swap
	TakeAsIs
)

// Options are what a file does not say of itself.
type Options struct {
	// Source is by what the ids of this list are told from those of others: the same for
	// the same list, also when it comes again with some changed.
	Source string
	Kind   place.Kind // of what the file does not say; 0 is Other
	Region orb.Bound  // where places are expected; may be empty
	Swap   Swapped
	Flat   bool // the format has no areas: a line may be the outline of one
	// Now is until when what a file says can have been said; zero for ever. What is later counts
	// as of when it is taken over.
	Now time.Time
}

// Entry is one place as a file has it.
type Entry struct {
	ID    string // of the place here
	Sheet place.Sheet
	// Nowhere says that the file does not say where it is: Sheet.Details.Shape is empty.
	Nowhere bool
	// Version is the one that stood where the file was made, if a hub made it.
	Version string
	Notes   []hub.Said // what was shortened or left out
	At      hub.Said   // where in the file
	Flat    bool       // its line may be the outline of an area
}

// Called is what an entry that is left out is called, shortened to one line; empty where it
// does not say so.
func Called(r *feature.Refused) string {
	s, _, _ := strings.Cut(strings.TrimSpace(printable(r.Name)), "\n")
	return cut(s, place.MaxName, place.MaxNameBytes)
}

// Counts are what a Reader has met so far.
type Counts struct {
	Read    int // entries of the file, those that are left out among them
	Refused int
	Swapped int // that would lie in the region if they were swapped
	Noted   int // with something to know
	// Newest is the latest time at which something of it was said, as far as the file has that;
	// it may be ahead of any clock.
	Newest time.Time
	// Shelters are those that are recognised as of FEMA's National Shelter System.
	Shelters int
	Left     []string // names of values that are not taken over, at most maxLeft of them
}

// Bounds of a Reader.
const (
	maxLeft  = 40
	maxCache = 2000 // words and names of values whose meaning is remembered
	lookback = 16   // entries of one id in a row that are one place
)

// Reader makes places of what a file has.
type Reader struct {
	src    feature.Source
	o      Options
	ids    map[[8]byte][8]byte // that came, with what they were of
	ahead  *feature.Feature    // read already
	err    error               // read already, after ahead
	counts Counts
	roles  map[string]table.Role
	kinds  map[string]place.Kind
}

// NewReader reads what a source gives.
func NewReader(src feature.Source, o Options) *Reader {
	if o.Kind == 0 {
		o.Kind = place.Other
	}
	return &Reader{src: src, o: o, ids: map[[8]byte][8]byte{}, roles: map[string]table.Role{}, kinds: map[string]place.Kind{}}
}

// Counts are what it has met so far.
func (r *Reader) Counts() Counts { return r.counts }

// Next is the next place; io.EOF after the last. A *feature.Refused is of one that is left
// out while the rest goes on; any other error ends the file.
func (r *Reader) Next() (Entry, error) {
	f, err := r.gather()
	var e Entry
	if err == nil {
		e, err = r.entry(f)
	}
	_, refused := errors.AsType[*feature.Refused](feature.Named(err, f.Name))
	if err == nil || refused {
		r.counts.Read++
	}
	if refused {
		r.counts.Refused++
	}
	if err == nil && len(e.Notes) > 0 {
		r.counts.Noted++
	}
	return e, err
}

// one is the next feature of the file. One that is off the earth comes as the file has it if
// latitude and longitude may be swapped, as that is for a person to decide on.
func (r *Reader) one() (feature.Feature, error) {
	if f := r.ahead; f != nil {
		r.ahead = nil
		return *f, nil
	}
	if err := r.err; err != nil {
		r.err = nil
		return feature.Feature{}, err
	}
	f, err := r.src.Next()
	if out, is := errors.AsType[*feature.Refused](err); is && out.Swapped != nil {
		return *out.Swapped, nil
	}
	return f, err
}

// gather is the next feature with those after it that are the same one: several points are
// one feature each in GPX, and geometry of several kinds is in KML.
func (r *Reader) gather() (feature.Feature, error) {
	f, err := r.one()
	if err != nil {
		return f, err
	}
	parts := []orb.Geometry{f.Geometry}
	for len(parts) < lookback*lookback {
		next, err := r.one()
		if err != nil {
			r.err = err
			break
		}
		if same := next.Part || f.ID != "" && next.ID == f.ID && next.Name == f.Name; !same || next.Geometry == nil || f.Geometry == nil {
			r.ahead = &next
			break
		}
		if next.Geometry.Dimensions() == f.Geometry.Dimensions() {
			parts = append(parts, next.Geometry)
		} else if len(f.Props) < feature.MaxProps {
			f.Props = append(slices.Clone(f.Props), feature.Prop{Name: mixed, Value: "yes"})
		}
	}
	if len(parts) > 1 {
		f.Geometry = feature.Gather(parts)
	}
	return f, nil
}

// mixed is the name of a value that says that geometry of other kinds was left out. No file
// can have it, as it holds a control character.
const mixed = "\x00mixed"

// FormOf names a list where a body says by which form it was written.
func FormOf(source string) place.Prefix {
	sum := sha256.Sum256([]byte("lamppost import\x00" + source))
	return place.Prefix(sum[:8])
}

// idDigits is how many hex digits of SHA-256 an id of an entry has.
const idDigits = 20

// idOf is by which id a feature is a place here: its own if a hub made the file, else one
// that is the same whenever the list comes again.
func (r *Reader) idOf(f feature.Feature, own bool) string {
	if own && hub.ValidID(f.ID) {
		return f.ID
	}
	key := r.o.Source + "\x00" + f.ID
	if f.ID == "" {
		key += "\x00" + f.Name
		if f.Geometry != nil {
			p := f.Geometry.Bound().Center()
			key += "\x00" + strconv.FormatFloat(p.Lat(), 'f', 4, 64) + " " + strconv.FormatFloat(p.Lon(), 'f', 4, 64)
		}
	}
	sum := sha256.Sum256([]byte(key))
	return "f-" + hex.EncodeToString(sum[:idDigits/2])
}

// apart refuses an entry that has the id of one before it: the same one, or, without ids in the
// file, one at the same place by the same name that is of another kind or described otherwise.
func (r *Reader) apart(e *Entry, f feature.Feature) error {
	d := e.Sheet.Details
	what := d.Name
	if f.ID == "" {
		what += "\x00" + d.Kind.String() + "\x00" + d.About
	}
	first, same := r.first(e.ID, what)
	switch {
	case first:
		return nil
	case same:
		return feature.Refuse(f.At, "The same is in the file before. It is taken once.")
	case f.ID == "":
		return feature.Refuse(f.At, "Something else in the file before is at the same place by the same name, or without one. Give each an id, or a name of its own.")
	}
	return feature.Refuse(f.At, "Its id “%[1]s” is that of something else in the file before. Give each its own.", f.ID)
}

// first notes an id. If it came before, same reports whether it did for the same.
func (r *Reader) first(id, what string) (first, same bool) {
	key, said := digest(id), digest(what)
	was, came := r.ids[key]
	if !came {
		r.ids[key] = said
	}
	return !came, was == said
}

func digest(s string) [8]byte {
	sum := sha256.Sum256([]byte(s))
	return [8]byte(sum[:8])
}

// where settles where an entry is.
func (r *Reader) where(e *Entry, f feature.Feature) error {
	g := f.Geometry
	if g == nil {
		e.Nowhere = true
		return nil
	}
	if hint, is := feature.Swapped(g, r.o.Region); is {
		r.counts.Swapped++
		switch r.o.Swap {
		case LeaveOut:
			return &feature.Refused{At: f.At, Said: hint}
		case Swap:
			g = feature.Swap(g)
		case TakeAsIs:
		}
	}
	was := points(g)
	s, err := place.ShapeOf(f.At, g)
	if err != nil && was > place.MaxPoints {
		s, err = simpler(f.At, g)
		e.note("It was drawn with %[1]d points, and is simplified to %[2]d.", was, s.Size())
	}
	e.Sheet.Details.Shape = s
	return err
}
