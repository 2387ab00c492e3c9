// Package streets is the street maps of a hub at work: the extracts in its folder, the
// pictures that are drawn of them, and how to get more. It knows no places: who asks for a
// picture says what is on it.
package streets

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/picture"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/apps/maps/street"
	"github.com/lamppost-hub/lamppost/apps/maps/world"
)

// Bounds of what is drawn and kept.
const (
	// MaxPicture is how many bytes a picture of a page has at most, as far as drawing it
	// coarser helps.
	MaxPicture = 60_000
	// DefaultKept is for how many bytes of pictures there is room.
	DefaultKept = 64 << 20

	worldCache = 1 << 20 // bytes of directories
)

// drawnAtOnce is how many pictures are drawn at once: each needs some 4 MB and a core, and
// messages come first.
func drawnAtOnce() int { return max(1, runtime.NumCPU()/2) }

// picturesFolder is where pictures lie, within the folder of the extracts.
const picturesFolder = "pictures"

// learnedFile is where the names of streets are remembered, in the same folder.
const learnedFile = ".streets"

// Config is what there is to set.
type Config struct {
	Folder string // of the extracts, which is made if it is not there; pictures lie in a folder within
	Kept   int64  // bytes of pictures that are kept; 0 = DefaultKept
	// Disk is how many bytes of the disk are free, and how many it has. Nil: not asked.
	Disk func() (free, total uint64, err error)
	Log  *slog.Logger // nil: nothing is logged
}

// Streets is safe for concurrent use.
type Streets struct {
	*shelf.Shelf

	painter  *draw.Painter
	pictures *picture.Store
	beneath  *world.World // nil: the program has none
	book     *street.Book
	log      *slog.Logger

	mu      sync.Mutex
	version string          // of the shelf when what follows was looked up
	ready   []shelf.Extract // of these tiles are served
	stands  *orb.Point      // where the hub does; nil: not known
}

// Open opens the folder. What is new in it is checked by Run.
func Open(c Config) (*Streets, error) {
	if c.Kept == 0 {
		c.Kept = DefaultKept
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Streets{log: c.Log}
	var err error
	if s.painter, err = draw.New(); err != nil {
		return nil, err
	}
	of := shelf.Config{Disk: c.Disk, Log: c.Log}
	switch earth, err := world.Open(pmtiles.NewCache(worldCache)); {
	case err == nil:
		s.beneath = &earth
		of.Under = &shelf.Under{Archive: earth.Archive, Tag: earth.Tag}
	case !errors.Is(err, world.ErrNone):
		return nil, err
	}
	if s.Shelf, err = shelf.Open(c.Folder, of); err != nil {
		return nil, err
	}
	report := func(err error) { s.log.Warn("a picture of the map was not kept", "error", err) }
	s.pictures, err = picture.Open(filepath.Join(c.Folder, picturesFolder), picture.Bounds{Bytes: c.Kept, Draws: drawnAtOnce()}, report)
	if err != nil {
		s.Close()
		return nil, err
	}
	s.book = street.Open(street.Config{File: filepath.Join(c.Folder, learnedFile), Tiles: deep{s.Shelf}, Wanted: s.wanted, Log: c.Log})
	if l := s.book.Learned(); l.Names() > 0 {
		s.Stands(l.Around) // as far as it is known
	}
	return s, nil
}

// Plan is what is on a picture.
type Plan struct {
	View     draw.View
	Marks    []draw.Mark
	Language string // see draw.Look
}

// Form is how a picture is drawn of a plan.
type Form struct {
	Dark bool // for screens at night
	Fine bool // two pixels of the file for one of the page
}

// Key names what is on a picture, whatever its form: equal plans over equal streets have
// equal ones.
type Key [sha256.Size]byte

// Key is that of a plan over the streets that there are now.
func (s *Streets) Key(p Plan) Key {
	p.View.Scale = 1
	return draw.Fingerprint(p.View, s.Version(), p.Marks, draw.Look{Language: p.Language, Within: MaxPicture})
}

// String is it as an address has it.
func (k Key) String() string { return base64.RawURLEncoding.EncodeToString(k[:]) }

// KeyOf reads what String wrote.
func KeyOf(text string) (k Key, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != len(k) {
		return k, false
	}
	return Key(raw), true
}

// in is the key of a picture in a form.
func (k Key) in(f Form) picture.Key {
	form := byte(0)
	if f.Dark {
		form |= 1
	}
	if f.Fine {
		form |= 2
	}
	return sha256.Sum256(append(k[:], form))
}

// Tag tells a picture in a form from any other, as a header has it.
func (k Key) Tag(f Form) string {
	sum := k.in(f)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// Kept is a picture that was drawn before; false if it would have to be drawn.
func (s *Streets) Kept(k Key, f Form) ([]byte, bool) { return s.pictures.Kept(k.in(f)) }

// Picture is a plan as a PNG file: one that was kept, or else drawn now. A fine one that
// would be larger than MaxPicture is drawn as if it were not asked to be fine. keep is
// false if something could not be drawn that may be drawn later. The error is that of the
// context, or a hub.Unavailable where too many wait.
func (s *Streets) Picture(ctx context.Context, p Plan, f Form) (png []byte, keep bool, _ error) {
	png, err := s.pictures.Get(ctx, s.Key(p).in(f), func(ctx context.Context) ([]byte, error) { return s.draw(ctx, p, f) })
	if partly, ok := errors.AsType[*incomplete](err); ok {
		return partly.png, false, nil
	}
	return png, err == nil, err
}

// incomplete is a picture on which something is missing, so that it is not to be kept.
type incomplete struct {
	png []byte
	why error
}

func (e *incomplete) Error() string { return "a picture of the map is not whole: " + e.why.Error() }

func (s *Streets) draw(ctx context.Context, p Plan, f Form) ([]byte, error) {
	v, how := p.View, draw.Look{Language: p.Language, Dark: f.Dark, Within: MaxPicture}
	if v.Scale = 1; f.Fine {
		v.Scale = 2
	}
	pic, err := s.painter.Draw(ctx, v, tiles{s.Shelf}, p.Marks, how)
	if err == nil && len(pic.PNG) > MaxPicture && f.Fine {
		v.Scale = 1
		pic, err = s.painter.Draw(ctx, v, tiles{s.Shelf}, p.Marks, how)
	}
	if err != nil {
		return nil, err
	}
	if pic.Broken != nil {
		s.log.Warn("the map could be drawn only in part", "error", pic.Broken)
		return nil, &incomplete{pic.PNG, pic.Broken}
	}
	return pic.PNG, nil
}

// tiles are those of a shelf, for drawing.
type tiles struct{ *shelf.Shelf }

// Tile is what to draw a tile from; none where no map is.
func (t tiles) Tile(ctx context.Context, z uint8, x, y uint32) (draw.Tile, error) {
	p, err := t.Piece(ctx, z, x, y)
	if errors.Is(err, shelf.ErrUncovered) {
		return draw.Tile{}, nil
	}
	return draw.Tile{Z: p.Z, X: p.X, Y: p.Y, Data: p.Data, Credit: p.Credit}, err
}

// extracts are those of which tiles are served. The folder is looked at only where that has changed.
func (s *Streets) extracts() []shelf.Extract {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.Version(); v != s.version {
		all, err := s.Extracts()
		if err != nil {
			s.log.Warn("the folder of maps cannot be read", "error", err)
			return s.ready
		}
		s.ready = slices.DeleteFunc(all, func(e shelf.Extract) bool { return e.State != shelf.Ready })
		s.version = v
	}
	return s.ready
}

// Credit is whom to thank for what is drawn on a view, or may be; empty where there is
// nothing.
func (s *Streets) Credit(v draw.View) string {
	var all []string
	for _, e := range s.extracts() {
		if v.Shows(e.Bounds) && !slices.Contains(all, e.Credit) {
			all = append(all, e.Credit)
		}
	}
	if s.beneath != nil {
		if by := s.beneath.Metadata().Attribution; by != "" {
			all = append(all, by)
		}
	}
	return strings.Join(all, " · ")
}

// Extent is what part of the earth an extract has tiles of, as a map's script takes it.
type Extent struct {
	Bounds [4]float64 `json:"bounds"` // west, south, east, north, in degrees
	Min    uint8      `json:"min"`    // zoom
	Max    uint8      `json:"max"`
}

// Extents are those of all that tiles are served of, the map of the earth last.
func (s *Streets) Extents() []Extent {
	all := []Extent{}
	for _, e := range s.extracts() {
		all = append(all, extentOf(e.Bounds, e.MinZoom, e.MaxZoom))
	}
	if s.beneath != nil {
		h := s.beneath.Header()
		all = append(all, extentOf(h.Bounds, h.MinZoom, h.MaxZoom))
	}
	return all
}

func extentOf(b orb.Bound, low, high uint8) Extent {
	return Extent{[4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}, low, high}
}

// Zoom is from which zoom on a map shows streets.
const Zoom = 12

// Known reports whether there are streets of any part of a view.
func (s *Streets) Known(v draw.View) bool {
	return slices.ContainsFunc(s.extracts(), func(e shelf.Extract) bool { return e.MaxZoom >= Zoom && v.Shows(e.Bounds) })
}

// Town is where there are streets: the bounds of the first extract that has any.
func (s *Streets) Town() (b orb.Bound, ok bool) {
	for _, e := range s.extracts() {
		if e.MaxZoom >= Zoom {
			return e.Bounds, true
		}
	}
	return b, false
}

// Command is what fetches the streets within bounds, as a shell takes it: to be run where
// the internet works. day is that of the build of the whole earth's map, YYYYMMDD; what is
// no such day is left for people to fill in (docs.protomaps.com/basemaps/downloads,
// docs.protomaps.com/pmtiles/cli).
func Command(name, day string, b orb.Bound) string {
	d := func(x float64) float64 { return math.Round(x*1e4) / 1e4 }
	return fmt.Sprintf("pmtiles extract https://build.protomaps.com/%s.pmtiles %s --bbox=%v,%v,%v,%v --maxzoom=%d",
		day, shelf.FileName(name), d(b.Min[0]), d(b.Min[1]), d(b.Max[0]), d(b.Max[1]), deepest)
}

// deepest is the zoom that pictures are drawn from at the most.
const deepest = 15
