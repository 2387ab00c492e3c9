package maps

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// maxAsks is how many who ask to count at one door are shown.
const maxAsks = 20

// count does what a form at a place's count asks for: ask, allow and forbid with
// somebody's key, add or number by whoever counts, recount by a coordinator.
func count(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	l, p, err := standingAt(s, at.id)
	if err != nil {
		return nil, err
	}
	switch {
	case q.Form.Has("ask"):
		return ask(l, q, at.id)
	case q.Form.Has("allow"), q.Form.Has("forbid"):
		return allow(l, q, at.id)
	case q.Form.Has("recount"):
		return recount(l, q, p)
	}
	return press(l, q, p)
}

// ask is that somebody asks to count at a door.
func ask(l *look, q hub.Request, id string) ([]hub.Draft, error) {
	if !reader(q) || l.mayCount(id, q.Author) {
		return nil, nil
	}
	words, err := hub.CleanLine("text", q.Form.Get("text"), place.MaxLine, place.MaxLineBytes)
	if err != nil {
		return nil, err
	}
	for it, err := range l.s.Slots(askKey + id) {
		if err != nil {
			return nil, fmt.Errorf("who asks to count: %w", err)
		}
		if v, ok := bodyOf[Ask](it); ok && it.Author == q.Author && v.Words == words {
			return nil, nil
		}
	}
	return draftsOf(askKey+id, record.People, askLife, Ask{Words: words})
}

// allow lets somebody count at a door, or not any more.
func allow(l *look, q hub.Request, id string) ([]hub.Draft, error) {
	if err := officially(l.s, q); err != nil {
		return nil, err
	}
	who := q.Form.Get("allow") + q.Form.Get("forbid")
	key, err := keyOf(who)
	if err != nil {
		return nil, err
	}
	now := l.allowed(id)
	has := slices.Contains(now, key)
	if has == q.Form.Has("allow") {
		return nil, nil
	}
	if has {
		now = slices.DeleteFunc(now, func(a record.Author) bool { return a == key })
	} else if now = append(now, key); len(now) > maxAllowed {
		return nil, hub.Errorf(hub.Invalid, "", "At most %d people can count at one door. Take somebody off first.", maxAllowed)
	}
	slices.SortFunc(now, func(a, b record.Author) int { return strings.Compare(a.String(), b.String()) })
	keys := make([][]byte, len(now))
	for i, a := range now {
		keys[i] = a[:]
	}
	return put(q, allowKey+id, "-", l.allowances[id], func(seen []place.Prefix, form place.Prefix) Allowance {
		return Allowance{Who: keys, Seen: seen, Form: form}
	})
}

// keyOf reads a person's key.
func keyOf(s string) (a record.Author, _ error) {
	if b, err := hexOf(s, len(a)); err == nil {
		return record.Author(b), nil
	}
	return a, hub.Errorf(hub.Invalid, "", "The form did not arrive whole. Please send it again.")
}

// press adds to the writer's own count by this box. The same form again adds nothing,
// here or at another box, once one knows of the other.
func press(l *look, q hub.Request, at Place) ([]hub.Draft, error) {
	id := at.ID
	if !l.mayCount(id, q.Author) {
		return nil, hub.Errorf(hub.Forbidden, "", "Only who is allowed to counts at this door. Ask for it below; a coordinator allows it with one tap.")
	}
	client, err := clientOf(q)
	if err != nil {
		return nil, err
	}
	mine, err := talliesOf(l.s, id, q.Author)
	if err != nil {
		return nil, err
	}
	form, box := pressOf(client), boxOf(l.s, q.Place)
	now := Count{}
	for _, t := range mine {
		if t.Count.has(form) {
			if q.Plain {
				return nil, hub.ErrAlready
			}
			return nil, nil
		}
		if t.Hub == box {
			now = t.Count
		}
	}
	add, err := addOf(q, now)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(mine, func(t Tally) bool { return t.Hub == box })
	if now, err = pressed(now, form, add, others); err != nil {
		return nil, err
	}
	now.Of = sketch(at)
	return draftsOf(countKey+id+"/"+box, record.People, life, now)
}

// addOf is what a form adds to a count: a number of people, or what leads to the total
// that it names.
func addOf(q hub.Request, now Count) (int32, error) {
	field := "add"
	if !q.Form.Has(field) {
		field = "number"
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(q.Form.Get(field)), "+"), 10, 32)
	if err != nil || n < -place.MaxPeople || n > place.MaxPeople {
		return 0, hub.Errorf(hub.Invalid, field, "A count is a number from %[1]d to %[2]d.", -place.MaxPeople, place.MaxPeople)
	}
	if field == "add" {
		return int32(n), nil
	}
	return int32(n) - now.Total, nil
}

// recount says how many people are there, whatever was counted at the door before.
func recount(l *look, q hub.Request, at Place) ([]hub.Draft, error) {
	id := at.ID
	if err := officially(l.s, q); err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(q.Form.Get("recount")), 10, 31)
	if err != nil || n > place.MaxPeople {
		return nil, hub.Errorf(hub.Invalid, "recount", "This is a number of people, from 0 to %d.", place.MaxPeople)
	}
	tallies, err := l.tallies(id)
	if err != nil {
		return nil, err
	}
	b := place.Recount{Total: int32(n), Included: includes(tallies), Of: sketch(at)} //nolint:gosec // held to its bounds
	for _, v := range l.recounts[id] {
		if v.Author == q.Author && v.Value.Form == pressOf(q.Form.Get("client_id")) && v.Value.Total == b.Total {
			return nil, nil // the same form again, though more was counted since
		}
	}
	return put(q, recountKey+id, "seen_count", l.recounts[id], func(seen []place.Prefix, form place.Prefix) place.Recount {
		b.Seen, b.Form = seen, form
		return b
	})
}

type (
	// DoorView is what is shown of counting at a door.
	DoorView struct {
		May       bool   // the reader counts there
		Mine      int    // their own count by this box
		Elsewhere int    // and by others
		Asked     bool   // they have asked to
		Asks      []Asks // who has asked; for coordinators
		Counting  []Asks // who may count; for coordinators
	}
	// Asks is somebody who asks to count, or who may.
	Asks struct {
		Name, Tag, Key, Home string
		Words                string
	}
)

// door is what a reader is shown of counting at a door.
func (l *look) door(q hub.Request, id string) (m DoorView, _ error) {
	if m.May = l.mayCount(id, q.Author); m.May {
		mine, err := talliesOf(l.s, id, q.Author)
		if err != nil {
			return m, err
		}
		values := Values(mine)
		for i, t := range mine {
			if t.Hub == boxOf(l.s, q.Place) {
				m.Mine = int(values[i])
			} else {
				m.Elsewhere += int(values[i])
			}
		}
	}
	staff, allowed := coordinates(l.s, q), l.allowed(id)
	for it, err := range l.s.Newest(askTerm(id), 0) {
		if err != nil {
			return m, fmt.Errorf("who asks to count: %w", err)
		}
		m.Asked = m.Asked || it.Author == q.Author
		v, ok := bodyOf[Ask](it)
		if !ok || !staff || len(m.Asks) >= maxAsks || it.Hidden != "" || slices.Contains(allowed, it.Author) || l.speaks(it.Author) || it.Key != askKey+id {
			continue
		}
		one := l.person(it.Author)
		one.Words = v.Words
		m.Asks = append(m.Asks, one)
	}
	if staff {
		for _, a := range allowed {
			m.Counting = append(m.Counting, l.person(a))
		}
	}
	return m, nil
}

func (l *look) person(a record.Author) Asks {
	p := l.s.Person(a)
	return Asks{Name: p.Name, Tag: a.Tag(), Key: a.String(), Home: p.Home}
}
