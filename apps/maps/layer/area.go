package layer

import (
	"iter"
	"math"

	"github.com/paulmach/orb"
)

// area is what was asked for: one box, or several where it reaches 180°.
type area []box

// areaOf takes bounds in degrees, also such as a map has that was moved beyond 180°. What is
// no number, or begins north of where it ends, is nothing.
func areaOf(b orb.Bound) area {
	south, north := max(b.Min.Lat(), -90), min(b.Max.Lat(), 90)
	west, wide := b.Min.Lon(), b.Max.Lon()-b.Min.Lon()
	if wide < 0 {
		wide += 360
	}
	if !(south <= north && wide >= 0) || math.IsInf(west, 0) { // NaN as well
		return nil
	}
	in := box{int32(math.Floor(south * perDegree)), -maxLon, int32(math.Ceil(north * perDegree)), maxLon}
	if wide >= 360 {
		return area{in}
	}
	if west < -180 || west > 180 {
		west -= 360 * math.Floor((west+180)/360)
	}
	in.west = int32(math.Floor(west * perDegree))
	east := int64(math.Ceil((west + wide) * perDegree))
	in.east = int32(min(east, maxLon))
	all := area{in}
	if east >= maxLon { // 180° west is the same line
		over := in
		over.west, over.east = -maxLon, int32(min(east-around, maxLon))
		all = append(all, over)
	}
	if in.west == -maxLon {
		line := in
		line.west, line.east = maxLon, maxLon
		all = append(all, line)
	}
	return all
}

func (a area) meets(b box) bool {
	for _, one := range a {
		if one.meets(b) {
			return true
		}
	}
	return false
}

// holds reports whether all of b is in one of its boxes.
func (a area) holds(b box) bool {
	for _, one := range a {
		if b.within(one) {
			return true
		}
	}
	return false
}

// touches reports whether an extent reaches into it.
func (a area) touches(x extent) bool {
	b := x.box()
	if !b.around() {
		return a.meets(b)
	}
	b.west, b.east = x.lon, maxLon
	other := b
	other.west, other.east = -maxLon, eastward(x.lon, x.wide)
	return a.meets(b) || a.meets(other)
}

// around reports whether it may be that of an extent over 180°, which is smaller.
func (b box) around() bool { return b.west == -maxLon && b.east == maxLon }

// walker is told what a walk comes to.
type walker struct {
	into func(*child) bool                          // whether to look below; it may take all that is there
	each func(q *query, n int, l *leaf, i int) bool // an entry: the i-th of the n-th leaf; false ends the walk
}

// walk goes through the index in the order of the entries.
func (q *query) walk(w walker) error {
	if q.x.count == 0 {
		return nil
	}
	_, err := q.under(w, len(q.x.plan.levels)-1, 0)
	return err
}

func (q *query) under(w walker, level, n int) (more bool, _ error) {
	if level == 0 {
		l, err := q.leaf(n)
		if err != nil {
			return false, err
		}
		for i := range l.items {
			if !w.each(q, n, l, i) {
				return false, nil
			}
		}
		return true, nil
	}
	all, err := q.node(level, n)
	if err != nil {
		return false, err
	}
	for i := range all {
		if !w.into(&all[i]) {
			continue
		}
		if more, err = q.under(w, level-1, n*fan+i); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// Box yields the entries of some classes that reach into bounds, in the order of the layer:
// neighbors after each other. The bounds may reach over 180°, as an entry's do.
func (x *Index) Box(b orb.Bound, of Classes) iter.Seq2[Entry, error] {
	in := areaOf(b)
	return func(yield func(Entry, error) bool) {
		var wrong error
		err := x.query().walk(walker{
			into: func(c *child) bool { return c.classes.meets(&of) && in.meets(c.box) },
			each: func(q *query, n int, l *leaf, i int) bool {
				if it := l.items[i]; !of.Has(it.class) || !in.meets(it.box) {
					return true
				}
				var all []entry
				if all, wrong = q.page(n, l); wrong != nil {
					return false
				}
				return !in.touches(all[i].where) || yield(all[i].entry(), nil)
			},
		})
		if err == nil {
			err = wrong
		}
		if err != nil {
			yield(Entry{}, err)
		}
	}
}

// Count is how many entries Box would yield. What lies within the bounds whole is not looked
// at one by one.
func (x *Index) Count(b orb.Bound, of Classes) (n int, _ error) {
	in := areaOf(b)
	var wrong error
	err := x.query().walk(walker{
		into: func(c *child) bool {
			switch {
			case !c.classes.meets(&of) || !in.meets(c.box):
				return false
			case c.classes.within(&of) && in.holds(c.box):
				n += int(c.count)
				return false
			}
			return true
		},
		each: func(q *query, at int, l *leaf, i int) bool {
			it := l.items[i]
			if !of.Has(it.class) || !in.meets(it.box) {
				return true
			}
			if it.box.around() {
				var all []entry
				if all, wrong = q.page(at, l); wrong != nil {
					return false
				}
				if !in.touches(all[i].where) {
					return true
				}
			}
			n++
			return true
		},
	})
	if err == nil {
		err = wrong
	}
	return n, err
}
