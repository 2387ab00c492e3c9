package draw

import (
	"context"
	"image/color"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

// Nameless draws without any name of the map.
func (p *Painter) Nameless(ctx context.Context, v View, tiles Tiles, marks []Mark, how Look) (Picture, error) {
	return p.draw(ctx, v, tiles, marks, how, false)
}

// Put is a name that found room.
type Put struct {
	Text   string
	Size   float64
	Places []letter.Place
}

// Names are the names that a picture has.
func (p *Painter) Names(ctx context.Context, v View, tiles Tiles, marks []Mark) ([]Put, error) {
	f := newFrame(v.Sound())
	s := &sheet{frame: f, look: light(), font: p.font, canvas: ink.NewCanvas(int(f.w), int(f.h), color.RGBA{}), taken: newTaken(f)}
	g := &gathered{frame: &s.frame, font: p.font, left: maxPoints}
	_, _, err := g.all(ctx, tiles)
	if err != nil {
		return nil, err
	}
	s.reserve(layout(f, marks), s.thanks(g.credits))
	var all []Put
	for _, t := range s.names(g) {
		all = append(all, Put{string(t.text), t.size, t.places})
	}
	return all, nil
}

// Looks are the colours of both ways to draw: of the ground, of names on it, and of what
// is around the letters.
func Looks() (grounds, texts [][]color.RGBA, halos []color.RGBA) {
	for _, s := range []*style{light(), dark()} {
		var ground []color.RGBA
		for c := range classes {
			if s.fill[c].A != 0 && (!c.isLine() || s.casing[c].A != 0) {
				ground = append(ground, s.fill[c])
			}
		}
		grounds, texts, halos = append(grounds, append(ground, s.beyond)), append(texts, s.text[:]), append(halos, s.halo)
	}
	return grounds, texts, halos
}

// Sign is a kind's colours and its outline, around (0, 0), of radius 1.
func Sign(k Kind) (ground, number color.RGBA, line []ink.Point) {
	ground, number = signOf(k)
	return ground, number, outline(k, ink.Point{}, 1)
}
