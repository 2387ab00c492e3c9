package maps_test

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	mapsapp "github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestPlacesOfALayerStandAmongTheOthers(t *testing.T) {
	h := newTown(t)
	h.do(maria, "here", "client_id", "here", "points", "44,-73")
	h.place(maria, "own", "water", "Fountain", "44.015,-73")
	h.bring(maria, "list", "Water and shelters", some())
	v := h.list(ann)
	if got := names(v.Places); got != "Tap; Fountain; School; Well; Gym" || names(v.Dangers) != "Bridge" || v.More != 0 || len(v.Lists) > 0 {
		t.Errorf("%s; %s; %d more, %v", got, names(v.Dangers), v.More, v.Lists)
	}
	if a := v.Dangers[0].Away; a == nil || a.Meters != 111 { // to the line, not to its ends
		t.Errorf("the bridge is %+v away", a)
	}
	if p := v.Places[2]; p.People == nil || p.People.Present != 40 || !p.HasRoom() || p.Told.Name != "Maria Ortiz" || p.Standing.Told.At.IsZero() {
		t.Errorf("%+v", p)
	}
	for query, want := range map[string]string{
		"near=gym&kind=shelter": "Gym; School", "near=schoo&kind=shelter": "School; Gym", "kind=water": "Tap; Fountain; Well", "open=yes": "School; Gym", "room=yes": "School", "kind=road": "Bridge", "near=44.05,-73&kind=shelter": "Gym; School", "pets=yes": "",
	} {
		form, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		q := h.ask(ann, "")
		q.Query = form
		if got := names(view[mapsapp.ListView](h.moment, q).Places); got != want {
			t.Errorf("%s shows %s", query, got)
		}
	}
	if p := h.one(ann, "school").Place; p.Name != "School" || p.Path != "/maps/p/school" {
		t.Errorf("%+v", p)
	}
	card, err := h.app().Front(h.moment, h.ask(ann, ""))
	if m, ok := card.Model.(mapsapp.CardView); err != nil || !ok || names(m.Places) != "Tap; Fountain; School" && names(m.Places) != "Tap; School; Fountain" {
		t.Errorf("%+v %v", card.Model, err)
	}
}

func TestOfVeryManyTheNearestAreShownAndTheRestCounted(t *testing.T) {
	h := newTown(t)
	all := map[string]place.Sheet{}
	for i := range 3000 {
		all[fmt.Sprint("tap-", i)] = sheet(place.Water, fmt.Sprint("Tap ", i), fmt.Sprintf("44.%05d,-73", i))
	}
	all["school"] = open("School", "44.9,-73", 10, 0)
	h.bring(maria, "taps", "Taps", all)
	h.place(maria, "own", "water", "Fountain", "44,-73")
	v := h.list(ann, "near", "43,-73")
	if len(v.Places) != 50 || v.Places[0].ID != "own" && v.Places[0].ID != "tap-0" || v.Places[49].ID != "tap-48" || v.More != 3002-50 {
		t.Errorf("%d, the last %s, and %d more", len(v.Places), v.Places[len(v.Places)-1].ID, v.More)
	}
	if v := h.list(ann, "near", "43,-73", "all", "yes"); len(v.Places) != 500 || v.More != 3002-500 {
		t.Errorf("%d and %d more", len(v.Places), v.More)
	}
	if v := h.list(ann); len(v.Places) != 50 || v.Places[0].ID != "school" {
		t.Errorf("without a point to start from %s comes first of %d", v.Places[0].Name, len(v.Places))
	}
	card, err := h.app().Front(h.moment, h.ask(ann, ""))
	if m, ok := card.Model.(mapsapp.CardView); err != nil || !ok || !slices.ContainsFunc(m.Places, func(p mapsapp.Place) bool { return p.ID == "school" }) {
		t.Errorf("among so many taps there is no shelter: %+v %v", card.Model, err)
	}
	h.do(maria, "p/tap-7/edit", "client_id", "e", "kind", "water", "title", "Tap 7, dry", "points", "44.00007,-73")
	v = h.list(ann, "near", "43,-73")
	if !strings.Contains(names(v.Places), "Tap 7, dry") || strings.Contains(names(v.Places), "Tap 7;") || len(v.Places) != 50 || v.More != 3002-50 {
		t.Errorf("%s and %d more", names(v.Places), v.More)
	}
}

// TestTwoWhoEditTheSameOfALayerAreBothSeen is two coordinators at hubs that are cut apart.
func TestTwoWhoEditTheSameOfALayerAreBothSeen(t *testing.T) {
	a := newTown(t)
	a.bring(maria, "list", "Shelters", some())
	b := a.apart(t)
	a.do(maria, "p/school/edit", "client_id", "m", "kind", "shelter", "title", "Hill School", "points", "44.02,-73", "most", "100")
	a.do(maria, "p/school/status", "client_id", "ms", "status", "full")
	b.now = b.now.Add(time.Minute)
	b.do(tom, "p/school/edit", "client_id", "t", "kind", "shelter", "title", "School, ring the bell", "points", "44.02,-73", "most", "100")
	b.do(tom, "p/school/status", "client_id", "ts", "status", "closing")
	exchange(a.moment, b.moment)
	for _, h := range []*town{a, b} {
		p := h.one(ann, "school").Place
		if p.Name != "School, ring the bell" || len(p.Also) != 1 || p.Also[0].Diffs[0].Text != "Hill School" || p.Also[0].Told.Name != "Maria Ortiz" {
			t.Errorf("it is %s, also %+v", p.Name, p.Also)
		}
		if p.Standing.Status != place.Closing || len(p.Standing.Also) != 1 || p.Standing.Also[0].Diffs[0].Words[0] != "Full" {
			t.Errorf("it stands %s, also %+v", p.Standing.Status, p.Standing.Also)
		}
	}
	a.now = a.now.Add(2 * time.Minute)
	a.do(maria, "p/school/edit", "client_id", "m2", "kind", "shelter", "title", "Hill School, ring the bell", "points", "44.02,-73", "most", "100")
	if p := a.one(ann, "school").Place; p.Name != "Hill School, ring the bell" || len(p.Also) != 0 {
		t.Errorf("it is %s, also %+v", p.Name, p.Also)
	}
}

// TestALayerThatComesAgainTakesNothingBack is a list that somebody brings every day: what was
// edited stands; where the list says something else than before, that is also reported.
func TestALayerThatComesAgainTakesNothingBack(t *testing.T) {
	h := newTown(t)
	h.bring(maria, "list", "Shelters", some())
	h.now = h.now.Add(time.Hour)
	h.do(maria, "p/school/edit", "client_id", "1", "kind", "shelter", "title", "Hill School", "points", "44.02,-73", "most", "100")
	h.do(tom, "p/gym/edit", "client_id", "2", "kind", "shelter", "title", "Old Gym", "points", "44.04,-73", "most", "50")
	h.do(tom, "p/well/edit", "client_id", "3", "gone", "yes")
	h.do(tom, "p/school/status", "client_id", "4", "status", "full")
	h.now = h.now.Add(time.Hour)
	next := some()
	next["gym"] = open("Gymnasium", "44.04,-73", 50, 60)
	there := uint32(55)
	again := next["school"]
	again.People = &there
	next["school"] = again
	next["new"] = sheet(place.Food, "Kitchen", "44.05,-73")
	delete(next, "tap")
	h.bring(maria, "list", "Shelters", next)
	v := h.list(ann, "near", "44,-73")
	if got := names(v.Places); got != "Hill School; Old Gym; Kitchen" {
		t.Error(got)
	}
	if p := h.one(ann, "school").Place; p.Standing.Status != place.Full || len(p.Standing.Also) > 0 || p.People.Present != 55 || len(p.Also) > 0 {
		t.Errorf("%+v %+v %+v", p.Standing, p.People, p.Also)
	}
	if p := h.one(ann, "gym").Place; len(p.Also) != 1 || p.Also[0].Diffs[0].Text != "Gymnasium" || p.Also[0].Told.At.Before(p.Told.At) {
		t.Errorf("%+v", p.Also)
	}
}

func TestAWholeLayerIsTakenOffTheMap(t *testing.T) {
	h := newTown(t)
	h.bring(maria, "list", "Shelters", some())
	h.do(maria, "p/school/edit", "client_id", "1", "kind", "shelter", "title", "Hill School", "points", "44.02,-73")
	page := view[mapsapp.LayerPage](h.moment, h.ask(tom, "l/list"))
	if page.Count != 5 || !page.Here || page.Name != "Shelters" || !page.Writes || len(page.Kinds) != 3 {
		t.Errorf("%+v", page)
	}
	h.refused(hub.Forbidden, "Only coordinators", h.ask(ann, "l/list", "client_id", "x", "gone", "yes"))
	plain := h.ask(tom, "l/list", "client_id", "x", "gone", "yes")
	plain.Official = false
	h.refused(hub.Forbidden, "cannot be signed from here", plain)
	h.refused(hub.Invalid, "Choose", h.ask(tom, "l/list", "client_id", "x"))
	h.refused(hub.NotFound, "not here", h.ask(tom, "l/none", "client_id", "x", "gone", "yes"))
	apart := h.apart(t)
	h.do(tom, "l/list", "client_id", "gone", "seen", page.Versions, "gone", "yes")
	h.follow()
	if got := names(h.list(ann, "near", "44,-73").Places); got != "Hill School" {
		t.Errorf("left is %s", got)
	}
	if v := view[mapsapp.LayersView](h.moment, h.ask(ann, "l")); len(v.Lists) != 0 {
		t.Errorf("%+v", v)
	}
	if page := view[mapsapp.LayerPage](h.moment, h.ask(ann, "l/list")); !page.Gone {
		t.Errorf("%+v", page)
	}
	if _, err := h.app().View(h.moment, h.ask(ann, "p/tap")); err == nil {
		t.Error("what was only in it is still there")
	}
	// Meanwhile, elsewhere, it has come again: until somebody settles it, it stays.
	apart.now = apart.now.Add(time.Minute)
	apart.bring(maria, "list", "Shelters", map[string]place.Sheet{"tap": sheet(place.Water, "Tap", "44.01,-73")})
	exchange(h.moment, apart.moment)
	maps.Copy(h.blobs, apart.blobs)
	h.follow()
	if got := names(h.list(ann, "near", "44,-73").Places); got != "Tap; Hill School" {
		t.Errorf("there is %s", got)
	}
	if page := view[mapsapp.LayerPage](h.moment, h.ask(ann, "l/list")); page.Gone || len(page.Also) != 1 || !page.Also[0].Gone {
		t.Errorf("%+v", page)
	}
}

// TestTheProgramFollowsLayers has the app run as a hub does.
func TestTheProgramFollowsLayers(t *testing.T) {
	a := newTown(t)
	a.bring(maria, "list", "Shelters", some())
	synctest.Test(t, func(t *testing.T) {
		b := &town{moment: a.copyOf(), blobs: map[[32]byte][]byte{}, changed: make(chan struct{}, 1)}
		b.begin(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.app().Run(ctx, b) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		b.mu.Lock()
		if v := b.list(ann); len(v.Lists) != 1 {
			t.Errorf("%+v", v.Lists)
		}
		maps.Copy(b.blobs, a.blobs)
		b.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		b.mu.Lock()
		if v := b.list(ann); len(v.Places) != 4 || len(v.Lists) != 0 {
			t.Errorf("it has not come: %s, %+v", names(v.Places), v.Lists)
		}
		b.mu.Unlock()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestALayerOfWhoMayNotBringOneIsNone(t *testing.T) {
	h := newTown(t)
	ds, err := mapsapp.Pack(t.Context(), h.moment, h, h.folder, "list", "Shelters", some())
	if err != nil {
		t.Fatal(err)
	}
	h.put(ann, ds[0], h.now)
	h.follow()
	if v := h.list(ann); len(v.Places)+len(v.Dangers)+len(v.Lists) != 0 {
		t.Errorf("%+v", v)
	}
}

func TestARecordOfALayerIsHeldAgainstItsFormat(t *testing.T) {
	h := newTown(t)
	ds, err := mapsapp.Pack(t.Context(), h.moment, h, h.folder, "list", "Shelters", some())
	if err != nil {
		t.Fatal(err)
	}
	check := mapsapp.New().Manifest().Check
	for name, change := range map[string]func(*hub.Draft){
		"no file":       func(d *hub.Draft) { d.Blobs = nil },
		"two files":     func(d *hub.Draft) { d.Blobs = append(d.Blobs, record.Blob{Size: 1}) },
		"a huge file":   func(d *hub.Draft) { d.Blobs = []record.Blob{{Size: 1 << 40}} },
		"another class": func(d *hub.Draft) { d.Class = record.Talk },
		"a deep key":    func(d *hub.Draft) { d.Key = "l/a/b" },
		"no body":       func(d *hub.Draft) { d.Body = []byte{0xa0} },
		"no CBOR":       func(d *hub.Draft) { d.Body = []byte{0xff} },
	} {
		d := ds[0]
		change(&d)
		if err := check(h.put(maria, d, h.now)); err == nil {
			t.Errorf("%s is taken", name)
		}
		h.held = nil
	}
	if err := check(h.put(maria, ds[0], h.now)); err != nil {
		t.Error(err)
	}
}

// TestWhatStoodIsShownUntilWhatIsNewHasCome has a list come again whose file is late.
func TestWhatStoodIsShownUntilWhatIsNewHasCome(t *testing.T) {
	a := newTown(t)
	a.bring(maria, "list", "Shelters", some())
	b := a.apart(t)
	a.now = a.now.Add(time.Hour)
	next := some()
	next["school"] = open("Hill School", "44.02,-73", 100, 40)
	a.bring(tom, "list", "Shelters", next)
	b.now = a.now
	exchange(a.moment, b.moment)
	look := func(shows, why string, missing int) {
		t.Helper()
		if n := b.follow(); n != missing {
			t.Errorf("%d are missing", n)
		}
		v := b.list(ann, "kind", "shelter", "near", "44,-73")
		if got := names(v.Places); got != shows || (len(v.Lists) > 0) != (why != "") || why != "" && !strings.Contains(string(v.Lists[0].Why), why) {
			t.Errorf("it shows %s, %+v", got, v.Lists)
		}
	}
	// Tom knew of Maria's: of hers nothing is left but what this hub has made of it.
	look("School; Gym", "newer list", 1)
	app := mapsapp.New(mapsapp.Options{Folder: b.folder}) // after a restart as well
	b.moment.of = &app
	look("School; Gym", "newer list", 1)
	c := b.copyOf()
	c.trust = slices.Clone(b.trust)
	c.say(roster.Revocation{Subject: author(maria)})
	if v := view[mapsapp.ListView](c, c.ask(ann, "")); len(v.Places) != 0 || len(v.Lists) != 1 || !strings.Contains(string(v.Lists[0].Why), "not arrived") {
		t.Errorf("of who may not bring a list any more %s is shown, %+v", names(v.Places), v.Lists)
	}
	maps.Copy(b.blobs, a.blobs)
	look("Hill School; Gym", "", 0)
	look("Hill School; Gym", "", 0)
	a.do(maria, "l/list", "client_id", "gone", "gone", "yes")
	exchange(a.moment, b.moment)
	look("", "", 0)
}

// TestWhoBringsAListMayChangeItsPlacesAsAnybody has one person bring a list, and change a
// place of it with a form that was open while the list came again.
func TestWhoBringsAListMayChangeItsPlacesAsAnybody(t *testing.T) {
	h := newTown(t)
	h.bring(maria, "list", "Shelters", some())
	shown := h.one(maria, "gym").Versions()
	h.now = h.now.Add(time.Hour)
	next := some()
	next["gym"] = open("Gymnasium", "44.04,-73", 50, 50)
	h.bring(maria, "list", "Shelters", next)
	h.now = h.now.Add(time.Minute)
	h.do(maria, "p/gym/edit", "client_id", "1", "seen", shown, "kind", "shelter", "title", "Gym, side door", "points", "44.04,-73", "most", "50")
	if p := h.one(ann, "gym").Place; p.Name != "Gym, side door" || len(p.Also) != 1 || p.Also[0].Diffs[0].Text != "Gymnasium" {
		t.Errorf("it is %s, also %+v", p.Name, p.Also)
	}
}

// TestWhoIsCountedAtADoorComesOnTop has people counted at a shelter of which a list says how
// many were there.
func TestWhoIsCountedAtADoorComesOnTop(t *testing.T) {
	h := newTown(t)
	h.bring(maria, "list", "Shelters", some())
	there := func(want int) {
		t.Helper()
		if p := h.one(ann, "school").People; p == nil || p.Present != want {
			t.Errorf("there are %+v, not %d", p, want)
		}
	}
	there(40)
	h.now = h.now.Add(time.Hour)
	h.do(tom, "p/school/count", "client_id", "1", "add", "5")
	there(45)
	h.now = h.now.Add(time.Hour)
	next, n := some(), uint32(47)
	again := next["school"]
	again.People = &n
	next["school"] = again
	h.bring(maria, "list", "Shelters", next) // whoever wrote it has seen those five
	there(47)
	h.now = h.now.Add(time.Hour)
	h.do(maria, "p/school/count", "client_id", "2", "add", "1")
	there(48)
	h.do(maria, "p/school/count", "client_id", "3", "recount", "60")
	h.bring(maria, "list", "Shelters", some())
	there(60)
	h.do(tom, "p/school/count", "client_id", "4", "add", "-2")
	there(58)
}
