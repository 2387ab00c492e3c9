package shelf

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/hub"
)

// What a caller tells its own way. Match with errors.Is.
var (
	// ErrUncovered: no map here has this part of the earth at this zoom.
	ErrUncovered = errors.New("no map here covers this tile")
	// ErrEmpty: a map covers it, and has nothing there.
	ErrEmpty = errors.New("there is nothing on this tile")
)

// nowhere is the error for tiles that no map can have.
func nowhere() error {
	return hub.Errorf(hub.NotFound, "", "There is no such piece of a map. Go back to the map, and choose a place on it.")
}

// area is a part of the square that web maps make of the earth: each side is 1, y grows
// to the south.
type area struct{ west, north, east, south float64 }

func areaOf(b orb.Bound) area {
	return area{(b.Min[0] + 180) / 360, mercator(b.Max[1]), (b.Max[0] + 180) / 360, mercator(b.Min[1])}
}

// mercator is y of a latitude in degrees (EPSG 3857); the square ends before the poles.
func mercator(lat float64) float64 {
	s := math.Sin(lat * math.Pi / 180)
	return min(1, max(0, 0.5-math.Log((1+s)/(1-s))/(4*math.Pi)))
}

// share is how much of a tile lies in the area, from 0 to 1.
func (a area) share(z uint8, x, y uint32) float64 {
	n := math.Ldexp(1, int(z))
	over := func(low, high float64, at uint32) float64 {
		return min(high*n, float64(at)+1) - max(low*n, float64(at))
	}
	w, h := over(a.west, a.east, x), over(a.north, a.south, y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// place is where a tile's data is.
type place struct {
	*book

	ref    pmtiles.Ref
	hollow bool // there is nothing on it, and another map may have something there
}

// most of a tile is how much of it a map has that is asked before what lies beneath all.
const most = .5

// find chooses among the maps that cover a tile: that which has most of it within its
// bounds; of several that which goes deepest; of these the first by name. Where that has
// no such tile the next is asked, and at last what lies beneath all. That is asked first
// where it has the zoom and no map has much of the tile: a town's map may be of the town
// only, and the town's piece of the world would lie on it like a patch.
//
// A tile with nothing on it hides no other: it is chosen if no map has more, and is hollow
// then. past are the maps that had nothing there on a deeper tile, which are not asked; those
// that have nothing here are added to it.
func (s *Shelf) find(ctx context.Context, z uint8, x, y uint32, past *[]*book) (place, error) {
	if _, ok := pmtiles.ID(z, x, y); !ok {
		return place{}, nowhere()
	}
	var c choice
	s.choose(&c, z, x, y, *past)
	var hollow place
	for _, one := range c.room[:c.all] {
		ref, err := one.of.archive.Find(ctx, z, x, y)
		if errors.Is(err, pmtiles.ErrMissing) {
			continue
		}
		none := false
		if err == nil && one.of != s.under && c.others > 0 { // else nobody has more
			none, err = one.of.isBare(ref)
		}
		if err != nil || !none {
			return place{book: one.of, ref: ref}, err
		}
		if *past = append(*past, one.of); hollow.book == nil {
			hollow = place{one.of, ref, true}
		}
	}
	switch {
	case hollow.book != nil:
		return hollow, nil
	case c.files > 0:
		return place{}, ErrEmpty
	}
	return place{}, ErrUncovered
}

// choice is the maps that cover a tile, in the order in which they are asked.
type choice struct {
	room [MaxFiles + 1]candidate
	all  int // how many of room there are
	// files is how many of them are files. others is how many maps have the tile or a larger
	// one that it lies in, but for one.
	files, others int
}

type candidate struct {
	of    *book
	share float64 // of the tile, within the map's bounds
}

// choose puts the maps in order; past are not among them.
func (s *Shelf) choose(c *choice, z uint8, x, y uint32, past []*book) {
	c.others = -1
	for _, b := range s.current.Load().books {
		if b.State != Ready || z < b.MinZoom || c.files == MaxFiles || slices.Contains(past, b) {
			continue
		}
		share := b.area.share(z, x, y)
		if share == 0 {
			continue
		}
		if c.others++; z > b.MaxZoom {
			continue
		}
		at := c.files
		for ; at > 0 && (share > c.room[at-1].share || share == c.room[at-1].share && b.MaxZoom > c.room[at-1].of.MaxZoom); at-- {
			c.room[at] = c.room[at-1]
		}
		c.room[at] = candidate{b, share}
		c.files++
	}
	c.all = c.files
	if s.under == nil || len(past) > 0 {
		return
	}
	at := c.files
	if z <= s.under.MaxZoom {
		if c.others++; c.room[0].share < most {
			at = 0
		}
	}
	copy(c.room[at+1:], c.room[at:c.files])
	c.room[at] = candidate{of: s.under}
	c.all++
}

// read finds a tile and appends its data by f. A file that was taken away while it was
// read is asked no more. past is as for find.
func (s *Shelf) read(ctx context.Context, z uint8, x, y uint32, past *[]*book, f func(place) error) error {
	for range 3 {
		p, err := s.find(ctx, z, x, y, past)
		if err == nil {
			err = f(p)
		}
		if !errors.Is(err, os.ErrClosed) {
			return err
		}
	}
	return ErrUncovered
}

// Piece is what a part of a map is drawn from: the tile itself, or a larger one that it
// lies in.
type Piece struct {
	Z    uint8
	X, Y uint32
	Data []byte // as the tile type has it, unpacked; at most pmtiles.MaxUnpacked bytes
	// Schema is in which form its streets are. Credit is whom to thank. Tag tells its data
	// from any other.
	Schema      pmtiles.Schema
	Credit, Tag string
}

// Piece is what to draw a tile from, of the deepest zoom up to z at which any map has
// something there. It is ErrUncovered where none has, a NotFound where there is no such
// tile on earth, or an error of reading.
func (s *Shelf) Piece(ctx context.Context, z uint8, x, y uint32) (Piece, error) {
	if _, ok := pmtiles.ID(z, x, y); !ok {
		return Piece{}, nowhere()
	}
	s.glance()
	var out Piece
	err := s.climb(ctx, z, x, y, func(p place, up uint8) (err error) {
		out = Piece{Z: z - up, X: x >> up, Y: y >> up, Schema: p.Schema, Credit: p.Credit, Tag: p.tag + "." + p.ref.Tag()}
		out.Data, err = p.archive.AppendUnpacked(nil, p.ref)
		return err
	})
	if errors.Is(err, ErrEmpty) || errors.Is(err, ErrUncovered) {
		return Piece{}, ErrUncovered
	}
	if err != nil {
		return Piece{}, fmt.Errorf("tile %d/%d/%d: %w", z, x, y, err)
	}
	return out, nil
}

// climb finds the tile, or the next larger one that it lies in of which any map has
// something, that many zooms up. Where only others have nothing there, that is found. It is
// the error for the tile itself where none has it.
func (s *Shelf) climb(ctx context.Context, z uint8, x, y uint32, f func(_ place, up uint8) error) error {
	var first error
	var past []*book
	empty := uint8(0) // how far up is what has nothing on it, once past is of any
	for up := uint8(0); up <= z; up++ {
		hollow, before := false, len(past) > 0
		err := s.read(ctx, z-up, x>>up, y>>up, &past, func(p place) error {
			if hollow = p.hollow; hollow {
				return nil
			}
			return f(p, up)
		})
		if hollow && !before {
			empty = up
		}
		if !hollow && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrUncovered) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	if len(past) == 0 {
		return first
	}
	return s.read(ctx, z-empty, x>>empty, y>>empty, new([]*book), func(p place) error { return f(p, empty) })
}
