package maps

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/paulmach/orb"
)

// Bounds of what is on one map.
const (
	maxPicked   = 60      // points of a line or an area that is picked, as addresses have an end
	onMap       = 300     // places besides those of the list, the nearest to its middle
	areasOnMap  = 100     // areas of others
	maxAreaJSON = 1 << 18 // bytes of one

	beginWith    = 6      // of the nearest places a map begins with
	beginWithin  = 30_000 // meters: what is farther it does not begin with
	beginDeepest = 16     // zoom that it begins with at the most
	beginAround  = 13     // zoom where only a town is known
)

// drawing is one map: which part of the earth, and what is on it.
type drawing struct {
	chart

	look    *look
	list    ListView
	places  []Place // with their numbers, by these
	seen    []Seen  // likewise, behind them
	bunches []Bunch // of layers that have many places there
	areas   []AreaOn
	point   *place.Point // that somebody has picked
	points  place.Steps  // picked before it, of a line or an area
	wrong   string       // with what they have written in its place; in their language
	marks   []draw.Mark
	around  *orb.Bound // what the view was fitted to; nil where an address says which part
}

// AreaOn is an area on the map that another app has put there.
type AreaOn struct {
	Title string
	Path  string // where more of it is said; may be empty

	geometry orb.Geometry
}

// drawingOf is the map that an address asks for. The page and the picture on it are made of
// one each, so that they say the same.
func drawingOf(s hub.Snapshot, q hub.Request) (g drawing, err error) {
	g.chart = chartOf(q.Query)
	if id := q.Query.Get(focusField); id != "" && hub.ValidID(id) {
		err = g.about(s, q, id)
		return g, err
	}
	if ref := q.Query.Get(sightField); ref != "" {
		err = g.aboutSeen(s, q, ref)
		return g, err
	}
	if g.list, g.look, err = where(s, q); err != nil {
		return g, err
	}
	g.points = stepsOf(q.Query.Get(pointsField))
	g.written(q)
	if !g.set {
		g.begin(s)
	}
	if at, ok := g.tapped(q.Query); ok {
		p := wrap(at)
		g.point, g.wrong = &p, ""
	}
	if n := len(g.points); n > 0 && g.point == nil && g.wrong == "" && q.Query.Get(pickField) == "" { // no next one
		g.point, g.points = &g.points[n-1], g.points[:n-1]
	}
	g.areas = areasOn(s, q, g.View)
	g.fill()
	return g, nil
}

// written reads the point that an address names, in whatever way people write points.
func (g *drawing) written(q hub.Request) {
	text := strings.TrimSpace(q.Query.Get(pointField))
	if text == "" {
		return
	}
	near := orb.Point{}
	if at := g.look.home(q.Place); at != nil {
		near = at.Orb()
	}
	found, err := spotted(text, near)
	if err != nil {
		var ok bool
		if found.Point, ok = cornerOf(deskOf(g.look.s).maps(), text, near); !ok {
			g.wrong = problem(q, err)
			return
		}
	}
	p := wrap(found.Point)
	g.point = &p
	if g.set && !g.Shows(found.Point.Bound()) {
		g.Center = found.Point
		g.View = g.Sound()
	}
}

// about is the map of one place.
func (g *drawing) about(s hub.Snapshot, q hub.Request, id string) error {
	l, p, err := standingAt(s, id)
	if err != nil {
		return err
	}
	return g.only(l, q, boundOf(p), func() { g.mark(p) })
}

// aboutSeen is the map of what somebody has seen.
func (g *drawing) aboutSeen(s hub.Snapshot, q hub.Request, ref string) error {
	at, err := spotAt(seenPath + "/" + ref)
	if err != nil || at.id == "" || at.do != "" {
		return noSuchSeen()
	}
	l, v, err := seenAt(s, q, at.by, at.id)
	if err != nil {
		return err
	}
	if v.At == nil || v.Judged != "" {
		return noSuchSeen()
	}
	return g.only(l, q, v.At.Orb().Bound(), func() { g.markSeen(v) })
}

// only makes it a map of one thing, which mark puts on it.
func (g *drawing) only(l *look, q hub.Request, around orb.Bound, mark func()) (err error) {
	g.look = l
	if l.sites, err = under[Site](l, hubs); err != nil {
		return err
	}
	g.list.From = l.origin(hub.Request{Place: q.Place, Query: url.Values{}, Say: q.Say}, nil)
	if !g.set {
		g.View, g.around = g.Fit(around, beginDeepest), &around
	}
	g.here()
	mark()
	return nil
}

// boundOf is the part of the earth that a place takes.
func boundOf(p Place) orb.Bound {
	if g := p.Shape.Geometry(); g != nil {
		return g.Bound()
	}
	return p.Center().Orb().Bound()
}

// begin has the map show what there is to be seen first: the nearest places and from
// where they are near, else the town whose streets are known, else the earth.
func (g *drawing) begin(s hub.Snapshot) {
	var b orb.Bound
	some := false
	add := func(o orb.Bound) {
		if some {
			o = b.Union(o)
		}
		b, some = o, true
	}
	from := cmp.Or(g.point, g.list.From.At)
	if from != nil {
		add(from.Orb().Bound())
	}
	for _, all := range [][]Place{g.list.Places, g.list.Dangers} {
		n := 0
		for _, p := range all {
			if from != nil && (n == beginWith || p.Away != nil && p.Away.Meters > beginWithin) {
				break
			}
			add(boundOf(p))
			n++
		}
	}
	switch d := deskOf(s).maps(); {
	case some && b.Max[0]-b.Min[0] < 180:
		g.View, g.around = g.Fit(b, beginDeepest), &b
		if from != nil && b == from.Orb().Bound() {
			g.Zoom, g.around = beginAround, nil
		}
	case d != nil:
		if town, ok := d.Town(); ok {
			g.View = g.Fit(town, beginAround)
		}
	}
	g.View = g.Sound()
}

// fill puts on the map what belongs there, and leaves in the lists what is on it.
func (g *drawing) fill() {
	if all := g.outline(); len(all) > 1 {
		g.marks = append(g.marks, draw.Mark{Geometry: all, Kind: draw.Other})
	}
	for _, a := range g.areas {
		g.marks = append(g.marks, draw.Mark{Geometry: a.geometry, Kind: draw.Notice})
	}
	g.here()
	listed := slices.Concat(g.list.Places, g.list.Dangers)
	n := len(listed)
	middle := wrap(g.Center)
	others := slices.DeleteFunc(slices.Clone(g.list.others), func(p Place) bool { return !g.Shows(boundOf(p)) })
	more, bunches := g.look.stockOn(g.View, g.list, onMap)
	others = append(others, more...)
	for _, p := range nearest(others, &middle, onMap) {
		n++
		p.N, p.Away = n, nil
		if from := g.list.From.At; from != nil {
			p.Away = awayTo(*from, &p.Shape)
		}
		listed = append(listed, p)
	}
	for _, p := range listed {
		if g.Shows(boundOf(p)) {
			g.mark(p)
		}
	}
	for _, v := range g.list.Seen {
		if v.At == nil || v.Place != "" || !g.Shows(v.At.Orb().Bound()) {
			continue // at a place its row says that there is something
		}
		n++
		v.N = n
		g.markSeen(v)
	}
	for _, b := range bunches {
		g.bunches = append(g.bunches, b)
		g.marks = append(g.marks, draw.Mark{ID: b.id(), Geometry: b.At.Orb(), Count: b.Count})
	}
	onIt := map[string]bool{}
	for _, h := range draw.Layout(g.View, g.marks) {
		for _, id := range h.IDs {
			onIt[id] = true
		}
	}
	g.places = slices.DeleteFunc(g.places, func(p Place) bool { return !onIt[p.Anchor()] })
	g.seen = slices.DeleteFunc(g.seen, func(v Seen) bool { return !onIt[v.Anchor()] })
	g.bunches = slices.DeleteFunc(g.bunches, func(b Bunch) bool { return !onIt[b.id()] })
}

// stepsOf reads the points that were picked before, as Steps.String has them.
func stepsOf(text string) (all place.Steps) {
	for one := range strings.FieldsSeq(text) {
		if at, ok := pairOf(one); ok && len(all) < maxPicked {
			all = append(all, place.FromOrb(at))
		}
	}
	return all
}

// outline is the line along all points that were picked.
func (g *drawing) outline() (all orb.LineString) {
	for _, p := range g.points {
		all = append(all, p.Orb())
	}
	if g.point != nil && len(all) > 0 {
		all = append(all, g.point.Orb())
	}
	return all
}

// id tells a bunch from all else on a map.
func (b Bunch) id() string { return "many-" + strings.ReplaceAll(b.At.String(), ",", "_") }

// here marks where somebody is: the point that they have picked, or from where the list
// tells how far all is.
func (g *drawing) here() {
	if at := cmp.Or(g.point, g.list.From.At); at != nil {
		g.marks = append(g.marks, draw.Mark{Geometry: at.Orb(), Kind: draw.Here})
	}
}

// mark puts a place on the map.
func (g *drawing) mark(p Place) {
	g.places = append(g.places, p)
	g.marks = append(g.marks, draw.Mark{ID: p.Anchor(), Geometry: p.Shape.Geometry(), Kind: signOf(p.Kind), Number: p.N, Unsure: p.Gone})
}

// markSeen puts on the map what somebody has seen.
func (g *drawing) markSeen(v Seen) {
	g.seen = append(g.seen, v)
	g.marks = append(g.marks, draw.Mark{ID: v.Anchor(), Geometry: v.At.Orb(), Kind: signOfSeen(v.What), Number: v.N, Unsure: v.Result == nil})
}

// signOf is how a kind of place is drawn.
func signOf(k place.Kind) draw.Kind {
	switch k {
	case place.Shelter, place.Warmth:
		return draw.Shelter
	case place.Water:
		return draw.Water
	case place.Food:
		return draw.Food
	case place.Medical:
		return draw.Medical
	case place.Charging:
		return draw.Power
	case place.Hazard:
		return draw.Hazard
	case place.Road:
		return draw.Closed
	}
	return draw.Other
}

// signOfSeen is how something seen is drawn.
func signOfSeen(w place.What) draw.Kind {
	if w == place.WaterOff {
		return draw.Water
	}
	return signOf(w.Becomes())
}

// areasOn are the areas of others that are to be seen. What is no GeoJSON is left out, as
// nobody here can mend it.
func areasOn(s hub.Snapshot, q hub.Request, v draw.View) (all []AreaOn) {
	with, ok := s.(seeing)
	if !ok || with.desk == nil || with.desk.Areas == nil {
		return nil
	}
	q.Author, q.Reader = record.Author{}, nil
	for raw, err := range with.desk.Areas(with.Snapshot, q) {
		if len(all) == areasOnMap {
			break
		}
		if err != nil {
			with.desk.Log.Error("an app's areas are not on the map", "err", err)
			continue
		}
		f, err := geojson.NewReader(bytes.NewReader(raw), maxAreaJSON).Next()
		if err != nil || f.Geometry == nil || !v.Shows(f.Geometry.Bound()) {
			continue
		}
		a := AreaOn{geometry: f.Geometry}
		title, _ := f.Prop("title")
		if a.Title, err = hub.CleanLine("", cmp.Or(f.Name, title), place.MaxName, place.MaxNameBytes); err != nil {
			continue
		}
		if path, ok := f.Prop("path"); ok && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.Contains(path, `\`) {
			a.Path = path
		}
		all = append(all, a)
	}
	return all
}
