package maps

import (
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// detailsOf reads a form that says what a place is.
func detailsOf(q hub.Request, on ground) (d place.Details, err error) {
	form := q.Form.Get
	d.Kind = place.Named[place.Kind](place.Kinds(), form("kind"))
	if d.Kind == 0 {
		if form("kind") != "" || q.Path != openPath {
			return d, hub.Errorf(hub.Invalid, "kind", "Choose one of these first.")
		}
		d.Kind = place.Shelter
	}
	if d.Name, err = hub.CleanLine("title", form("title"), place.MaxName, place.MaxNameBytes); err != nil {
		return d, err
	}
	if hub.Blank(d.Name) {
		return d, hub.Errorf(hub.Invalid, "title", "Give it a name by which people find it.")
	}
	if d.Shape, err = on.shape(form("shape"), form("points")); err != nil {
		return d, err
	}
	if d.About, err = hub.CleanText("about", form("about"), place.MaxAbout, place.MaxAboutBytes); err != nil {
		return d, err
	}
	if d.Contact, err = hub.CleanLine("contact", form("contact"), place.MaxLine, place.MaxLineBytes); err != nil {
		return d, err
	}
	if d.Hours, err = hub.CleanLine("hours", form("hours"), place.MaxLine, place.MaxLineBytes); err != nil {
		return d, err
	}
	d.StepFree, d.Pets = place.Named[place.Answer](place.Answers(), form("stepfree")), place.Named[place.Answer](place.Answers(), form("pets"))
	if d.Langs, err = place.Langs(q.Form["langs"]); err != nil {
		return d, err
	}
	if d.Everyday, err = place.Capacity("everyday", form("everyday")); err != nil {
		return d, err
	}
	d.Most, err = place.Capacity("most", form("most"))
	return d, err
}

// ground is what a form's points are read by.
type ground struct {
	near   orb.Point // where the box stands; zero: not known
	region orb.Bound // where the boxes of the community stand, and around; may be empty
	maps   *streets.Streets
	stands place.Shape // of the place as it is
}

// around is how far places are from the boxes of a community at most, in degrees, to be
// where one expects them.
const around = 1.5

// groundOf is what forms are read by that come to a box.
func groundOf(s hub.Snapshot, q hub.Request) (on ground, _ error) {
	l := looking(s)
	sites, err := under[Site](l, hubs)
	if err != nil {
		return on, err
	}
	on.region = orb.Bound{Min: orb.Point{1}, Max: orb.Point{-1}} // empty
	first := true
	for _, one := range sites {
		top, _, ok := Merge(one)
		if !ok {
			continue
		}
		if at := top.Value.At.Orb(); first {
			on.region, first = at.Bound(), false
		} else {
			on.region = on.region.Extend(at)
		}
	}
	if !first {
		on.region = on.region.Pad(around)
	}
	l.sites, on.maps = sites, deskOf(s).maps()
	if at := l.home(q.Place); at != nil {
		on.near = at.Orb()
	}
	return on, nil
}

// plain is a form's points, in numbers where they were written as a street corner.
func (on ground) plain(points string) string {
	if _, err := spotted(points, on.near); err != nil {
		if at, ok := cornerOf(on.maps, points, on.near); ok {
			return place.FromOrb(at).String()
		}
	}
	return points
}

// shape reads a form's points. What the form shows of a place with several parts, and is
// left as it is, stays that place's shape.
func (on ground) shape(kind, points string) (place.Shape, error) {
	if !on.stands.Simple() && strings.Join(strings.Fields(points), " ") == strings.Join(strings.Fields(on.stands.String()), " ") {
		return on.stands, nil
	}
	return shapeOf(kind, on.plain(points), on.near, on.region)
}

// stateOf reads a form that says how a place stands. What a form leaves out altogether
// stays as it stands.
func stateOf(q hub.Request, p Place) (st place.State, err error) {
	if p.Standing != nil {
		st = p.Standing.State
		st.AsOf = 0
	}
	if st.Status = place.Named[place.Status](place.Statuses(), q.Form.Get("status")); st.Status == 0 {
		return st, hub.Errorf(hub.Invalid, "status", "Choose one of these first.")
	}
	if q.Form.Get("short") != "" { // one tap
		return st, nil
	}
	if st.Offers, err = place.ThingsNamed("offers", q.Form["offers"]); err != nil {
		return st, err
	}
	if st.Needs, err = place.ThingsNamed("needs", q.Form["needs"]); err != nil {
		return st, err
	}
	if st.Offer, err = hub.CleanLine("offer", q.Form.Get("offer"), place.MaxLine, place.MaxLineBytes); err != nil {
		return st, err
	}
	st.Need, err = hub.CleanLine("need", q.Form.Get("need"), place.MaxLine, place.MaxLineBytes)
	return st, err
}
