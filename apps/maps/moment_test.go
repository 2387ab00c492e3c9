package maps_test

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var now = time.Date(2026, 11, 22, 18, 42, 0, 0, time.UTC)

// The people of these tests.
const (
	maria byte = 1 + iota
	tom
	ann // a neighbor
	root
	station
	school
)

// moment is a snapshot in memory.
type moment struct {
	t       testing.TB
	founded roster.Founding
	codec   *record.Codec
	held    []record.Record
	trust   []record.Record
	now     time.Time
	unsure  bool
	hidden  map[string]string // by key
	holders int
	tick    record.Time
	forms   int

	state    *roster.State // computed of so many of trust
	computed int

	homes map[byte]string
	of    *maps.App // nil: one that the machine gives nothing
}

func (m *moment) app() maps.App {
	if m.of != nil {
		return *m.of
	}
	return maps.New()
}

func key(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)) }

func author(n byte) record.Author { return record.AuthorOf(key(n)) }

// newMoment is a community with two places and two coordinators.
func newMoment(t testing.TB) *moment {
	t.Helper()
	m := &moment{t: t, now: now, hidden: map[string]string{}, holders: 1}
	m.founded = roster.Founding{Name: "Millbrook", Roots: []record.Author{author(root)}, Threshold: 1, Time: record.At(now.AddDate(0, -1, 0))}
	c, err := record.NewCodec(m.founded.Community(), m.founded.Time)
	if err != nil {
		t.Fatal(err)
	}
	m.codec = c
	m.say(roster.Certificate{Kind: roster.Hub, Subject: author(station), Label: "Fire Station 4"})
	m.say(roster.Certificate{Kind: roster.Hub, Subject: author(school), Label: "Hill School"})
	m.grant(maria, "Maria Ortiz", "fire district", roster.Maps)
	m.grant(tom, "Tom Lee", "", roster.Maps)
	return m
}

type statement interface {
	Record(record.Time, record.Via) (record.Record, error)
}

func (m *moment) say(s statement) {
	m.t.Helper()
	m.tick++
	r, err := s.Record(m.founded.Time+m.tick<<16, author(station).Via())
	if err != nil {
		m.t.Fatal(err)
	}
	if r, err = m.codec.Sign(r, key(root)); err != nil {
		m.t.Fatal(err)
	}
	m.trust = append(m.trust, r)
}

func (m *moment) grant(who byte, label, area string, roles roster.Roles) {
	m.t.Helper()
	m.say(roster.Certificate{Kind: roster.Coordinator, Subject: author(who), Label: label, Area: area, Roles: roles})
}

// put signs a record as somebody at the station and takes it in.
func (m *moment) put(who byte, d hub.Draft, at time.Time) record.Record {
	m.t.Helper()
	return m.sign(key(who), d, at)
}

func (m *moment) sign(as ed25519.PrivateKey, d hub.Draft, at time.Time) record.Record {
	m.t.Helper()
	manifest := maps.New().Manifest()
	m.tick++
	r, err := m.codec.Sign(record.Record{
		App: "maps", Via: author(station).Via(), Class: cmp.Or(d.Class, manifest.Class), TTL: cmp.Or(d.TTL, manifest.TTL), Key: d.Key, Body: d.Body, Blobs: d.Blobs,
		Time: record.At(at) + m.tick,
	}, as)
	if err != nil {
		m.t.Fatal(err)
	}
	m.held = slices.DeleteFunc(m.held, func(o record.Record) bool { return o.Slot() == r.Slot() && record.Supersedes(&r, &o) })
	m.held = append(m.held, r)
	return r
}

// ask is a form as somebody sends it; where they may sign officially.
func (m *moment) ask(who byte, path string, form ...string) hub.Request {
	q := hub.Request{Path: path, Author: author(who), Official: true, Lang: "en", Place: "Fire Station 4", Query: url.Values{}, Form: url.Values{}}
	for i := 0; i < len(form); i += 2 {
		q.Form.Set(form[i], form[i+1])
	}
	return q
}

// act does what a form asks for, and reports what was written.
func (m *moment) act(q hub.Request) ([]record.Record, error) {
	m.t.Helper()
	ds, err := m.app().Act(m, q)
	var out []record.Record
	for _, d := range ds {
		for n := byte(1); n < 24; n++ {
			if author(n) == q.Author {
				r := m.put(n, d, m.now)
				if err := maps.New().Manifest().Check(r); err != nil && !r.Withdrawn() {
					m.t.Fatalf("it writes what it does not take: %v", err)
				}
				out = append(out, r)
			}
		}
	}
	return out, err
}

// do is act that has to write something.
func (m *moment) do(who byte, path string, form ...string) record.Record {
	m.t.Helper()
	rs, err := m.act(m.ask(who, path, form...))
	if err != nil || len(rs) == 0 {
		m.t.Fatalf("%s %v: %d records, %v", path, form, len(rs), err)
	}
	return rs[0]
}

// refused is an act that is to fail with a text.
func (m *moment) refused(code hub.Code, says string, q hub.Request) {
	m.t.Helper()
	rs, err := m.act(q)
	var told *hub.Error
	if !errors.As(err, &told) || told.Code != code || !strings.Contains(told.Error(), says) || len(rs) > 0 {
		m.t.Errorf("%s %v: %d records, %v; want %q", q.Path, q.Form, len(rs), err, says)
	}
}

func view[T any](m *moment, q hub.Request) T {
	m.t.Helper()
	p, err := m.app().View(m, q)
	if err != nil {
		m.t.Fatal(err)
	}
	v, ok := p.Model.(T)
	if !ok {
		m.t.Fatalf("%s shows %T", q.Path, p.Model)
	}
	return v
}

// go to is where to go, for a neighbor: each place's name and how it stands.
func (m *moment) list(who byte, query ...string) maps.ListView {
	m.t.Helper()
	q := m.ask(who, "")
	for i := 0; i < len(query); i += 2 {
		q.Query.Set(query[i], query[i+1])
	}
	return view[maps.ListView](m, q)
}

func (m *moment) one(who byte, id string) maps.OneView {
	m.t.Helper()
	return view[maps.OneView](m, m.ask(who, "p/"+id))
}

// school is a place that a coordinator puts on the map.
func (m *moment) place(who byte, id, kind, name, points string, more ...string) record.Record {
	m.t.Helper()
	return m.do(who, "new", append([]string{"client_id", id, "kind", kind, "title", name, "points", points}, more...)...)
}

// client makes a client_id for each form.
func (m *moment) client() string {
	m.forms++
	return fmt.Sprintf("form-%d", m.forms)
}

func names(all []maps.Place) string {
	var out []string
	for _, p := range all {
		out = append(out, p.Name)
	}
	return strings.Join(out, "; ")
}

// copyOf is another hub that holds the same.
func (m *moment) copyOf() *moment {
	o := *m
	o.held = slices.Clone(m.held)
	return &o
}

// exchange brings two hubs to the same.
func exchange(a, b *moment) {
	all := append(slices.Clone(a.held), b.held...)
	for _, m := range []*moment{a, b} {
		m.held = nil
		for _, r := range all {
			if slices.ContainsFunc(m.held, func(o record.Record) bool {
				return o.ID() == r.ID() || o.Slot() == r.Slot() && record.Supersedes(&o, &r)
			}) {
				continue
			}
			m.held = slices.DeleteFunc(m.held, func(o record.Record) bool { return o.Slot() == r.Slot() && record.Supersedes(&r, &o) })
			m.held = append(m.held, r)
		}
	}
}

func (m *moment) items(keep func(record.Record) bool) iter.Seq2[hub.Item, error] {
	var found []record.Record
	for _, r := range m.held {
		if keep(r) && (r.Withdrawn() || maps.New().Manifest().Check(r) == nil) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b record.Record) int { return cmp.Compare(b.Time, a.Time) })
	return func(yield func(hub.Item, error) bool) {
		for _, r := range found {
			ahead := !m.unsure && r.Time.Wall().Sub(m.now) > 5*time.Minute
			if !yield(hub.Item{Record: r, Ahead: ahead, Listed: r.Time, Holders: m.holders, Hidden: m.hidden[r.Key]}, nil) {
				return
			}
		}
	}
}

func (m *moment) Newest(t hub.Term, before hub.Cursor) iter.Seq2[hub.Item, error] {
	index := maps.New().Manifest().Index
	return m.items(func(r record.Record) bool {
		return !r.Withdrawn() && (before == 0 || r.Time < record.Time(before)) && slices.Contains(index(r), t)
	})
}

func (m *moment) Slots(key string) iter.Seq2[hub.Item, error] {
	return m.items(func(r record.Record) bool { return r.Key == key })
}

func (m *moment) Times(hub.Term, hub.Cursor) iter.Seq[record.Time] {
	return func(func(record.Time) bool) {}
}

func (m *moment) Terms(prefix string) iter.Seq[hub.Term] {
	var found []hub.Term
	for _, r := range m.held {
		for _, t := range maps.New().Manifest().Index(r) {
			if strings.HasPrefix(string(t), prefix) {
				found = append(found, t)
			}
		}
	}
	slices.Sort(found)
	return slices.Values(slices.Compact(found))
}

func (m *moment) Came(hub.Term, hub.Arrival) (iter.Seq2[hub.Item, error], bool) { return nil, false }

func (m *moment) Latest() hub.Arrival { return hub.Arrival{} }

func (m *moment) Roster() *roster.State {
	if m.state == nil || m.computed != len(m.trust) {
		m.state, m.computed = roster.Compute(m.founded, m.trust), len(m.trust)
	}
	return m.state
}

func (m *moment) Person(a record.Author) hub.Person {
	for n, home := range m.homes {
		if author(n) == a {
			return hub.Person{Author: a, Name: fmt.Sprint("Neighbor ", n), Home: home}
		}
	}
	return hub.Person{Author: a, Name: "Ann", Home: "Hill School"}
}

func (m *moment) Now() (time.Time, bool) { return m.now, !m.unsure }
