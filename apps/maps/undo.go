package maps

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// undo takes back what a file has brought, as one step: where something has changed since,
// that stays.
func undo(s hub.Snapshot, q hub.Request, id string) ([]hub.Draft, error) {
	if err := officially(s, q); err != nil {
		return nil, err
	}
	l, err := lookingAt(s)
	if err != nil {
		return nil, err
	}
	done, err := l.imported(id)
	switch {
	case err != nil:
		return nil, err
	case done == nil:
		return nil, noSuchImport()
	case done.Value.Undone && q.Plain:
		return nil, hub.ErrAlready
	case done.Value.Undone:
		return nil, nil
	}
	client, err := clientOf(q)
	if err != nil {
		return nil, err
	}
	rest, err := l.latestOf(id, done)
	if err != nil {
		return nil, err
	}
	u := undoing{l: l, by: q.Author, of: done.Author, at: done.Time, list: done.Value.Form, form: pressOf(client), rest: rest}
	if done.Value.Layer != "" {
		left, err := u.many(id, done)
		if err == nil {
			err = u.mark(id, done, left)
		}
		return u.all, err
	}
	before, err := u.before(id, done.Value.Parts)
	if err != nil {
		return nil, err
	}
	left, err := u.few(before, done)
	if err != nil {
		return nil, err
	}
	if err := u.mark(id, done, left); err != nil {
		return nil, err
	}
	if err := l.room(q.Author, u.all); err != nil { // of what another has brought each is said anew
		return nil, err
	}
	return u.all, nil
}

// few takes back what a file has brought of single places, but of those that have changed since,
// which are left.
func (u *undoing) few(before [][]Was, done *Version[Import]) (left int, _ error) {
	for _, one := range before {
		if err := u.arrived(one); err != nil {
			return 0, err
		}
		if !u.stands(one) {
			left++
			continue
		}
		if u.by != u.of && u.shared(one) {
			return 0, u.onlyBy(done)
		}
		for _, w := range one {
			if err := u.one(w); err != nil {
				return 0, err
			}
		}
	}
	if left > 0 && left == len(before) && u.newer(before) {
		return 0, hub.Errorf(hub.Conflict, "", "All of it has changed here since, by a newer file. Take that one back first.")
	}
	return left, nil
}

// mark says of a file that it was taken back, but so many of its places that have changed since.
func (u *undoing) mark(id string, done *Version[Import], left int) error {
	here, err := slot[Import](u.l, importKey, id)
	if err != nil {
		return err
	}
	b := done.Value
	b.Undone, b.Left, b.Seen, b.Form = true, left, Replaces(here[id], nil), u.form
	return u.say(importKey+id, b)
}

// say writes a record.
func (u *undoing) say(key string, body any, blobs ...record.Blob) error {
	d, err := draftsOf(key, record.Place, life, body)
	if err == nil {
		d[0].Blobs = blobs
	}
	u.all = append(u.all, d...)
	return err
}

// withdraw takes back one's own word.
func (u *undoing) withdraw(key string) {
	u.all = append(u.all, hub.Draft{Key: key, Class: record.Place, TTL: life})
}

func noSuchImport() error {
	return hub.Errorf(hub.NotFound, "", "No such file was taken over here. Perhaps it has not arrived yet.")
}

// onlyBy is said where two have brought a list without knowing of each other: who takes a file
// of it back takes back their own word.
func (u *undoing) onlyBy(done *Version[Import]) error {
	return hub.Errorf(hub.Conflict, "", "Another has brought this list as well. Only %s, who brought this file, can take it back.", cmp.Or(toldOf(u.l, *done, 0).Name, "?"))
}

// undoing is taking back what a file has brought.
type undoing struct {
	l    *look
	by   record.Author // who takes it back
	of   record.Author // who has brought it
	at   record.Time   // and when
	list place.Prefix  // the form of its list
	form place.Prefix
	rest rest
	all  []hub.Draft
}

// before is what stood before a file was taken over, of each place all that it has changed. It
// is a Conflict while part of that has not come, as the newest comes first.
func (u *undoing) before(id string, parts int) (all [][]Was, _ error) {
	at := map[string]int{}
	for n := range parts {
		come := false
		for it, err := range u.l.s.Slots(fmt.Sprintf("%s%s/%d", importKey, id, n)) {
			if err != nil {
				return nil, fmt.Errorf("what stood before: %w", err)
			}
			b, ok := bodyOf[Before](it)
			if !ok || it.Author != u.of || it.Withdrawn() || it.Class != record.Place {
				continue
			}
			come = true
			for _, w := range b.Of {
				i, has := at[w.ID]
				if !has {
					i = len(all)
					at[w.ID], all = i, append(all, nil)
				}
				all[i] = append(all[i], w)
			}
		}
		if !come {
			return nil, hub.Errorf(hub.Conflict, "", "What stood before this file has not arrived here yet. Wait a little, then try again.")
		}
	}
	return all, nil
}

// arrived is an error while not all that a file has brought of a place is here.
func (u *undoing) arrived(all []Was) error {
	for _, w := range all {
		for _, one := range []struct {
			key  string
			name place.Prefix
			of   func(hub.Item) place.Prefix
		}{{placeKey, w.After, nameIn[place.Details]}, {statusKey, w.AfterHow, nameIn[place.State]}, {recountKey, w.AfterMany, nameIn[place.Recount]}} {
			if one.name == (place.Prefix{}) {
				continue
			}
			if err := u.come(one.key+w.ID, func(it hub.Item) bool { return one.of(it) == one.name }); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameIn names what a record says; zero for nothing.
func nameIn[T any](it hub.Item) (p place.Prefix) {
	if v, ok := bodyOf[T](it); ok && !it.Withdrawn() {
		p = nameOf(v)
	}
	return p
}

// come is a Conflict unless who brought a file has said under a key what is meant, or something
// after it was taken over.
func (u *undoing) come(key string, meant func(hub.Item) bool) error {
	for it, err := range u.l.s.Slots(key) {
		if err != nil {
			return fmt.Errorf("what is at %s: %w", key, err)
		}
		if it.Author == u.of && (it.Time > u.at || meant(it)) {
			return nil
		}
	}
	return hub.Errorf(hub.Conflict, "", "Not all that this file has brought has arrived here yet. Wait a little, then try again.")
}

// stands reports whether nobody has said anything of a place since a file has. Of a new one
// that is everything that is said of it.
func (u *undoing) stands(all []Was) bool {
	var how, many place.Prefix
	fresh := false
	for _, w := range all {
		if w.AfterHow != (place.Prefix{}) {
			how = w.AfterHow
		}
		if w.AfterMany != (place.Prefix{}) {
			many = w.AfterMany
		}
		if w.After == (place.Prefix{}) {
			continue
		}
		fresh = w.Details == nil
		if !as(u, u.l.detailsOf(w.ID), w.After) {
			return false
		}
	}
	id := all[0].ID
	if !fresh {
		return (how == place.Prefix{} || as(u, u.l.statesOf(id), how)) && (many == place.Prefix{} || as(u, u.l.recountsNow(id), many))
	}
	for t := range u.l.counted {
		if strings.HasPrefix(string(t), string(counts)+"/"+digest(id)+"/") {
			return false
		}
	}
	return as(u, u.l.statesOf(id), how) && as(u, u.l.recountsNow(id), many)
}

// as reports whether what stands under a key is what a file has said there, and nothing else
// but what other files of its list have said without knowing of it; with a zero name, whether
// nothing stands there.
func as[T worded](u *undoing, here []Version[T], name place.Prefix) bool {
	top, besides, ok := Merge(here)
	if !ok {
		return name == place.Prefix{}
	}
	said := name == place.Prefix{}
	for _, v := range slices.Concat(besides, []Version[T]{top}) {
		_, form := v.Value.Replaced()
		form = u.l.formOf(v.Layer, form)
		own := nameOf(v.Value) == name
		switch {
		case v.Author == u.of && own:
			said = true
		case form != u.list:
			return false
		case own && len(besides) == 0: // somebody else has taken a newer file back
			said = true
		}
	}
	return said
}

// shared reports whether another file of the list, that nobody knew of, has brought a place too.
func (u *undoing) shared(all []Was) bool {
	id := all[0].ID
	for _, w := range all {
		if w.After != (place.Prefix{}) && bothBrought(u, u.l.detailsOf(id)) || w.AfterHow != (place.Prefix{}) && bothBrought(u, u.l.statesOf(id)) ||
			w.AfterMany != (place.Prefix{}) && bothBrought(u, u.l.recountsNow(id)) {
			return true
		}
	}
	return false
}

func bothBrought[T worded](u *undoing, here []Version[T]) bool {
	top, besides, _ := Merge(here)
	return len(besides) > 0 && (top.Author == u.of || slices.ContainsFunc(besides, func(v Version[T]) bool { return v.Author == u.of }))
}

// newer reports whether what has changed since is by a file that stands.
func (u *undoing) newer(all [][]Was) bool {
	return slices.ContainsFunc(all, func(one []Was) bool {
		id := one[0].ID
		return brought(u, u.l.detailsOf(id)) || brought(u, u.l.statesOf(id)) || brought(u, u.l.recountsNow(id))
	})
}

func brought[T worded](u *undoing, here []Version[T]) bool {
	top, _, ok := Merge(here)
	if !ok {
		return false
	}
	_, form := top.Value.Replaced()
	return form != u.list && u.rest.forms[form]
}

func (u *undoing) one(w Was) error {
	what := former[place.Details]{key: placeKey + w.ID, here: u.l.detailsOf(w.ID), was: w.Details, after: w.After}
	what.sign = func(d place.Details, seen []place.Prefix) place.Details {
		d.Seen, d.Form = seen, u.formOf(d.Form)
		return d
	}
	what.ends = func(d place.Details) place.Details {
		d.None, d.Gone, d.Form, d.AsOf, d.Knew = true, false, place.Prefix{}, 0, nil
		return d
	}
	how := former[place.State]{key: statusKey + w.ID, here: u.l.statesOf(w.ID), was: w.State, after: w.AfterHow}
	how.sign = func(st place.State, seen []place.Prefix) place.State {
		st.Seen, st.Form = seen, u.formOf(st.Form)
		return st
	}
	how.ends = func(st place.State) place.State {
		st.None, st.Form, st.AsOf = true, place.Prefix{}, 0
		return st
	}
	many := former[place.Recount]{key: recountKey + w.ID, here: u.l.recountsNow(w.ID), was: w.Recount, after: w.AfterMany}
	many.sign = func(r place.Recount, seen []place.Prefix) place.Recount {
		r.Seen, r.Form = seen, u.formOf(r.Form)
		return r
	}
	many.ends = func(r place.Recount) place.Recount {
		r.None, r.Form, r.AsOf = true, place.Prefix{}, 0
		return r
	}
	for _, back := range []func(*undoing) error{what.back, how.back, many.back} {
		if err := back(u); err != nil {
			return err
		}
	}
	return nil
}

// formOf is the form by which something that stood before is said again: what a list had said
// is of that list still, and not by hand.
func (u *undoing) formOf(was place.Prefix) place.Prefix {
	if was == (place.Prefix{}) {
		return u.form
	}
	return was
}

// many brings back the layer that stood before a file became it. Where it has changed since,
// all of its places are left.
func (u *undoing) many(id string, done *Version[Import]) (left int, _ error) {
	b := done.Value
	here, err := layerAt(u.l, b.Layer)
	if err != nil {
		return 0, err
	}
	if err := u.come(layerKey+b.Layer, func(it hub.Item) bool { return len(it.Blobs) == 1 && bytes.HasPrefix(it.Blobs[0].Sum[:], b.Sum) }); err != nil {
		return 0, err
	}
	top, besides, _ := Merge(here)
	stands := slices.Concat(besides, []Version[Layer]{top})
	own := slices.IndexFunc(stands, func(v Version[Layer]) bool {
		return !v.Value.Gone && bytes.HasPrefix(v.Value.blob.Sum[:], b.Sum) && (v.Author == u.of || len(stands) == 1 && v.Value.Form == u.list)
	})
	switch {
	case own < 0: // it has changed since
		return max(1, b.New+b.Changed+b.Same), nil
	case len(stands) == 1:
		return 0, u.layer(id, b, here, top)
	case u.by != u.of:
		return 0, u.onlyBy(done)
	case uncovers(here, stands[own], stands):
		return 0, u.say(layerKey+b.Layer, Layer{Name: stands[own].Value.Name, Gone: true, Seen: Replaces(here, []place.Prefix{place.PrefixOf(stands[own].ID)}), Form: u.list})
	}
	u.withdraw(layerKey + b.Layer)
	return 0, nil
}

// layer says of a layer what stood before a file became it.
func (u *undoing) layer(id string, b Import, here []Version[Layer], top Version[Layer]) error {
	was := Layer{Name: top.Value.Name, Gone: true}
	var blobs []record.Blob
	if b.Was != nil && !b.Was.Gone && !u.rest.alone {
		var err error
		if blobs, err = u.l.blobsOf(id, u.of); err != nil {
			return err
		}
		if u.by == top.Author && stoodBy(here, top, blobs[0]) {
			u.withdraw(layerKey + b.Layer)
			return nil
		}
		was = *b.Was
	}
	was.Seen, was.Form = Replaces(here, nil), u.list
	return u.say(layerKey+b.Layer, was, blobs...)
}

// stoodBy reports whether what stood before is another's word that stands again once the one
// on top of it is taken back.
func stoodBy(here []Version[Layer], top Version[Layer], blob record.Blob) bool {
	was, _, ok := beneath(here, top)
	return ok && !was.Value.Gone && was.Value.blob.Sum == blob.Sum
}

// blobsOf are the files that somebody's record of an import names.
func (l *look) blobsOf(id string, who record.Author) ([]record.Blob, error) {
	for it, err := range l.s.Slots(importKey + id) {
		if err != nil {
			return nil, fmt.Errorf("a file that was taken over: %w", err)
		}
		if it.Author == who && !it.Withdrawn() && len(it.Blobs) == 1 {
			return it.Blobs, nil
		}
	}
	return nil, noSuchImport()
}
