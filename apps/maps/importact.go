package maps

import (
	"fmt"
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// takeOver writes what a file that waits brings, as one step.
func takeOver(s hub.Snapshot, q hub.Request, id string) ([]hub.Draft, error) {
	if err := officially(s, q); err != nil {
		return nil, err
	}
	l, err := lookingAt(s)
	if err != nil {
		return nil, err
	}
	if done, err := l.imported(id); err != nil || done != nil {
		if err == nil && q.Plain {
			err = hub.ErrAlready
		}
		return nil, err
	}
	it, p, err := deskOf(s).planOf(l, q, id)
	if err != nil {
		return nil, err
	}
	if err := deskOf(s).progress(l, it, p, q); err != nil {
		return nil, err
	}
	switch {
	case p.wrong != nil:
		return nil, p.wrong
	case p.hash == "" || q.Form.Get("plan") != p.hash: // or it is not known yet
		return nil, hub.Errorf(hub.Conflict, "", "Meanwhile something has changed here. Look at the list again, and press the button again if it is still right.")
	}
	return l.draftsOf(q, it, p)
}

// draftsOf are the records of a file, one by one or as one layer.
func (l *look) draftsOf(q hub.Request, it inbox.Item, p *plan) ([]hub.Draft, error) {
	if p.many {
		return l.draftsOfMany(it, p.settings, p.big)
	}
	return l.drafts(q.Author, it, p, chosen(q))
}

func tooMany() error {
	return hub.Errorf(hub.Invalid, "", "This file has more than %d places. Split it into smaller files.", maxPlaced)
}

func nothingNew() error {
	return hub.Errorf(hub.Invalid, "", "There is nothing in this file to take over.")
}

// chosen reports which of the places are to be taken over on which somebody here said
// otherwise.
func chosen(q hub.Request) func(id string) bool {
	if q.Form.Get("all") != "" {
		return func(string) bool { return true }
	}
	return func(id string) bool { return slices.Contains(q.Form["take"], id) }
}

// drafts are all records of one import: places, how they stand, how many are there, what
// stood before, and that it was done.
func (l *look) drafts(author record.Author, it inbox.Item, p *plan, take func(string) bool) (all []hub.Draft, _ error) {
	list := exchange.FormOf(p.List)
	b := Import{
		List: p.List, File: firstOf(it.Name, place.MaxLine/3), Format: string(p.Format), Form: list,
		Same: p.of(exchange.Same), Refused: p.refused(),
	}
	var err error
	if b.Prior, err = l.prior(it.ID, p.List); err != nil {
		return nil, err
	}
	var before []Was
	for _, s := range p.steps {
		switch {
		case s.Verdict == exchange.New:
			b.New++
		case s.Verdict == exchange.Changed, s.Verdict == exchange.Conflict && take(s.Entry.ID):
			b.Changed++
		case s.Verdict == exchange.Conflict:
			b.Kept++
			continue
		default:
			continue
		}
		ds, was, err := l.bring(s, list)
		if err != nil {
			return nil, err
		}
		all, before = append(all, ds...), append(before, was...)
	}
	if len(all) == 0 {
		return nil, nothingNew()
	}
	more, err := parts(before)
	if err != nil {
		return nil, err
	}
	b.Parts = len(more)
	for i, part := range more {
		d, err := draftsOf(fmt.Sprintf("%s%s/%d", importKey, it.ID, i), record.Place, life, part)
		if err != nil {
			return nil, err
		}
		all = append(all, d...)
	}
	d, err := draftsOf(importKey+it.ID, record.Place, life, b)
	if err != nil {
		return nil, err
	}
	all = append(all, d...)
	if err := l.room(author, all); err != nil {
		return nil, err
	}
	return all, nil
}

// bring is the records of one place of a file, and what stood there before.
func (l *look) bring(s exchange.Step, list place.Prefix) (all []hub.Draft, before []Was, _ error) {
	id := s.Entry.ID
	var here exchange.Standing
	if s.Here != nil {
		here = *s.Here
	}
	what, how := Was{ID: id}, Was{ID: id}
	put := func(key string, v any) error {
		d, err := draftsOf(key+id, record.Place, life, v)
		all = append(all, d...)
		return err
	}
	if s.Here == nil || here.Sheet.Details.Gone || len(here.Sheet.Details.Differences(s.Sheet.Details)) > 0 {
		d := s.Sheet.Details
		d.Seen, d.Form = Replaces(l.detailsOf(id), nil), list
		if what.After = nameOf(d); s.Here != nil && !here.Orphan {
			was := here.Sheet.Details
			was.Form = here.List
			what.Details = &was
		}
		if err := put(placeKey, d); err != nil {
			return nil, nil, err
		}
		before = append(before, what)
	}
	if st := s.Sheet.State; st != nil && (here.Sheet.State == nil || len(here.Sheet.State.Differences(*st)) > 0 || st.AsOf > here.Sheet.State.AsOf && here.ListState == list) {
		n := *st
		n.Seen, n.Form = Replaces(l.statesOf(id), nil), list
		if how.AfterHow = nameOf(n); here.Sheet.State != nil {
			was := *here.Sheet.State
			was.Form = here.ListState
			how.State = &was
		}
		if err := put(statusKey, n); err != nil {
			return nil, nil, err
		}
	}
	if n := s.Sheet.People; n != nil && !here.Counted && (here.Sheet.People == nil || *here.Sheet.People != *n || s.Sheet.AsOf > here.Sheet.AsOf) {
		r := place.Recount{Total: int32(*n), Seen: Replaces(l.recountsNow(id), nil), Form: list, AsOf: s.Sheet.AsOf} //nolint:gosec // held to its bounds
		if here.Sheet.People != nil {
			how.Recount = &place.Recount{Total: int32(*here.Sheet.People), Form: list, AsOf: here.Sheet.AsOf} //nolint:gosec // likewise
		}
		how.AfterMany = nameOf(r)
		if err := put(recountKey, r); err != nil {
			return nil, nil, err
		}
	}
	if how.AfterHow != (place.Prefix{}) || how.AfterMany != (place.Prefix{}) {
		before = append(before, how)
	}
	return all, before, nil
}

// spare is how many slots an import leaves to its writer.
const spare = 50

// room is an error where a person has no room for what they would write: more would push out
// what they have said before.
func (l *look) room(a record.Author, all []hub.Draft) error {
	if a == (record.Author{}) { // this box itself, which has room for many more
		return nil
	}
	keys := map[string]bool{}
	for _, t := range []hub.Term{places, statuses, recounts, allowances, hubs, verdicts, counts, asks, seen, witnesses, complaints, imports, layers} {
		for it, err := range l.s.Newest(t, 0) {
			if err != nil {
				return fmt.Errorf("what somebody has written: %w", err)
			}
			if it.Author != a {
				continue
			}
			keys[it.Key] = true
			if b, ok := bodyOf[Import](it); ok && t == imports {
				for n := range b.Parts { // which no term lists
					keys[fmt.Sprintf("%s/%d", it.Key, n)] = true
				}
			}
		}
	}
	used := len(keys)
	for _, d := range all {
		keys[d.Key] = true
	}
	if most := l.s.Roster().Quota(a) - spare; len(keys) > most {
		return hub.Errorf(hub.TooMany, "", "This needs room for %[1]d posts, and you have room for %[2]d. Split the file into smaller ones, or ask for a card with more room.", len(keys)-used, max(most-used, 0))
	}
	return nil
}

// imported is what is said of a file that was taken over; nil if none was.
func (l *look) imported(id string) (*Version[Import], error) {
	all, err := slot[Import](l, importKey, id)
	if err != nil {
		return nil, err
	}
	if top, _, ok := Merge(all[id]); ok {
		return &top, nil
	}
	return nil, nil
}
