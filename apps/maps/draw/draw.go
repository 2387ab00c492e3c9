// Package draw makes the map as a picture, for paper and for phones without JavaScript:
// streets from vector tiles with their names, and on them the places that matter, with
// the numbers that they have in the list beside the picture.
//
// Tiles are in the form of Protomaps basemaps, versions 2 to 4. They are another's data,
// and so are places: whatever is in them, a picture takes bounded time and room.
// Real streets need some 15 MB for one of MaxPixels, and 4 MB for one of a page; tiles
// that are made to need much, no more than 30 MB.
// The package draws; package picture keeps what was drawn.
package draw

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

// Tiles is where streets come from.
type Tiles interface {
	// Tile is what to draw the tile z/x/y from: the tile itself, or a larger one that it
	// lies in; a Tile without data where no map is. An error is one of reading.
	Tile(ctx context.Context, z uint8, x, y uint32) (Tile, error)
}

// Tile is a vector tile (MVT 2.1), unpacked.
type Tile struct {
	Z    uint8
	X, Y uint32
	Data []byte // at most MaxTile bytes are drawn
	// Credit is whom to thank for it, in few words; empty is Credit.
	Credit string
}

// MaxTile is how large a tile may be, in bytes. Those of streets have some 100,000.
const MaxTile = 2 << 20

// Look is how a picture is drawn.
type Look struct {
	Language string // names in it, where a map has them, for countries and for names in a script that cannot be drawn: "es", "zh-Hans"
	Dark     bool   // for screens at night
	Miles    bool   // the scale in feet and miles
	Within   int    // bytes that the file should not exceed: one that would has fewer colours; 0 = any
}

// Picture is a map that was drawn.
type Picture struct {
	PNG []byte
	// Streets is whether any tile was drawn: if not, only the places are on it.
	Streets bool
	// Broken is what is wrong with tiles that could not be drawn, or only in part; nil
	// where all is well. It is for the log: the picture is as good as it could be.
	Broken error
}

// colours is how many a file has. More are not seen, and make it larger.
const (
	colours    = 64
	fewColours = 32 // with fewer, signs lose theirs
)

// Painter draws pictures. It is safe for concurrent use; who bounds memory bounds how
// many are drawn at once.
type Painter struct{ font *letter.Font }

// New is a painter.
func New() (*Painter, error) {
	font, err := letter.New()
	return &Painter{font}, err
}

// Draw draws a view, made sound. tiles may be nil. It ends early, with the context's
// error, when that is done.
func (p *Painter) Draw(ctx context.Context, v View, tiles Tiles, marks []Mark, how Look) (Picture, error) {
	return p.draw(ctx, v, tiles, marks, how, true)
}

func (p *Painter) draw(ctx context.Context, v View, tiles Tiles, marks []Mark, how Look, names bool) (Picture, error) {
	f := newFrame(v.Sound())
	look := light()
	if how.Dark {
		look = dark()
	}
	s := &sheet{frame: f, look: look, font: p.font, canvas: ink.NewCanvas(int(f.w), int(f.h), look.beyond), taken: newTaken(f)}
	g := &gathered{frame: &s.frame, font: p.font, language: how.Language, left: maxPoints}
	streets, broken := false, error(nil)
	if tiles != nil {
		var err error
		if streets, broken, err = g.all(ctx, tiles); err != nil {
			return Picture{}, err
		}
	}
	s.ground(g)
	badges := layout(f, marks)
	s.areas(marks)
	s.reserve(badges, s.thanks(g.credits))
	if names {
		s.names(g)
	}
	s.furniture(s.thanks(g.credits), how.Miles)
	s.badges(badges)
	if err := ctx.Err(); err != nil {
		return Picture{}, err
	}
	png, err := s.canvas.PNG(colours)
	if how.Within > 0 && len(png) > how.Within && err == nil {
		png, err = s.canvas.PNG(fewColours)
	}
	return Picture{PNG: png, Streets: streets, Broken: broken}, err
}

// all gathers what is to be drawn from all tiles of the view.
func (g *gathered) all(ctx context.Context, tiles Tiles) (streets bool, broken, err error) {
	for _, want := range g.squares() {
		if err := ctx.Err(); err != nil {
			return false, nil, err
		}
		t, err := tiles.Tile(ctx, uint8(want.tile.Z), want.tile.X, want.tile.Y)
		if err != nil {
			if ctx.Err() != nil {
				return false, nil, ctx.Err()
			}
			broken = errors.Join(broken, fmt.Errorf("tile %d/%d/%d: %w", want.tile.Z, want.tile.X, want.tile.Y, err))
			continue
		}
		from := square{maptile.New(t.X, t.Y, maptile.Zoom(t.Z)), want.lap}
		up := want.tile.Z - maptile.Zoom(t.Z)
		if len(t.Data) == 0 || maptile.Zoom(t.Z) > want.tile.Z || want.tile.X>>up != t.X || want.tile.Y>>up != t.Y {
			continue
		}
		streets = true
		if t.Credit == "" {
			t.Credit = Credit
		}
		if !slices.Contains(g.credits, t.Credit) {
			g.credits = append(g.credits, t.Credit)
		}
		if err := g.tile(ctx, source{g.place(from), g.place(want)}, t.Data); err != nil {
			if ctx.Err() != nil {
				return false, nil, ctx.Err()
			}
			broken = errors.Join(broken, fmt.Errorf("tile %d/%d/%d: %w", t.Z, t.X, t.Y, err))
		}
	}
	return streets, broken, nil
}
