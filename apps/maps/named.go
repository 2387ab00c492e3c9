package maps

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"golang.org/x/text/unicode/norm"
)

// named looks for a place, or a box of the community, of the name that was asked for.
func (l *look) named(q hub.Request, o Origin, all []Place) Origin {
	type candidate struct {
		name, plain string
		at          place.Point
	}
	var some []candidate
	want := plain(o.Asked)
	// A box often stands at the place that it is called after: that is one to go to.
	known := func(have string, at place.Point) bool {
		return slices.ContainsFunc(some, func(c candidate) bool {
			return c.plain == have && grid.Distance(c.at.Orb(), at.Orb()) <= sameSpot
		})
	}
	add := func(name string, at place.Point) bool {
		switch have := plain(name); {
		case have == want:
			some = []candidate{{name, have, at}}
			return true
		case want != "" && strings.Contains(have, want) && !known(have, at):
			some = append(some, candidate{name, have, at})
		}
		return false
	}
	exact := false
	for _, p := range all {
		if exact = add(p.Name, p.Shape.Center()); exact {
			break
		}
	}
	if !exact {
		for _, c := range l.s.Roster().Hubs() {
			if top, _, ok := Merge(l.sites[boxOf(l.s, c.Label)]); ok {
				if exact = add(c.Label, top.Value.At); exact {
					break
				}
			}
		}
	}
	if !exact {
		for _, p := range l.stockNear(l.home(q.Place), shownAll) {
			if exact = add(p.Name, p.Shape.Center()); exact {
				break
			}
		}
	}
	if !exact && l.street(q, o.Asked) {
		return l.corner(q, o) // called just so, unlike those
	}
	slices.SortFunc(some, func(a, b candidate) int {
		return cmp.Or(strings.Compare(a.name, b.name), slices.Compare(a.at[:], b.at[:]))
	})
	switch len(some) {
	case 0:
		if o = l.corner(q, o); o.At != nil || o.Problem != "" {
			return o
		}
		o.Problem = q.T("Nothing here is called “%s”. Write the name of a place on this page, a plus code, a grid reference, or a latitude and a longitude, such as 44.47, -73.21.", o.Asked)
	case 1:
		o.At, o.Name = &some[0].at, some[0].name
	default:
		o.Problem = q.T("Several places are called so. Which one?")
		for _, c := range some[:min(len(some), likely)] {
			o.Meant = append(o.Meant, meantLink(q, c.name, c.at, l.home(q.Place)))
		}
	}
	return o
}

// plain is a name as it is looked for: without case, accents and what is no letter.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(name))
}
