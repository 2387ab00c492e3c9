package maps

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/paulmach/orb"
)

// Bounds of what is shown.
const (
	shown    = 50  // places on a page, the nearest
	shownAll = 500 // once all are asked for
	onCard   = 3   // on the home page
	likely   = 6   // places that could be meant
	sameSpot = 100 // meters within which what is called the same is one of these
)

type (
	// Origin is from where distances are told.
	Origin struct {
		At      *place.Point `json:"point,omitempty"` // nil: not known
		Name    string       `json:"name,omitempty"`  // of the place there
		Asked   string       `json:"-"`               // as somebody wrote it
		Problem string       `json:"problem,omitempty"`
		Meant   []OriginLink `json:"-"` // what could be meant
		Place   string       `json:"-"` // the label of the box, whose place it is or would be
		Streets bool         `json:"-"` // are known by their names
	}
	// OriginLink is one place that could be meant.
	OriginLink struct{ Name, Query string }
	// Filter is which places are shown.
	Filter struct {
		Kind     string
		Open     bool // only what is said to be open
		Room     bool // only what is open and not full
		Pets     bool
		StepFree bool
		All      bool   // as many as there is room for
		Unknown  string // what was asked for as a kind and is none: all kinds are shown
	}
	// ListView is where to go.
	ListView struct {
		From    Origin         `json:"from"`
		Filter  Filter         `json:"-"`
		Places  []Place        `json:"places"`  // the nearest first
		Dangers []Place        `json:"dangers"` // to keep away from, the nearest first
		More    int            `json:"more"`    // that are not shown
		Seen    []Seen         `json:"unconfirmed"`
		Kinds   []place.Choice `json:"-"`
		Lists   []LayerView    `json:"-"` // of many places, that have not all come

		Writes   bool   `json:"-"` // the reader may put places on the map
		Official bool   `json:"-"` // and sign it here
		Query    string `json:"-"` // of the same list with more on it

		Waits  *WaitsView   `json:"-"` // for who may put places on the map; nil for others
		Map    *PictureView `json:"-"` // beside the list; nil: there is none
		HasMap bool         `json:"-"` // there is a page with the map
		others []Place      // that the filter keeps and that are not shown
	}
	// CardView is what the home page shows, and paper.
	CardView struct {
		From    Origin
		Places  []Place
		Dangers []Place
		More    int
		Some    bool       // there are places at all
		Waits   *WaitsView // as ListView has it
	}
)

// Any reports whether some places are left out.
func (f Filter) Any() bool { return f.Kind != "" || f.Open || f.Room || f.Pets || f.StepFree }

func filterOf(q url.Values) Filter {
	f := Filter{Kind: q.Get("kind"), Open: q.Get("open") != "", Room: q.Get("room") != "", Pets: q.Get("pets") != "", StepFree: q.Get("stepfree") != "", All: q.Get("all") != ""}
	if f.Kind != "" && place.Named[place.Kind](place.Kinds(), f.Kind) == 0 {
		f.Kind, f.Unknown = "", firstOf(f.Kind, place.MaxName)
	}
	return f
}

// sound is nil for a filter that a program can have meant. On a page what is not known is
// said, and left out.
func (f Filter) sound() error {
	if f.Unknown == "" {
		return nil
	}
	var all []string
	for _, k := range place.Kinds() {
		all = append(all, k.Name)
	}
	return &hub.Error{
		Code: hub.Invalid, Field: "kind", Phrase: "Choose one of these first.",
		Program: fmt.Sprintf("There is no kind of place %q. There are: %s.", f.Unknown, strings.Join(all, ", ")),
	}
}

func (f Filter) keeps(p Place) bool {
	return (f.Kind == "" || f.Kind == p.Kind.String()) && (!f.Open || p.OpenNow()) && (!f.Room || p.HasRoom()) &&
		(!f.Pets || p.Pets == place.Yes) && (!f.StepFree || p.StepFree == place.Yes)
}

// all is every place that is shown of which somebody has said something by itself, not in a
// list of many alone: what is no more is, while somebody else still says that it is there.
func (l *look) all() (out []Place, _ error) {
	for _, id := range slices.Sorted(maps.Keys(l.besides())) {
		p, ok, err := l.place(id)
		if err != nil {
			return nil, err
		}
		if ok && (!p.Gone || p.Disputed()) {
			out = append(out, p)
		}
	}
	return out, nil
}

// nearest is at most so many places, by how far they are from a point; without one what is
// open comes first, then by kind and name.
func nearest(all []Place, from *place.Point, most int) []Place {
	if from == nil {
		slices.SortFunc(all, func(a, b Place) int {
			return cmp.Or(boolFirst(a.HasRoom(), b.HasRoom()), boolFirst(a.OpenNow(), b.OpenNow()), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
		})
		return all[:min(len(all), most)]
	}
	near := closest{from: *from, most: most}
	for i := range all {
		near.take(i, &all[i].Shape)
	}
	out := make([]Place, 0, len(near.all))
	for _, c := range near.sorted(all) {
		p := all[c.at]
		p.Away = awayTo(*from, &p.Shape)
		out = append(out, p)
	}
	return out
}

// nearestStanding is nearest, with what some say is no more behind all that stands: nobody is
// to go there first. A tenth of the room is kept for it, so that it is found beside very many.
func nearestStanding(all []Place, from *place.Point, most int) []Place {
	var stand, gone []Place
	for _, p := range all {
		if p.Gone {
			gone = append(gone, p)
		} else {
			stand = append(stand, p)
		}
	}
	out := nearest(stand, from, most-min(len(gone), most/10))
	if room := most - len(out); room > 0 {
		out = append(out, nearest(gone, from, room)...)
	}
	return out
}

func boolFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// origin is from where a request wants distances told: what it names, else where the box
// stands that it came to.
func (l *look) origin(q hub.Request, all []Place) Origin {
	o := Origin{Asked: strings.TrimSpace(q.Query.Get("near")), Place: q.Place, Streets: deskOf(l.s).maps().Named()}
	if o.Asked == "" {
		if o.At = l.home(q.Place); o.At != nil {
			o.Name = q.Place
		}
		return o
	}
	near := orb.Point{}
	if at := l.home(q.Place); at != nil {
		near = at.Orb()
	}
	found, err := spotted(o.Asked, near)
	if err == nil {
		if o, is := l.swapped(q, o, found.Point); is {
			return o
		}
		p := place.FromOrb(found.Point)
		o.At, o.Name = &p, o.Asked
		return o
	}
	if strings.ContainsFunc(o.Asked, unicode.IsDigit) {
		if o = l.named(q, o, all); o.At == nil && len(o.Meant) == 0 {
			o.Problem = problem(q, err)
		}
		return o
	}
	return l.named(q, o, all)
}

// swapped asks whether latitude and longitude were meant the other way round, where that is
// around here and what was written far away.
func (l *look) swapped(q hub.Request, o Origin, at orb.Point) (_ Origin, is bool) {
	on, err := groundOf(l.s, q)
	if err != nil {
		return o, false
	}
	hint, is := feature.Swapped(at, l.expects(on).region)
	if is {
		o.Problem = q.T(hint.Phrase, hint.Args...)
		other := place.FromOrb(orb.Point{at[1], at[0]}).String()
		o.Meant = []OriginLink{{other, url.Values{"near": {other}}.Encode()}}
	}
	return o, is
}

// home is where a box stands, by its label: as a coordinator says, else as whoever set it
// up did; nil where nobody has said.
func (l *look) home(label string) *place.Point {
	if top, _, ok := Merge(l.sites[boxOf(l.s, label)]); ok && label != "" {
		return &top.Value.At
	}
	if d := deskOf(l.s); d != nil {
		return d.stands
	}
	return nil
}

// problem is an error in the reader's language.
func problem(q hub.Request, err error) string {
	if told, ok := err.(*hub.Error); ok { //nolint:errorlint // it is made here
		return q.T(told.Phrase, told.Args...)
	}
	return err.Error()
}

// list is where to go.
func list(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	m, l, err := where(s, q)
	m.Writes, m.Official = coordinates(s, q), q.Official
	if err == nil {
		m.HasMap, m.Map = deskOf(s).maps() != nil, smallMap(s, q, m, l)
		m.Waits, err = l.waits(q, m.Seen)
	}
	return hub.Page{Template: "list.html", Title: q.T("Where to go"), Model: m, Topics: watched(m.Waits), Until: l.until}, err
}

func where(s hub.Snapshot, q hub.Request) (m ListView, l *look, _ error) {
	l, err := lookingAt(s)
	if err != nil {
		return m, looking(s), err
	}
	all, err := l.all()
	if err != nil {
		return m, l, err
	}
	m.From, m.Filter, m.Kinds = l.origin(q, all), filterOf(q.Query), place.Kinds()
	reports, err := l.unconfirmed(q, "")
	if err != nil {
		return m, l, err
	}
	m.Seen = reports
	about := map[string]int{}
	for _, r := range reports {
		about[r.Place]++
	}
	m.Places, m.Dangers = []Place{}, []Place{}
	for _, p := range all {
		p.Seen = about[p.ID]
		if p.Kind.Harm() && m.Filter.Kind == "" {
			m.Dangers = append(m.Dangers, p)
		} else if m.Filter.keeps(p) {
			m.Places = append(m.Places, p)
		}
	}
	most := shown
	if m.Filter.All {
		most = shownAll
	}
	m.Lists = l.missing()
	left := l.stock(&m, about, most)
	m.More = max(0, len(m.Places)-most) + max(0, len(m.Dangers)-most) + left
	kept := slices.Concat(m.Places, m.Dangers)
	m.Places, m.Dangers = nearestStanding(m.Places, m.From.At, most), nearestStanding(m.Dangers, m.From.At, most)
	m.others = without(kept, m.Places, m.Dangers)
	numbered(m.Places, m.Dangers)
	more := url.Values{"all": {"yes"}}
	for _, field := range []string{"near", "kind", "open", "room", "pets", "stepfree"} {
		if v := q.Query.Get(field); v != "" && (field != "kind" || m.Filter.Kind != "") {
			more.Set(field, v)
		}
	}
	m.Query = more.Encode()
	return m, l, nil
}

// without is places but those of some lists.
func without(all []Place, lists ...[]Place) (rest []Place) {
	listed := map[string]bool{}
	for _, list := range lists {
		for _, p := range list {
			listed[p.ID] = true
		}
	}
	for _, p := range all {
		if !listed[p.ID] {
			rest = append(rest, p)
		}
	}
	return rest
}

// numbered gives places the numbers that they have on the map as well.
func numbered(lists ...[]Place) {
	n := 0
	for _, list := range lists {
		for i := range list {
			n++
			list[i].N = n
		}
	}
}

var (
	_ hub.Fronter = App{}
	_ hub.Printer = App{}
)

// Front is the card on the home page: the nearest places that are open.
func (a App) Front(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	s = a.sees(s)
	m, l, err := card(s, q, onCard)
	return hub.Page{Template: "card.html", Title: q.T("Where to go"), Model: m, Topics: watched(m.Waits), Until: l.until}, err
}

// card is the nearest places that are open, of each kind the first before the second.
func card(s hub.Snapshot, q hub.Request, most int) (m CardView, l *look, _ error) {
	q.Query = nil
	v, l, err := where(s, q)
	if err != nil {
		return m, l, err
	}
	m.From, m.Dangers, m.Some = v.From, v.Dangers, len(v.Places)+len(v.Dangers)+v.More > 0
	var open []Place
	for _, p := range v.Places {
		if p.OpenNow() || p.Standing == nil && !p.Gone {
			open = append(open, p)
		}
	}
	open = spread(append(open, l.firstOfEach(v)...))
	sheltered(open, most)
	m.Places = nearest(open[:min(len(open), most)], m.From.At, most)
	m.More = len(v.Places) + v.More - len(m.Places)
	m.Waits, err = l.waits(q, v.Seen)
	return m, l, err
}

// spread puts the nearest of each kind, with room before without, before all others, as
// somebody who needs water is not helped by three shelters; where there is no room comes last.
func spread(all []Place) (out []Place) {
	var rest, full []Place
	has := map[place.Kind]bool{}
	for _, p := range all {
		switch {
		case p.Kind.Holds() && p.OpenNow() && !p.HasRoom():
			full = append(full, p)
		case has[p.Kind] || p.Kind.Holds() && !p.HasRoom():
			rest = append(rest, p)
		default:
			has[p.Kind] = true
			out = append(out, p)
		}
	}
	return slices.Concat(out, rest, full)
}

// sheltered brings the nearest open shelter, if there is one with room one of these,
// among the first of a list that spread has made: in an outage it is asked for first.
func sheltered(all []Place, most int) {
	at := slices.IndexFunc(all, func(p Place) bool { return p.Kind == place.Shelter && p.HasRoom() })
	if at < 0 {
		at = slices.IndexFunc(all, func(p Place) bool { return p.Kind == place.Shelter && p.OpenNow() })
	}
	if at >= most {
		p := all[at]
		copy(all[most:at+1], all[most-1:at])
		all[most-1] = p
	}
}

// reader reports whether whoever asks has a session.
func reader(q hub.Request) bool { return q.Author != (record.Author{}) }
