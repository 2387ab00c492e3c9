package maps

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/stock"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// Bounds of what a part of the map has.
const (
	boxField   = "bbox"
	inBox      = 1000 // places of which somebody has said something by itself
	inBoxOf    = 400  // places that are in one layer alone; of more, how many are where
	maxZoomOf  = 22
	beginsZoom = 12
)

// boxAsked reads bounds as GeoJSON has them (RFC 7946 §5): west, south, east, north, in degrees.
func boxAsked(q url.Values) (b orb.Bound, zoom uint8, _ error) {
	wrong := hub.Errorf(hub.Invalid, boxField, "These bounds are four numbers: the west, the south, the east and the north, in degrees.")
	all := strings.Split(q.Get(boxField), ",")
	if len(all) != 4 {
		return b, 0, wrong
	}
	var v [4]float64
	for i, s := range all {
		n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil || !(n >= -1000 && n <= 1000) {
			return b, 0, wrong
		}
		v[i] = n
	}
	if v[1] > v[3] {
		return b, 0, wrong
	}
	zoom = beginsZoom
	if n, err := strconv.ParseFloat(q.Get(zoomField), 64); err == nil {
		zoom = uint8(min(max(n, 0), maxZoomOf))
	}
	return orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}, zoom, nil
}

// inBounds is what is in bounds, as a map of that zoom shows it: places, the nearest to the
// middle first where they are too many, and of layers with very many how many are where.
func inBounds(s hub.Snapshot, q hub.Request) (c Collection, _ error) {
	c = Collection{Type: "FeatureCollection", Features: []Feature{}, Terms: everything()}
	b, zoom, err := boxAsked(q.Query)
	if err != nil {
		return c, err
	}
	l, err := lookingAt(s)
	if err != nil {
		return c, err
	}
	all, err := l.all()
	if err != nil {
		return c, err
	}
	in, f := windowOf(b), filterOf(q.Query)
	all = slices.DeleteFunc(all, func(p Place) bool {
		return !in.Shows(boundOf(p)) || !f.onMap(p)
	})
	middle := in.middle()
	c.More = max(0, len(all)-inBox)
	found := nearest(all, &middle, inBox)
	l.addStocked(&c, &found, in, zoom, f)
	for _, p := range found {
		p.Away = nil
		c.Features = append(c.Features, featureOf(p))
	}
	return c, nil
}

// window is a part of the map as its bounds say it: its east is beyond 180 where it reaches
// over that.
type window orb.Bound

func windowOf(b orb.Bound) window {
	if b.Max[0] < b.Min[0] {
		b.Max[0] += 360
	}
	return window(b)
}

// Bound is what it shows.
func (w window) Bound() orb.Bound { return orb.Bound(w) }

// Shows reports whether anything of bounds is in it.
func (w window) Shows(b orb.Bound) bool {
	for lap := -1080.0; lap <= 1080; lap += 360 { // farther than a map is moved
		if w.Bound().Intersects(orb.Bound{Min: orb.Point{b.Min[0] + lap, b.Min[1]}, Max: orb.Point{b.Max[0] + lap, b.Max[1]}}) {
			return true
		}
	}
	return false
}

func (w window) middle() place.Point {
	at := w.Bound().Center()
	at[0] -= 360 * math.Floor((at[0]+180)/360)
	at[1] = min(90, max(-90, at[1]))
	return place.FromOrb(at)
}

// onMap reports whether a place is on a map that a filter is for: what is to be kept away
// from is, unless it asks for a kind.
func (f Filter) onMap(p Place) bool { return p.Kind.Harm() && f.Kind == "" || f.keeps(p) }

// classes are those of the entries of layers that may be on such a map.
func (f Filter) classes() layer.Classes {
	of := f.choice(f.wanted).Classes()
	if f.Kind == "" {
		for i, more := range (stock.Choice{Kind: place.Kind.Harm}).Classes() {
			of[i] |= more
		}
	}
	return of
}

// addStocked adds what layers have in a window: places, and where it is very many, how many
// are where.
func (l *look) addStocked(c *Collection, found *[]Place, in window, zoom uint8, f Filter) {
	g := stocking{look: l, of: f.classes(), not: l.besides(), most: inBoxOf, in: in, keeps: f.onMap}
	for i := range l.layers {
		s := &l.layers[i]
		if s.index == nil {
			continue
		}
		n, err := s.index.Count(in.Bound(), g.of)
		if err == nil && n <= inBoxOf {
			err = g.listed(s, nil)
		} else if err == nil {
			err = g.clustered(s, c, zoom)
		}
		if err != nil && s.index != nil {
			l.lost(s, err)
		}
	}
	*found = append(*found, g.found...)
}

// clustered takes what stands alone in its part of the window, and counts the rest.
func (g *stocking) clustered(s *stack, c *Collection, zoom uint8) error {
	all, err := s.index.Clusters(g.in.Bound(), zoom, g.of)
	if err != nil {
		return err
	}
	for _, some := range all {
		if some.One != nil {
			if _, err := g.take(s, *some.One); err != nil {
				return err
			}
			continue
		}
		c.Features = append(c.Features, bunch(some, zoom))
	}
	return nil
}

// bunch is many places as one feature, whose page is a nearer map of them.
func bunch(some layer.Cluster, zoom uint8) Feature {
	at := place.FromOrb(some.At)
	p := Place{
		ID: "many-" + strings.ReplaceAll(at.String(), ",", "_"), Details: place.Details{Kind: place.Other, Shape: place.Shape{Kind: place.Spot, Parts: []place.Part{{place.Steps{at}}}}},
		Path: "/maps/" + mapPath + "?" + url.Values{centerField: {at.String()}, zoomField: {strconv.Itoa(min(int(zoom)+2, maxZoomOf))}}.Encode(),
	}
	f := featureOf(p)
	f.Properties.Count = some.Count
	return f
}
