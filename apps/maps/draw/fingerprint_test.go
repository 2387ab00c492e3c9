package draw_test

import (
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
)

// Pictures that differ have fingerprints that differ; what is not to be seen, and how a
// place is named in the list, makes no difference.
func TestFingerprints(t *testing.T) {
	v := middle()
	mark := draw.Mark{ID: "a", Geometry: at(100, 100), Kind: draw.Food, Number: 1}
	with := func(change func(*draw.Mark)) []draw.Mark {
		m := mark
		change(&m)
		return []draw.Mark{m}
	}
	one := []draw.Mark{mark}
	first := draw.Fingerprint(v, "t", one, draw.Look{})
	for name, same := range map[string][32]byte{
		"again":              draw.Fingerprint(v, "t", one, draw.Look{}),
		"another id":         draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.ID = "b" }), draw.Look{}),
		"a place far away":   draw.Fingerprint(v, "t", append(one[:1:1], draw.Mark{Geometry: orb.Point{10, 10}}), draw.Look{}),
		"a place of nowhere": draw.Fingerprint(v, "t", append(one[:1:1], draw.Mark{}), draw.Look{}),
		"before made sound":  draw.Fingerprint(draw.View{Center: v.Center, Zoom: 17.01, Width: 360, Height: 360}, "t", one, draw.Look{}),
	} {
		if same != first {
			t.Errorf("%s: another fingerprint", name)
		}
	}
	seen := map[[32]byte]string{first: "the first"}
	for name, other := range map[string][32]byte{
		"other streets":    draw.Fingerprint(v, "u", one, draw.Look{}),
		"dark":             draw.Fingerprint(v, "t", one, draw.Look{Dark: true}),
		"miles":            draw.Fingerprint(v, "t", one, draw.Look{Miles: true}),
		"smaller file":     draw.Fingerprint(v, "t", one, draw.Look{Within: 1}),
		"language":         draw.Fingerprint(v, "t", one, draw.Look{Language: "es"}),
		"nearer":           draw.Fingerprint(v.Zoomed(1), "t", one, draw.Look{}),
		"moved":            draw.Fingerprint(v.Pan(.1, 0), "t", one, draw.Look{}),
		"wider":            draw.Fingerprint(draw.View{Center: v.Center, Zoom: 17, Width: 361, Height: 360}, "t", one, draw.Look{}),
		"finer":            draw.Fingerprint(draw.View{Center: v.Center, Zoom: 17, Width: 360, Height: 360, Scale: 2}, "t", one, draw.Look{}),
		"no place":         draw.Fingerprint(v, "t", nil, draw.Look{}),
		"twice":            draw.Fingerprint(v, "t", append(one[:1:1], mark), draw.Look{}),
		"another number":   draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.Number = 2 }), draw.Look{}),
		"another kind":     draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.Kind = draw.Water }), draw.Look{}),
		"several":          draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.Count = 2 }), draw.Look{}),
		"not confirmed":    draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.Unsure = true }), draw.Look{}),
		"elsewhere":        draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.Geometry = at(101, 100) }), draw.Look{}),
		"a line":           draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.Geometry = orb.LineString{at(100, 100), at(200, 200), at(100, 100)} }), draw.Look{}),
		"an area":          draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.Geometry = orb.Polygon{{at(100, 100), at(200, 200), at(100, 100)}} }), draw.Look{}),
		"an area of rings": draw.Fingerprint(v, "t", with(func(m *draw.Mark) { m.Geometry = orb.Polygon{{at(100, 100), at(200, 200)}, {at(100, 100)}} }), draw.Look{}),
	} {
		if before, known := seen[other]; known {
			t.Errorf("%s has the fingerprint of %s", name, before)
		}
		seen[other] = name
	}
}
