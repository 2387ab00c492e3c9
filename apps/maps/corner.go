package maps

import (
	"net/url"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/street"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// corner looks for a street, or where two cross, of the name that was asked for, on the
// street maps that are here.
func (l *look) corner(q hub.Request, o Origin) Origin {
	maps := deskOf(l.s).maps()
	if maps == nil {
		return o
	}
	home := l.home(q.Place)
	near := orb.Point{}
	if home != nil {
		near = home.Orb()
		maps.Stands(near)
	}
	all := maps.Find(o.Asked, near, likely)
	if len(all) == 0 {
		for _, name := range maps.Suggest(o.Asked, likely) {
			o.Problem = q.T("No street is called just so. Is it one of these?")
			o.Meant = append(o.Meant, OriginLink{name, url.Values{"near": {name}}.Encode()})
		}
		return o
	}
	if at, ok := only(all); ok {
		p := place.FromOrb(at)
		o.At, o.Name = &p, all[0].Name
		return o
	}
	o.Problem = q.T("No street is called just so. Is it one of these?")
	if all[0].Exact {
		o.Problem = q.T("Several places are called so. Which one?")
	}
	for _, m := range all {
		o.Meant = append(o.Meant, meantLink(q, m.Name, place.FromOrb(m.At), home))
	}
	return o
}

// street reports whether a street, or where two cross, is called just as was asked for.
func (l *look) street(q hub.Request, asked string) bool {
	maps := deskOf(l.s).maps()
	if maps == nil {
		return false
	}
	near := orb.Point{}
	if home := l.home(q.Place); home != nil {
		near = home.Orb()
	}
	all := maps.Find(asked, near, 1)
	return len(all) > 0 && all[0].Exact
}

// meantLink is what could be meant, with how far it is, as several are called alike.
func meantLink(q hub.Request, name string, at place.Point, home *place.Point) OriginLink {
	if home != nil {
		way := awayTo(*home, &place.Shape{Kind: place.Spot, Parts: []place.Part{{{at}}}})
		name += " · " + q.T(way.Words.Phrase, way.Words.Args...)
	}
	return OriginLink{name, url.Values{"near": {at.String()}}.Encode()}
}

// cornerOf is the one street corner, or street, that a text can mean.
func cornerOf(maps *streets.Streets, text string, near orb.Point) (at orb.Point, ok bool) {
	if maps == nil {
		return at, false
	}
	return only(maps.Find(text, near, 2))
}

// only is where the one is that is called so, if there is one.
func only(all []street.Match) (at orb.Point, ok bool) {
	if len(all) == 0 || !all[0].Exact || len(all) > 1 && all[1].Exact {
		return at, false
	}
	return all[0].At, true
}
