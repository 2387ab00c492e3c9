package maps

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// tongue is a language of the pages, as those call it who speak it.
type tongue struct{ Code, Name string }

var tongues = [...]tongue{
	{"en", "English"}, {"es", "Español"}, {"fr", "Français"}, {"ht", "Kreyòl ayisyen"}, {"vi", "Tiếng Việt"}, {"zh-Hans", "简体中文"}, {"ar", "العربية"},
}

func tongueOf(code string) string {
	for _, t := range tongues {
		if strings.EqualFold(t.Code, code) {
			return t.Name
		}
	}
	return code
}

func tonguesOf(codes []string) string {
	all := make([]string, len(codes))
	for i, c := range codes {
		all[i] = tongueOf(c)
	}
	return strings.Join(all, ", ")
}

// detailsOf reads a form that says what a place is.
func detailsOf(q hub.Request, on ground) (d Details, err error) {
	form := q.Form.Get
	d.Kind = named[Kind](kinds[:], form("kind"))
	if d.Kind == 0 {
		if form("kind") != "" || q.Path != openPath {
			return d, hub.Errorf(hub.Invalid, "kind", "Choose one of these first.")
		}
		d.Kind = Shelter
	}
	if d.Name, err = hub.CleanLine("title", form("title"), maxName, maxNameB); err != nil {
		return d, err
	}
	if hub.Blank(d.Name) {
		return d, hub.Errorf(hub.Invalid, "title", "Give it a name by which people find it.")
	}
	if d.Shape, err = on.shape(form("shape"), form("points")); err != nil {
		return d, err
	}
	if d.About, err = hub.CleanText("about", form("about"), maxAbout, maxAboutB); err != nil {
		return d, err
	}
	if d.Contact, err = hub.CleanLine("contact", form("contact"), maxLine, maxLineB); err != nil {
		return d, err
	}
	if d.Hours, err = hub.CleanLine("hours", form("hours"), maxLine, maxLineB); err != nil {
		return d, err
	}
	d.StepFree, d.Pets = named[Answer](answerWords[:], form("stepfree")), named[Answer](answerWords[:], form("pets"))
	if d.Langs, err = langsOf(q.Form["langs"]); err != nil {
		return d, err
	}
	if d.Everyday, err = capacityOf("everyday", form("everyday")); err != nil {
		return d, err
	}
	d.Most, err = capacityOf("most", form("most"))
	return d, err
}

// ground is what a form's points are read by.
type ground struct {
	near   orb.Point // where the box stands; zero: not known
	region orb.Bound // where the boxes of the community stand, and around; may be empty
	stands Shape     // of the place as it is
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
	if top, _, ok := Merge(sites[boxOf(s, q.Place)]); ok {
		on.near = top.Value.At.Orb()
	}
	return on, nil
}

// shape reads a form's points. What the form shows of a place with several parts, and is
// left as it is, stays that place's shape.
func (on ground) shape(kind, points string) (Shape, error) {
	if !on.stands.simple() && strings.Join(strings.Fields(points), " ") == strings.Join(strings.Fields(on.stands.String()), " ") {
		return on.stands, nil
	}
	return shapeOf(kind, points, on.near, on.region)
}

// langsOf reads languages, each by its code, or as those call it who speak it.
func langsOf(fields []string) (all []string, _ error) {
	for _, field := range fields {
		for _, word := range strings.FieldsFunc(field, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '،' }) {
			if !validLang(word) {
				return nil, hub.Errorf(hub.Invalid, "langs", "“%s” is no code of a language. Write two or three letters for each, such as pt or ukr.", word)
			}
			for _, t := range tongues {
				if strings.EqualFold(word, t.Code) {
					word = t.Code
				}
			}
			if !slices.Contains(all, word) {
				all = append(all, word)
			}
		}
	}
	if len(all) > maxLangs {
		return nil, hub.Errorf(hub.Invalid, "langs", "At most %d languages fit.", maxLangs)
	}
	slices.Sort(all)
	return all, nil
}

func capacityOf(field, s string) (uint32, error) {
	if s = strings.TrimSpace(s); s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n > maxPeople {
		return 0, hub.Errorf(hub.Invalid, field, "This is a number of people, from 0 to %d.", maxPeople)
	}
	return uint32(n), nil
}

// stateOf reads a form that says how a place stands. What a form leaves out altogether
// stays as it stands.
func stateOf(q hub.Request, p Place) (st State, err error) {
	if p.Standing != nil {
		st = p.Standing.State
	}
	if st.Status = named[Status](statusWords[:], q.Form.Get("status")); st.Status == 0 {
		return st, hub.Errorf(hub.Invalid, "status", "Choose one of these first.")
	}
	if q.Form.Get("short") != "" { // one tap
		return st, nil
	}
	if st.Offers, err = thingsOf("offers", q.Form); err != nil {
		return st, err
	}
	if st.Needs, err = thingsOf("needs", q.Form); err != nil {
		return st, err
	}
	if st.Offer, err = hub.CleanLine("offer", q.Form.Get("offer"), maxLine, maxLineB); err != nil {
		return st, err
	}
	st.Need, err = hub.CleanLine("need", q.Form.Get("need"), maxLine, maxLineB)
	return st, err
}

// thingsOf reads things by their names, one or several a field.
func thingsOf(field string, form url.Values) (all Things, _ error) {
	for _, one := range form[field] {
		for name := range strings.FieldsSeq(one) {
			i := slices.IndexFunc(thingWords[:], func(v value) bool { return v.Name == name })
			if i < 0 {
				return 0, hub.Errorf(hub.Invalid, field, "“%s” is none of the choices here. Please choose one of them.", name)
			}
			all |= 1 << i
		}
	}
	return all, nil
}
