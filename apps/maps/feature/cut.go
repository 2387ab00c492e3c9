package feature

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/hub"
)

// crosses reports whether a line crosses the antimeridian: neighbours that are nearer
// the other way round, or points both within and beyond 180°. All beyond is a mistake.
// A step of just 360° stays on its meridian, as in an outline of the whole earth.
func crosses(l orb.LineString) bool {
	within, beyond := false, false
	for i, p := range l {
		if i > 0 {
			if d := math.Abs(p[0] - l[i-1][0]); d > 180 && d < 360 {
				return true
			}
		}
		within = within || math.Abs(p[0]) < 180
		beyond = beyond || math.Abs(p[0]) > 180
	}
	return within && beyond
}

// unwrap is a line whose longitudes run on, so that no step exceeds 180°.
func unwrap(l orb.LineString) orb.LineString {
	out := make(orb.LineString, len(l))
	shift := 0.0
	for i, p := range l {
		if i > 0 {
			if d := p[0] - l[i-1][0]; math.Abs(d) > 180 {
				shift -= 360 * math.Round(d/360)
			}
		}
		out[i] = orb.Point{p[0] + shift, p[1]}
	}
	return out
}

// strip is how often round the earth a longitude is.
func strip(lon float64) float64 { return math.Floor((lon + 180) / 360) }

// cutLine cuts an unwrapped line where it crosses an antimeridian, and brings its parts
// back on the earth.
func cutLine(l orb.LineString) orb.MultiLineString {
	dense := orb.LineString{l[0]}
	for i := 1; i < len(l); i++ {
		a, b := l[i-1], l[i]
		edge := 360*strip(max(a[0], b[0])) - 180 // no step is longer than 180°, so it has at most one
		if min(a[0], b[0]) < edge && edge < max(a[0], b[0]) {
			dense = append(dense, at(edge, a, b))
		}
		dense = append(dense, b)
	}
	var out orb.MultiLineString
	var part orb.LineString
	var in float64
	for i := 1; i < len(dense); i++ {
		a, b := dense[i-1], dense[i]
		k := strip((a[0] + b[0]) / 2)
		if a[0] == 360*k-180 && b[0] == a[0] && part != nil {
			k = in // along the meridian itself: it stays where it is
		}
		if part == nil || k != in {
			if part != nil {
				out = append(out, part)
			}
			part, in = orb.LineString{{a[0] - 360*k, a[1]}}, k
		}
		part = append(part, orb.Point{b[0] - 360*k, b[1]})
	}
	return append(out, part)
}

// at is the point of a line from a to b on a meridian between them, in whole grains so
// that writing it does not move it.
func at(lon float64, a, b orb.Point) orb.Point {
	t := (lon - a[0]) / (b[0] - a[0])
	return orb.Point{lon, Round(a[1] + t*(b[1]-a[1]))}
}

// span is how far west and how far east a ring goes.
func span(r orb.Ring) (west, east float64) {
	b := r.Bound()
	return b.Min[0], b.Max[0]
}

// beside is a hole moved by whole turns to where its outline is.
func beside(hole, outer orb.Ring) orb.Ring {
	w, e := span(outer)
	hw, he := span(hole)
	return shifted(hole, 360*math.Round((w+e-hw-he)/2/360))
}

func shifted(r orb.Ring, by float64) orb.Ring {
	out := make(orb.Ring, len(r))
	for i, p := range r {
		out[i] = orb.Point{p[0] + by, p[1]}
	}
	return out
}

// cutPolygon cuts an unwrapped polygon, wound and without crossings, where it crosses
// the antimeridian.
func cutPolygon(where hub.Said, rings orb.Polygon) (orb.MultiPolygon, error) {
	west, _ := span(rings[0])
	for i, r := range rings {
		rings[i] = shifted(r, -360*strip(west))
	}
	if _, east := span(rings[0]); east <= 180 {
		return orb.MultiPolygon{rings}, nil
	}
	left, ok := half(rings, true)
	right, also := half(rings, false)
	for _, p := range right {
		for i, r := range p {
			p[i] = shifted(r, -360)
		}
	}
	all := slices.Concat(left, right)
	for _, p := range all {
		// Cutting rounds, by which lines that touched may come to cross.
		ok = ok && uncrossed(where, p) == nil
	}
	if !ok || !also {
		return nil, Refuse(where, "The outline crosses the 180th meridian in a way that cannot be cut. Split it up there.")
	}
	return all, nil
}

// chain is a run of a ring on one side of the meridian, both ends on it.
type chain struct {
	points orb.Ring
	used   bool
}

func (c *chain) entry() float64 { return c.points[0][1] }
func (c *chain) exit() float64  { return c.points[len(c.points)-1][1] }

// half is the part of a polygon on one side of 180°. What lies on the meridian counts
// as left of it, so that each ring is cut into chains that enter and leave in turn;
// from where one leaves, the boundary follows the meridian to where the next enters.
// It fails where they do not come in turn, as touching rings may have it.
func half(rings orb.Polygon, left bool) (orb.MultiPolygon, bool) {
	var chains []*chain
	var whole []orb.Ring // holes that are not cut
	var out orb.MultiPolygon
	for i, r := range rings {
		cs, inside := chop(r, left)
		chains = append(chains, cs...)
		switch {
		case inside && i == 0:
			out = append(out, orb.Polygon{r})
		case inside:
			whole = append(whole, r)
		}
	}
	joined, ok := join(chains, left)
	if !ok {
		return nil, false
	}
	for _, r := range joined {
		switch {
		case len(r) < 4 || turn(r) == 0: // it only touched the meridian
		case turn(r) < 0:
			return nil, false
		default:
			out = append(out, orb.Polygon{r})
		}
	}
	for _, hole := range whole {
		home := slices.IndexFunc(out, func(p orb.Polygon) bool { return within(hole, p[0]) })
		if home < 0 {
			return nil, false
		}
		out[home] = append(out[home], hole)
	}
	return out, true
}

// chop cuts a ring into its chains on one side. It has none if the ring lies wholly
// on one side, and inside says whether on this one.
func chop(r orb.Ring, left bool) (chains []*chain, inside bool) {
	in := func(p orb.Point) bool { return p[0] <= 180 == left }
	n := len(r) - 1 // the last is the first
	start := -1
	for i := range n {
		if in(r[(i+1)%n]) && !in(r[i]) {
			start = i + 1
			break
		}
	}
	if start < 0 {
		return nil, in(r[0])
	}
	var c *chain
	for k := range n {
		before, p, next := r[(start+k-1+n)%n], r[(start+k)%n], r[(start+k+1)%n]
		if !in(p) {
			continue
		}
		if c == nil {
			c = &chain{points: orb.Ring{at(180, before, p)}}
			chains = append(chains, c)
		}
		c.add(p)
		if !in(next) {
			c.add(at(180, p, next))
			c = nil
		}
	}
	return chains, false
}

// add appends a point, but not twice the same.
func (c *chain) add(p orb.Point) {
	if c.points[len(c.points)-1] != p {
		c.points = append(c.points, p)
	}
}

// join makes closed rings of chains.
func join(chains []*chain, left bool) ([]orb.Ring, bool) {
	exits, entries := slices.Clone(chains), slices.Clone(chains)
	slices.SortStableFunc(exits, func(a, b *chain) int { return cmp.Compare(a.exit(), b.exit()) })
	slices.SortStableFunc(entries, func(a, b *chain) int { return cmp.Compare(a.entry(), b.entry()) })
	next := make(map[*chain]*chain, len(chains))
	for i, c := range exits {
		// Inside is on the left hand: up along the meridian on its western side.
		low, high := c.exit(), entries[i].entry()
		if !left {
			low, high = high, low
		}
		if low > high || i > 0 && low < max(exits[i-1].exit(), entries[i-1].entry()) {
			return nil, false
		}
		next[c] = entries[i]
	}
	var rings []orb.Ring
	for _, c := range chains {
		if c.used {
			continue
		}
		ring := &chain{points: orb.Ring{c.points[0]}}
		for ; !c.used; c = next[c] {
			c.used = true
			for _, p := range c.points {
				ring.add(p)
			}
		}
		ring.add(ring.points[0])
		rings = append(rings, ring.points)
	}
	return rings, true
}
