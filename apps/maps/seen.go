package maps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// maxUnconfirmed is how much of what people have seen is shown on a page.
const maxUnconfirmed = 30

type (
	// Seen is what somebody has seen, as this hub knows it.
	Seen struct {
		ID     string       `json:"id"`
		Path   string       `json:"path"`
		What   place.What   `json:"what"`
		Place  string       `json:"place,omitempty"` // id of the place that it is about
		Name   string       `json:"place_name,omitempty"`
		At     *place.Point `json:"point,omitempty"`
		Away   *Away        `json:"away,omitempty"`
		N      int          `json:"-"` // on a map
		Words  string       `json:"text,omitempty"`
		Draft  []place.Diff `json:"draft,omitempty"` // what a coordinator would change
		By     Asker        `json:"author"`
		Time   time.Time    `json:"time,omitzero"` // zero: implausibly ahead
		Others int          `json:"others"`        // who saw it too
		Where  int          `json:"places"`        // at how many places those are at home
		Judged hub.Phrase   `json:"hidden,omitempty"`
		Result *Result      `json:"verdict,omitempty"` // nil: not confirmed

		ForReader
	}
	// ForReader is what something seen is to whoever asks for it.
	ForReader struct {
		Mine bool `json:"own"`
		Too  bool `json:"-"` // they have said that they saw it too
		ref  Ref
		item hub.Item
		Here bool `json:"-"` // the place that it is about has a page
	}
	// Asker is who has seen it.
	Asker struct {
		Name string `json:"name"`
		Tag  string `json:"tag"`
	}
	// Result is what a coordinator makes of something seen.
	Result struct {
		True  bool   `json:"confirmed"`
		Place string `json:"place,omitempty"`
		Told  Told   `json:"told"`
		Also  []Told `json:"also,omitempty"` // others said otherwise at the same time
	}
	// SeenView is the page of one thing seen.
	SeenView struct {
		Seen
		Writes, Official bool
		NeedName         bool
		Confirm          hub.Phrase   // what confirming it does; empty: it is put on the map by a form
		Shown            bool         // Confirm is how its place stands by it
		Judge            string       // path of the page where the reader can hide it from all; empty: they may not
		Told             string       // versions of the verdict, for a form
		Map              *PictureView // nil: there is none
	}
	// SeenListView is all that people have seen of late.
	SeenListView struct {
		Open    []Seen `json:"unconfirmed"`
		Settled []Seen `json:"settled"`
	}
)

// Vouchable reports whether others may say that they saw it too.
func (v Seen) Vouchable() bool {
	return !v.Mine && !v.Too && v.Result == nil && v.What != place.Drafted
}

// Anchor is its place in a list.
func (v Seen) Anchor() string { return "o-" + strings.ReplaceAll(v.ID, "/", "-") }

// seenOf is what a record says that somebody has seen; false if it says nothing.
func (l *look) seenOf(q hub.Request, it hub.Item) (v Seen, ok bool, _ error) {
	_, id := split(it.Key)
	b, ok := bodyOf[Sighting](it)
	if !ok || it.Withdrawn() || it.Class != record.Talk || b.What == place.Drafted && !l.speaks(it.Author) {
		return v, false, nil
	}
	person, ref := l.s.Person(it.Author), hub.RefTo(it.Author, id)
	v = Seen{
		ID: ref.String(), Path: "/maps/" + seenPath + "/" + ref.Below(), What: b.What, Place: b.Place, At: b.At, Words: b.Words,
		By: Asker{Name: person.Name, Tag: it.Author.Tag()}, Judged: hub.Phrase(it.Hidden),
		ForReader: ForReader{Mine: it.Author == q.Author, ref: ref, item: it},
	}
	if !it.Ahead {
		v.Time = it.Time.Wall()
	}
	was, stood := place.Details{}, place.State{}
	if b.Place != "" {
		about, here, err := l.about(b)
		if err != nil {
			return v, false, err
		}
		if v.Here = here; about.Name != "" {
			was, v.Name = about, about.Name
			if at := about.Shape.Center(); v.At == nil {
				v.At = &at
			}
		}
		if top, _, ok := Merge(l.statesOf(b.Place)); ok {
			stood = top.Value
		}
	}
	if b.Draft != nil {
		v.Draft = was.Differences(*b.Draft)
	}
	if b.State != nil {
		v.Draft = append(v.Draft, stood.Differences(*b.State)...)
	}
	verdict, err := slot[Verdict](l, verdictKey, ref.Short())
	if err != nil {
		return v, false, err
	}
	if top, besides, ok := Merge(verdict[ref.Short()]); ok {
		r := &Result{True: top.Value.True, Place: top.Value.Place, Told: toldOf(l, top, seenLife*24*time.Hour)}
		for _, o := range besides {
			if o.Value.True != r.True {
				r.Also = append(r.Also, toldOf(l, o, seenLife*24*time.Hour))
			}
		}
		v.Result = r
	}
	err = l.witnesses(q, &v)
	return v, true, err
}

// about is the place that somebody has seen something at, and whether it is here: what is not
// is as they had it before them.
func (l *look) about(b Sighting) (d place.Details, here bool, err error) {
	if top, _, ok := Merge(l.detailsOf(b.Place)); ok {
		return top.Value, true, nil
	}
	of := b.Of
	if of == nil && b.State != nil {
		of = b.State.Of
	}
	if d, here, err = l.leftOf(b.Place); !here && of != nil {
		d = of.Details()
	}
	return d, here, err
}

// witnesses counts who saw it too, and at how many places they are at home.
func (l *look) witnesses(q hub.Request, v *Seen) error {
	homes, who, read := map[string]bool{}, map[record.Author]bool{}, 0
	for it, err := range l.s.Newest(witnessTerm(v.ref.Short()), 0) {
		if err != nil {
			return fmt.Errorf("who saw it too: %w", err)
		}
		if read++; read > maxWitness {
			break
		}
		if it.Author == v.ref.By() || who[it.Author] || it.Hidden != "" {
			continue
		}
		who[it.Author] = true
		v.Too = v.Too || it.Author == q.Author
		if home := l.s.Person(it.Author).Home; home != "" {
			homes[home] = true
		}
	}
	v.Others, v.Where = len(who), len(homes)
	return nil
}

// unconfirmed is what people have seen of late and nobody has confirmed or dismissed, the
// newest first: at one place, or everywhere.
func (l *look) unconfirmed(q hub.Request, at string) (out []Seen, _ error) {
	all, err := l.seen(q, at, func(v Seen) bool { return v.Result == nil })
	return all, err
}

func (l *look) seen(q hub.Request, at string, keep func(Seen) bool) ([]Seen, error) {
	term := seen
	if at != "" {
		term = aboutTerm(at)
	}
	out, read, staff := []Seen{}, 0, coordinates(l.s, q)
	for it, err := range l.s.Newest(term, 0) {
		if err != nil {
			return nil, fmt.Errorf("what people have seen: %w", err)
		}
		if read++; read > maxLooked || len(out) == maxUnconfirmed {
			break
		}
		if it.Hidden != "" || q.Hides(it.Author) {
			continue
		}
		v, ok, err := l.seenOf(q, it)
		if err != nil {
			return nil, err
		}
		if ok && keep(v) && (at == "" || v.Place == at) && (v.What != place.Drafted || staff) {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b Seen) int { return boolFirst(!a.Time.IsZero(), !b.Time.IsZero()) })
	return out, nil
}

// seenList is all that people have seen of late.
func seenList(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	l, err := lookingAt(s)
	if err != nil {
		return hub.Page{}, err
	}
	m := SeenListView{}
	if m.Open, err = l.unconfirmed(q, ""); err != nil {
		return hub.Page{}, err
	}
	m.Settled, err = l.seen(q, "", func(v Seen) bool { return v.Result != nil })
	return hub.Page{Template: "seen.html", Title: q.T("What neighbors have seen"), Model: m, Topics: everything()}, err
}

// newestOf is the newest record of a key by whoever has a key that begins so.
func newestOf(s hub.Snapshot, key, by string) (top hub.Item, found bool, _ error) {
	for it, err := range s.Slots(key) {
		if err != nil {
			return top, false, fmt.Errorf("what is at %s: %w", key, err)
		}
		if strings.HasPrefix(it.Author.String(), by) && (!found || versionOf(it, 0, nil).after(versionOf(top, 0, nil))) {
			top, found = it, true
		}
	}
	return top, found, nil
}

// seenAt is what a path leads to.
func seenAt(s hub.Snapshot, q hub.Request, by, id string) (l *look, v Seen, _ error) {
	l = looking(s)
	it, found, err := newestOf(s, seenKey+id, by)
	if err != nil {
		return l, v, err
	}
	if b, ok := bodyOf[Sighting](it); found && ok && b.Place != "" {
		if l, err = lookingFor(s, b.Place); err != nil {
			return l, v, err
		}
	}
	if found && !expired(s, it) {
		if v, found, err = l.seenOf(q, it); err != nil || found {
			return l, v, err
		}
	}
	return l, v, noSuchSeen()
}

// expired reports whether a record that is still here counts no more.
func expired(s hub.Snapshot, it hub.Item) bool {
	now, sure := s.Now()
	return sure && it.Expires() < record.DayOf(now)
}

func noSuchSeen() error {
	return hub.Errorf(hub.NotFound, "", "This is not here. Perhaps it was taken back, or it has not arrived yet.")
}

// oneSeen is the page of one thing that somebody has seen.
func oneSeen(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	l, v, err := seenAt(s, q, at.by, at.id)
	if err != nil {
		return hub.Page{}, err
	}
	m := SeenView{Seen: v, Writes: coordinates(s, q), Official: q.Official, NeedName: s.Person(q.Author).Name == "", Judge: judge(s, q, v)}
	switch st := v.What.Says(); {
	case v.What == place.Drafted:
		m.Confirm = "It goes on the map as it stands here."
	case v.Place != "" && st != 0:
		m.Confirm, m.Shown = st.Words(), true
	case v.Place != "":
		m.Confirm = "Nothing else changes."
	}
	if m.Map, err = mapOfSeen(s, q, v); err != nil {
		return hub.Page{}, err
	}
	told, err := slot[Verdict](l, verdictKey, v.ref.Short())
	m.Told = said(ids(told[v.ref.Short()]))
	return hub.Page{Template: "sighting.html", Title: q.T(v.What.Words()), Model: m, Topics: everything()}, err
}
