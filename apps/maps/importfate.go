package maps

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/stock"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// batched is of how many entries at once it is found out what would become of them.
const batched = 2000

// settle says what would become of the entries that were read, and gives them to the layer.
// It is false where that wants no more, or was given an error.
func (r *reading) settle(m *many, yield func(named, error) bool) bool {
	if err := r.judge(m); err != nil {
		yield(named{}, err)
		return false
	}
	for _, e := range r.batch {
		if !yield(named{ID: e.ID, Sheet: e.Sheet}, nil) {
			return false
		}
	}
	r.batch = r.batch[:0]
	return true
}

// judge holds the entries that were read against what stands.
func (r *reading) judge(m *many) error {
	return r.h.Read(r.ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(seeing{s, r.d})
		if err != nil {
			return err
		}
		j := judging{l: l, by: l.layerWord(r.with.List), besides: l.besides(), list: r.with.List}
		j.alone = !slices.ContainsFunc(l.layers, func(s stack) bool { return s.id != j.by.id })
		r.meet(l, m)
		for i := range r.batch {
			e := &r.batch[i]
			key := prefixOf([]byte(e.ID))
			was, stood := r.stood[key]
			delete(r.stood, key)
			f, err := j.one(e, was, stood)
			if err != nil {
				return err
			}
			m.count(*e, f)
		}
		return nil
	})
}

// meet finds which entries are single places that are here by other ids, and leaves out what is
// one of them for the second time.
func (r *reading) meet(l *look, m *many) {
	if len(l.details) == 0 {
		return
	}
	g := newImportGround(l, r.with.List)
	g.taken = r.taken
	kept := r.batch[:0]
	for _, e := range r.batch {
		if _, listed := r.stood[prefixOf([]byte(e.ID))]; !listed && len(l.details[e.ID]) == 0 {
			e.ID = cmp.Or(g.alike(e.Sheet.Details), e.ID)
		}
		if r.taken[e.ID] {
			m.nowhere++
			m.leave(LeftOut{At: e.At, Name: e.Sheet.Details.Name, Why: hub.Said{Phrase: "The same is in the file before. It is taken once."}})
			continue
		}
		if len(l.details[e.ID]) > 0 {
			r.taken[e.ID] = true
		}
		kept = append(kept, e)
	}
	r.batch = kept
}

// judging is what entries are held against at a moment.
type judging struct {
	l       *look
	list    string
	by      *stack
	besides map[string]bool // places of which somebody has said something by themselves
	alone   bool            // no other layer stands
}

// one says what would become of an entry, whose body was that in the list before.
func (j *judging) one(e *exchange.Entry, was prefix, stood bool) (f fate, _ error) {
	unheard := j.alone && !j.besides[e.ID] // nobody else says anything of it
	e.Sheet.Tallied = e.Sheet.People != nil
	if !unheard {
		if err := j.l.heed(exchange.FormOf(j.list), e); err != nil {
			return f, err
		}
	}
	if e.Flat && (stood || !unheard) {
		here, _, err := j.l.place(e.ID)
		if err != nil {
			return f, err
		}
		e.Restore(here.Shape)
	}
	packed, err := stock.Entry(e.ID, e.Sheet)
	if err != nil {
		return f, err
	}
	same := stood && was == prefixOf(packed.Body)
	switch {
	case unheard && same:
		return fate{verdict: exchange.Same}, nil
	case unheard && !stood:
		return fate{verdict: exchange.New}, nil
	}
	if f, err = j.l.foretell(j.list, j.by, *e, packed); err != nil {
		return f, err
	}
	if stood && f.verdict == exchange.New { // the list has come, and is not to be found in yet
		f.verdict = exchange.Changed
		if same {
			f.verdict = exchange.Same
		}
	}
	return f, nil
}

// heed makes of an entry of a list what is to stand in its layer: it replaces what the same
// list has said of the place by itself, and leaves alone how many people counted there.
func (l *look) heed(list place.Prefix, e *exchange.Entry) error {
	s := &e.Sheet
	s.Details.Seen = replacedOf(l.details[e.ID], list)
	if s.State != nil {
		now := *s.State
		now.Seen = replacedOf(l.states[e.ID], list)
		s.State = &now
	}
	if s.People != nil {
		s.Counts = replacedOf(l.recounts[e.ID], list)
		if err := l.carried(list, e); err != nil {
			return err
		}
	}
	for _, spare := range []func(){ // where there is no room for all of it
		func() { s.People, s.AsOf, s.Included, s.Tallied, s.Counts = nil, 0, nil, false, nil },
		func() { s.Details.Seen = s.Details.Seen[:min(len(s.Details.Seen), 4)] },
		func() {
			if s.State != nil {
				s.State.Seen = s.State.Seen[:min(len(s.State.Seen), 4)]
			}
		},
	} {
		if _, err := s.Encode(); err == nil {
			break
		}
		spare()
	}
	return nil
}

// carried leaves alone how many are at a place where people count: what the list has said before
// stays.
func (l *look) carried(list place.Prefix, e *exchange.Entry) error {
	m, err := l.people(e.ID)
	if err != nil || m == nil || len(m.tallies) == 0 {
		return err
	}
	s := &e.Sheet
	s.People, s.AsOf, s.Tallied = nil, 0, false
	if top, _, ok := Merge(l.counts(e.ID, m.tallies)); ok && (top.Value.Form == list || top.Layer == listLayer(list)) {
		n := uint32(top.Value.Total) //nolint:gosec // at least none
		s.People, s.AsOf = &n, place.MomentOf(toldAsOf(l, top, top.Value.AsOf, oldCount).At)
		s.Included, s.Tallied = top.Value.Included, true
	}
	return nil
}

// replacedOf is which of the versions a new one of a list replaces: what the list has said.
func replacedOf[T worded](here []Version[T], list place.Prefix) []place.Prefix {
	var own []place.Prefix
	for _, v := range here {
		if _, form := v.Value.Replaced(); form == list && v.Layer == "" {
			own = append(own, place.PrefixOf(v.ID))
		}
	}
	if own == nil {
		return nil
	}
	return Replaces(here, own[:min(len(own), place.MaxSeen)])
}

// count counts a place, and shows it if it is one of the first.
func (m *many) count(e exchange.Entry, f fate) {
	n, some := &m.same, (*[]Coming)(nil)
	switch f.verdict {
	case exchange.New:
		n, some = &m.new, &m.some.new
	case exchange.Changed:
		n, some = &m.changed, &m.some.changed
	case exchange.Conflict:
		n, some = &m.kept, &m.some.kept
	case exchange.Same, exchange.Refused:
	}
	if *n++; some == nil || len(*some) == maxEach {
		return
	}
	c := comingOf(e.ID, e.Sheet)
	if c.Diffs, c.Stays = f.turns, f.stays; f.why.Phrase != "" {
		c.Why = &f.why
	}
	if f.verdict != exchange.New {
		c.Path = "/maps/" + placePath + "/" + e.ID
	}
	*some = append(*some, c)
}

// dropped counts the places that the list has no more, and shows the first of them.
func (r *reading) dropped(m *many) error {
	if m.gone = len(r.stood); m.gone == 0 {
		return nil
	}
	return r.h.Read(r.ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(seeing{s, r.d})
		if err != nil {
			return err
		}
		by := l.layerWord(r.with.List)
		var wrong error
		err = r.former(func(e layer.Entry) bool {
			if _, gone := r.stood[prefixOf([]byte(e.ID))]; !gone {
				return true
			}
			sheet, err := stock.Sheet(e)
			if err != nil {
				return true // another hub let it through
			}
			var stays, now Place
			var ok bool
			if now, ok, wrong = l.place(e.ID); wrong != nil {
				return false
			}
			if ok { // what people here see, and not what the list said
				sheet = sheetOf(now)
			}
			c := comingOf(e.ID, sheet)
			c.Path = "/maps/" + placePath + "/" + e.ID
			if stays, ok, wrong = l.placeWith(by, e.ID, nil); wrong != nil {
				return false
			}
			if ok && !stays.Gone {
				c.Why = &hub.Said{Phrase: "It stays, as it is not only from this list."}
			} else if ok && stays.Disputed() {
				c.Why = &hub.Said{Phrase: "What somebody here has said of it stays to be seen."}
			}
			m.some.gone = append(m.some.gone, c)
			return len(m.some.gone) < maxEach
		})
		return errors.Join(err, wrong)
	})
}

// fate is what would become of one place of a file that is to be one layer.
type fate struct {
	verdict exchange.Verdict // Conflict: what the file says of it stands below what is here
	turns   []exchange.Turn  // what would stand otherwise than now
	stays   []exchange.Turn  // what the file says otherwise, and what stays
	why     hub.Said         // in words, if there is more to say
}

// layerWord is the version of a layer that a file would become.
func (l *look) layerWord(list string) *stack {
	return &stack{id: listID(list), by: Version[Layer]{Value: Layer{Form: exchange.FormOf(list)}, Time: record.At(l.now)}}
}

// foretell says what would become of an entry of a list: a place is looked at as it stands,
// and as it would with that version of the layer in the place of those that are here.
func (l *look) foretell(list string, by *stack, e exchange.Entry, packed layer.Entry) (f fate, _ error) {
	before, here, err := l.place(e.ID)
	if err != nil {
		return f, err
	}
	after, _, err := l.placeWith(by, e.ID, by.read(packed))
	if err != nil {
		return f, err
	}
	if here {
		f.turns = exchange.Turns(sheetOf(before), sheetOf(after))
	}
	counted := len(l.byHand(e.ID)) > 0 || after.People != nil && len(after.People.tallies) > 0
	f.stays = exchange.Judge(list, e, &exchange.Standing{ID: e.ID, Sheet: sheetOf(after), Counted: counted}).Diffs
	switch {
	case !here:
		f.verdict = exchange.New
	case len(f.turns) > 0:
		f.verdict = exchange.Changed
	case len(f.stays) > 0:
		f.verdict = exchange.Conflict
	case (e.Sheet.State != nil && e.Sheet.State.AsOf > 0 || e.Sheet.AsOf > 0) && exchange.Younger(sheetOf(before), sheetOf(after)):
		f.verdict, f.why = exchange.Changed, exchange.AsOfLater()
	default:
		f.verdict = exchange.Same
	}
	return f, nil
}

// placeWith is a place as it would stand if a version of a layer said that of it, and no other
// version of the layer did.
func (l *look) placeWith(by *stack, id string, says []stocked) (Place, bool, error) {
	said := l.says(id)
	others := slices.DeleteFunc(slices.Clone(said), func(s stocked) bool { return s.by.id == by.id })
	l.said[id] = append(others, says...)
	defer func() { l.said[id] = said }()
	return l.place(id)
}

// stacked names the layers that are looked at, and which of them are here: as long as it is
// the same, so is what they say.
func (l *look) stacked() string {
	var all []byte
	for i := range l.layers {
		s := &l.layers[i]
		all = fmt.Appendf(all, "%s %x %x %t\n", s.id, s.by.ID, s.by.Value.blob.Sum, s.index != nil)
	}
	p := prefixOf(all)
	return hex.EncodeToString(p[:])
}
