package layer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
)

// memory is a Scratch.
type memory struct{ bytes.Buffer }

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(m.Bytes()).ReadAt(p, at)
}

// fatal is what both a test and a property have.
type fatal interface {
	Helper()
	Fatal(...any)
}

// written is a layer of entries.
func written(t fatal, all []layer.Entry) []byte {
	t.Helper()
	var file bytes.Buffer
	w := layer.NewWriter(&file, &memory{})
	for _, e := range all {
		if err := w.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// readAll is the entries of a layer.
func readAll(file []byte) (all []layer.Entry, _ error) {
	r, err := layer.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for e, err := range r.All() {
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("after the end: %w", err)
	}
	return all, nil
}

// indexed is the index of a layer, as a file.
func indexed(t fatal, file []byte) []byte {
	t.Helper()
	r, err := layer.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	if err := layer.Make(&out, r, [32]byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// opened is the index of entries.
func opened(t fatal, all []layer.Entry) *layer.Index {
	t.Helper()
	raw := indexed(t, written(t, all))
	x, err := layer.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// at is bounds of so many degrees to the north and to the east, kept as they are.
func at(lat, lon, tall, wide float64) orb.Bound {
	b := orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + wide, min(90, lat+tall)}}
	if b.Max[0] > 180 {
		b.Max[0] -= 360
	}
	kept, err := layer.Kept(b)
	if err != nil {
		panic(fmt.Sprint(b, err))
	}
	return kept
}

// somewhere draws bounds: mostly points of one town, some streets and towns anywhere, also at
// the poles and over 180°.
func somewhere(t *rapid.T) orb.Bound {
	small := rapid.Float64Range(0, 0.05)
	switch rapid.IntRange(0, 9).Draw(t, "where") {
	case 0:
		return at(rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon"), 0, 0)
	case 1:
		return at(rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(0, 40).Draw(t, "tall"), rapid.Float64Range(0, 200).Draw(t, "wide"))
	case 2:
		return at(-18+small.Draw(t, "lat"), 179.97+rapid.Float64Range(0, 0.03).Draw(t, "lon"), small.Draw(t, "tall"), small.Draw(t, "wide"))
	case 3:
		return at(rapid.SampledFrom([]float64{-90, 89.99}).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon"), 0.01, small.Draw(t, "wide"))
	case 4:
		return at(44.4+small.Draw(t, "lat"), -73.2+small.Draw(t, "lon"), small.Draw(t, "tall"), small.Draw(t, "wide"))
	}
	const corner = 4000 // few enough that some fall together
	return at(44.4+float64(rapid.IntRange(0, 50).Draw(t, "lat"))/corner, -73.2+float64(rapid.IntRange(0, 50).Draw(t, "lon"))/corner, 0, 0)
}

// entries draws up to so many.
func entries(t *rapid.T, most int) (all []layer.Entry) {
	n := rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(60, 70), rapid.IntRange(0, most)).Draw(t, "n")
	ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zA-Z0-9._-]{1,9}`), n, n, rapid.ID[string]).Draw(t, "ids")
	size := rapid.SampledFrom([]int{0, 1, 30, 300})
	for _, id := range ids {
		e := layer.Entry{ID: id, Bound: somewhere(t), Class: uint8(rapid.SampledFrom([]int{0, 1, 2, 63, 64, 130, 255}).Draw(t, "class"))}
		e.Body = bytes.Repeat([]byte(id), size.Draw(t, "size")/len(id)+1)
		all = append(all, e)
	}
	return all
}

// byID puts entries in an order that does not depend on where they are.
func byID(all []layer.Entry) []layer.Entry {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b layer.Entry) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return all
}

// meets reports whether bounds have something in common, the plain way.
func meets(a, b orb.Bound) bool {
	if a.Min.Lat() > b.Max.Lat() || b.Min.Lat() > a.Max.Lat() {
		return false
	}
	for _, turn := range []float64{-360, 0, 360} {
		for _, other := range []float64{-360, 0, 360} {
			if start(a)+turn <= end(b)+other && start(b)+other <= end(a)+turn {
				return true
			}
		}
	}
	return false
}

func start(b orb.Bound) float64 { return b.Min.Lon() }

func end(b orb.Bound) float64 {
	if b.Max.Lon() < b.Min.Lon() {
		return b.Max.Lon() + 360
	}
	return b.Max.Lon()
}

// middle is that of bounds, in whole millionths of a degree.
func middle(b orb.Bound) orb.Point {
	unit := func(f float64) int64 { return int64(math.Round(f * 1e6)) }
	south, west := unit(b.Min.Lat()), unit(b.Min.Lon())
	lat, lon := south+(unit(b.Max.Lat())-south)/2, west+(unit(end(b))-west)/2
	if lon > 180e6 {
		lon -= 360e6
	}
	return orb.Point{float64(lon) / 1e6, float64(lat) / 1e6}
}
