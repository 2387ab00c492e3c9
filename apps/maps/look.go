package maps

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Bounds of a look.
const (
	maxRead    = 20_000 // records of one sort
	maxTallied = 16     // counts of one person at one door
	maxWitness = 100    // people who saw the same
	maxLooked  = 400    // of what people have seen, the newest
)

// After how long what is known of a place fades.
const (
	oldCount   = 2 * time.Hour
	oldState   = 12 * time.Hour
	oldDetails = 30 * 24 * time.Hour
)

// worded is a body that says which versions it replaces, and which form wrote it.
type worded interface {
	Replaced() (seen []place.Prefix, form place.Prefix)
}

// Replaced is which versions it replaces, and which form wrote it.
func (a Allowance) Replaced() ([]place.Prefix, place.Prefix) { return a.Seen, a.Form }

// Replaced is which versions it replaces, and which form wrote it.
func (s Site) Replaced() ([]place.Prefix, place.Prefix) { return s.Seen, s.Form }

// Replaced is which versions it replaces, and which form wrote it.
func (v Verdict) Replaced() ([]place.Prefix, place.Prefix) { return v.Seen, v.Form }

// made is what a record's body is, decoded once.
type made[T any] struct {
	body T
	ok   bool
}

func bodyOf[T any](it hub.Item) (T, bool) {
	m := hub.Made(it, func(r record.Record) made[T] {
		v, ok := decoded[T](r)
		return made[T]{v, ok}
	})
	return m.body, m.ok
}

// look is one look at what a hub holds.
type look struct {
	s     hub.Snapshot
	now   time.Time
	sure  bool // what time it is
	until time.Time

	details    map[string][]Version[place.Details]
	states     map[string][]Version[place.State]
	recounts   map[string][]Version[place.Recount]
	allowances map[string][]Version[Allowance]
	sites      map[string][]Version[Site]
	counted    map[hub.Term]bool    // whose counts there are, at which doors
	doored     map[string]bool      // places at whose doors somebody has counted
	layers     []stack              // that stand; see stacked.go
	said       map[string][]stocked // what layers say of the places that were asked for
}

// looking is a look at nothing yet.
func looking(s hub.Snapshot) *look {
	l := &look{s: s, said: map[string][]stocked{}}
	l.now, l.sure = s.Now()
	return l
}

// latest is now, where that is known.
func (l *look) latest() time.Time {
	if !l.sure {
		return time.Time{}
	}
	return l.now
}

// lookingAt is a look at all places.
func lookingAt(s hub.Snapshot) (*look, error) {
	l := looking(s)
	var err error
	if l.details, err = under[place.Details](l, places); err != nil {
		return nil, err
	}
	if l.states, err = under[place.State](l, statuses); err != nil {
		return nil, err
	}
	if l.recounts, err = under[place.Recount](l, recounts); err != nil {
		return nil, err
	}
	if l.allowances, err = under[Allowance](l, allowances); err != nil {
		return nil, err
	}
	l.counters(string(counts) + "/")
	if err := errors.Join(l.doors(), l.stacks()); err != nil {
		return nil, err
	}
	l.sites, err = under[Site](l, hubs)
	return l, err
}

// counters finds out who has counted, so that not everybody is asked for at each door.
func (l *look) counters(prefix string) {
	l.counted = map[hub.Term]bool{}
	for t := range l.s.Terms(prefix) {
		l.counted[t] = true
	}
}

// lookingFor is a look at one place.
func lookingFor(s hub.Snapshot, id string) (*look, error) {
	l := looking(s)
	var err error
	if l.details, err = slot[place.Details](l, placeKey, id); err != nil {
		return nil, err
	}
	if l.states, err = slot[place.State](l, statusKey, id); err != nil {
		return nil, err
	}
	if l.recounts, err = slot[place.Recount](l, recountKey, id); err != nil {
		return nil, err
	}
	l.counters(string(counts) + "/" + digest(id) + "/")
	if err := l.stacks(); err != nil {
		return nil, err
	}
	l.allowances, err = slot[Allowance](l, allowKey, id)
	return l, err
}

// under is what coordinators say under a term, by the rest of the key.
func under[T worded](l *look, t hub.Term) (map[string][]Version[T], error) {
	all, read := map[string][]Version[T]{}, 0
	for it, err := range l.s.Newest(t, 0) {
		if err != nil {
			return nil, fmt.Errorf("what is under %s: %w", t, err)
		}
		if read++; read > maxRead {
			break
		}
		add(l, all, it)
	}
	return all, nil
}

// slot is what coordinators say under one key.
func slot[T worded](l *look, prefix, rest string) (map[string][]Version[T], error) {
	all := map[string][]Version[T]{}
	for it, err := range l.s.Slots(prefix + rest) {
		if err != nil {
			return nil, fmt.Errorf("what is at %s%s: %w", prefix, rest, err)
		}
		add(l, all, it)
	}
	return all, nil
}

func add[T worded](l *look, all map[string][]Version[T], it hub.Item) {
	if it.Withdrawn() || it.Class != record.Place || !l.speaks(it.Author) {
		return
	}
	if v, ok := bodyOf[T](it); ok {
		_, rest := split(it.Key)
		seen, _ := v.Replaced()
		all[rest] = append(all[rest], versionOf(it, v, seen))
	}
}

// speaks reports whether somebody may put places on the map, by what this hub knows now.
// What they did before they left counts on.
func (l *look) speaks(a record.Author) bool { return l.s.Roster().Has(a, roster.Maps) }

// told is who said something, and when; it fades after so long.
func (l *look) told(a record.Author, at record.Time, ahead bool, fades time.Duration) Told {
	t := Told{Uncertain: ahead}
	if c, ok := l.s.Roster().Coordinator(a); ok {
		t.Name, t.Area = c.Label, c.Area
	} else {
		t.Name = l.s.Person(a).Name
	}
	if ahead {
		return t
	}
	t.At = at.Wall()
	if !l.sure {
		return t
	}
	switch end := t.At.Add(fades); {
	case !l.now.Before(end):
		t.Old = true
	case l.until.IsZero() || end.Before(l.until):
		l.until = end
	}
	return t
}

func toldOf[T any](l *look, v Version[T], fades time.Duration) Told {
	return l.told(v.Author, v.Time, v.Ahead, fades)
}

// toldAsOf is toldOf of what may have been so longer ago than it was written down.
func toldAsOf[T any](l *look, v Version[T], at place.Moment, fades time.Duration) Told {
	if was := at.Of(v.Time.Wall()); !v.Ahead && was.Before(v.Time.Wall()) {
		v.Time = record.At(was)
	}
	return toldOf(l, v, fades)
}

// ids are the versions that are here, for a form to say what it has shown.
func ids[T any](all []Version[T]) (out []place.Prefix) {
	for _, v := range all {
		if p := place.PrefixOf(v.ID); !slices.Contains(out, p) && len(out) < place.MaxSeen {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b place.Prefix) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// place is one place as it stands; false if nobody says that there is one.
func (l *look) place(id string) (p Place, ok bool, err error) {
	here := l.detailsOf(id)
	top, besides, said := Merge(here)
	if !said {
		if top.Value, ok, err = l.leftOf(id); !ok || err != nil {
			return p, false, err
		}
	}
	p = Place{ID: id, Path: "/maps/" + placePath + "/" + id, Details: top.Value, versions: ids(here)}
	if p.Orphan = !said; !p.Orphan {
		p.Told = toldAsOf(l, top, top.Value.AsOf, oldDetails)
	}
	for _, v := range besides {
		if p.Gone && v.Value.Gone && len(p.Knew) > 0 { // what one of those who took it off had seen is no news
			p.Knew = slices.Concat(p.Knew, v.Value.Knew)
		}
		if diffs := place.Stated(top.Value.Differences(v.Value)); len(diffs) > 0 {
			p.Also = append(p.Also, Also{Told: toldAsOf(l, v, v.Value.AsOf, oldDetails), Diffs: diffs, Path: p.Path + "/" + editPage + "?from=" + place.PrefixOf(v.ID).String()})
		}
	}
	states := l.statesOf(id)
	p.stated, p.counted = ids(states), ids(l.byHand(id))
	if state, others, ok := Merge(states); ok {
		p.Standing = &Stands{State: state.Value, Told: toldAsOf(l, state, state.Value.AsOf, oldState), stand: unreplaced(state, others)}
		for _, v := range others {
			if diffs := place.Stated(state.Value.Differences(v.Value)); len(diffs) > 0 {
				p.Standing.Also = append(p.Standing.Also, Also{Told: toldAsOf(l, v, v.Value.AsOf, oldState), Diffs: diffs, Path: p.Path + "/" + statusPage + "?from=" + place.PrefixOf(v.ID).String()})
			}
		}
	}
	p.People, err = l.people(id)
	return p, true, err
}

// people is how many are at a place; nil where nobody has counted.
func (l *look) people(id string) (*People, error) {
	tallies, err := l.tallies(id)
	if err != nil {
		return nil, err
	}
	here := l.counts(id, tallies)
	m := People{tallies: tallies}
	top, besides, counted := Merge(here)
	if !counted && len(tallies) == 0 {
		return nil, nil
	}
	var newest Tally
	who := map[record.Author]bool{}
	for _, t := range tallies {
		who[t.Who] = true
		if newest.At.IsZero() || t.At.After(newest.At) {
			newest = t
		}
	}
	m.Doors = len(who)
	if !counted {
		m.Present = Present(tallies, nil)
		m.Told = l.told(newest.Who, record.At(newest.At), newest.At.IsZero(), oldCount)
		return &m, nil
	}
	m.Present = Present(tallies, &top.Value)
	told := toldAsOf(l, top, top.Value.AsOf, oldCount)
	m.Recount, m.Told, m.stand, m.included = &told, told, unreplaced(top, besides), top.Value.Included
	since := told.At
	if top.Layer != "" && !l.tallied(id, top.ID) { // its number has in it what was counted before it came
		since = top.Time.Wall()
	}
	if newest.At.After(since) {
		m.Told = l.told(newest.Who, record.At(newest.At), false, oldCount)
	}
	for _, v := range besides {
		if n := Present(tallies, &v.Value); n != m.Present {
			m.Also = append(m.Also, Also{Told: toldAsOf(l, v, v.Value.AsOf, oldCount), Diffs: []place.Diff{{Title: "People there", Text: strconv.Itoa(n)}}})
		}
	}
	return &m, nil
}

// allowed are who may count at a door besides coordinators: whom any of those lets who
// did not know of each other's word.
func (l *look) allowed(id string) (all []record.Author) {
	top, besides, ok := Merge(l.allowances[id])
	if !ok {
		return nil
	}
	for _, v := range append([]Version[Allowance]{top}, besides...) {
		for _, key := range v.Value.Who {
			if who := record.Author(key); !slices.Contains(all, who) {
				all = append(all, who)
			}
		}
	}
	slices.SortFunc(all, func(a, b record.Author) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// mayCount reports whether somebody's count at a door counts.
func (l *look) mayCount(id string, who record.Author) bool {
	return who != (record.Author{}) && (l.speaks(who) || slices.Contains(l.allowed(id), who))
}

// tallies are the counts at a door that count, in their order.
func (l *look) tallies(id string) (all []Tally, _ error) {
	who := l.allowed(id)
	for a, c := range l.s.Roster().Coordinators() {
		if c.Roles.Has(roster.Maps) && !slices.Contains(who, a) {
			who = append(who, a)
		}
	}
	for _, a := range who {
		if !l.counted[countTerm(id, a)] {
			continue
		}
		some, err := talliesOf(l.s, id, a)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, Tally.order)
	return all, nil
}

// talliesOf are one person's counts at a door, one a box.
func talliesOf(s hub.Snapshot, id string, who record.Author) (all []Tally, _ error) {
	newest := map[string]hub.Item{}
	read := 0
	for it, err := range s.Newest(countTerm(id, who), 0) {
		if err != nil {
			return nil, fmt.Errorf("counts at a door: %w", err)
		}
		if read++; read > maxRead {
			break
		}
		if !strings.HasPrefix(it.Key, countKey+id+"/") || it.Author != who {
			continue
		}
		if was, has := newest[it.Key]; !has || versionOf(it, 0, nil).after(versionOf(was, 0, nil)) {
			newest[it.Key] = it
		}
	}
	for key, it := range newest {
		c, ok := bodyOf[Count](it)
		if !ok {
			continue
		}
		t := Tally{Who: who, Hub: key[len(countKey)+len(id)+1:], Count: c}
		if !it.Ahead {
			t.At = it.Time.Wall()
		}
		all = append(all, t)
	}
	slices.SortFunc(all, Tally.order)
	return all[:min(len(all), maxTallied)], nil
}

// boxOf names a box of the community in a key: the short form of its key, or of its label
// where several are called so or none is.
func boxOf(s hub.Snapshot, label string) string {
	var found []record.Author
	for key, c := range s.Roster().Hubs() {
		if c.Label == label {
			found = append(found, key)
		}
	}
	if len(found) == 1 {
		via := found[0].Via()
		return hex.EncodeToString(via[:])
	}
	sum := sha256.Sum256([]byte("lamppost place\x00" + label))
	return hex.EncodeToString(sum[:place.HubDigits/2])
}
