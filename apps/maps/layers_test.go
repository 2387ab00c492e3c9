package maps_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	mapsapp "github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// town is a hub with a folder for layers. It is its own Host, and its own Blobs.
type town struct {
	*moment

	mu      sync.Mutex // guards what the program uses while it runs
	blobs   map[[32]byte][]byte
	changed chan struct{}
	folder  string
}

func newTown(t testing.TB) *town {
	t.Helper()
	h := &town{moment: newMoment(t), blobs: map[[32]byte][]byte{}, changed: make(chan struct{}, 1)}
	h.begin(t)
	return h
}

// begin is a start of the hub's program, with nothing in its folder.
func (h *town) begin(t testing.TB) {
	t.Helper()
	h.folder = t.TempDir()
	app := mapsapp.New(mapsapp.Options{Folder: h.folder})
	h.moment.of = &app
}

// apart is another hub that holds the same, its files as well.
func (h *town) apart(t testing.TB) *town {
	t.Helper()
	o := &town{moment: h.copyOf(), blobs: maps.Clone(h.blobs), changed: make(chan struct{}, 1)}
	o.begin(t)
	o.follow()
	return o
}

func (h *town) Read(_ context.Context, f func(hub.Snapshot) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return f(h.moment)
}
func (h *town) Write(context.Context, ...hub.Draft) ([]record.Record, error) {
	return nil, nil
}
func (h *town) Watch(context.Context, ...hub.Term) <-chan struct{} { return h.changed }
func (h *town) Blobs() hub.Blobs                                   { return h }
func (h *town) Online() bool                                       { return false }

func (h *town) Put(_ context.Context, r io.Reader, most int64) (record.Blob, error) {
	raw, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return record.Blob{}, err
	}
	sum := sha256.Sum256(raw)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blobs[sum] = raw
	return record.Blob{Sum: sum, Size: uint64(len(raw))}, nil
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

func (h *town) Open(_ context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	raw, ok := h.blobs[sum]
	if !ok {
		return nil, hub.Errorf(hub.NotFound, "", "This file is not here yet.")
	}
	return file{bytes.NewReader(raw)}, nil
}

func (h *town) follow() int {
	h.t.Helper()
	missing, err := h.app().Follow(h.t.Context(), h)
	if err != nil {
		h.t.Fatal(err)
	}
	return missing
}

// sheet is a place for a layer.
func sheet(kind place.Kind, name, points string) place.Sheet {
	var all []place.Steps
	for p := range strings.FieldsSeq(points) {
		var lat, lon float64
		if _, err := fmt.Sscanf(p, "%f,%f", &lat, &lon); err != nil {
			panic(err)
		}
		all = append(all, place.Steps{place.PointAt(lat, lon)})
	}
	d := place.Details{Kind: kind, Name: name, Shape: place.Shape{Kind: place.Spot, Parts: []place.Part{all}}}
	if len(all) > 1 {
		d.Shape = place.Shape{Kind: place.Line, Parts: []place.Part{{slices.Concat(all...)}}}
	}
	return place.Sheet{Details: d}
}

// open is a shelter that is open and holds so many.
func open(name, points string, most, there uint32) place.Sheet {
	s := sheet(place.Shelter, name, points)
	s.Details.Most, s.State, s.People = most, &place.State{Status: place.Open}, &there
	return s
}

// bring puts a layer on the map, and has it indexed.
func (h *town) bring(who byte, id, name string, all map[string]place.Sheet) record.Record {
	h.t.Helper()
	ds, err := mapsapp.Pack(h.t.Context(), h.moment, h, h.folder, id, name, all)
	if err != nil || len(ds) != 1 {
		h.t.Fatal(ds, err)
	}
	r := h.put(who, ds[0], h.now)
	if err := mapsapp.New().Manifest().Check(r); err != nil {
		h.t.Fatal(err)
	}
	if h.follow() != 0 {
		h.t.Fatal("it is not here")
	}
	return r
}

func some() map[string]place.Sheet {
	return map[string]place.Sheet{
		"tap":    sheet(place.Water, "Tap", "44.01,-73"),
		"well":   sheet(place.Water, "Well", "44.03,-73"),
		"school": open("School", "44.02,-73", 100, 40),
		"gym":    open("Gym", "44.04,-73", 50, 50),
		"bridge": sheet(place.Road, "Bridge", "44.001,-73.1 44.001,-72.9"),
	}
}

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

func TestAPageSaysWhatHasNotCome(t *testing.T) {
	a := newTown(t)
	a.bring(maria, "list", "Shelters", some())
	b := &town{moment: a.copyOf(), blobs: map[[32]byte][]byte{}}
	b.begin(t)
	if b.follow() != 1 {
		t.Fatal("nothing is missing")
	}
	v := b.list(ann)
	if len(v.Places) != 0 || len(v.Lists) != 1 || v.Lists[0].Name != "Shelters" || v.Lists[0].Count != 5 || v.Lists[0].Here || !strings.Contains(string(v.Lists[0].Why), "not arrived") {
		t.Errorf("%+v", v.Lists)
	}
	p, err := b.app().View(b.moment, b.ask(ann, ""))
	if err != nil || p.Until.IsZero() || p.Until.Sub(b.now) > time.Minute {
		t.Errorf("the page stays as it is until %v, %v", p.Until, err)
	}
	maps.Copy(b.blobs, a.blobs)
	if b.follow() != 0 {
		t.Fatal("it has not come")
	}
	if v := b.list(ann); len(v.Places) != 4 || len(v.Lists) != 0 {
		t.Errorf("%s, %+v", names(v.Places), v.Lists)
	}
	for sum := range b.blobs {
		b.blobs[sum] = []byte("it is damaged")
	}
	b.begin(t)
	b.follow()
	if v := b.list(ann); len(v.Lists) != 1 || !strings.Contains(string(v.Lists[0].Why), "cannot be read") {
		t.Errorf("%+v", v.Lists)
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

func TestAPartOfTheMapHasWhatIsThere(t *testing.T) {
	h := newTown(t)
	all := map[string]place.Sheet{"school": open("School", "45,-73", 10, 0)}
	for i := range 1000 {
		all[fmt.Sprint("tap-", i)] = sheet(place.Water, fmt.Sprint("Tap ", i), fmt.Sprintf("44.%03d,-73", i))
	}
	h.bring(maria, "taps", "Taps", all)
	h.place(maria, "own", "water", "Fountain", "44.5,-73.001")
	h.place(maria, "far", "water", "Spring", "50,-73")
	ask := func(box, zoom string, more ...string) mapsapp.Collection {
		t.Helper()
		q := h.ask(ann, "places")
		q.Query.Set("bbox", box)
		q.Query.Set("zoom", zoom)
		for i := 0; i < len(more); i += 2 {
			q.Query.Set(more[i], more[i+1])
		}
		v, err := h.app().Answer(h.moment, q)
		if err != nil {
			t.Fatal(err)
		}
		return v.(mapsapp.Collection)
	}
	c := ask("-74,44.495,-72,44.505", "15")
	if len(c.Features) != 12 || c.More != 0 {
		t.Errorf("%d features", len(c.Features))
	}
	c = ask("-74,43.9,-72,45.1", "9")
	total, single := 0, 0
	for _, f := range c.Features {
		if f.Properties.Count > 0 {
			total += f.Properties.Count
		} else {
			single++
		}
	}
	if total+single != 1002 || len(c.Features) > 60 || single < 1 {
		t.Errorf("%d features of %d places, %d alone", len(c.Features), total+single, single)
	}
	if c := ask("-74,43.9,-72,45.1", "9", "kind", "shelter"); len(c.Features) != 1 || c.Features[0].ID != "school" {
		t.Errorf("%+v", c.Features)
	}
	if c := ask("286,44.495,288,44.505", "15"); len(c.Features) != 12 {
		t.Errorf("once around the earth are %d", len(c.Features))
	}
	for _, box := range []string{"", "1,2,3", "a,b,c,d", "1,2,3,4,5", "0,5,1,4", "NaN,0,1,1", "1e9,0,1,1"} {
		q := h.ask(ann, "places")
		q.Query.Set("bbox", box)
		if _, err := h.app().Answer(h.moment, q); err == nil {
			t.Errorf("%q are bounds", box)
		}
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

func TestListsAreAnsweredAsDescribed(t *testing.T) {
	doc := described(t)
	a := newTown(t)
	a.bring(maria, "list", "Shelters", some())
	b := a.apart(t)
	a.do(tom, "lists/list", "client_id", "x", "gone", "yes")
	b.now = b.now.Add(time.Minute)
	b.bring(maria, "list", "Shelters", map[string]place.Sheet{"tap": sheet(place.Water, "Tap", "44.01,-73")})
	a.now = b.now
	exchange(a.moment, b.moment)
	answer := func(path string, query ...string) any {
		t.Helper()
		q := a.ask(ann, path)
		for i := 0; i < len(query); i += 2 {
			q.Query.Set(query[i], query[i+1])
		}
		v, err := a.app().Answer(a.moment, q)
		if err != nil {
			t.Fatal(path, err)
		}
		return v
	}
	a.answered(doc, "Lists", "lists", answer("lists"))
	a.answered(doc, "List", "lists/list", answer("lists/list"))
	maps.Copy(a.blobs, b.blobs)
	a.follow()
	a.answered(doc, "Places", "places", answer("places"))
	a.answered(doc, "Place", "places/tap", answer("places/tap"))
	many := map[string]place.Sheet{}
	for i := range 500 {
		many[fmt.Sprint("tap-", i)] = sheet(place.Water, fmt.Sprint("Tap ", i), fmt.Sprintf("44.%05d,-73", i))
	}
	a.bring(maria, "taps", "Taps", many)
	v := answer("places", "bbox", "-74,43,-72,45", "zoom", "10")
	a.answered(doc, "Places", "places?bbox=", v)
	if c := v.(mapsapp.Collection); !slices.ContainsFunc(c.Features, func(f mapsapp.Feature) bool { return f.Properties.Count > 400 }) {
		t.Errorf("%+v", c.Features)
	}
	w, err := a.app().Written(a.moment, a.ask(maria, "lists/list", "client_id", "x"))
	if err != nil {
		t.Fatal(err)
	}
	a.answered(doc, "List", "lists/list", w)
	for _, path := range []string{"lists/", "lists/none", "lists/a/b"} {
		if _, err := a.app().Answer(a.moment, a.ask(ann, path)); err == nil {
			t.Errorf("%q is answered and not described", path)
		}
	}
}

// TestPagesSayWhatHasNotCome reads where to go, and a list's page, at a hub that has only heard
// of it.
func TestPagesSayWhatHasNotCome(t *testing.T) {
	a := newTown(t)
	a.bring(maria, "list", "Water & shelters", some())
	s := newSite(t, mapsapp.Options{Folder: t.TempDir()})
	s.held = append(s.held, a.held...)
	ann := s.browser(t)
	for _, page := range []string{"/maps/", "/maps/l", "/maps/l/list"} {
		ann.open(page)
		if got := ann.text(); !strings.Contains(got, "Water & shelters") || !strings.Contains(got, "5 places") || !strings.Contains(got, "have not arrived here yet") {
			t.Errorf("%s: %s", page, got)
		}
	}
	if r := ann.ask("GET", "/maps/p/tap", nil); r.Code != 404 || !strings.Contains(r.Body.String(), "list of places that has not arrived yet") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
}

// TestListsHavePages reads the pages as a browser without scripts has them.
func TestListsHavePages(t *testing.T) {
	folder := t.TempDir()
	s := newSite(t, mapsapp.Options{Folder: folder})
	h := &town{moment: s.moment, blobs: map[[32]byte][]byte{}, folder: folder}
	h.moment.of = &s.app
	h.bring(maria, "list", "Water & shelters", some())
	kim := s.coordinator(t)
	kim.open("/maps/l")
	if got := kim.text(); !strings.Contains(got, "Water & shelters") || !strings.Contains(got, "5 places") {
		t.Error(got)
	}
	kim.open("/maps/l/list")
	if got := kim.text(); !strings.Contains(got, "5 places · Water: 2 · Shelter: 2 · Closed road: 1") && !strings.Contains(got, "5 places · Shelter: 2 · Water: 2 · Closed road: 1") {
		t.Error(got)
	}
	kim.open("/maps/p/tap")
	if got := kim.text(); !strings.Contains(got, "Tap") || !strings.Contains(got, "Maria Ortiz") || !strings.Contains(got, "From a list of places: Water & shelters") {
		t.Error(got)
	}
	kim.open("/maps/p/tap/edit")
	kim.send("/maps/p/tap/edit", "kind", "water", "title", "Tap behind the hall", "points", "44.01,-73")
	kim.open("/maps/")
	if got := kim.text(); !strings.Contains(got, "Tap behind the hall") || strings.Contains(got, "arrived") {
		t.Error(got)
	}
	kim.open("/maps/l/list")
	kim.send("/maps/l/list", "gone", "yes")
	if got := kim.text(); !strings.Contains(got, "It is no more") {
		t.Error(got)
	}
	kim.open("/maps/")
	if got := kim.text(); !strings.Contains(got, "Tap behind the hall") || strings.Contains(got, "Well") {
		t.Error(got)
	}
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

// A list with more places than a map can tell is counted where it is, and told one by one
// further down.
func TestManyPlacesOfAListAreCountedOnTheMap(t *testing.T) {
	folder := t.TempDir()
	s := newSite(t, mapsapp.Options{Folder: folder, At: "44.05,-73.05"})
	h := &town{moment: s.moment, blobs: map[[32]byte][]byte{}, folder: folder}
	h.moment.of = &s.app
	many := map[string]place.Sheet{}
	for i := range 900 {
		many[fmt.Sprint("tap-", i)] = sheet(place.Water, fmt.Sprint("Tap ", i), fmt.Sprintf("44.%03d,-73.%03d", i/30*10, i%30*10))
	}
	h.bring(maria, "taps", "Taps", many)
	s.do(tom, "p/tap-5/edit", "client_id", "e", "kind", "water", "title", "Tap that moved", "points", "44.051,-73.049")
	b := s.browser(t)
	for zoom, whole := range map[string]bool{"8": true, "9.5": true, "11": false, "13": false} {
		page := "/maps/map?size=large&center=44.145,-73.145&zoom=" + zoom
		b.open(page)
		told := 0
		for n := range b.main().Descendants() {
			if n.Data == "li" && strings.HasPrefix(attr(n, "id"), "m-") {
				told++
			}
		}
		if more := regexp.MustCompile(`(\d+) more (is|are) on this map`).FindStringSubmatch(b.text()); more != nil {
			n, _ := strconv.Atoi(more[1])
			told += n
		}
		counted := 0
		for _, f := range b.onMap(page).Features {
			counted += max(1, f.Properties.Count)
		}
		if told != counted || whole != (told == 900) || told == 0 {
			t.Errorf("zoom %s: %d on the page, %d for programs", zoom, told, counted)
		}
		if n := strings.Count(fmt.Sprint(b.signs()), "/maps/map?"); zoom == "9.5" && n < 8 {
			t.Errorf("they are all in %d bunches: %v", n, b.signs())
		}
	}
	b.open("/maps/map?size=large&center=44.145,-73.145&zoom=9.5")
	b.says("more are on this map")
	for alt, path := range b.signs() {
		if strings.HasPrefix(alt, "Nearer: ×") {
			b.open(path)
		}
	}
	if w := b.image("/maps/picture?size=large&center=44.145,-73.145&zoom=9.5"); w.Code != 200 {
		t.Error(w.Code)
	}
}
