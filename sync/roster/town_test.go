package roster_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var founded = record.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))

var keys sync.Map // by name: deriving one takes longer than most of what is tested

// keyOf is a private key that belongs to a name.
func keyOf(name string) ed25519.PrivateKey {
	k, ok := keys.Load(name)
	if !ok {
		seed := sha256.Sum256([]byte(name))
		k, _ = keys.LoadOrStore(name, ed25519.NewKeyFromSeed(seed[:]))
	}
	return k.(ed25519.PrivateKey)
}

func author(name string) record.Author { return record.AuthorOf(keyOf(name)) }

func authors(names ...string) (as []record.Author) {
	for _, n := range names {
		as = append(as, author(n))
	}
	return as
}

// fataler is what testing.T and rapid.T have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// town is a community in a test: who said what, one tick after the other.
type town struct {
	t     fataler
	f     roster.Founding
	codec *record.Codec
	now   record.Time
	tick  record.Time // between two who say the same
	seen  []record.Record
}

func found(t fataler, threshold int, roots ...string) *town {
	t.Helper()
	f := roster.Founding{Name: "Elm Street", Roots: authors(roots...), Threshold: threshold, Time: founded, Nonce: [16]byte{7}}
	codec, err := record.NewCodec(f.Community(), founded)
	if err != nil {
		t.Fatal(err)
	}
	return &town{t: t, f: f, codec: codec, now: founded, tick: 1 << 16}
}

// statement is any body of class trust.
type statement interface {
	Record(record.Time, record.Via) (record.Record, error)
}

// say has each signer write the statement, each a tick later.
func (w *town) say(s statement, signers ...string) []record.Record {
	w.t.Helper()
	var rs []record.Record
	w.now += 1 << 16
	for _, who := range signers {
		w.now += w.tick
		r, err := s.Record(w.now, record.Via{})
		if err != nil {
			w.t.Fatal(err)
		}
		rs = append(rs, w.write(who, r))
	}
	return rs
}

// write signs a record and puts it among what was seen.
func (w *town) write(who string, r record.Record) record.Record {
	w.t.Helper()
	if r.Time == 0 {
		w.now += 1 << 16
		r.Time = w.now
	}
	r, err := w.codec.Sign(r, keyOf(who))
	if err != nil {
		w.t.Fatal(err)
	}
	w.seen = append(w.seen, r)
	return r
}

// vouch has a hub vouch for a resident at a place.
func (w *town) vouch(hub string, place int, resident string) record.Record {
	w.t.Helper()
	w.now += 1 << 16
	r, err := roster.Vouch{Subject: author(resident), Name: resident}.Record(place, w.now, author(hub).Via())
	if err != nil {
		w.t.Fatal(err)
	}
	return w.write(hub, r)
}

// post is a message, or what else the class says.
func (w *town) post(who string, class record.Class, key string) record.Record {
	w.t.Helper()
	return w.write(who, record.Record{App: "app", Class: class, Key: key, TTL: 30, Body: []byte{0xa0}})
}

func (w *town) state() *roster.State { return roster.Compute(w.f, w.seen) }

// accepted is the set that follows from what was seen.
func (w *town) accepted() map[record.ID]record.Record { return accept(w.f, w.seen) }

func (w *town) in(r record.Record) bool {
	_, ok := w.accepted()[r.ID()]
	return ok
}

// accept is the rule of the set without quotas: what the roster admits, then
// each slot's winner.
func accept(f roster.Founding, seen []record.Record) map[record.ID]record.Record {
	s := roster.Compute(f, seen)
	vouched := make(map[record.Author]bool)
	for _, r := range winners(seen, func(r record.Record) bool { return r.Class == record.Vouch && s.Admits(r, false) == nil }) {
		if _, v, ok := roster.VouchOf(r); ok {
			vouched[v.Subject] = true
		}
	}
	trust := winners(seen, func(r record.Record) bool {
		return r.Class == record.Trust && s.Admits(r, vouched[r.Author]) == nil
	})
	s = roster.Compute(f, trust) // without what strangers say of themselves
	set := make(map[record.ID]record.Record)
	for _, r := range winners(seen, func(r record.Record) bool { return s.Admits(r, vouched[r.Author]) == nil }) {
		set[r.ID()] = r
	}
	return set
}

// winners is the newest of each slot among the records that keep takes.
func winners(rs []record.Record, keep func(record.Record) bool) []record.Record {
	best := make(map[record.Slot]record.Record)
	for _, r := range rs {
		if old, ok := best[r.Slot()]; keep(r) && (!ok || record.Supersedes(&r, &old)) {
			best[r.Slot()] = r
		}
	}
	var out []record.Record
	for _, r := range best {
		out = append(out, r)
	}
	return out
}

// keep is the records of rs that f takes.
func keep(rs []record.Record, f func(record.Record) bool) []record.Record {
	return slices.DeleteFunc(slices.Clone(rs), func(r record.Record) bool { return !f(r) })
}

func hubCert(name string, roles roster.Roles) roster.Certificate {
	return roster.Certificate{Kind: roster.Hub, Subject: author(name), Label: name, Roles: roles}
}

func coordinatorCert(name string, roles roster.Roles) roster.Certificate {
	return roster.Certificate{Kind: roster.Coordinator, Subject: author(name), Label: name, Roles: roles}
}

func revoke(name string, stay ...record.Record) roster.Revocation {
	return roster.Revocation{Subject: author(name), Stays: prefixes(stay...)}
}

func prefixes(rs ...record.Record) (ps [][8]byte) {
	for _, r := range rs {
		id := r.ID()
		ps = append(ps, [8]byte(id[:8]))
	}
	return ps
}

// station is a town on its second day: three roots of which two make an act,
// the station's hub with Admit, which has certified the school and the
// library, and two coordinators.
func station(t testing.TB) *town {
	t.Helper()
	w := found(t, 2, "root1", "root2", "root3")
	w.say(hubCert("station", roster.Admit), "root1", "root2")
	w.say(hubCert("school", 0), "station")
	w.say(hubCert("library", 0), "station")
	w.say(coordinatorCert("chief", roster.Notices|roster.Moderate), "root1", "root2")
	w.say(coordinatorCert("nurse", roster.Maps|roster.Moderate), "root2", "root3")
	return w
}
