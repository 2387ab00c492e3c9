package maps

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// TellView is the form to say what one has seen.
type TellView struct {
	Whats    []place.Choice
	Place    string // id of the place that it is about
	Name     string
	Gone     bool       // it is no more
	Streets  bool       // are known by their names
	Said     url.Values // what was typed
	Path     string     // of the form
	HasMap   bool       // a point can be picked there
	NeedName bool
}

// telling is the form to say what one has seen; with ?place= at a place.
func telling(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	q, _ = resumed(q)
	m := TellView{
		Whats: place.Whats()[:place.Drafted-1], NeedName: s.Person(q.Author).Name == "", HasMap: deskOf(s).maps() != nil,
		Streets: deskOf(s).maps().Named(), Said: q.Form, Path: "/maps/" + reportPath,
	}
	if len(q.Form) == 0 {
		m.Said = url.Values{"points": {q.Query.Get("points")}}
	}
	if id := cmp.Or(q.Query.Get("place"), q.Form.Get("place")); id != "" && hub.ValidID(id) {
		_, p, err := standingAt(s, id)
		if err != nil {
			return hub.Page{}, err
		}
		m.Place, m.Name, m.Gone = id, p.Name, p.Gone && !p.Orphan
	}
	return hub.Page{Template: "tell.html", Title: q.T("Say what you have seen"), Model: m}, nil
}

// tell writes what somebody has seen.
func tell(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	b := Sighting{What: place.Named[place.What](place.Whats(), q.Form.Get("what")), Place: q.Form.Get("place")}
	if b.What == 0 || b.What == place.Drafted {
		return nil, hub.Errorf(hub.Invalid, "what", "Choose one of these first.")
	}
	var err error
	if b.Words, err = hub.CleanText("text", q.Form.Get("text"), maxWords, maxWordsB); err != nil {
		return nil, err
	}
	if b.Place != "" {
		if !hub.ValidID(b.Place) {
			return nil, gone()
		}
		_, p, err := standingAt(s, b.Place)
		if err != nil {
			return nil, err
		}
		b.Of = sketch(p)
	}
	on, err := groundOf(s, q)
	if err != nil {
		return nil, err
	}
	all, err := pointsOf(on.plain(q.Form.Get("points")), on.near)
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
	b.What = place.Drafted
	if b.Draft != nil {
		b.Draft.Seen, b.Draft.Form = nil, place.Prefix{}
		at := b.Draft.Shape.Center()
		b.At = &at
	}
	if b.State != nil {
		b.State.Seen, b.State.Form = nil, place.Prefix{}
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
	it, found, err := newestOf(s, witnessKey+v.ref.Short(), q.Author.String())
	if err != nil || found && !it.Withdrawn() && reader(q) {
		return nil, err
	}
	return draftsOf(witnessKey+v.ref.Short(), record.Talk, seenLife, Witness{Re: v.ref})
}

// confirmed says that what was seen is true: what a form names by its id.
func confirmed(s hub.Snapshot, q hub.Request, id, at string) ([]hub.Draft, error) {
	author, rest, _ := strings.Cut(id, "/")
	if len(author) != 2*len(record.Author{}) || !hub.ValidID(rest) {
		return nil, noSuchSeen()
	}
	l, v, err := seenAt(s, q, author, rest)
	if err != nil {
		return nil, err
	}
	return l.settle(q, v, true, at)
}

// confirm says that what was seen is true: the place stands by it, or is as a draft says,
// in place of all that is known here.
func (l *look) confirm(q hub.Request, v Seen) ([]hub.Draft, error) {
	draft, _ := bodyOf[Sighting](v.item)
	at := v.Place
	if draft.Draft != nil && at == "" {
		at = q.Form.Get("client_id") // which settle has looked at
	}
	all, err := l.settle(q, v, true, at)
	if err != nil || len(all) == 0 || at == "" {
		return all, err
	}
	if draft.Draft != nil {
		more, err := put(q, placeKey+at, "-", l.detailsOf(at), func(seen []place.Prefix, form place.Prefix) place.Details {
			d := *draft.Draft
			d.Seen, d.Form = seen, form
			return d
		})
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	b := place.State{Status: v.What.Says()}
	if draft.State != nil {
		b = *draft.State
	} else if top, _, ok := Merge(l.statesOf(at)); ok {
		b = top.Value
		b.Status, b.AsOf = v.What.Says(), 0
	}
	if b.Status == 0 {
		return all, nil
	}
	p, ok, err := l.place(at)
	switch {
	case err != nil:
		return nil, err
	case draft.Draft != nil:
		b.Of = sketchOf(*draft.Draft)
	case ok:
		b.Of = sketch(p)
	case draft.Of != nil:
		b.Of = draft.Of
	case b.Of == nil:
		return all, nil // nobody would know of what
	}
	more, err := put(q, statusKey+at, "-", l.statesOf(at), func(seen []place.Prefix, form place.Prefix) place.State {
		b.Seen, b.Form = seen, form
		return b
	})
	if err != nil {
		return nil, err
	}
	return append(all, more...), nil
}

// settle says what becomes of something seen.
func (l *look) settle(q hub.Request, v Seen, is bool, at string) ([]hub.Draft, error) {
	key := v.ref.Short()
	here, err := slot[Verdict](l, verdictKey, key)
	if err != nil {
		return nil, err
	}
	return put(q, verdictKey+key, "told", here[key], func(seen []place.Prefix, form place.Prefix) Verdict {
		return Verdict{Re: v.ref, True: is, Place: at, Seen: seen, Form: form}
	})
}
