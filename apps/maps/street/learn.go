package street

import (
	"context"
	"math"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/mvt"
	"github.com/lamppost-hub/lamppost/hub"
)

// Tiles is where streets are learned from.
type Tiles interface {
	// Streets is the vector tile z/x/y (MVT 2.1), unpacked, or a larger one that it lies
	// in, with its zoom; no data where no map is.
	Streets(ctx context.Context, z uint8, x, y uint32) (data []byte, zoom uint8, _ error)
}

// Bounds of learning.
const (
	// MaxTiles is from how many tiles is learned, the nearest first: some 40 km from side to
	// side at 40° north.
	MaxTiles = 2_000

	deepest   = 15 // zoom of the tiles that are asked for
	shallow   = 14 // least zoom on which small streets have names
	maxRing   = 22 // tiles from the middle
	maxPoints = 1 << 16
)

// Learn learns the streets around a point. rest is called after each tile, and may wait;
// nil does not. The error is that of the tiles or of the context; a tile that is broken is
// left out.
func Learn(ctx context.Context, tiles Tiles, around orb.Point, rest func()) (*Index, error) {
	l := learner{ids: map[string]int32{}}
	middle := maptile.At(around, deepest)
	done := map[maptile.Tile]bool{}
	asked := 0
	for ring := 0; ring <= maxRing && asked < MaxTiles; ring++ {
		for _, t := range ringOf(middle, ring) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			data, zoom, err := tiles.Streets(ctx, deepest, t.X, t.Y)
			if err != nil {
				return nil, err
			}
			if asked++; len(data) == 0 || zoom < shallow || zoom > deepest {
				continue
			}
			up := maptile.Zoom(deepest - zoom)
			from := maptile.New(t.X>>up, t.Y>>up, deepest-up)
			if done[from] {
				continue
			}
			done[from] = true
			l.tile(from, data)
			if rest != nil {
				rest()
			}
		}
	}
	width := 2 * math.Pi * orb.EarthRadius * math.Cos(around[1]*math.Pi/180) / math.Exp2(shallow)
	return put(l.names, l.crossings, l.spots, width), nil
}

// ringOf are the tiles that far from a middle, as squares go.
func ringOf(middle maptile.Tile, ring int) (all []maptile.Tile) {
	side := 1 << middle.Z
	for dy := -ring; dy <= ring; dy++ {
		step := 2 * ring
		if dy == -ring || dy == ring {
			step = 1
		}
		for dx := -ring; dx <= ring; dx += max(1, step) {
			if y := int(middle.Y) + dy; y >= 0 && y < side {
				all = append(all, maptile.New(uint32((int(middle.X)+dx+side)%side), uint32(y), middle.Z))
			}
		}
	}
	return all
}

// learner is what was learned so far.
type learner struct {
	names     []string
	ids       map[string]int32
	crossings []crossing // one way each
	spots     []spot
}

// tile learns from one tile. What is wrong with it leaves the rest of it out.
func (l *learner) tile(t maptile.Tile, data []byte) {
	lines := lines{side: 2 * math.Pi * orb.EarthRadius * math.Cos(t.Center()[1]*math.Pi/180) / math.Exp2(float64(t.Z))}
	var room mvt.Paths
	//nolint:errcheck // a tile that is broken is learned from as far as it goes
	mvt.Read(data, func(layer string) bool { return layer == "roads" }, func(_ *mvt.Layer, f *mvt.Feature) error {
		if f.Kind != mvt.Lines || !isStreet(f) {
			return nil
		}
		for _, key := range [...]string{"name", "ref"} {
			text, err := hub.CleanLine("", f.Text(key), maxName, maxName)
			if err != nil || text == "" || !utf8.ValidString(text) {
				continue
			}
			if err := f.Geometry(&room, maxPoints); err != nil {
				return err
			}
			if id, ok := l.id(text); ok {
				for i := range room.Ends {
					lines.add(id, room.Part(i))
				}
			}
			break
		}
		return nil
	})
	at := func(p orb.Point) point {
		n := math.Exp2(float64(t.Z))
		x, y := (float64(t.X)+p[0])/n, (float64(t.Y)+p[1])/n
		return pointOf(orb.Point{x*360 - 180, math.Atan(math.Sinh(math.Pi*(1-2*y))) * 180 / math.Pi})
	}
	for _, s := range lines.longest() {
		if len(l.spots) < MaxSpots {
			l.spots = append(l.spots, spot{s.name, at(s.at), float32(s.meters)})
		}
	}
	lines.cross(func(a, b int32, p orb.Point) {
		if len(l.crossings) < MaxCrossings/2 {
			l.crossings = append(l.crossings, crossing{a, b, at(p)})
		}
	})
}

func (l *learner) id(text string) (int32, bool) {
	id, known := l.ids[text]
	if !known {
		if len(l.names) == MaxNames {
			return 0, false
		}
		id = int32(len(l.names)) //nolint:gosec // at most MaxNames
		l.ids[text] = id
		l.names = append(l.names, text)
	}
	return id, true
}

// isStreet leaves out what people do not call streets.
func isStreet(f *mvt.Feature) bool {
	kind := f.Text("kind")
	if kind == "" {
		kind = f.Text("pmap:kind")
	}
	detail := f.Text("kind_detail")
	if detail == "" {
		detail = f.Text("pmap:kind_detail")
	}
	switch kind {
	case "highway", "major_road", "medium_road", "minor_road", "path":
	case "other":
		return detail == "living_street"
	default:
		return false
	}
	switch detail {
	case "raceway", "corridor", "crossing", "sidewalk", "platform":
		return false
	}
	return true
}
