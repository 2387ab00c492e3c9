package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func personQuota(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"), s.vouch("h0", 1, "bob"))
	bobs := s.post("bob", "k", "mine")
	s.added(st, bobs)
	posts := s.posts("ann", roster.QuotaPerson)
	s.added(st, posts...)
	// An edit and a withdrawal take no further slot.
	posts[7], posts[8] = s.post("ann", posts[7].Key, "edited"), s.post("ann", posts[8].Key, "")
	s.added(st, posts[7], posts[8])
	s.in(st, posts...)
	more := s.post("ann", "one/more", "x")
	s.added(st, more)
	s.out(st, posts[0])
	s.in(st, posts[1:]...)
	s.outcome(st, store.Full, posts[0])
	s.in(st, bobs)
	if n := s.count(st, "ann"); n != roster.QuotaPerson {
		s.Fatal(n)
	}
}

func hubQuota(s *scene) {
	s.long()
	st := s.open()
	posts := s.posts("h1", roster.QuotaHub)
	s.added(st, posts...)
	s.in(st, posts...)
	s.added(st, s.post("h1", "one/more", "x"))
	s.out(st, posts[0])
	s.in(st, posts[1:]...)
}

// quotaOrder fills a quota with records that expire at different times and
// wants the same to be left whatever their order.
func quotaOrder(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	var all []record.Record
	for i := range roster.QuotaPerson + 60 {
		at := s.now + days(i%5)
		all = append(all, s.postAt("ann", fmt.Sprintf("k/%d", i), at, record.Days(3+i%3), "x"))
	}
	best := slices.Clone(all)
	slices.SortFunc(best, func(a, b record.Record) int {
		x, y := a.ID(), b.ID()
		return cmp.Or(cmp.Compare(a.Expires(), b.Expires()), cmp.Compare(a.Time, b.Time), bytes.Compare(x[:], y[:]))
	})
	fallen, best := best[:60], best[60:]
	for seed := range uint64(3) {
		st := s.copy(st)
		order := shuffled(seed, all)
		for part := range slices.Chunk(order, 100) {
			s.apply(st, part...)
		}
		s.in(st, best...)
		s.out(st, fallen...)
		s.outcome(st, store.Full, fallen...)
	}
}

func ownRevocationStays(s *scene) {
	s.long()
	st := s.open()
	// A key that may write trust records can fill its quota with statements.
	s.added(st, s.certify("root", "h9", roster.Admit))
	own := s.revoke("h9", "h9")
	var statements []record.Record
	for i := range roster.QuotaHub {
		statements = append(statements, s.certify("h9", fmt.Sprintf("made up %d", i), 0))
	}
	a, b := s.copy(st), s.copy(st)
	s.added(a, statements...)
	s.added(a, own)
	s.apply(b, own)
	s.apply(b, statements...)
	s.same(a, b)
	for _, st := range []*store.Store{a, b} {
		s.in(st, own)
		s.out(st, statements...)
		if !st.Roster().Revoked(author("h9")) {
			s.Fatal("not revoked")
		}
	}
}
