package maps

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

type (
	// Input is one field of a form.
	Input struct {
		Name   string
		Title  hub.Phrase
		Hint   hub.Phrase
		Value  string
		Long   bool
		Must   bool
		Digit  bool // a number
		Corner bool // a place, which may be a street corner
	}
	// Pick is one field with its choices.
	Pick struct {
		Field   string
		Title   hub.Phrase
		Choices []place.Choice
		Now     string
		None    hub.Phrase // of no choice; empty: one has to be made
	}
	// Checks are choices of which several can be made.
	Checks struct {
		Field string
		Title hub.Phrase
		All   []Check
	}
	// Check is one of these.
	Check struct {
		Name  string
		Words hub.Phrase
		Label string // in place of words: what is said alike in every language
		Now   bool
	}
	// FormView is the form that says what a place is.
	FormView struct {
		Path     string // where it is sent
		New      bool
		Shelter  bool  // one that is open: few fields
		Place    Place // as it stands; of a new one the zero Place
		Must     []any // Input and Pick, in their order: what is asked first
		More     []any // what is not always known
		Langs    Checks
		Stands   []place.Diff // what stands, where the form begins otherwise
		Seen     string       // versions, for the form
		Confirms string       // what somebody has seen, which it becomes
		HasMap   bool         // a point can be picked there
		Unfold   bool         // what is not always known may have been typed already
		Writes   bool
		Official bool
	}
	// StatusView is the form that says how a place stands.
	StatusView struct {
		Place    Place
		Status   Pick
		Offers   Checks
		Needs    Checks
		Words    []any
		Stands   []place.Diff // what stands, where the form begins otherwise
		Seen     string
		Official bool
	}
	// HereView is the form that says where a box stands.
	HereView struct {
		Input    Input
		Seen     string
		Known    *place.Point
		Path     string // where it is sent
		Picked   string // on the map
		HasMap   bool   // a point can be picked there
		Official bool
	}
	// OneView is the page of one place.
	OneView struct {
		Place

		Door     DoorView
		Reports  []Seen
		Writes   bool
		Official bool
		NeedName bool
		Statuses []place.Choice
		States   string // versions, for a form
		Counts   string
		Stand    string // of these, what nobody has replaced
		Recounts string
		Totals   string       // of what was counted at the door
		Map      *PictureView // nil: there is none
		Lists    []LayerView  // that have the place
		Notice   string       // path of the form to tell everybody; empty: the reader may not, or nothing is to be told
	}
)

// IsInput tells an Input from a Pick where both stand in one list.
func (Input) IsInput() bool { return true }

// IsInput tells a Pick from an Input.
func (Pick) IsInput() bool { return false }

// inputs are the fields of what a place is, as they begin.
func inputs(s hub.Snapshot, q hub.Request, d place.Details, fresh bool) (must, more []any, langs Checks) {
	v := url.Values{}
	if !fresh {
		v = valuesOf(d)
	} else if points := q.Query.Get("points"); points != "" { // picked on the map
		v.Set("points", points)
	}
	if q.Form.Has("title") { // shown again
		points := v.Get("points")
		if v = q.Form; !v.Has("points") { // which were too many to go along to the map
			v = maps.Clone(v)
			v.Set("points", points)
		}
	}
	points := Input{
		Name: "points", Title: "Where is it?", Must: true, Long: !d.Shape.Simple() || d.Shape.Size() > 2 || strings.Contains(v.Get("points"), " "), Value: v.Get("points"), Corner: deskOf(s).maps().Named(),
		Hint: "A plus code, a grid reference, or latitude and longitude, such as 44.47, -73.21. Several points are a line or an area.",
	}
	must = []any{
		Input{Name: "title", Title: "Name", Must: true, Value: v.Get("title"), Hint: "By which people find it: “Hill School, gym”."},
		points,
	}
	capacity := []any{
		Input{Name: "most", Title: "How many people have room in an evacuation?", Digit: true, Value: v.Get("most")},
		Input{Name: "everyday", Title: "How many for a longer time?", Digit: true, Value: v.Get("everyday")},
	}
	answers := []any{
		Pick{Field: "stepfree", Title: "Step-free", Choices: place.Answers(), None: "Not known", Now: v.Get("stepfree")},
		Pick{Field: "pets", Title: "Takes pets", Choices: place.Answers(), None: "Not known", Now: v.Get("pets")},
	}
	words := []any{
		Input{Name: "contact", Title: "Whom to ask", Value: v.Get("contact")},
		Input{Name: "hours", Title: "Hours", Hint: "In words, such as “8 to 20 every day”.", Value: v.Get("hours")},
		Input{Name: "about", Title: "Description", Long: true, Value: v.Get("about")},
	}
	langs = Checks{Field: "langs", Title: "Languages spoken"}
	spoken := strings.FieldsFunc(strings.Join(v["langs"], " "), func(r rune) bool { return r == ' ' || r == ',' })
	for _, t := range place.Tongues() {
		langs.All = append(langs.All, Check{Name: t.Code, Label: t.Name, Now: slices.Contains(spoken, t.Code)})
	}
	others := slices.DeleteFunc(spoken, func(code string) bool {
		return slices.ContainsFunc(place.Tongues(), func(t place.Tongue) bool { return t.Code == code })
	})
	shape := Pick{Field: "shape", Title: "What are the points?", Choices: place.ShapeKinds(), Now: v.Get("shape"), None: "One point, or a line of several"}
	other := Input{Name: "langs", Title: "Other languages", Hint: "Their codes, such as pt or uk.", Value: strings.Join(others, " ")}
	if q.Path == openPath {
		return append(must, capacity[0]), slices.Concat(answers, capacity[1:], words, []any{shape, other}), langs
	}
	kind := Pick{Field: "kind", Title: "What is it?", Choices: place.Kinds(), Now: cmp.Or(v.Get("kind"), q.Query.Get("kind"))}
	return append([]any{kind}, must...), slices.Concat([]any{shape}, words, answers, capacity, []any{other}), langs
}

// Pickable reports whether one point is all there is to pick: an outline would be lost by it.
func (m FormView) Pickable() bool { return m.New || m.Place.Shape.Kind == place.Spot }

// valuesOf is what a place is as a form takes it.
func valuesOf(d place.Details) url.Values {
	v := url.Values{}
	set := func(field, s string) {
		if s != "" {
			v.Set(field, s)
		}
	}
	set("kind", d.Kind.String())
	set("title", d.Name)
	set("points", d.Shape.String())
	if d.Shape.Kind != place.Spot || d.Shape.Size() > 1 { // one point may become several
		set("shape", d.Shape.Kind.String())
	}
	set("about", d.About)
	set("contact", d.Contact)
	set("hours", d.Hours)
	set("stepfree", d.StepFree.String())
	set("pets", d.Pets.String())
	set("everyday", place.Number(d.Everyday))
	set("most", place.Number(d.Most))
	v["langs"] = d.Langs
	return v
}

// making is the form of a new place; with ?from= of what somebody has seen.
func making(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	if err := coordinating(s, q); err != nil {
		return hub.Page{}, err
	}
	q, back := resumed(q)
	m := FormView{Path: "/maps/" + newPath, New: true, Unfold: back, Official: q.Official, HasMap: deskOf(s).maps() != nil}
	d, fresh := place.Details{}, true
	if from := cmp.Or(q.Query.Get("from"), q.Form.Get("confirms")); from != "" {
		by, id, _ := strings.Cut(from, "/")
		_, v, err := seenAt(s, q, by, id)
		if err != nil {
			return hub.Page{}, err
		}
		m.Confirms, fresh = v.ID, false
		d = place.Details{Kind: v.What.Becomes(), Name: firstOf(v.Words, place.MaxName)}
		if d.Name != v.Words {
			d.About = v.Words // of which the name is the beginning
		}
		if v.At != nil {
			d.Shape = place.Shape{Kind: place.Spot, Parts: []place.Part{{place.Steps{*v.At}}}}
		}
	}
	m.Must, m.More, m.Langs = inputs(s, q, d, fresh)
	return hub.Page{Template: "form.html", Title: q.T("Put a place on the map"), Model: m}, nil
}

// firstOf is the beginning of a text.
func firstOf(s string, chars int) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > chars {
		s = strings.TrimSpace(string(r[:chars-1])) + "…"
	}
	return s
}

// opening is the form of a shelter that is open.
func opening(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	if err := coordinating(s, q); err != nil {
		return hub.Page{}, err
	}
	q, back := resumed(q)
	m := FormView{Path: "/maps/" + openPath, New: true, Unfold: back, Shelter: true, Official: q.Official, HasMap: deskOf(s).maps() != nil}
	m.Must, m.More, m.Langs = inputs(s, q, place.Details{}, true)
	return hub.Page{Template: "form.html", Title: q.T("Open a shelter"), Model: m}, nil
}

// coordinating is nil for who may at least look at such a form.
func coordinating(s hub.Snapshot, q hub.Request) error {
	if coordinates(s, q) {
		return nil
	}
	return officially(s, q)
}

// editing is the form that says anew what a place is; with ?from= as another said.
func editing(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	if err := coordinating(s, q); err != nil {
		return hub.Page{}, err
	}
	l, p, err := standingAt(s, at.id)
	if err != nil {
		return hub.Page{}, err
	}
	q, back := resumed(q)
	m := FormView{Path: p.Path + "/" + editPage, Place: p, Unfold: back, Seen: said(p.versions), Writes: true, Official: q.Official, HasMap: deskOf(s).maps() != nil}
	d := versionAt(l.detailsOf(at.id), q.Query.Get("from"), p.Details).Or(p.Details)
	m.Stands = d.Differences(p.Details)
	if back { // what came while a point was picked was not shown
		m.Seen = q.Form.Get("seen")
	}
	m.Must, m.More, m.Langs = inputs(s, q, d, false)
	return hub.Page{Template: "form.html", Title: q.T("Change a place"), Model: m}, nil
}

// versionAt is the version whose id begins so, or else what stands.
func versionAt[T any](all []Version[T], prefix string, stands T) T {
	for _, v := range all {
		if place.PrefixOf(v.ID).String() == prefix {
			return v.Value
		}
	}
	return stands
}

// statusForm is the form that says how a place stands.
func statusForm(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	if err := coordinating(s, q); err != nil {
		return hub.Page{}, err
	}
	l, p, err := standingAt(s, at.id)
	if err != nil {
		return hub.Page{}, err
	}
	m := StatusView{Place: p, Official: q.Official}
	st := place.State{}
	m.Seen = said(ids(l.statesOf(at.id)))
	if p.Standing != nil {
		st = versionAt(l.statesOf(at.id), q.Query.Get("from"), p.Standing.State).Or(p.Standing.State)
		m.Stands = st.Differences(p.Standing.State)
	}
	now := st.Status.String()
	if q.Form.Has("status") { // shown again
		now, st.Offer, st.Need = q.Form.Get("status"), q.Form.Get("offer"), q.Form.Get("need")
		st.Offers, _ = place.ThingsNamed("offers", q.Form["offers"])
		st.Needs, _ = place.ThingsNamed("needs", q.Form["needs"])
	}
	m.Status = Pick{Field: "status", Title: "How it stands", Choices: place.Statuses(), Now: now}
	m.Offers, m.Needs = checksOf("offers", "What is there", st.Offers), checksOf("needs", "What is needed", st.Needs)
	m.Words = []any{
		Input{Name: "offer", Title: "What else is there", Value: st.Offer},
		Input{Name: "need", Title: "What else is needed", Value: st.Need},
	}
	return hub.Page{Template: "status.html", Title: q.T("How it stands"), Model: m}, nil
}

func checksOf(field string, title hub.Phrase, now place.Things) Checks {
	c := Checks{Field: field, Title: title}
	for i, v := range place.AllThings() {
		c.All = append(c.All, Check{Name: v.Name, Words: v.Words, Now: now&(1<<i) != 0})
	}
	return c
}

// countForm is the place's own page, where people are counted: a form of it that is shown
// again stands there.
func countForm(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) { return one(s, q, at) }

// placing is the form that says where this box stands.
func placing(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	if err := coordinating(s, q); err != nil {
		return hub.Page{}, err
	}
	box := boxOf(s, q.Place)
	l := looking(s)
	sites, err := slot[Site](l, hubKey, box)
	if err != nil {
		return hub.Page{}, err
	}
	m := HereView{Path: "/maps/" + herePath, Official: q.Official, Seen: said(ids(sites[box]))}
	if top, _, ok := Merge(sites[box]); ok {
		m.Known = &top.Value.At
	}
	q, _ = resumed(q)
	if m.Picked = cmp.Or(q.Form.Get("points"), q.Query.Get("points")); m.Picked == "" && m.Known != nil {
		m.Picked = m.Known.String()
	}
	m.HasMap = deskOf(s).maps() != nil
	m.Input = Input{Name: "points", Value: m.Picked, Corner: deskOf(s).maps().Named(), Title: "Where is it?", Must: true, Hint: "A plus code, a grid reference, or latitude and longitude, such as 44.47, -73.21."}
	return hub.Page{Template: "here.html", Title: q.T("Where this place is"), Model: m}, nil
}

// one is one place's page. It stays where the place was, also when that is no more.
func one(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	l, p, err := standingAt(s, at.id)
	if err != nil {
		return hub.Page{}, err
	}
	m := OneView{Writes: coordinates(s, q), Official: q.Official, NeedName: s.Person(q.Author).Name == "", Statuses: place.Statuses()}
	if l.sites, err = under[Site](l, hubs); err != nil {
		return hub.Page{}, err
	}
	from := l.origin(hub.Request{Place: q.Place, Query: q.Query, Say: q.Say}, nil)
	if from.At != nil {
		p.Away = awayTo(*from.At, &p.Shape)
	}
	m.Place = p
	if m.Map, err = mapOf(s, q, p); err != nil {
		return hub.Page{}, err
	}
	if p.Standing != nil {
		m.Stand = said(p.Standing.stand)
	}
	m.States = said(ids(l.statesOf(at.id))) // also of what was taken back
	if p.People != nil {
		m.Recounts, m.Totals = said(p.People.stand), said(p.People.doors())
	}
	m.Counts = said(ids(l.recounts[at.id]))
	if m.Door, err = l.door(q, at.id); err != nil {
		return hub.Page{}, err
	}
	m.Lists = l.listsOf(at.id)
	if m.Reports, err = l.unconfirmed(q, at.id); err != nil {
		return hub.Page{}, err
	}
	m.Seen = len(m.Reports)
	if reader(q) && hub.May(s.Roster(), q.Author, roster.Notices) && p.HasRoom() && p.Kind == place.Shelter {
		m.Notice = noticeOf(q, p)
	}
	return hub.Page{Template: "place.html", Title: p.Name, Model: m, Topics: append(everything(), asks), Until: l.until}, nil
}

// noticeOf is the path of the notices' form with what is to be said of a shelter that has
// room: how much is left, where people are counted.
func noticeOf(q hub.Request, p Place) string {
	text := q.T("%s is open.", p.Name)
	n, known := p.Left()
	if !known {
		n = p.Capacity()
	}
	if n > 0 {
		text = q.T("%[1]s is open, with room for %[2]d people.", p.Name, n)
	}
	v := url.Values{"t": {"shelter"}, "text": {text}, "area": {p.Name}, "point": {p.Shape.Center().String()}}
	if p.Contact != "" {
		v.Set("contact", p.Contact)
	}
	return "/notices/new?" + v.Encode()
}
