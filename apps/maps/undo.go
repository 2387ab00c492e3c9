package maps

import (
	"bytes"
	"fmt"
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
	if done.Value.Layer != "" {
		return l.undoMany(id, done, client)
	}
	u := undoing{l: l, by: q.Author, of: done.Author, list: done.Value.Form, form: pressOf(client)}
	before, err := u.before(id, done.Value.Parts)
	if err != nil {
		return nil, err
	}
	left := 0
	for _, one := range before {
		if !u.stands(one) {
			left++
			continue
		}
		for _, w := range one {
			if err := u.one(w); err != nil {
				return nil, err
			}
		}
	}
	if left > 0 && left == len(before) {
		return nil, allNewer()
	}
	here, err := slot[Import](l, importKey, id)
	if err != nil {
		return nil, err
	}
	b := done.Value
	b.Undone, b.Left, b.Seen, b.Form = true, left, Replaces(here[id], nil), u.form
	d, err := draftsOf(importKey+id, record.Place, life, b)
	if err != nil {
		return nil, err
	}
	u.all = append(u.all, d...)
	if err := l.room(q.Author, u.all); err != nil { // of what another has brought each is said anew
		return nil, err
	}
	return u.all, nil
}

func noSuchImport() error {
	return hub.Errorf(hub.NotFound, "", "No such file was taken over here. Perhaps it has not arrived yet.")
}

// allNewer is said where nothing of a file would be taken back, so that it still can be once
// what is newer is.
func allNewer() error {
	return hub.Errorf(hub.Conflict, "", "All of it has changed here since, and that stays. If it came by a newer file, take that one back first.")
}

// undoing is taking back what a file has brought.
type undoing struct {
	l    *look
	by   record.Author // who takes it back
	of   record.Author // who has brought it
	list place.Prefix  // the form of its list
	form place.Prefix
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

// as reports whether what stands under a key is what a file has said there, and nothing else;
// with a zero name, whether nothing stands there.
func as[T worded](u *undoing, here []Version[T], name place.Prefix) bool {
	top, besides, ok := Merge(here)
	if name == (place.Prefix{}) {
		return !ok
	}
	if !ok || len(besides) > 0 || nameOf(top.Value) != name {
		return false
	}
	// Of the list it is also where somebody else has taken a newer file back.
	_, form := top.Value.Replaced()
	return top.Author == u.of || form == u.list
}

func (u *undoing) one(w Was) error {
	what := former[place.Details]{key: placeKey + w.ID, here: u.l.detailsOf(w.ID), was: w.Details, after: w.After}
	what.sign = func(d place.Details, seen []place.Prefix) place.Details {
		d.Seen, d.Form = seen, u.formOf(d.Form)
		return d
	}
	what.ends = func(d place.Details) place.Details {
		d.Gone, d.Form = true, place.Prefix{}
		return d
	}
	how := former[place.State]{key: statusKey + w.ID, here: u.l.statesOf(w.ID), was: w.State, after: w.AfterHow}
	how.sign = func(st place.State, seen []place.Prefix) place.State {
		st.Seen, st.Form = seen, u.formOf(st.Form)
		return st
	}
	many := former[place.Recount]{key: recountKey + w.ID, here: u.l.recountsNow(w.ID), was: w.Recount, after: w.AfterMany}
	many.sign = func(r place.Recount, seen []place.Prefix) place.Recount {
		r.Seen, r.Form = seen, u.formOf(r.Form)
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

// former is what stood under one key before a file was taken over.
type former[T worded] struct {
	key   string
	here  []Version[T]
	was   *T           // nil: nothing
	after place.Prefix // what the file has said; zero: nothing
	sign  func(T, []place.Prefix) T
	// ends is what is said where there was nothing before and somebody else has brought it,
	// who cannot be made to take it back; nil: it stays.
	ends func(T) T
}

// back says again what stood before.
func (f former[T]) back(u *undoing) error {
	top, _, ok := Merge(f.here)
	var v T
	switch {
	case f.after == (place.Prefix{}) || !ok:
		return nil
	case f.was != nil:
		v = *f.was
	case top.Author == u.by:
		u.all = append(u.all, hub.Draft{Key: f.key, Class: record.Place, TTL: life})
		return nil
	case f.ends == nil:
		return nil
	default:
		v = f.ends(top.Value)
	}
	d, err := draftsOf(f.key, record.Place, life, f.sign(v, Replaces(f.here, nil)))
	u.all = append(u.all, d...)
	return err
}

// undoMany brings back the layer that stood before a file became it.
func (l *look) undoMany(id string, done *Version[Import], client string) ([]hub.Draft, error) {
	b, form := done.Value, pressOf(client)
	here, err := layerAt(l, b.Layer)
	if err != nil {
		return nil, err
	}
	top, besides, ok := Merge(here)
	if !ok || len(besides) > 0 || !bytes.HasPrefix(top.Value.blob.Sum[:], b.Sum) || top.Value.Gone {
		return nil, allNewer()
	}
	was := Layer{Name: top.Value.Name, Gone: true}
	var blobs []record.Blob
	if b.Was != nil && !b.Was.Gone {
		was = *b.Was
		if blobs, err = l.blobsOf(id, done.Author); err != nil {
			return nil, err
		}
	}
	was.Seen, was.Form = Replaces(here, nil), form
	all, err := draftsOf(layerKey+b.Layer, record.Place, life, was)
	if err != nil {
		return nil, err
	}
	all[0].Blobs = blobs
	said, err := slot[Import](l, importKey, id)
	if err != nil {
		return nil, err
	}
	b.Undone, b.Seen, b.Form = true, Replaces(said[id], nil), form
	d, err := draftsOf(importKey+id, record.Place, life, b)
	return append(all, d...), err
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
