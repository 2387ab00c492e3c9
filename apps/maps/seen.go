package maps

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// maxUnconfirmed is how much of what people have seen is shown on a page.
const maxUnconfirmed = 30

type (
	// Seen is what somebody has seen, as this hub knows it.
	Seen struct {
		ID     string     `json:"id"`
		Path   string     `json:"path"`
		What   What       `json:"what"`
		Place  string     `json:"place,omitempty"` // id of the place that it is about
		Name   string     `json:"place_name,omitempty"`
		At     *Point     `json:"point,omitempty"`
		Away   *Away      `json:"away,omitempty"`
		Words  string     `json:"text,omitempty"`
		Draft  []Diff     `json:"draft,omitempty"` // what a coordinator would change
		By     Asker      `json:"author"`
		Time   time.Time  `json:"time,omitzero"` // zero: implausibly ahead
		Others int        `json:"others"`        // who saw it too
		Where  int        `json:"places"`        // at how many places those are at home
		Judged hub.Phrase `json:"hidden,omitempty"`
		Result *Result    `json:"verdict,omitempty"` // nil: not confirmed

		ForReader
	}
	// ForReader is what something seen is to whoever asks for it.
	ForReader struct {
		Mine bool `json:"own"`
		Too  bool `json:"-"` // they have said that they saw it too
		ref  Ref
		item hub.Item
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
		Confirm          hub.Phrase // what confirming it does; empty: it is put on the map by a form
		Judge            string     // path of the page where the reader can hide it from all; empty: they may not
		Told             string     // versions of the verdict, for a form
	}
	// SeenListView is all that people have seen of late.
	SeenListView struct {
		Open    []Seen `json:"unconfirmed"`
		Settled []Seen `json:"settled"`
	}
)

// Vouchable reports whether others may say that they saw it too.
func (v Seen) Vouchable() bool { return !v.Mine && !v.Too && v.Result == nil && v.What != Drafted }

// Anchor is its place in a list.
func (v Seen) Anchor() string { return "o-" + strings.ReplaceAll(v.ID, "/", "-") }

// seenOf is what a record says that somebody has seen; false if it says nothing.
func (l *look) seenOf(q hub.Request, it hub.Item) (v Seen, ok bool, _ error) {
	_, id := split(it.Key)
	b, ok := bodyOf[Sighting](it)
	if !ok || it.Withdrawn() || it.Class != record.Talk || b.What == Drafted && !l.speaks(it.Author) {
		return v, false, nil
	}
	person, ref := l.s.Person(it.Author), refTo(it.Author, id)
	v = Seen{
		ID: ref.String(), Path: "/maps/" + seenPath + "/" + ref.below(), What: b.What, Place: b.Place, At: b.At, Words: b.Words,
		By: Asker{Name: person.Name, Tag: it.Author.Tag()}, Judged: hub.Phrase(it.Hidden),
		ForReader: ForReader{Mine: it.Author == q.Author, ref: ref, item: it},
	}
	if !it.Ahead {
		v.Time = it.Time.Wall()
	}
	was, stood := Details{}, State{}
	if b.Place != "" {
		if top, _, ok := Merge(l.details[b.Place]); ok {
			was, v.Name = top.Value, top.Value.Name
			if at := top.Value.Shape.Center(); v.At == nil {
				v.At = &at
			}
		}
		if top, _, ok := Merge(l.states[b.Place]); ok {
			stood = top.Value
		}
	}
	if b.Draft != nil {
		v.Draft = was.differences(*b.Draft)
	}
	if b.State != nil {
		v.Draft = append(v.Draft, stood.differences(*b.State)...)
	}
	verdict, err := slot[Verdict](l, verdictKey, ref.short())
	if err != nil {
		return v, false, err
	}
	if top, besides, ok := Merge(verdict[ref.short()]); ok {
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

// witnesses counts who saw it too, and at how many places they are at home.
func (l *look) witnesses(q hub.Request, v *Seen) error {
	homes, who, read := map[string]bool{}, map[record.Author]bool{}, 0
	for it, err := range l.s.Newest(witnessTerm(v.ref.short()), 0) {
		if err != nil {
			return fmt.Errorf("who saw it too: %w", err)
		}
		if read++; read > maxWitness {
			break
		}
		if it.Author == v.ref.author() || who[it.Author] || it.Hidden != "" {
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
func (l *look) unconfirmed(q hub.Request, place string) (out []Seen, _ error) {
	all, err := l.seen(q, place, func(v Seen) bool { return v.Result == nil })
	return all, err
}

func (l *look) seen(q hub.Request, place string, keep func(Seen) bool) ([]Seen, error) {
	term := seen
	if place != "" {
		term = aboutTerm(place)
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
		if ok && keep(v) && (place == "" || v.Place == place) && (v.What != Drafted || staff) {
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
	switch st := v.What.status(); {
	case v.What == Drafted:
		m.Confirm = "It goes on the map as it stands here."
	case v.Place != "" && st != 0:
		m.Confirm = st.Words()
	case v.Place != "":
		m.Confirm = "Nothing else changes."
	}
	told, err := slot[Verdict](l, verdictKey, v.ref.short())
	m.Told = said(ids(told[v.ref.short()]))
	return hub.Page{Template: "sighting.html", Title: q.T(v.What.Words()), Model: m, Topics: everything()}, err
}

// TellView is the form to say what one has seen.
type TellView struct {
	Whats    []value
	Place    string // id of the place that it is about
	Name     string
	Start    string // points
	NeedName bool
}

// telling is the form to say what one has seen; with ?place= at a place.
func telling(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	m := TellView{Whats: whats[:Drafted-1], NeedName: s.Person(q.Author).Name == "", Start: q.Query.Get("points")}
	if id := cmp.Or(q.Query.Get("place"), q.Form.Get("place")); id != "" && validID(id) {
		_, p, err := standingAt(s, id)
		if err != nil {
			return hub.Page{}, err
		}
		m.Place, m.Name = id, p.Name
	}
	return hub.Page{Template: "tell.html", Title: q.T("Say what you have seen"), Model: m}, nil
}

// tell writes what somebody has seen.
func tell(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	b := Sighting{What: named[What](whats[:], q.Form.Get("what")), Place: q.Form.Get("place")}
	if b.What == 0 || b.What == Drafted {
		return nil, hub.Errorf(hub.Invalid, "what", "Choose one of these first.")
	}
	var err error
	if b.Words, err = hub.CleanText("text", q.Form.Get("text"), maxWords, maxWordsB); err != nil {
		return nil, err
	}
	if b.Place != "" {
		if !validID(b.Place) {
			return nil, gone()
		}
		if _, _, err := standingAt(s, b.Place); err != nil {
			return nil, err
		}
	}
	on, err := groundOf(s, q)
	if err != nil {
		return nil, err
	}
	all, err := pointsOf("points", q.Form.Get("points"), on.near)
	if err != nil {
		return nil, err
	}
	if len(all) > 1 {
		return nil, hub.Errorf(hub.Invalid, "points", "Write one point only.")
	}
	if len(all) == 1 {
		b.At = &all[0]
	}
	if b.Place == "" && b.At == nil && hub.Blank(b.Words) {
		return nil, hub.Errorf(hub.Invalid, "text", "Say where it is: the street and the nearest corner are enough.")
	}
	return send(s, q, b)
}

// send writes what somebody has seen, under the form's client_id; nothing if it has been
// written already.
func send(s hub.Snapshot, q hub.Request, b Sighting) ([]hub.Draft, error) {
	id, err := clientOf(q)
	if err != nil {
		return nil, err
	}
	ds, err := draftsOf(seenKey+id, record.Talk, seenLife, b)
	if err != nil {
		return nil, err
	}
	if was, found, err := newestOf(s, seenKey+id, q.Author.String()); err != nil || found {
		if err != nil || string(was.Body) == string(ds[0].Body) {
			return nil, err
		}
		return nil, hub.Errorf(hub.Conflict, "", "From this form you have already sent something else, which stays. To send this as well, press the button again.")
	}
	return ds, nil
}

// prepare writes what a coordinator would say, who cannot sign where they are: another
// one, or they themselves elsewhere, confirm it as what somebody has seen.
func prepare(s hub.Snapshot, q hub.Request, b Sighting) ([]hub.Draft, error) {
	b.What = Drafted
	if b.Draft != nil {
		b.Draft.Seen, b.Draft.Form = nil, Prefix{}
		at := b.Draft.Shape.Center()
		b.At = &at
	}
	if b.State != nil {
		b.State.Seen, b.State.Form = nil, Prefix{}
	}
	return send(s, q, b)
}

// aboutSeen does what a form at something seen asks for.
func aboutSeen(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	l, v, err := seenAt(s, q, at.by, at.id)
	if err != nil {
		return nil, err
	}
	switch {
	case q.Form.Has("saw"):
		return sawToo(s, q, v)
	case q.Form.Has("withdraws"):
		if !v.Mine {
			return nil, hub.Errorf(hub.Forbidden, "", "Only whoever wrote this can take it back.")
		}
		return []hub.Draft{{Key: seenKey + at.id, Class: record.Talk, TTL: v.item.TTL}}, nil
	case q.Form.Has("confirms"):
		if err := officially(s, q); err != nil {
			return nil, err
		}
		return l.confirm(q, v)
	case q.Form.Has("dismisses"):
		if err := officially(s, q); err != nil {
			return nil, err
		}
		return l.settle(q, v, false, "")
	}
	return nil, hub.Errorf(hub.Invalid, "", "The form did not arrive whole. Please send it again.")
}

// sawToo says that the writer saw it as well. Whoever said it first counts once.
func sawToo(s hub.Snapshot, q hub.Request, v Seen) ([]hub.Draft, error) {
	if v.Mine {
		return nil, hub.Errorf(hub.Invalid, "", "You said it yourself. It counts once.")
	}
	it, found, err := newestOf(s, witnessKey+v.ref.short(), q.Author.String())
	if err != nil || found && !it.Withdrawn() && reader(q) {
		return nil, err
	}
	return draftsOf(witnessKey+v.ref.short(), record.Talk, seenLife, Witness{Re: v.ref})
}

// confirmed says that what was seen is true: what a form names by its id.
func confirmed(s hub.Snapshot, q hub.Request, id, place string) ([]hub.Draft, error) {
	author, rest, _ := strings.Cut(id, "/")
	if len(author) != 2*len(record.Author{}) || !validID(rest) {
		return nil, noSuchSeen()
	}
	l, v, err := seenAt(s, q, author, rest)
	if err != nil {
		return nil, err
	}
	return l.settle(q, v, true, place)
}

// confirm says that what was seen is true: the place stands by it, or is as a draft says,
// in place of all that is known here.
func (l *look) confirm(q hub.Request, v Seen) ([]hub.Draft, error) {
	draft, _ := bodyOf[Sighting](v.item)
	place := v.Place
	if draft.Draft != nil && place == "" {
		place = q.Form.Get("client_id") // which settle has looked at
	}
	all, err := l.settle(q, v, true, place)
	if err != nil || len(all) == 0 || place == "" {
		return all, err
	}
	if draft.Draft != nil {
		more, err := put(q, placeKey+place, "-", l.details[place], func(seen []Prefix, form Prefix) Details {
			d := *draft.Draft
			d.Seen, d.Form = seen, form
			return d
		})
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	} else if _, here := l.details[place]; !here {
		return all, nil
	}
	b := State{Status: v.What.status()}
	if draft.State != nil {
		b = *draft.State
	} else if top, _, ok := Merge(l.states[place]); ok {
		b = top.Value
		b.Status = v.What.status()
	}
	if b.Status == 0 {
		return all, nil
	}
	more, err := put(q, statusKey+place, "-", l.states[place], func(seen []Prefix, form Prefix) State {
		b.Seen, b.Form = seen, form
		return b
	})
	if err != nil {
		return nil, err
	}
	return append(all, more...), nil
}

// settle says what becomes of something seen.
func (l *look) settle(q hub.Request, v Seen, is bool, place string) ([]hub.Draft, error) {
	key := v.ref.short()
	here, err := slot[Verdict](l, verdictKey, key)
	if err != nil {
		return nil, err
	}
	return put(q, verdictKey+key, "told", here[key], func(seen []Prefix, form Prefix) Verdict {
		return Verdict{Re: v.ref, True: is, Place: place, Seen: seen, Form: form}
	})
}
