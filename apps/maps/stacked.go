package maps

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/layer/keep"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/stock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/paulmach/orb"
)

// stocked is what a layer says of a place.
type stocked struct {
	by    *stack
	sheet place.Sheet
	stock.Versions
}

// says is what layers say of a place.
func (l *look) says(id string) []stocked {
	if all, known := l.said[id]; known {
		return all
	}
	var all []stocked
	for i := range l.layers {
		s := &l.layers[i]
		if s.index == nil {
			continue
		}
		said, err := deskOf(l.s).layers().said(s, id)
		if err != nil {
			l.lost(s, err)
			continue
		}
		for _, one := range said {
			one.by = s
			all = append(all, one)
		}
	}
	l.said[id] = all
	return all
}

// read is what the entry of a layer says; nothing if it is no place.
func (s *stack) read(e layer.Entry) []stocked {
	sheet, err := stock.Sheet(e)
	if err != nil {
		return nil // another hub let it through
	}
	v, err := stock.VersionsOf(e.ID, sheet)
	if err != nil {
		return nil
	}
	return []stocked{{s, sheet, v}}
}

// lost is that a layer's index cannot be read. It is made anew; meanwhile the layer counts
// as one that has not come.
func (l *look) lost(s *stack, err error) {
	deskOf(l.s).layers().failed(s.by.Value.blob.Sum, err)
	s.index, s.state = nil, keep.Waiting
	l.awaits()
}

// again is when a page looks again for layers that have not come.
const again = 20 * time.Second

// awaits makes a page stale in a while, as no record tells that a layer has come.
func (l *look) awaits() {
	if at := l.now.Add(again); l.until.IsZero() || at.Before(l.until) {
		l.until = at
	}
}

// versionBy is what a layer says as the word of who wrote the layer.
func versionBy[T any](s stocked, v T, id record.ID, seen []place.Prefix) Version[T] {
	by := s.by.by
	return Version[T]{Value: v, Seen: seen, Author: by.Author, Time: by.Time, ID: id, Ahead: by.Ahead, Layer: s.by.id}
}

// detailsOf is all that is said of what a place is.
func (l *look) detailsOf(id string) []Version[place.Details] {
	all := slices.Clip(l.details[id])
	for _, s := range l.says(id) {
		all = append(all, versionBy(s, s.sheet.Details, s.Versions.Details, s.sheet.Details.Seen))
	}
	return all
}

// statesOf is all that is said of how it stands.
func (l *look) statesOf(id string) []Version[place.State] {
	all := slices.Clip(l.states[id])
	for _, s := range l.says(id) {
		if st := s.sheet.State; st != nil {
			all = append(all, versionBy(s, *st, s.Versions.State, st.Seen))
		}
	}
	return all
}

// recountsOf is what layers say of how many are there: each as a recount that includes what
// had been counted at the door when the layer came.
func (l *look) recountsOf(id string, tallies []Tally) (all []Version[place.Recount]) {
	for _, s := range l.says(id) {
		if s.sheet.People == nil {
			continue
		}
		r := place.Recount{Total: int32(*s.sheet.People), Included: s.sheet.Included, AsOf: s.sheet.AsOf} // at most place.MaxPeople
		if came := s.by.by.Time.Wall(); !s.sheet.Tallied {
			r.Included = includes(slices.DeleteFunc(slices.Clone(tallies), func(t Tally) bool { return t.At.IsZero() || t.At.After(came) }))
		}
		all = append(all, versionBy(s, r, s.Versions.People, nil))
	}
	return all
}

// counts is how many are at a place as somebody has counted anew, who knows better than a list,
// or else as layers have it.
func (l *look) counts(id string, tallies []Tally) []Version[place.Recount] {
	here := l.byHand(id)
	if _, _, ok := Merge(here); !ok {
		here = append(here, l.recountsOf(id, tallies)...)
	}
	return here
}

// formOf is by which form something was said: of what a layer says, that of the layer.
func (l *look) formOf(id string, form place.Prefix) place.Prefix {
	if i := slices.IndexFunc(l.layers, func(s stack) bool { return s.id == id }); i >= 0 && id != "" {
		return l.layers[i].by.Value.Form
	}
	return form
}

// tallied reports whether what a layer says of how many are at a place names the counts at the
// door that are in it.
func (l *look) tallied(id string, version record.ID) bool {
	return slices.ContainsFunc(l.says(id), func(s stocked) bool { return s.Versions.People == version && s.sheet.Tallied })
}

// byHand are the recounts of a place but those of a list that has said more since as a layer.
func (l *look) byHand(id string) []Version[place.Recount] {
	return slices.DeleteFunc(slices.Clone(l.recounts[id]), func(v Version[place.Recount]) bool {
		return slices.ContainsFunc(l.says(id), func(s stocked) bool { return slices.Contains(s.sheet.Counts, place.PrefixOf(v.ID)) })
	})
}

// besides are the places of which somebody has said something outside of layers.
func (l *look) besides() map[string]bool {
	ids := map[string]bool{}
	keysInto(ids, l.details)
	keysInto(ids, l.states)
	keysInto(ids, l.recounts)
	keysInto(ids, l.allowances)
	keysInto(ids, l.doored)
	return ids
}

func keysInto[T any](ids map[string]bool, of map[string]T) {
	for id := range of {
		ids[id] = true
	}
}

// stocking is a search for places that are in layers alone.
type stocking struct {
	look  *look
	of    layer.Classes
	keeps func(Place) bool // of those; nil: all
	not   map[string]bool  // of which somebody has said something besides, and what was found
	most  int              // from each layer
	tries int              // how many may be looked at for it; 0: as many as there are
	in    part             // only what is to be seen there; nil for everywhere

	found   []Place
	left    int            // how many there are that were not found
	counted map[string]int // how many each list has
}

// everywhere is all the earth.
func everywhere() orb.Bound { return orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}} }

// search looks for the places nearest to a point, and without one for those of these classes
// first that are first in a list.
func (g *stocking) search(from *place.Point, first ...layer.Classes) {
	for i := range g.look.layers {
		s := &g.look.layers[i]
		if s.index == nil {
			continue
		}
		begun := len(g.found)
		n, err := g.count(s)
		switch {
		case err != nil:
		case from == nil, g.in != nil && n <= g.most:
			err = g.listed(s, first)
		default:
			err = g.near(s, *from)
		}
		if err != nil && s.index != nil {
			g.look.lost(s, err)
		}
		g.left -= len(g.found) - begun
	}
	g.left = max(0, g.left)
}

func (g *stocking) bound() orb.Bound {
	if g.in != nil {
		return g.in.Bound()
	}
	return everywhere()
}

// count is how many of a layer are wanted, but those that are found otherwise.
func (g *stocking) count(s *stack) (int, error) {
	n, err := s.index.Count(g.bound(), g.of)
	if err != nil {
		return 0, err
	}
	for id := range g.not {
		for _, one := range g.look.says(id) {
			if one.by == s && g.of.Has(stock.Class(one.sheet)) {
				n--
			}
		}
	}
	if g.counted == nil {
		g.counted = map[string]int{}
	}
	g.left += max(0, n-g.counted[s.id]) // two versions of a list are mostly of the same places
	g.counted[s.id] = max(n, g.counted[s.id])
	return n, nil
}

// near looks for what is nearest to a point.
func (g *stocking) near(s *stack, from place.Point) error {
	n, tried := 0, 0
	for e, err := range s.index.Nearest(from.Orb(), g.of, func(e layer.Entry) (float64, bool) {
		meters, ok := stock.Away(from, e)
		return meters, ok && !g.not[e.ID] && (g.in == nil || g.in.Shows(e.Bound))
	}) {
		if err != nil {
			return err
		}
		took, err := g.take(s, e.Entry)
		if err != nil {
			return err
		}
		if took {
			n++
		}
		if tried++; n == g.most || tried == g.tries {
			break
		}
	}
	return nil
}

// listed looks for what is first in a list, then for the rest.
func (g *stocking) listed(s *stack, first []layer.Classes) error {
	n := 0
	for _, of := range append(slices.Clip(first), layer.AllClasses()) {
		for i := range of {
			of[i] &= g.of[i]
		}
		for e, err := range s.index.Box(g.bound(), of) {
			if err != nil {
				return err
			}
			if n == g.most {
				return nil
			}
			took, err := g.take(s, e)
			if err != nil {
				return err
			}
			if took {
				n++
			}
		}
	}
	return nil
}

// take adds a place, if it is wanted.
func (g *stocking) take(s *stack, e layer.Entry) (bool, error) {
	if g.not[e.ID] {
		return false, nil
	}
	g.not[e.ID] = true
	if len(g.look.layers) == 1 {
		g.look.said[e.ID] = s.read(e)
	}
	p, ok, err := g.look.place(e.ID)
	if err != nil || !ok || p.Gone || g.keeps != nil && !g.keeps(p) {
		g.left--
		return false, err
	}
	g.found = append(g.found, p)
	return true, nil
}

// choice is which places of layers a filter keeps, of the kinds of which of says yes.
func (f Filter) choice(of func(place.Kind) bool) stock.Choice {
	return stock.Choice{Kind: of, Open: f.Open, Room: f.Room, Pets: f.Pets, StepFree: f.StepFree}
}

// wanted is which kinds of places a filter keeps among those where to go.
func (f Filter) wanted(k place.Kind) bool {
	if f.Kind == "" {
		return !k.Harm()
	}
	return k.String() == f.Kind
}

// stock adds to the lists of where to go what is in layers alone, from each so many at the
// most. It is how many more there are.
func (l *look) stock(m *ListView, about map[string]int, most int) (left int) {
	if len(l.layers) == 0 {
		return 0
	}
	goTo := stocking{look: l, of: m.Filter.choice(m.Filter.wanted).Classes(), keeps: m.Filter.keeps, not: l.besides(), most: most}
	room, open := m.Filter.choice(m.Filter.wanted), m.Filter.choice(m.Filter.wanted)
	room.Room, open.Open = true, true
	goTo.search(m.From.At, room.Classes(), open.Classes())
	shun := stocking{look: l, not: goTo.not, most: most}
	if m.Filter.Kind == "" {
		shun.of = stock.Choice{Kind: place.Kind.Harm}.Classes()
		shun.search(m.From.At)
	}
	for _, found := range [][]Place{goTo.found, shun.found} {
		for i := range found {
			found[i].Seen = about[found[i].ID]
		}
	}
	m.Places, m.Dangers = append(m.Places, goTo.found...), append(m.Dangers, shun.found...)
	return goTo.left + shun.left
}

// firstOfEach is the nearest place of each kind that is in layers alone and not in a list: a
// list that is full of fountains has no shelter.
func (l *look) firstOfEach(v ListView) (all []Place) {
	has, not := map[place.Kind]bool{}, l.besides()
	for _, p := range v.Places {
		has[p.Kind], not[p.ID] = true, true
	}
	for i := range place.Kinds() {
		kind := place.Kind(i + 1) //nolint:gosec // few
		if len(l.layers) == 0 || kind.Harm() || has[kind] {
			continue
		}
		g := stocking{
			look: l, not: not, most: 1, tries: 200,
			of:    stock.Choice{Kind: func(k place.Kind) bool { return k == kind }}.Classes(),
			keeps: func(p Place) bool { return p.OpenNow() || p.Standing == nil },
		}
		g.search(v.From.At)
		all = append(all, nearest(g.found, v.From.At, 1)...)
	}
	return all
}

// Bunch is places of a layer that are too many to be told one by one.
type Bunch struct {
	At    place.Point // the mean of where they are
	Count int
}

// stockOn is what is to be seen on a map of what is in layers alone and not in a list, as far
// as the list's filter keeps it: the places of a layer that has at most so many there, and
// how many are where of one that has more.
func (l *look) stockOn(v draw.View, m ListView, most int) (found []Place, bunches []Bunch) {
	if len(l.layers) == 0 {
		return nil, nil
	}
	g := stocking{look: l, of: m.Filter.classes(), not: l.besides(), most: most, in: v, keeps: m.Filter.onMap}
	for _, p := range slices.Concat(m.Places, m.Dangers, m.others) {
		g.not[p.ID] = true
	}
	for i := range l.layers {
		s := &l.layers[i]
		if s.index == nil {
			continue
		}
		n, err := g.count(s)
		switch {
		case err != nil:
		case n <= most:
			err = g.listed(s, nil)
		default:
			var some []Bunch
			some, err = g.bunched(s, v.Zoom)
			bunches = append(bunches, some...)
		}
		if err != nil && s.index != nil {
			l.lost(s, err)
		}
	}
	return g.found, bunches
}

// bunched takes what stands alone in its part of the map, and counts the rest.
func (g *stocking) bunched(s *stack, zoom float64) (bunches []Bunch, _ error) {
	all, err := s.index.Clusters(g.bound(), uint8(math.Round(zoom)), g.of)
	if err != nil {
		return nil, err
	}
	besides := slices.Collect(maps.Keys(g.not)) // which take adds to
	for _, some := range all {
		if some.One == nil {
			bunches = append(bunches, Bunch{place.FromOrb(some.At), some.Count})
		} else if _, err := g.take(s, *some.One); err != nil {
			return nil, err
		}
	}
	for _, id := range besides {
		for _, one := range g.look.says(id) {
			if one.by == s && g.of.Has(stock.Class(one.sheet)) {
				less(bunches, one.sheet.Details.Shape.Center(), g.in)
			}
		}
	}
	return slices.DeleteFunc(bunches, func(b Bunch) bool { return b.Count <= 0 }), nil
}

// less takes one place, which is on the map by itself, out of the bunch that is nearest to it.
func less(bunches []Bunch, at place.Point, in part) {
	if len(bunches) == 0 || !in.Shows(at.Orb().Bound()) {
		return
	}
	away := func(b Bunch) float64 { return grid.Distance(at.Orb(), b.At.Orb()) }
	best := 0
	for i := range bunches {
		if away(bunches[i]) < away(bunches[best]) {
			best = i
		}
	}
	bunches[best].Count--
}

// stockNear is what is in layers alone, from each so many at the most: the nearest to a point.
func (l *look) stockNear(from *place.Point, most int) []Place {
	g := stocking{look: l, of: layer.AllClasses(), not: l.besides(), most: most}
	g.search(from)
	return nearest(g.found, from, most)
}

// part is a part of the earth.
type part interface {
	Bound() orb.Bound // in degrees, perhaps beyond 180
	Shows(orb.Bound) bool
}
