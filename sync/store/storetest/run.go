// Package storetest holds every implementation of sync/store to one suite.
package storetest

import (
	"context"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Kind is one implementation. A store it opens is closed when the test ends.
type Kind struct {
	// Open opens a store with nothing in it.
	Open func(testing.TB, store.Config) *store.Store
	// Reopen closes a store and opens it again, as after a restart.
	Reopen func(testing.TB, *store.Store, store.Config) *store.Store
	// Copy opens a copy of a store as it stands, as a restored backup or a cloned
	// card would be; the original goes on.
	Copy func(testing.TB, *store.Store, store.Config) *store.Store
	// Audit recomputes all that follows from a store's records and says where the
	// store differs. Every scenario ends with it.
	Audit func(*store.Store) error
}

// Run runs the suite.
func Run(t *testing.T, k Kind) {
	for _, s := range []struct {
		name string
		run  func(*scene)
	}{
		{"what is acknowledged is there after a restart", acknowledged},
		{"the newest in a slot stands", slotOrder},
		{"a withdrawal stays", withdrawal},
		{"what is unsigned or of another community is refused", foreign},
		{"a person has 500 slots", personQuota},
		{"a hub has 2000 slots", hubQuota},
		{"what falls to the quota, in any order", quotaOrder},
		{"a key's revocation of itself is the last to fall to its quota", ownRevocationStays},
		{"vouch and post in one batch", vouchInBatch},
		{"certificates in one batch", chainInBatch},
		{"a revoked person is out", personRevoked},
		{"a revoked hub's staying vouches", hubRevoked},
		{"a purged record is out and its slot closed", purge},
		{"set aside without a vouch, back with a new one", setAside},
		{"set aside within the quota", setAsideQuota},
		{"set aside, a newer version counts", setAsideSlots},
		{"strangers are not kept", strangers},
		{"a stranger's word about itself is nothing", strangersRevocation},
		{"a resident's revocation of itself outlives its vouch", residentsRevocation},
		{"a certificate's quota", grantedQuota},
		{"what a hub that lost a role issued returns with the role", roleReturns},
		{"expiry and horizon", expiry},
		{"expired slots count until they are collected", expiredCount},
		{"arrival numbers and epochs", epochs},
		{"a restored backup and a cloned twin", twins},
		{"since, load, find, holds", reading},
		{"cursors", cursors},
		{"the lineage of a log", lineage},
		{"the newest that is not of an app", lastBut},
		{"the order of arrival does not matter", anyOrder},
		{"set and digest agree", setAndDigest},
		{"records by app", apps},
		{"records that name blobs", naming},
		{"pages of terms", paging},
		{"lists by another time", listing},
		{"what came after a moment", late},
		{"what comes is counted from then on", countedLater},
		{"terms are built anew when their version changes", reindex},
		{"slots and vouches", slotsAndVouches},
		{"one record", single},
		{"watch", watch},
		{"which lists have changed", watchTerms},
		{"many writers at once", manyWriters},
		{"too much at once", busy},
		{"closed", closed},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(newScene(t, k))
		})
	}
}

// scene is one scenario's town and its stores.
type scene struct {
	*testing.T
	*town
	kind  Kind
	index store.Index
}

func newScene(t *testing.T, k Kind) *scene {
	return &scene{T: t, town: found(t), kind: k}
}

func (s *scene) config() store.Config {
	return store.Config{Founding: s.Founding, Index: s.index}
}

// long skips a scenario that signs thousands of records where little time is given.
func (s *scene) long() {
	if testing.Short() {
		s.Skip("it takes long")
	}
}

// empty opens a store with nothing in it that is audited in the end.
func (s *scene) empty() *store.Store {
	s.Helper()
	return s.audited(s.kind.Open(s, s.config()))
}

// open opens a store that holds the town's trust.
func (s *scene) open() *store.Store {
	s.Helper()
	st := s.empty()
	s.added(st, s.Trust...)
	return st
}

func (s *scene) reopen(st *store.Store) *store.Store {
	s.Helper()
	return s.audited(s.kind.Reopen(s, st, s.config()))
}

func (s *scene) copy(st *store.Store) *store.Store {
	s.Helper()
	return s.audited(s.kind.Copy(s, st, s.config()))
}

func (s *scene) audited(st *store.Store) *store.Store {
	s.Cleanup(func() {
		if _, err := st.Horizon(); err == nil { // it is open
			s.audit(st)
		}
	})
	return st
}

func (s *scene) audit(st *store.Store) {
	s.Helper()
	if err := s.kind.Audit(st); err != nil {
		s.Error(err)
	}
}

func (s *scene) apply(st *store.Store, rs ...record.Record) []store.Verdict {
	s.Helper()
	vs, err := st.Apply(context.Background(), rs...)
	if err != nil {
		s.Fatal(err)
	}
	return vs
}

// outcome applies records and wants the same outcome for each.
func (s *scene) outcome(st *store.Store, want store.Outcome, rs ...record.Record) {
	s.Helper()
	for i, v := range s.apply(st, rs...) {
		if v.Outcome != want {
			s.Fatalf("record %d (%s): outcome %d (%v), want %d", i, rs[i].Key, v.Outcome, v.Err, want)
		}
	}
}

func (s *scene) added(st *store.Store, rs ...record.Record) {
	s.Helper()
	s.outcome(st, store.Added, rs...)
}

// has reports which records are in the set.
func (s *scene) has(st *store.Store, rs ...record.Record) (n int) {
	s.Helper()
	ids := make([]record.ID, len(rs))
	for i := range rs {
		ids[i] = rs[i].ID()
	}
	at, err := st.Find(ids...)
	if err != nil {
		s.Fatal(err)
	}
	for _, a := range at {
		if a != 0 {
			n++
		}
	}
	return n
}

// in and out want records to be in the set, or not to be.
func (s *scene) in(st *store.Store, rs ...record.Record) {
	s.Helper()
	if n := s.has(st, rs...); n != len(rs) {
		s.Fatalf("%d of %d records are in the set", n, len(rs))
	}
}

func (s *scene) out(st *store.Store, rs ...record.Record) {
	s.Helper()
	if n := s.has(st, rs...); n != 0 {
		s.Fatalf("%d of %d records are in the set, want none", n, len(rs))
	}
}

// same wants two stores to hold equal sets over the later of their horizons.
func (s *scene) same(a, b *store.Store) {
	s.Helper()
	if x, y := s.moment(a, s.moment(b, 0).Horizon), s.moment(b, s.moment(a, 0).Horizon); x.Digests != y.Digests {
		s.Fatalf("digests differ:\n%v\n%v", x, y)
	}
}

func (s *scene) moment(st *store.Store, h record.Day) store.Moment {
	s.Helper()
	m, err := st.Moment(h)
	if err != nil {
		s.Fatal(err)
	}
	return m
}

func (s *scene) count(st *store.Store, who string) (n int) {
	s.Helper()
	err := st.Read(func(v *store.View) error {
		n = v.Count(author(who))
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return n
}
