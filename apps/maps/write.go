package maps

import (
	"bytes"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/paulmach/orb"
)

var _ hub.Returner = App{}

// Act writes what a form says:
//
//   - at new, a place; at open, a shelter that is open; at here, where this box stands.
//   - at a place's edit, status and count: what it is, how it stands, how many are there.
//     With gone, that it is no more.
//   - at a list of many places, with gone, that all of it is no more.
//   - at report, what somebody has seen. At one of these: saw, confirms, dismisses; at its
//     report, a reason for moderators.
//   - at a file that waits, what it brings; at one that was taken over, what stood before.
func (a App) Act(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	s = a.sees(s)
	q.Path = formPath(q.Path)
	at, err := spotAt(q.Path)
	if err != nil {
		return nil, err
	}
	switch at.page {
	case newPath:
		if q.Form.Has(documentField) {
			return takeDocument(s, q)
		}
		return build(s, q)
	case openPath:
		return open(s, q)
	case herePath:
		return site(s, q)
	case reportPath:
		return tell(s, q)
	case placePath:
		switch at.do {
		case editPage:
			return edit(s, q, at)
		case statusPage:
			return status(s, q, at)
		case countPage:
			return count(s, q, at)
		}
	case importPath:
		switch {
		case at.id == "":
			return takeSent(s, q)
		case at.do == "":
			return takeOver(s, q, at.id)
		}
	case takenPath:
		return undo(s, q, at.id)
	case layerPath:
		if at.id != "" {
			return withdraw(s, q, at.id)
		}
	case seenPath:
		switch {
		case at.id == "":
		case at.do == reportPath:
			return complain(s, q, at)
		default:
			return aboutSeen(s, q, at)
		}
	}
	return nil, noSuchPage()
}

// Return leads to what was written.
func (App) Return(q hub.Request) string {
	at, err := spotAt(q.Path)
	if err != nil {
		return ""
	}
	id := q.Form.Get("client_id")
	if !q.Official && (at.page == newPath || at.page == openPath || at.do == editPage || at.do == statusPage) {
		at.page = reportPath // it is a draft
	}
	switch at.page {
	case newPath, openPath:
		return "/maps/" + placePath + "/" + url.PathEscape(id)
	case herePath:
		return "/maps/?done=changed"
	case reportPath:
		return "/maps/" + seenPath + "/" + hub.RefTo(q.Author, id).Below()
	case placePath:
		to := "/maps/" + placePath + "/" + at.id
		if at.do != countPage || q.Form.Has("recount") {
			to += "?done=changed"
		}
		return to
	case importPath, takenPath:
		return "/maps/" + takenPath + "/" + at.id + "?done=changed"
	case layerPath:
		return "/maps/" + layerPath + "/" + at.id + "?done=changed"
	case seenPath:
		if at.id != "" && at.do == "" && q.Form.Has("withdraws") {
			return "/maps/?done=withdrawn"
		}
	}
	return ""
}

// clientOf is the client_id of a form.
func clientOf(q hub.Request) (string, error) {
	id := q.Form.Get("client_id")
	if !hub.ValidID(id) {
		return "", &hub.Error{
			Code: hub.Invalid, Field: "client_id",
			Phrase:  "The form did not arrive whole. What you wrote is still here. Please send it again.",
			Program: "A client_id names one thing that you write, and is 1 to 64 of a-z A-Z 0-9 . _ -; make a new one for each, and repeat it only to send the same again.",
		}
	}
	return id, nil
}

// seenIn reads which versions a form has shown; false if it does not say.
func seenIn(q hub.Request, field string) (all []place.Prefix, given bool) {
	all = []place.Prefix{}
	for _, s := range strings.Fields(q.Form.Get(field)) {
		b, err := hex.DecodeString(s)
		if err == nil && len(b) == len(place.Prefix{}) && len(all) < place.MaxSeen {
			all = append(all, place.Prefix(b))
		}
	}
	return all, q.Form.Has(field)
}

// said puts versions into a form.
func said(all []place.Prefix) string {
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = p.String()
	}
	return strings.Join(out, " ")
}

// put is what a form writes under a key that several write; nothing if it has been written
// already. field is where the form says which versions it has shown: without it, it has
// shown all that are here. body is what it says once that is known.
func put[T worded](q hub.Request, key, field string, here []Version[T], body func(seen []place.Prefix, form place.Prefix) T) ([]hub.Draft, error) {
	id, err := clientOf(q)
	if err != nil {
		return nil, err
	}
	shown, given := seenIn(q, field)
	if !given {
		shown = nil
	}
	form := pressOf(id)
	v := body(Replaces(here, shown), form)
	for _, was := range here {
		if was.Author != q.Author || was.Layer != "" {
			continue
		}
		_, by := was.Value.Replaced()
		switch {
		case by == form && equal(was.Value, body):
			return nil, nil
		case by == form:
			return nil, hub.Errorf(hub.Conflict, "", "From this form you have already sent something else, which stays. To send this as well, press the button again.")
		case given && !slices.Contains(shown, place.PrefixOf(was.ID)):
			return nil, hub.Errorf(hub.Conflict, "", "You have changed this meanwhile, perhaps on another device. Look at it again. If yours is to stand, press the button again.")
		}
	}
	return draftsOf(key, record.Place, life, v)
}

// equal reports whether a version says what a form says, whatever the two replace.
func equal[T worded](was T, body func([]place.Prefix, place.Prefix) T) bool {
	seen, form := was.Replaced()
	a, err := place.Encoded(was)
	b, err2 := place.Encoded(body(seen, form))
	return err == nil && err2 == nil && bytes.Equal(a, b)
}

// preparing reports whether a coordinator cannot sign where they are, so that what they
// say becomes a draft; an error for who is none.
func preparing(s hub.Snapshot, q hub.Request) (bool, error) {
	if coordinates(s, q) && !q.Official {
		return true, nil
	}
	return false, officially(s, q)
}

// build puts a new place on the map, and perhaps says with it that what was seen is true.
func build(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	draft, err := preparing(s, q)
	if err != nil {
		return nil, err
	}
	on, err := groundOf(s, q)
	if err != nil {
		return nil, err
	}
	d, err := detailsOf(q, on)
	if err != nil {
		return nil, err
	}
	if draft {
		return prepare(s, q, Sighting{Draft: &d})
	}
	all, err := create(s, q, d)
	if err != nil || q.Form.Get("confirms") == "" {
		return all, err
	}
	more, err := confirmed(s, q, q.Form.Get("confirms"), q.Form.Get("client_id"))
	return append(all, more...), err
}

// create is a place that is not there yet, under the form's client_id.
func create(s hub.Snapshot, q hub.Request, d place.Details) ([]hub.Draft, error) {
	id, err := clientOf(q)
	if err != nil {
		return nil, err
	}
	l, err := lookingFor(s, id)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(l.detailsOf(id), func(v Version[place.Details]) bool { return v.Author != q.Author }) {
		return nil, hub.Errorf(hub.Conflict, "", "There is such a place already. Please send it again.")
	}
	return put(q, placeKey+id, "seen", l.detailsOf(id), func(seen []place.Prefix, form place.Prefix) place.Details {
		d.Seen, d.Form = seen, form
		return d
	})
}

// open puts a shelter on the map that is open.
func open(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	draft, err := preparing(s, q)
	if err != nil {
		return nil, err
	}
	on, err := groundOf(s, q)
	if err != nil {
		return nil, err
	}
	d, err := detailsOf(q, on)
	if err != nil {
		return nil, err
	}
	d.Kind = place.Shelter
	if draft {
		return prepare(s, q, Sighting{Draft: &d, State: &place.State{Status: place.Open}})
	}
	all, err := create(s, q, d)
	if err != nil {
		return nil, err
	}
	id := q.Form.Get("client_id")
	l, err := lookingFor(s, id)
	if err != nil {
		return nil, err
	}
	if len(l.statesOf(id)) > 0 {
		return all, nil
	}
	more, err := put(q, statusKey+id, "seen", l.statesOf(id), func(seen []place.Prefix, form place.Prefix) place.State {
		return place.State{Status: place.Open, Seen: seen, Form: form, Of: sketchOf(d)}
	})
	return append(all, more...), err
}

// standingAt is a look at a place that is here.
func standingAt(s hub.Snapshot, id string) (*look, Place, error) {
	l, err := lookingFor(s, id)
	if err != nil {
		return l, Place{}, err
	}
	p, ok, err := l.place(id)
	if err == nil && !ok {
		err = gone()
		if len(l.missing()) > 0 {
			err = hub.Errorf(hub.NotFound, "", "This place is not here. Perhaps it is in a list of places that has not arrived yet: look again in a few minutes.")
		}
	}
	return l, p, err
}

func gone() error {
	return hub.Errorf(hub.NotFound, "", "This place is not here. Perhaps it has not arrived yet, or it was taken off the map with its list.")
}

// edit says anew what a place is, or that it is no more.
func edit(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	draft, err := preparing(s, q)
	if err != nil {
		return nil, err
	}
	l, p, err := standingAt(s, at.id)
	if err != nil {
		return nil, err
	}
	d := p.Details
	if d.Gone = q.Form.Get("gone") != ""; !d.Gone {
		on, err := groundOf(s, q)
		if err != nil {
			return nil, err
		}
		on.stands = d.Shape
		if d, err = detailsOf(q, on); err != nil {
			return nil, err
		}
	}
	d.Knew, d.AsOf = nil, 0
	if draft {
		return prepare(s, q, Sighting{Place: at.id, Draft: &d})
	}
	if d.Gone {
		if d.Knew, err = l.knew(q, at.id); err != nil {
			return nil, err
		}
	}
	return put(q, placeKey+at.id, "seen", l.detailsOf(at.id), func(seen []place.Prefix, form place.Prefix) place.Details {
		d.Seen, d.Form = seen, form
		if _, err := place.Encoded(d); err != nil {
			d.Knew = nil // there is no room for it
		}
		return d
	})
}

// status says how a place stands.
func status(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	draft, err := preparing(s, q)
	if err != nil {
		return nil, err
	}
	l, p, err := standingAt(s, at.id)
	if err != nil {
		return nil, err
	}
	st, err := stateOf(q, p)
	if err != nil {
		return nil, err
	}
	st.Of = sketch(p)
	if draft {
		return prepare(s, q, Sighting{Place: at.id, State: &st})
	}
	return put(q, statusKey+at.id, "seen", l.statesOf(at.id), func(seen []place.Prefix, form place.Prefix) place.State {
		st.Seen, st.Form = seen, form
		return st
	})
}

// site says where a box of the community stands.
func site(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	if err := officially(s, q); err != nil {
		return nil, err
	}
	on := ground{maps: deskOf(s).maps()} // whatever stands here by now does not say where that is
	all, err := pointsOf(on.plain(q.Form.Get("points")), orb.Point{})
	if err == nil && len(all) != 1 {
		err = hub.Errorf(hub.Invalid, "points", "Write one point only.")
	}
	if err != nil {
		return nil, err
	}
	box := boxOf(s, q.Place)
	sites, err := slot[Site](looking(s), hubKey, box)
	if err != nil {
		return nil, err
	}
	return put(q, hubKey+box, "seen", sites[box], func(seen []place.Prefix, form place.Prefix) Site {
		return Site{At: all[0], Seen: seen, Form: form}
	})
}
