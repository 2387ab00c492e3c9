package storetest

import (
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func (s *scene) collect(st *store.Store, today record.Day) {
	s.Helper()
	if err := st.Collect(today); err != nil {
		s.Fatal(err)
	}
}

func (s *scene) horizon(st *store.Store) record.Day {
	s.Helper()
	h, err := st.Horizon()
	if err != nil {
		s.Fatal(err)
	}
	return h
}

func expiry(s *scene) {
	st := s.open()
	vouch := s.vouch("h0", 0, "ann")
	s.added(st, vouch)
	at := s.tick()
	short, long := s.postAt("ann", "short", at, 1, "x"), s.postAt("ann", "long", at, 2, "x")
	s.added(st, short, long)
	all := s.moment(st, 0)

	s.collect(st, 3) // a clock of 1970
	s.collect(st, s.day(8))
	if h := s.horizon(st); h != s.day(1) {
		s.Fatal(h)
	}
	s.in(st, short, long) // on the day of the horizon it is still there
	s.collect(st, s.day(9))
	s.out(st, short)
	s.in(st, long, vouch)
	s.outcome(st, store.Expired, short)
	if m := s.moment(st, 0); m.Horizon != s.day(2) || m.Digests[record.Talk].Count != 1 {
		s.Fatal(m)
	}

	s.collect(st, s.day(8)) // it never moves back
	s.collect(st, 0)
	if h := s.horizon(st); h != s.day(2) {
		s.Fatal(h)
	}
	st = s.reopen(st)
	s.outcome(st, store.Expired, short)
	s.outcome(st, store.Known, long)

	// A store that has collected nothing agrees over the later horizon.
	other := s.open()
	s.added(other, vouch, short, long)
	if s.moment(other, 0).Digests != all.Digests {
		s.Fatal("digests differ without horizon")
	}
	s.same(st, other)

	// What is set aside is collected as well.
	s.added(other, s.unvouch())
	s.collect(other, s.day(400))
	s.added(other, s.vouch("h0", 0, "ann"))
	s.out(other, short, long)
	s.in(other, s.Trust...)
}

func expiredCount(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	at := s.tick()
	var old []record.Record
	for i := range roster.QuotaPerson {
		old = append(old, s.postAt("ann", fmt.Sprintf("old/%d", i), at, 1, "x"))
	}
	s.added(st, old...)
	early := s.postAt("ann", "early", at-second/2, 1, "x")
	s.outcome(st, store.Full, early)
	s.collect(st, s.day(9))
	s.out(st, old...)
	if n := s.count(st, "ann"); n != 0 {
		s.Fatal(n)
	}
	s.outcome(st, store.Expired, early)
	s.added(st, s.posts("ann", roster.QuotaPerson)...)
}
