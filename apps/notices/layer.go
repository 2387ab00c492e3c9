package notices

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"net/url"
	"strconv"

	"github.com/lamppost-hub/lamppost/hub"
)

var _ hub.Layerer = App{}

// A circle is drawn with so many corners, on a sphere of this radius.
const (
	corners     = 48
	earthRadius = 6371.0088 // km
)

// feature is a GeoJSON feature (RFC 7946 §3.2).
type feature struct {
	Type       string            `json:"type"`
	Geometry   geometry          `json:"geometry"`
	Properties map[string]string `json:"properties"`
}

type geometry struct {
	Type        string          `json:"type"`
	Coordinates [][][][]float64 `json:"coordinates"` // of a MultiPolygon, longitude first
}

// Layer is where what holds now holds, the worst first.
func (a App) Layer(s hub.Snapshot, q hub.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		b, err := board(a.sees(s))
		if err != nil {
			yield(nil, err)
			return
		}
		for _, n := range b.Active {
			shape := shapeOf(n.Areas)
			if n.Kind == Cancel || len(shape) == 0 {
				continue
			}
			shown := show(q, n)
			title := shown.Title().Told()
			if n.Grade.Practice() {
				title = q.T("PRACTICE, not real") + " " + title
			}
			raw, err := json.Marshal(feature{"Feature", geometry{"MultiPolygon", shape}, map[string]string{"title": title, "path": n.Path}})
			if !yield(raw, err) {
				return
			}
		}
	}
}

// shapeOf is areas as the polygons of a MultiPolygon.
func shapeOf(all []Area) (shape [][][][]float64) {
	for _, a := range all {
		for _, p := range a.Polygons {
			ring := make([][]float64, 0, len(p))
			for _, at := range p {
				ring = append(ring, []float64{at.Lon(), at.Lat()})
			}
			shape = append(shape, [][][]float64{ring})
		}
		for _, c := range a.Circles {
			if c.Meters > 0 {
				shape = append(shape, [][][]float64{c.ring()})
			}
		}
	}
	return shape
}

// ring is the circle as a closed line, counterclockwise (RFC 7946 §3.1.6).
func (c Circle) ring() [][]float64 {
	ring := make([][]float64, 0, corners+1)
	lat, far := c.Center.Lat()*math.Pi/180, c.Km()/earthRadius
	for i := range corners + 1 {
		turn := -2 * math.Pi * float64(i%corners) / corners
		y := math.Asin(math.Sin(lat)*math.Cos(far) + math.Cos(lat)*math.Sin(far)*math.Cos(turn))
		x := math.Atan2(math.Sin(turn)*math.Sin(far)*math.Cos(lat), math.Cos(far)-math.Sin(lat)*math.Sin(y))
		ring = append(ring, []float64{c.Center.Lon() + x*180/math.Pi, y * 180 / math.Pi})
	}
	return ring
}

// Of the map's page: how many pixels its picture has on a phone, how many the earth has at
// zoom 0, and the zooms that are of use.
const (
	mapPixels   = 320
	earthPixels = 256
	nearestZoom = 16
)

// OnMap is the path of the map where the notice is drawn; empty where it is not, as it says no
// area, or does not hold.
func (s Shown) OnMap() string {
	shape := shapeOf(s.Areas)
	if len(shape) == 0 || s.End != nil || s.Kind == Cancel || s.Signed.Waiting {
		return ""
	}
	low, high := []float64{180, 90}, []float64{-180, -90}
	for _, polygon := range shape {
		for _, at := range polygon[0] {
			for i := range low {
				low[i], high[i] = min(low[i], at[i]), max(high[i], at[i])
			}
		}
	}
	lat := (low[1] + high[1]) / 2
	// A degree of latitude is wider on the map than one of longitude (Mercator).
	wide := max(high[0]-low[0], (high[1]-low[1])/max(math.Cos(lat*math.Pi/180), .01), 1e-6)
	zoom := math.Floor(math.Log2(360 / wide * mapPixels / earthPixels))
	q := url.Values{
		"center": {fmt.Sprintf("%.5f,%.5f", lat, (low[0]+high[0])/2)},
		"zoom":   {strconv.Itoa(int(min(max(zoom, 1), nearestZoom)))},
	}
	return "/maps/map?" + q.Encode() + "#map"
}
