package exchange

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
)

// Names of values besides the roles of a table.
const (
	offersProp  = "offers" // names of place.AllThings, with blanks between them
	needsProp   = "needs"
	offerProp   = "offers_text"
	needProp    = "needs_text"
	versionProp = "version" // of the place where the file was made: 16 hex digits
	updatedProp = "updated" // when that was said (RFC 3339)
	byProp      = "updated_by"
	stoodProp   = "\x00stood"      // when it stood so, of this hub's own answers to programs
	saidProp    = "\x00said"       // when that was said which is neither, likewise
	countedProp = "people_updated" // when so many were there
)

// entry is a feature as a place.
func (r *Reader) entry(f feature.Feature) (Entry, error) {
	shelter, at, is := geojson.NSS(f)
	if !is {
		return r.placed(f, r.said)
	}
	f.ID, f.Geometry, f.Name = firstOf(shelter.ID, f.ID), at, firstOf(shelter.Name, f.Name)
	e, err := r.placed(f, func(e *Entry, f feature.Feature) error { return r.shelter(e, f, shelter) })
	return e, feature.Named(err, f.Name)
}

// placed is a feature as a place, whose words are read by read.
func (r *Reader) placed(f feature.Feature, read func(*Entry, feature.Feature) error) (e Entry, _ error) {
	e.At, e.Flat = f.At, r.o.Flat
	err := read(&e, f)
	if err != nil {
		return Entry{}, err
	}
	if err := r.apart(&e, f); err != nil {
		return Entry{}, err
	}
	if err := r.where(&e, f); err != nil {
		return Entry{}, err
	}
	if err := r.fit(&e); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// fit shortens the description until all of the place has room in a record.
func (r *Reader) fit(e *Entry) error {
	d := &e.Sheet.Details
	for {
		b, err := e.Sheet.Encode()
		if err == nil && len(b) <= maxSheet {
			return nil
		}
		if d.About == "" {
			return feature.Refuse(e.At, "All this together is too long for one place. Please shorten it, or draw it with fewer points.")
		}
		d.About = cut(d.About, utf8.RuneCountInString(d.About)/2, place.MaxAboutBytes)
		if len(d.About) < 8 {
			d.About = ""
		}
		e.shortened("Its description was shortened.")
	}
}

// maxSheet leaves room in a record for the versions that it replaces.
const maxSheet = 4096 - place.MaxSeen*9 - 64

// values are what a feature says besides, by what it is.
type values struct {
	by   map[table.Role]string // the first of each
	own  map[string]string     // offers, needs, version
	kind []string              // what could say the kind, the likeliest first
}

// said reads a feature by the names of its values.
func (r *Reader) said(e *Entry, f feature.Feature) error {
	v := r.sorted(e, f)
	if b, err := hex.DecodeString(v.own[versionProp]); err == nil && len(b) == len(place.Prefix{}) {
		e.Version = v.own[versionProp]
	}
	at := e.time(cmp.Or(v.own[saidProp], v.own[updatedProp]))
	r.newest(at)
	e.ID = r.idOf(f, e.Version != "")
	s := &e.Sheet
	d := &s.Details
	d.AsOf = r.moment(at)
	d.Kind = r.kind(e, v.kind)
	var err error
	if d.About, err = e.text(strings.Trim(f.Description+"\n"+v.by[table.Address], "\n")); err != nil {
		return err
	}
	if d.Name, err = e.name(firstOf(f.Name, v.by[table.Name], f.Description, v.by[table.Address], f.ID)); err != nil {
		return err
	}
	if d.Contact, err = e.line(v.by[table.Contact]); err != nil {
		return err
	}
	if d.Hours, err = e.line(v.by[table.Hours]); err != nil {
		return err
	}
	d.StepFree, d.Pets = e.answer(table.StepFree, v.by), e.answer(table.Pets, v.by)
	d.Langs = e.langs(v.by[table.Languages])
	d.Everyday, _ = e.number(table.Everyday, v.by)
	d.Most, _ = e.number(table.Evacuation, v.by)
	if n, ok := e.number(table.People, v.by); ok {
		counted := e.time(cmp.Or(v.own[countedProp], v.own[updatedProp]))
		r.newest(counted)
		s.People, s.AsOf = &n, r.moment(counted)
	}
	if err := e.state(v); err != nil || s.State == nil {
		return err
	}
	stood := e.time(cmp.Or(v.own[stoodProp], v.own[updatedProp]))
	r.newest(stood)
	s.State.AsOf = r.moment(stood)
	return nil
}

// newest notes when something of a file was said.
func (r *Reader) newest(at time.Time) {
	if at.After(r.counts.Newest) {
		r.counts.Newest = at
	}
}

// moment is a time as it is kept; 0 of what is still to come.
func (r *Reader) moment(at time.Time) place.Moment {
	if !r.o.Now.IsZero() && at.After(r.o.Now) {
		return 0
	}
	return place.MomentOf(at)
}

// time reads a time as programs write it; zero if it is none.
func (e *Entry) time(s string) time.Time {
	if s = strings.ToUpper(strings.TrimSpace(s)); s == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	const phrase = "“%[1]s” is not understood as a time, such as 2026-11-22T18:42:00Z. What is said counts as of now."
	if !slices.ContainsFunc(e.Notes, func(s hub.Said) bool { return s.Phrase == phrase }) {
		e.note(phrase, cut(s, maxQuoted, 4*maxQuoted))
	}
	return time.Time{}
}

// sorted puts each value where it belongs.
func (r *Reader) sorted(e *Entry, f feature.Feature) values {
	v := values{by: map[table.Role]string{}, own: map[string]string{}}
	var fallback []string
	for _, p := range f.Props {
		if p.Value == "" {
			continue
		}
		switch p.Name {
		case offersProp, needsProp, offerProp, needProp, versionProp, updatedProp, countedProp, byProp:
			v.own[p.Name] = p.Value
			continue
		case mixed:
			e.note("It has shapes of several kinds. Only the first is taken.")
			continue
		case "standing", "people", "versions", "told":
			if p.JSON && v.answered(p) {
				continue
			}
		case "amenity", "emergency", "healthcare", "social_facility", "sym", "folder":
			fallback = append(fallback, p.Value)
			continue
		}
		role := r.role(p.Name)
		switch role {
		case table.Keep, table.LeaveIt, table.Latitude, table.Longitude, table.WKT, table.Place, table.ID:
			r.left(p.Name)
		case table.Kind:
			v.kind = append(v.kind, p.Value)
		case table.Description:
			if f.Description == "" {
				v.by[table.Address] = strings.Trim(p.Value+"\n"+v.by[table.Address], "\n")
			}
		default:
			if _, has := v.by[role]; !has {
				v.by[role] = p.Value
			} else if role == table.Contact || role == table.Address {
				v.by[role] += ", " + p.Value
			}
		}
	}
	v.kind = append(v.kind, fallback...)
	return v
}

// answered takes what this hub's own answers to programs have as objects; false if it is no
// such.
func (v values) answered(p feature.Prop) bool {
	var o struct {
		Status  string   `json:"status"`
		Offers  []string `json:"offers"`
		Needs   []string `json:"needs"`
		Offer   string   `json:"offers_text"`
		Need    string   `json:"needs_text"`
		Present *int     `json:"present"`
		Details string   `json:"details"`
		Time    string   `json:"time"`
		Told    struct {
			Time string `json:"time"`
		} `json:"told"`
	}
	if json.Unmarshal([]byte(p.Value), &o) != nil {
		return false
	}
	set := func(to, s string) {
		if s != "" {
			v.own[to] = s
		}
	}
	switch p.Name {
	case "standing":
		v.by[table.Status] = o.Status
		set(offersProp, strings.Join(o.Offers, " "))
		set(needsProp, strings.Join(o.Needs, " "))
		set(offerProp, o.Offer)
		set(needProp, o.Need)
		set(stoodProp, o.Told.Time)
	case "people":
		if o.Present == nil {
			return false
		}
		n, _ := json.Marshal(*o.Present) //nolint:errchkjson // a number
		v.by[table.People] = string(n)
		set(countedProp, o.Told.Time)
	case "told":
		set(saidProp, o.Time)
	case "versions":
		first, _, _ := strings.Cut(o.Details, " ")
		set(versionProp, first)
	}
	return true
}

// role is what a value is by its name, remembered.
func (r *Reader) role(name string) table.Role {
	role, is := r.roles[name]
	if !is {
		role = table.ByHeading(name)
		if len(r.roles) < maxCache {
			r.roles[name] = role
		}
	}
	return role
}

// left remembers the name of a value that is not taken over.
func (r *Reader) left(name string) {
	if len(r.counts.Left) < maxLeft && !slices.Contains(r.counts.Left, name) {
		r.counts.Left = append(r.counts.Left, name)
	}
}

// kind is the first that is known, else what the options say.
func (r *Reader) kind(e *Entry, all []string) place.Kind {
	for _, s := range all {
		k, is := r.kinds[s]
		if !is {
			k, _ = kindOf(s)
			if len(r.kinds) < maxCache {
				r.kinds[s] = k
			}
		}
		if k != 0 {
			return k
		}
	}
	if len(all) > 0 {
		e.note("“%[1]s” is no kind of place that is known here. It is taken as: %[2]s.", cut(all[0], maxQuoted, 4*maxQuoted), hub.Said{Phrase: r.o.Kind.Words()})
	}
	return r.o.Kind
}

const maxQuoted = 40

func (e *Entry) answer(role table.Role, by map[table.Role]string) place.Answer {
	s, has := by[role]
	a, ok := answerOf(s)
	if has && !ok {
		e.note("“%[1]s” is not understood as yes or no: %[2]s.", cut(s, maxQuoted, 4*maxQuoted), hub.Said{Phrase: role.Words()})
	}
	return a
}

// number is a number of people; false where there is none.
func (e *Entry) number(role table.Role, by map[table.Role]string) (uint32, bool) {
	s, has := by[role]
	n, ok := peopleOf(s)
	if has && !ok && !placeholder.MatchString(s) {
		e.note("“%[1]s” is not understood as a number of people: %[2]s.", cut(s, maxQuoted, 4*maxQuoted), hub.Said{Phrase: role.Words()})
	}
	if n > place.MaxPeople {
		n = place.MaxPeople
		e.note("“%[1]s” is more than %[2]d, and is taken as that: %[3]s.", cut(s, maxQuoted, 4*maxQuoted), place.MaxPeople, hub.Said{Phrase: role.Words()})
	}
	return n, ok
}

// placeholder is what tables have where a number is not known.
var placeholder = regexp.MustCompile(`^\s*-\s*(?:1|9+)?\s*$`)

func (e *Entry) langs(s string) []string {
	codes, left := tonguesOf(s)
	for _, l := range left {
		e.note("“%s” is not understood as a language.", cut(l, maxQuoted, 4*maxQuoted))
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if len(codes) > place.MaxLangs {
		e.note("At most %d languages fit.", place.MaxLangs)
	}
	return codes[:min(len(codes), place.MaxLangs)]
}

// state reads how the place stands. Without a status nothing is said of it.
func (e *Entry) state(v values) error {
	said := v.by[table.Status]
	st := place.State{}
	var ok bool
	if st.Status, ok = statusOf(said); !ok {
		if said != "" {
			e.note("“%s” is not understood as open, full or closed.", cut(said, maxQuoted, 4*maxQuoted))
		}
		return nil
	}
	var left, more []string
	st.Offers, left = thingsOf(v.own[offersProp])
	st.Needs, more = thingsOf(v.own[needsProp])
	for _, l := range append(left, more...) {
		e.note("“%s” is none of what a place offers or needs here.", cut(l, maxQuoted, 4*maxQuoted))
	}
	var err error
	if st.Offer, err = e.line(v.own[offerProp]); err != nil {
		return err
	}
	st.Need, err = e.line(v.own[needProp])
	e.Sheet.State = &st
	return err
}
