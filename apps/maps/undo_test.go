package maps_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

const third byte = 20 // a third coordinator

// Once a file is taken back, what stood before stands as it was said then, and by whom.
func TestWhatStandsAgainIsAsOldAsItWas(t *testing.T) {
	shut := strings.ReplaceAll(shelters, ",open,12,", ",closed,12,")
	for name, who := range map[string]byte{"by who brought it": maria, "by another": tom} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			f.take(maria, f.bring(maria, "shelters.csv", shelters))
			hall := f.named(ann, "Hill School")
			f.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
			said := f.one(ann, hall.ID).Standing.Told
			f.now = f.now.Add(11 * time.Hour)
			id := f.bring(maria, "shelters.csv", shut)
			f.take(maria, id, "all", "yes")
			if p := f.one(ann, hall.ID); p.Standing.Status != place.Closed {
				t.Fatalf("%+v", p.Standing)
			}
			f.undo(who, id)
			p := f.one(ann, hall.ID)
			if p.Standing.Status != place.Full || p.Standing.Told.At.Sub(said.At).Abs() > time.Second || p.Standing.Told.Name != said.Name {
				t.Errorf("%+v; it was %+v", p.Standing, said)
			}
			f.now = f.now.Add(2 * time.Hour)
			if !f.one(ann, hall.ID).Standing.Told.Old {
				t.Error("it is taken for new")
			}
		})
	}
}

// So it is with a list of many.
func TestAListThatStandsAgainIsAsOldAsItWas(t *testing.T) {
	for name, who := range map[string]byte{"by who brought it": maria, "by another": third} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			f.grant(third, "Third", "", 0xff)
			id := f.bring(tom, "halls.csv", halls(250))
			f.many(id, "250 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
			f.take(tom, id)
			f.follow()
			hall := f.list(ann, "near", "44.00240,-73").Places[0]
			f.now = f.now.Add(11 * time.Hour)
			next := f.bring(maria, "halls.csv", strings.ReplaceAll(halls(250), ",open,", ",closed,"))
			f.many(next, "0 new, 250 changed, 0 same, 0 kept, 0 gone, 0 left out")
			f.take(maria, next)
			f.follow()
			f.undo(who, next)
			f.follow()
			p := f.one(ann, hall.ID)
			if p.Standing.Status != place.Open || p.Standing.Told.At.Sub(hall.Standing.Told.At).Abs() > time.Second || who == maria && p.Standing.Told.Name != "Tom Lee" {
				t.Errorf("%+v; it was %+v", p.Standing, hall.Standing)
			}
		})
	}
}

// A list that grows beyond what stands as single places has the last word of its own places.
func TestAListThatGrowsReplacesWhatItHadSaid(t *testing.T) {
	f := newFiles(t)
	f.take(maria, f.bring(maria, "halls.csv", halls(120)))
	hall, byHand := f.named(ann, "Tap 5"), f.named(ann, "Tap 6")
	f.now = f.now.Add(time.Minute)
	f.do(tom, "p/"+byHand.ID+"/status", "client_id", "s", "status", "full")
	grown := strings.ReplaceAll(strings.ReplaceAll(halls(230), ",open,", ",closed,"), ",closed,2\n", ",closed,22\n")
	id := f.bring(maria, "halls.csv", grown)
	f.many(id, "110 new, 119 changed, 0 same, 1 kept, 0 gone, 0 left out")
	f.take(maria, id)
	f.follow()
	if p := f.one(ann, hall.ID); p.Standing.Status != place.Closed || len(p.Standing.Also) > 0 || len(p.Also) > 0 || p.People == nil || p.People.Present != 22 {
		t.Errorf("%+v %+v", p.Place, p.People)
	}
	if p := f.one(ann, byHand.ID); p.Standing.Status != place.Full || p.Standing.Told.Name != "Tom Lee" {
		t.Errorf("%+v", p.Place)
	}
	f.many(f.bring(maria, "halls.csv", grown), "0 new, 0 changed, 229 same, 1 kept, 0 gone, 0 left out")
	f.undo(maria, id)
	f.follow()
	if p := f.one(ann, hall.ID); p.Standing.Status != place.Open || p.People == nil || p.People.Present != 2 {
		t.Errorf("%+v", p.Place)
	}
}

// However often a list comes, who is at a door stays counted.
func TestAListThatComesAgainCountsNobodyTwice(t *testing.T) {
	f := newFiles(t)
	full := strings.ReplaceAll(halls(250), ",open,2\n", ",open,5\n")
	bring := func(text string) string {
		f.now = f.now.Add(time.Minute)
		id := f.brings(maria, "halls.csv", text)
		return id
	}
	bring(full)
	hall := f.named(ann, "Tap 5")
	f.do(maria, "p/"+hall.ID+"/count", "client_id", "a", "allow", author(ann).String())
	presses := 0
	present := func(want int) {
		t.Helper()
		if p := f.one(ann, hall.ID); p.People == nil || p.People.Present != want {
			t.Errorf("%+v; want %d", p.People, want)
		}
	}
	press := func(n int) {
		f.now = f.now.Add(time.Minute)
		presses++
		f.do(ann, "p/"+hall.ID+"/count", "client_id", fmt.Sprint("c", presses), "add", fmt.Sprint(n))
	}
	present(5)
	press(6)
	present(11)
	next := bring(full + "900,Tap 900,shelter,44.9,-73,open,5\n")
	present(11)
	press(1)
	present(12)
	f.now = f.now.Add(time.Minute)
	f.undo(maria, next)
	f.follow()
	present(12)
	press(1)
	present(13)
}

// Nor is anybody forgotten who was counted at the door of another place that was cut apart.
func TestAListThatComesAgainForgetsNobodyCountedApart(t *testing.T) {
	f := newFiles(t)
	full := strings.ReplaceAll(halls(250), ",open,2\n", ",open,5\n")
	f.brings(maria, "halls.csv", full)
	hall := f.named(ann, "Tap 5")
	f.do(maria, "p/"+hall.ID+"/count", "client_id", "a", "allow", author(ann).String())
	there := f.at(f.copyOf())
	there.now = there.now.Add(time.Minute)
	there.do(ann, "p/"+hall.ID+"/count", "client_id", "c", "add", "6")
	f.now = f.now.Add(2 * time.Minute)
	f.brings(maria, "halls.csv", full+"900,Tap 900,shelter,44.9,-73,open,5\n")
	exchange(f.moment, there.moment)
	if p := f.one(ann, hall.ID); p.People == nil || p.People.Present != 11 {
		t.Errorf("%+v", p.People)
	}
}

// A file that two have brought without knowing of each other can be taken back by both.
func TestWhatTwoHaveBroughtIsTakenBackByEach(t *testing.T) {
	for name, marias := range map[string]bool{
		"few": false, "few, the older first": true, "many": false, "many, the older first": true,
		"few otherwise": false, "few otherwise, the older first": true, "many otherwise": false, "many otherwise, the older first": true,
	} {
		t.Run(name, func(t *testing.T) {
			text := halls(20)
			if strings.HasPrefix(name, "many") {
				text = halls(250)
			}
			of := map[byte]string{maria: text, tom: text}
			if strings.Contains(name, "otherwise") {
				of[tom] = strings.ReplaceAll(text, ",open,", ",closed,")
			}
			f := newFiles(t)
			f.grant(third, "Third", "", 0xff)
			there := f.another(t)
			take := func(m *files, who byte) string {
				id := m.bring(who, "halls.csv", of[who])
				m.settled(who, id)
				m.take(who, id)
				m.follow()
				return id
			}
			a := take(f, maria)
			there.now = there.now.Add(time.Minute)
			b := take(there, tom)
			exchange(f.moment, there.moment)
			f.now = f.now.Add(2 * time.Minute)
			f.follow()
			for _, who := range []byte{maria, third} {
				if got := f.refusedFile(who, "i/"+b); !strings.Contains(got, "Only Tom Lee") {
					t.Error(got)
				}
			}
			order := []struct {
				who  byte
				id   string
				left string
			}{{tom, b, "Maria Ortiz"}, {maria, a, ""}}
			if marias {
				order[0], order[1] = order[1], order[0]
				order[0].left, order[1].left = "Tom Lee", ""
			}
			for _, o := range order {
				if m := f.undo(o.who, o.id); m.Left != 0 {
					t.Errorf("%+v", m)
				}
				f.follow()
				if o.left == "" {
					if got := f.shown(); got != "" {
						t.Error(got)
					}
				} else if p := f.named(ann, "Tap 5"); p.Told.Name != o.left || len(p.Also) > 0 {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}

// An old file after a newer one is a third one: nothing of it goes with the first.
func TestFilesOfAListAreTakenBackInTheirOrder(t *testing.T) {
	f := newFiles(t)
	first := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, first)
	second := f.bring(maria, "shelters.csv", strings.ReplaceAll(shelters, ",open,", ",closed,"))
	f.take(maria, second)
	third := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, third)
	for _, id := range []string{first, second} {
		if got := f.refusedFile(maria, "i/"+id); !strings.Contains(got, "Take that one back first") {
			t.Error(got)
		}
	}
	f.undo(maria, third)
	if p := f.named(ann, "Hill School"); p.Standing.Status != place.Closed {
		t.Errorf("%+v", p.Standing)
	}
	f.undo(maria, second)
	f.undo(maria, first)
	if got := f.shown(); got != "" {
		t.Error(got)
	}
}

// settled waits until a file has been read.
func (f *files) settled(who byte, id string) {
	f.t.Helper()
	for f.plan(who, id).Reading {
		f.app.HasRead(id)
	}
}

// A file of which nothing can be taken back any more holds up none that came before it.
func TestAFileThatHasAllChangedHoldsUpNoOther(t *testing.T) {
	f := newFiles(t)
	first := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, first)
	second := f.bring(maria, "shelters.csv", strings.ReplaceAll(shelters, ",open,12,", ",closed,12,"))
	f.take(maria, second)
	hall := f.named(ann, "Hill School")
	f.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	if m := f.undo(maria, second); m.Left != 1 || !m.Undone {
		t.Errorf("%+v", m)
	}
	if m := f.undo(maria, first); m.Left != 1 {
		t.Errorf("%+v", m)
	}
	if got := f.shown(); got != "Hill School full 12" {
		t.Error(got)
	}
	// Nor does a list of many that was taken off by hand.
	g := newFiles(t)
	g.take(maria, g.bring(maria, "halls.csv", halls(120)))
	grown := g.bring(maria, "halls.csv", halls(250))
	g.settled(maria, grown)
	g.take(maria, grown)
	g.follow()
	list := g.listed()
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	if _, err := g.send(tom, "l/"+list[0].ID, "client_id", g.client(), "gone", "yes"); err != nil {
		t.Fatal(err)
	}
	g.follow()
	if got := g.shown(); strings.Contains(got, "open") {
		t.Errorf("the list is off, and of it there is: %s", got)
	}
	if m := g.undo(maria, grown); m.Left == 0 || !m.Undone {
		t.Errorf("%+v", m)
	}
}

// Whoever takes back what others have brought, and then their own, has nothing of either stand
// again.
func TestNothingOfAFileThatWasTakenBackStandsAgain(t *testing.T) {
	for name, who := range map[string][4]byte{ // who brings the first and the second, who takes the second and the first back
		"others'": {maria, tom, third, third}, "one's own beneath": {third, maria, third, third}, "each their own": {maria, tom, tom, maria}, "each other's": {maria, tom, maria, tom},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			f.grant(third, "Third", "", 0xff)
			first := f.bring(who[0], "shelters.csv", shelters)
			f.take(who[0], first)
			second := f.bring(who[1], "shelters.csv", strings.NewReplacer("Church", "St. Mary", ",open,12,", ",closed,30,").Replace(shelters))
			f.take(who[1], second)
			f.undo(who[2], second)
			if got := f.shown(); got != "Church closed; Hill School open 12" {
				t.Error(got)
			}
			f.undo(who[3], first)
			for _, p := range f.list(ann).Places {
				t.Errorf("%s stands", p.Name)
			}
			if got := f.shown(); got != "" {
				t.Error(got)
			}
		})
	}
}

// Nor where one and the same brings it again, and takes it back again.
func TestAFileThatIsTakenBackTwiceIsGone(t *testing.T) {
	f := newFiles(t)
	first := f.bring(tom, "shelters.csv", shelters)
	f.take(tom, first)
	f.undo(maria, first)
	second := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, second)
	f.undo(maria, second)
	if got := f.shown(); got != "" {
		t.Error(got)
	}
	// What it had said of how a place stands is not what people here have said.
	third := f.bring(maria, "shelters.csv", "id,name,type,lat,lon\n1,Hill School,shelter,44.47,-73.21\n2,Church,shelter,44.48,-73.22\n")
	f.take(maria, third)
	if got := f.shown(); got != "Church; Hill School" {
		t.Error(got)
	}
}

// What was also reported before a file came is so again without it.
func TestWhatWasAlsoReportedIsSoAgain(t *testing.T) {
	f := newFiles(t)
	f.contested()
	id := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, id, "all", "yes")
	if p := f.one(ann, "x"); p.Contact != "desk" || len(p.Also) > 0 {
		t.Fatalf("%+v", p.Place)
	}
	f.undo(maria, id)
	if p := f.one(ann, "x"); p.Contact != "Lee" || p.Told.Name != "Tom Lee" || len(p.Also) != 1 || p.Also[0].Told.Name != "Third" {
		t.Errorf("%+v", p.Place)
	}
}

// Of whoever takes a file back the place can be said anew to stand some way.
func TestAStatusIsSetAnewAfterOneWasTakenBack(t *testing.T) {
	f := newFiles(t)
	f.place(tom, "x", "shelter", "Hill School", "44.47,-73.21")
	id := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, id, "all", "yes")
	f.undo(tom, id)
	for _, who := range []byte{tom, maria} {
		f.now = f.now.Add(time.Minute)
		f.do(who, "p/x/status", "client_id", f.client(), "seen", f.one(who, "x").States, "status", "full", "short", "yes")
	}
}

// Nothing is taken back of which not all has come.
func TestNothingIsTakenBackThatHasNotCome(t *testing.T) {
	for name, text := range map[string]string{"few": halls(20), "many": halls(250)} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			id := f.bring(maria, "halls.csv", text)
			f.settled(maria, id)
			all := f.take(maria, id)
			f.follow()
			f.held = slices.DeleteFunc(f.held, func(r record.Record) bool {
				return slices.ContainsFunc(all, func(o record.Record) bool { return o.ID() == r.ID() }) && (strings.HasPrefix(r.Key, "p/") || strings.HasPrefix(r.Key, "l/"))
			})
			if got := f.refusedFile(maria, "i/"+id); !strings.Contains(got, "has arrived here yet") {
				t.Error(got)
			}
		})
	}
}

// A status that a file gave to a place of somebody else's goes with the file, whoever takes it back.
func TestAStatusGoesWithItsFile(t *testing.T) {
	for name, who := range map[string]byte{"by who brought it": maria, "by another": tom} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			f.place(tom, "x", "shelter", "Hill School", "44.47,-73.21")
			id := f.bring(maria, "shelters.csv", shelters)
			f.take(maria, id, "all", "yes")
			if got := f.shown(); got != "Church closed; Hill School open 12" {
				t.Fatal(got)
			}
			f.undo(who, id)
			if got := f.shown(); got != "Hill School" {
				t.Error(got)
			}
		})
	}
}

// A place that stayed as somebody spoke of it is what it was, once a newer file is taken back.
func TestWhatStayedStandsOnWithoutANewerFile(t *testing.T) {
	f := newFiles(t)
	first := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, first)
	hall := f.named(ann, "Hill School")
	f.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	f.undo(maria, first)
	second := f.bring(maria, "shelters.csv", strings.NewReplacer(",desk", ",office", ",open,12,", ",full,12,").Replace(shelters))
	f.take(maria, second)
	f.undo(maria, second)
	if p := f.one(ann, hall.ID); p.Gone || p.Orphan || p.Contact != "desk" {
		t.Errorf("%+v", p.Place)
	}
}

// What somebody has changed apart in a place of a file that was taken back is not replaced where
// the file comes again.
func TestAFileThatComesAgainLeavesWhatWasChangedApart(t *testing.T) {
	f := newFiles(t)
	f.grant(third, "Third", "", 0xff)
	id := f.bring(maria, "shelters.csv", shelters)
	f.take(maria, id)
	there := f.at(f.copyOf())
	hall := there.named(ann, "Hill School")
	there.now = there.now.Add(time.Minute)
	there.do(third, "p/"+hall.ID+"/edit", "client_id", "e", "kind", "shelter", "title", "Back door", "points", "44.47,-73.21", "seen", there.one(third, hall.ID).Versions())
	f.now = f.now.Add(2 * time.Minute)
	f.undo(tom, id)
	exchange(f.moment, there.moment)
	f.expect(f.bring(maria, "shelters.csv", shelters), "1 new, 0 changed, 0 same, 1 in conflict, 1 left out")
}

// A resident's records of counts that they may not make hide no place that a coordinator counted.
func TestCountsOfWhoMayNotHideNoPlace(t *testing.T) {
	f := newFiles(t)
	id := f.brings(maria, "halls.csv", halls(250))
	hall := f.list(ann, "near", "44.00240,-73").Places[0]
	f.do(tom, "p/"+hall.ID+"/count", "client_id", "c", "add", "12")
	f.undo(maria, id)
	f.follow()
	d, err := hub.Collection[maps.Count]{}.Draft("", maps.Count{Total: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 900 {
		f.put(bob, hub.Draft{Key: fmt.Sprintf("h/x%d/0123456789abcdef", i), Class: record.People, TTL: 400, Body: d.Body}, f.now)
	}
	if l := f.list(ann, "all", "yes"); len(l.Places) != 1 || !l.Places[0].Orphan {
		t.Errorf("%+v", l.Places)
	}
}

func (f *files) listed() []maps.LayerView {
	f.t.Helper()
	p, err := f.app.View(f.moment, f.ask(maria, "l"))
	if err != nil {
		f.t.Fatal(err)
	}
	return p.Model.(maps.LayersView).Lists
}

// What another reported beside one's own word is told again once one's own file is taken back.
func TestWhatWasReportedBesideOnesOwnWordIsSoAgain(t *testing.T) {
	f := newFiles(t)
	f.contested()
	id := f.bring(tom, "shelters.csv", shelters)
	f.take(tom, id, "all", "yes")
	f.undo(tom, id)
	if p := f.one(ann, "x"); p.Contact != "Lee" || len(p.Also) != 1 {
		t.Errorf("%+v", p.Place)
	}
}

// A file is not taken back while only what came before it is here.
func TestAnOlderWordIsNotTheOneThatIsAwaited(t *testing.T) {
	for name, n := range map[string]int{"few": 20, "many": 250} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			take := func(text string) (string, []record.Record) {
				id := f.bring(maria, "halls.csv", text)
				f.settled(maria, id)
				all := f.take(maria, id)
				f.follow()
				return id, all
			}
			take(halls(n))
			before := slices.Clone(f.held)
			f.now = f.now.Add(time.Minute)
			id, all := take(strings.ReplaceAll(halls(n), ",open,", ",closed,"))
			f.held = before
			for _, r := range all {
				if strings.HasPrefix(r.Key, "i/") {
					f.held = append(f.held, r)
				}
			}
			if got := f.refusedFile(maria, "i/"+id); !strings.Contains(got, "has arrived here yet") {
				t.Error(got)
			}
		})
	}
}

// contested is a place of which two say otherwise, neither knowing of the other: tom last.
func (f *files) contested() {
	f.t.Helper()
	f.grant(third, "Third", "", 0xff)
	f.place(tom, "x", "shelter", "Hill School", "44.47,-73.21", "contact", "Lee")
	there := f.at(f.copyOf())
	there.now = there.now.Add(time.Minute)
	there.do(third, "p/x/edit", "client_id", "e", "kind", "shelter", "title", "Hill School", "points", "44.47,-73.21", "contact", "Kim", "seen", f.one(third, "x").Versions())
	f.now = f.now.Add(2 * time.Minute)
	f.do(tom, "p/x/edit", "client_id", "e2", "kind", "shelter", "title", "Hill School", "points", "44.47,-73.21", "contact", "Lee", "hours", "day")
	exchange(f.moment, there.moment)
}

// another is a hub of its own that holds the same.
func (f *files) another(t *testing.T) *files {
	t.Helper()
	there := newFiles(t)
	there.founded, there.held, there.trust, there.state, there.blobs = f.founded, f.held, f.trust, nil, f.blobs
	return there
}

// brings takes a file of many places over, and has it indexed.
func (f *files) brings(who byte, name, text string) (id string) {
	f.t.Helper()
	id = f.bring(who, name, text)
	f.settled(who, id)
	f.take(who, id)
	f.follow()
	return id
}
