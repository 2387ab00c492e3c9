package maps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
)

// halls is a list of so many shelters.
func halls(n int) string { return strings.ReplaceAll(taps(n, ""), ",water,", ",shelter,") }

// What somebody has said of a place in a list is told also when the list has it no more, by
// who may not have known of the other.
func TestWhatIsSaidOfAPlaceOutlivesItsList(t *testing.T) {
	for name, end := range map[string]func(f *files, id string){
		"taken back": func(f *files, id string) { f.undo(maria, id) },
		"no more in it": func(f *files, _ string) {
			next := f.bring(maria, "halls.csv", halls(220))
			f.many(next, "0 new, 0 changed, 220 same, 0 kept, 30 gone, 0 left out")
			f.take(maria, next)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			id := f.bring(maria, "halls.csv", halls(250))
			f.many(id, "250 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
			f.take(maria, id)
			f.follow()
			full, counted := f.list(ann, "near", "44.00240,-73").Places[0], f.list(ann, "near", "44.00241,-73").Places[0]
			f.now = f.now.Add(time.Minute)
			f.do(tom, "p/"+full.ID+"/status", "client_id", "s", "status", "full")
			f.do(tom, "p/"+counted.ID+"/count", "client_id", "r", "recount", "17")
			f.now = f.now.Add(time.Minute)
			end(f, id)
			f.follow()
			p := f.one(ann, full.ID)
			if !p.Gone || !p.Orphan || !p.Disputed() || p.Name != full.Name || p.Center() != full.Center() || p.StandsStill() == nil || p.StandsStill().Told.Name != "Tom Lee" {
				t.Errorf("%+v", p.Place)
			}
			l := f.list(ann, "near", "44.00240,-73", "all", "yes")
			for _, last := range l.Places[max(0, len(l.Places)-2):] {
				if !last.Gone || last.ID != full.ID && last.ID != counted.ID {
					t.Errorf("in the list one of the last is %+v", last)
				}
			}
			if p := f.one(ann, counted.ID); !p.Disputed() || p.PeopleStill() == nil || p.PeopleStill().Present != 17 || p.Name != counted.Name {
				t.Errorf("%+v", p.Place)
			}

			// It can be put back, or taken off for good.
			f.do(maria, "p/"+full.ID+"/edit", "client_id", "b", "kind", "shelter", "title", full.Name, "points", "44.0024,-73")
			if p := f.one(ann, full.ID); p.Gone || p.Orphan || p.Standing.Told.Name != "Tom Lee" {
				t.Errorf("put back: %+v", p.Place)
			}
			f.now = f.now.Add(time.Minute)
			f.do(maria, "p/"+full.ID+"/edit", "client_id", "g", "gone", "yes")
			if p := f.one(ann, full.ID); !p.Gone || p.Disputed() {
				t.Errorf("taken off: %+v", p.Place)
			}
		})
	}
}

// As long as a list has not come, what somebody has said of a place in it is told by itself.
func TestAPlaceWhoseListIsOnItsWayIsShownByWhatIsSaidOfIt(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "taps.csv", taps(250, ""))
	f.many(id, "250 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.take(maria, id)
	f.follow()
	tap := f.list(ann, "near", "44.00240,-73").Places[0]
	f.do(tom, "p/"+tap.ID+"/status", "client_id", "s", "status", "full")
	other := newFiles(t)
	other.held, other.trust, other.state = f.held, f.trust, nil
	if l := other.list(ann, "all", "yes"); len(l.Places) != 1 || !l.Places[0].Orphan || l.Places[0].Name != tap.Name || l.Places[0].Standing.Status != place.Full {
		t.Errorf("%+v", l.Places)
	}
}

// So it is where a file of few was taken back at a place that was cut apart.
func TestWhatIsSaidApartOfAPlaceThatIsTakenBackIsSeen(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, id)
	there := f.at(f.copyOf())
	hall := there.list(ann).Places[0]
	there.now = there.now.Add(time.Minute)
	there.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	f.now = f.now.Add(2 * time.Minute)
	f.undo(maria, id)
	exchange(f.moment, there.moment)
	for _, m := range []*files{f, there} {
		p := m.one(ann, hall.ID)
		if !p.Orphan || !p.Disputed() || p.Name != hall.Name || p.StandsStill() == nil || p.StandsStill().Status != place.Full {
			t.Errorf("%+v", p.Place)
		}
	}
}

// Nor does whoever takes a file of few back overlook what they had not seen, whichever came
// later.
func TestWhoTakesAFileBackOverlooksNothingThatWasSaidApart(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, id)
	there := f.at(f.copyOf())
	hall := there.named(ann, "Hill School")
	there.now = there.now.Add(time.Minute)
	there.do(maria, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	f.now = f.now.Add(2 * time.Minute)
	f.undo(tom, id)
	exchange(f.moment, there.moment)
	if p := f.one(ann, hall.ID); !p.Gone || !p.Disputed() || p.StandsStill() == nil || p.StandsStill().Status != place.Full {
		t.Errorf("%+v", p.Place)
	}

	// The same file again is new, and what was said stays.
	again := f.bring(maria, "shelters.csv", shelters)
	f.expect(again, "2 new, 0 changed, 0 same, 0 in conflict, 1 left out")
	f.take(maria, again)
	if p := f.one(ann, hall.ID); p.Gone || p.Standing.Status != place.Full {
		t.Errorf("%+v", p.Place)
	}
}

// What people say of an orphan stays where its file comes again.
func TestAFileThatComesAgainLeavesWhatWasSaidMeanwhile(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, id)
	there := f.at(f.copyOf())
	hall := there.named(ann, "Hill School")
	there.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	there.do(tom, "p/"+hall.ID+"/count", "client_id", "r", "recount", "9")
	f.now = f.now.Add(time.Minute)
	f.undo(maria, id)
	exchange(f.moment, there.moment)
	again := f.bring(maria, "shelters.csv", shelters)
	f.expect(again, "2 new, 0 changed, 0 same, 0 in conflict, 1 left out")
	if v := f.plan(maria, again); len(v.Noted) != 1 || !strings.Contains(v.Noted[0].Notes[0].String(), "was said here") {
		t.Errorf("%+v", v.Noted)
	}
	f.take(maria, again)
	if p := f.one(ann, hall.ID); p.Orphan || p.Gone || p.Standing.Status != place.Full || p.Standing.Told.Name != "Tom Lee" || p.People.Present != 9 {
		t.Errorf("%+v %+v %+v", p.Place, p.Standing, p.People)
	}
}

// Whoever stands at a door counts on, whatever becomes of the list.
func TestADoorIsCountedOnWithoutItsList(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "halls.csv", halls(250))
	f.many(id, "250 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.take(maria, id)
	f.follow()
	hall := f.list(ann, "near", "44.00240,-73").Places[0] // of no one in the list
	f.do(maria, "p/"+hall.ID+"/count", "client_id", "a", "allow", author(ann).String())
	f.do(ann, "p/"+hall.ID+"/count", "client_id", "c", "add", "12")
	f.undo(maria, id)
	f.follow()
	f.do(ann, "p/"+hall.ID+"/count", "client_id", "d", "add", "1")
	p := f.one(ann, hall.ID)
	if !p.Orphan || p.Name != hall.Name || p.PeopleStill() == nil || p.PeopleStill().Present != 13 || !p.Counted() || !p.Door.May {
		t.Errorf("%+v", p)
	}
	if l := f.list(ann, "all", "yes"); len(l.Places) != 1 || l.Places[0].ID != hall.ID {
		t.Errorf("%+v", l.Places)
	}
}

// Behind very many that stand, what only people speak of is found all the same.
func TestAnOrphanIsFoundBehindVeryMany(t *testing.T) {
	f := newFiles(t)
	id := f.brings(maria, "halls.csv", halls(250))
	hall := f.list(ann, "near", "44.00240,-73").Places[0]
	f.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	f.undo(maria, id)
	f.brings(maria, "taps.csv", taps(3000, ""))
	l := f.list(ann, "all", "yes")
	if last := l.Places[len(l.Places)-1]; last.ID != hall.ID || !last.Orphan || l.More+len(l.Places) != 3001 {
		t.Errorf("the last of %d and %d more is %+v", len(l.Places), l.More, last)
	}
}

// Of two versions of one list each place is counted once.
func TestTwoVersionsOfAListAreCountedOnce(t *testing.T) {
	f := newFiles(t)
	there := f.another(t)
	for who, m := range map[byte]*files{maria: f, tom: there} {
		id := m.bring(who, "taps.csv", taps(900, ""))
		m.settled(who, id)
		m.take(who, id)
		m.follow()
	}
	exchange(f.moment, there.moment)
	f.follow()
	if l := f.list(ann, "all", "yes"); len(l.Places)+l.More != 900 {
		t.Errorf("%d and %d more", len(l.Places), l.More)
	}
}

// What a neighbor has seen keeps what it is about, and a coordinator can say that it is true.
func TestAReportOutlivesTheListOfItsPlace(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "halls.csv", halls(250))
	f.many(id, "250 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.take(maria, id)
	f.follow()
	hall := f.list(ann, "near", "44.00240,-73").Places[0]
	path := f.tells(ann, "o", "closed", "", "place", hall.ID)
	f.undo(maria, id)
	f.follow()
	if v := f.seen(bob, path); v.Name != hall.Name || v.At == nil || *v.At != hall.Center() || v.Here {
		t.Errorf("%+v", v.Seen)
	}
	f.do(tom, path, "client_id", "t", "confirms", f.seen(tom, path).ID)
	if p := f.one(ann, hall.ID); !p.Orphan || p.Name != hall.Name || p.Standing.Status != place.Closed || p.Standing.Told.Name != "Tom Lee" {
		t.Errorf("%+v", p.Place)
	}
	if !f.seen(bob, path).Here {
		t.Error("its place has no page")
	}
}

func (m *moment) named(who byte, name string) maps.Place {
	m.t.Helper()
	for _, p := range m.list(who, "all", "yes").Places {
		if p.Name == name {
			return p
		}
	}
	m.t.Fatalf("there is no %s", name)
	return maps.Place{}
}

// Whoever brings a file is told that one of its places was taken off the map.
func TestAFileWithWhatWasTakenOffSaysSo(t *testing.T) {
	f := newFiles(t)
	f.place(tom, "x", "shelter", "Church", "44.48,-73.22")
	f.do(tom, "p/x/edit", "client_id", "g", "gone", "yes")
	id := f.bring(maria, "shelters.csv", shelters)
	f.expect(id, "2 new, 0 changed, 0 same, 0 in conflict, 1 left out")
	if v := f.plan(maria, id); len(v.Noted) != 1 || v.Noted[0].Name != "Church" || !strings.Contains(v.Noted[0].Notes[0].String(), "taken off the map here, by Tom Lee") {
		t.Errorf("%+v", v.Noted)
	}
}

// Nor does the clock of a hub decide whether a word on an orphan is seen.
func TestAWordOnAnOrphanIsSeenWhateverTheClockOfItsHub(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, id)
	there := f.at(f.copyOf())
	hall := there.named(ann, "Hill School")
	there.now = there.now.Add(24 * time.Hour)
	there.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	f.now = f.now.Add(2 * time.Minute)
	f.undo(maria, id)
	exchange(f.moment, there.moment)
	if p := f.named(ann, "Hill School"); p.StandsStill() == nil || !p.StandsStill().Told.Uncertain {
		t.Errorf("%+v", p)
	}
}
