package server_test

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"iter"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var (
	town    = record.Community{7}
	founded = time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	evening = time.Date(2026, 11, 22, 18, 42, 0, 0, time.UTC)
)

// fakeHub keeps records in memory. Several servers on one fakeHub are several
// hubs that have the same news.
type fakeHub struct {
	mu      sync.Mutex
	codec   *record.Codec
	apps    []hub.App
	records map[record.Slot]record.Record
	people  map[record.Author]hub.Person
	about   server.About
	state   *roster.State // to begin with nobody may do more than others
	trust   []record.Record
	seq     int
	reached int // other hubs that hold all

	writes, enrolled int
	failWrite        error
	failEnroll       func(ed25519.PrivateKey) error
	beforeRead       func(record.App)
	beforeWrite      func()
}

func newFakeHub(t testing.TB) *fakeHub {
	t.Helper()
	codec, err := record.NewCodec(town, record.At(founded))
	if err != nil {
		t.Fatal(err)
	}
	return &fakeHub{
		codec: codec, apps: talkFirst(apps.All(apps.Given{})), state: roster.New(roster.Founding{}),
		records: map[record.Slot]record.Record{}, people: map[record.Author]hub.Person{},
		about: server.About{
			Community: "Millbrook", Place: "Fire Station", ID: "k3f9a2", Now: evening, Plausible: true,
			Neighbors: []server.Neighbor{
				{Label: "Harbor Clinic", Linked: true, Heard: evening.Add(-time.Second)},
				{Label: "Hill School", Heard: evening.Add(-3 * time.Hour)},
			},
		},
	}
}

func (f *fakeHub) Read(ctx context.Context, app record.App, look func(hub.Snapshot) error) error {
	if f.beforeRead != nil {
		f.beforeRead(app)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return look(snapshot{f, app})
}

func (f *fakeHub) Write(_ context.Context, app record.App, as ed25519.PrivateKey, ds ...hub.Draft) (out []record.Record, _ error) {
	if f.beforeWrite != nil {
		f.beforeWrite()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failWrite != nil {
		return nil, f.failWrite
	}
	ds, _ = hub.Apart(ds)
	for _, d := range ds {
		m := f.manifest(app)
		f.seq++
		r, err := f.codec.Sign(record.Record{
			App: app, Class: cmp.Or(d.Class, m.Class), TTL: cmp.Or(d.TTL, m.TTL),
			Key: d.Key, Time: record.At(f.about.Now) + record.Time(f.seq), Body: d.Body,
		}, as)
		if err != nil {
			return nil, err
		}
		f.records[r.Slot()] = r
		if app == record.Roster {
			f.trust = append(f.trust, r)
			f.rule()
		}
		f.writes++
		out = append(out, r)
	}
	return out, nil
}

func (f *fakeHub) Enroll(_ context.Context, key ed25519.PrivateKey, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failEnroll != nil {
		if err := f.failEnroll(key); err != nil {
			return err
		}
	}
	a := record.AuthorOf(key)
	if f.people[a].Home == "" {
		f.people[a] = hub.Person{Author: a, Name: name, Home: f.about.Place}
		f.enrolled++
	}
	return nil
}

func (f *fakeHub) Rename(_ context.Context, key ed25519.PrivateKey, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := record.AuthorOf(key)
	p := f.people[a]
	p.Name = name
	f.people[a] = p
	return nil
}

func (f *fakeHub) About() server.About {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.about
}

// talkFirst has the neighbors' talk before the other apps: most tests are about it.
func talkFirst(all []hub.App) []hub.App {
	slices.SortStableFunc(all, func(a, b hub.App) int {
		return cmp.Compare(b2i(b.Manifest().Name == "messages"), b2i(a.Manifest().Name == "messages"))
	})
	return all
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (f *fakeHub) manifest(app record.App) hub.Manifest {
	for _, a := range f.apps {
		if m := a.Manifest(); m.Name == app {
			return m
		}
	}
	for _, m := range []hub.Manifest{moderation.Manifest(), moderation.Statements()} {
		if m.Name == app {
			return m
		}
	}
	return hub.Manifest{}
}

type snapshot struct {
	*fakeHub
	app record.App
}

func (s snapshot) newestFirst(keep func(record.Record) bool) iter.Seq2[hub.Item, error] {
	var found []record.Record
	for _, r := range s.records {
		if r.App == s.app && keep(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b record.Record) int {
		return cmp.Or(cmp.Compare(s.standing(b), s.standing(a)), strings.Compare(b.ID().String(), a.ID().String()))
	})
	return func(yield func(hub.Item, error) bool) {
		for _, r := range found {
			it := hub.Item{Record: r, Ahead: s.about.Plausible && r.Time.Wall().Sub(s.about.Now) > 5*time.Minute, Listed: s.standing(r), Holders: 1 + s.reached}
			it.Hidden = s.hidden(r)
			if s.reached > 0 {
				it.Learned = r.Time.Wall().Add(time.Minute)
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

func (s snapshot) Newest(t hub.Term, before hub.Cursor) iter.Seq2[hub.Item, error] {
	index := s.manifest(s.app).Index
	return s.newestFirst(func(r record.Record) bool {
		return !r.Withdrawn() && (before == 0 || s.standing(r) < record.Time(before)) && slices.Contains(index(r), t)
	})
}

func (s snapshot) Times(t hub.Term, before hub.Cursor) iter.Seq[record.Time] {
	return func(yield func(record.Time) bool) {
		for it, err := range s.Newest(t, before) {
			if err != nil || !yield(it.Listed) {
				return
			}
		}
	}
}

// standing is where a record stands in lists.
func (s snapshot) standing(r record.Record) record.Time {
	if m := s.manifest(s.app); m.Listed != nil && !r.Withdrawn() {
		return cmp.Or(m.Listed(r), r.Time)
	}
	return r.Time
}

func (s snapshot) Terms(prefix string) iter.Seq[hub.Term] {
	var found []hub.Term
	for _, r := range s.records {
		if r.App == s.app && !r.Withdrawn() {
			found = append(found, s.manifest(s.app).Index(r)...)
		}
	}
	found = slices.DeleteFunc(found, func(t hub.Term) bool { return !strings.HasPrefix(string(t), prefix) })
	slices.Sort(found)
	return slices.Values(slices.Compact(found))
}

// Came goes by times: everything comes here when it is written.
func (s snapshot) Came(t hub.Term, after hub.Arrival) (iter.Seq2[hub.Item, error], bool) {
	index := s.manifest(s.app).Index
	return s.newestFirst(func(r record.Record) bool {
		return !r.Withdrawn() && uint64(s.standing(r)) > after.Number && slices.Contains(index(r), t)
	}), after.Epoch == 1
}

func (s snapshot) Latest() hub.Arrival {
	last := hub.Arrival{Epoch: 1}
	for _, r := range s.records {
		last.Number = max(last.Number, uint64(r.Time))
	}
	return last
}

func (s snapshot) Slots(key string) iter.Seq2[hub.Item, error] {
	return s.newestFirst(func(r record.Record) bool { return r.Key == key })
}

func (s snapshot) Roster() *roster.State                { return s.state }
func (s snapshot) Person(a record.Author) hub.Person    { return s.people[a] }
func (s snapshot) Now() (now time.Time, plausible bool) { return s.about.Now, s.about.Plausible }

// newServer makes a server on the hub with sessions of its own.
func newServer(t testing.TB, h *fakeHub, change ...func(*server.Config)) *server.Server {
	t.Helper()
	sessions, err := local.Open(filepath.Join(t.TempDir(), "local.db"), local.Options{Hub: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sessions.Close(); err != nil {
			t.Error(err)
		}
	})
	cfg := server.Config{Hub: h, Sessions: sessions, Apps: h.apps, Community: town}
	for _, c := range change {
		c(&cfg)
	}
	s, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// neighborKey is somebody's key who has long been known.
func (f *fakeHub) neighbor(n byte, name string) ed25519.PrivateKey {
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+n)), 32)))
	a := record.AuthorOf(key)
	f.people[a] = hub.Person{Author: a, Name: name, Home: "Harbor Clinic"}
	return key
}

// post puts somebody's post there.
func (f *fakeHub) post(t testing.TB, as ed25519.PrivateKey, channel, text, id string) {
	t.Helper()
	var ds []hub.Draft
	err := f.Read(t.Context(), "messages", func(s hub.Snapshot) (err error) {
		ds, err = f.apps[0].Act(s, hub.Request{Path: channel, Author: record.AuthorOf(as), Form: url.Values{"text": {text}, "client_id": {id}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(t.Context(), "messages", as, ds...); err != nil {
		t.Fatal(err)
	}
}
