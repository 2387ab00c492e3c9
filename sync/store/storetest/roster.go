package storetest

import (
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func vouchInBatch(s *scene) {
	vouch := s.vouch("h0", 0, "ann")
	batch := append(s.posts("ann", 3), vouch)
	batch = append(batch, s.Trust...)
	for seed := range uint64(5) {
		st := s.empty()
		s.added(st, shuffled(seed, batch)...)
		s.in(st, batch...)
	}
}

func chainInBatch(s *scene) {
	batch := append([]record.Record{
		s.certify("root", "h5", roster.Admit), s.certify("h5", "h6", 0), s.vouch("h6", 3, "ann"),
	}, s.posts("ann", 2)...)
	batch = append(batch, s.coordinator("chief", roster.Notices, 0), s.write("chief", record.Record{
		App: "notices", Class: record.Notice, Key: "n", Time: s.tick(), TTL: 3, Body: []byte("x"),
	}))
	for seed := range uint64(5) {
		st := s.empty()
		s.added(st, shuffled(seed, batch)...)
		s.in(st, batch...)
		if len(st.Roster().Chain(author("h6"))) != 2 {
			s.Fatal(st.Roster().Chain(author("h6")))
		}
	}
	// Alone, nothing of it is allowed but the certificate.
	st := s.empty()
	for _, r := range batch[1:5] {
		for _, v := range s.apply(st, r) {
			if v.Outcome != store.Refused || !errors.Is(v.Err, roster.ErrUnknown) {
				s.Fatal(v)
			}
		}
	}
}

func personRevoked(s *scene) {
	st := s.open()
	posts := s.posts("ann", 5)
	s.added(st, append(posts, s.vouch("h0", 0, "ann"))...)
	s.added(st, s.revoke("root", "ann"))
	s.out(st, posts...)
	s.outcome(st, store.Refused, posts...)
	s.added(st, s.vouch("h1", 0, "ann"))
	s.out(st, posts...)
	if n := s.count(st, "ann"); n != 0 {
		s.Fatal(n)
	}
	st = s.reopen(st)
	s.outcome(st, store.Refused, posts...)
}

func hubRevoked(s *scene) {
	st := s.open()
	ann, bob := s.vouch("h1", 0, "ann"), s.vouch("h1", 1, "bob")
	anns, bobs, hubs := s.posts("ann", 3), s.posts("bob", 3), s.posts("h1", 3)
	s.added(st, ann, bob)
	s.added(st, append(append(anns, bobs...), hubs...)...)
	s.added(st, s.revoke("root", "h1", ann))
	s.in(st, ann)
	s.in(st, anns...)
	s.out(st, bob)
	s.out(st, bobs...)
	s.out(st, hubs...)
	s.audit(st)
	// A further part of the list brings back what it names.
	s.added(st, s.revoke("root", "h1", bob))
	s.in(st, ann, bob)
	s.in(st, bobs...)
	s.out(st, hubs...)
	st = s.reopen(st)
	s.in(st, anns...)
	s.outcome(st, store.Refused, hubs...)
	// Others may adopt its residents.
	s.added(st, s.vouch("h0", 9, "bob"))
	s.in(st, bobs...)
}

func purge(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"), s.coordinator("m1", roster.Moderate, 0), s.coordinator("m2", roster.Moderate, 0))
	bad, other := s.post("ann", "k", "bad"), s.post("ann", "l", "good")
	s.added(st, bad, other)
	p := roster.Purge{Slot: bad.Slot(), Time: bad.Time, ID: bad.ID()}
	s.added(st, s.say("m1", p))
	s.in(st, bad)
	s.added(st, s.say("m2", p))
	s.out(st, bad)
	s.in(st, other)
	for _, v := range s.apply(st, bad) {
		if v.Outcome != store.Refused || !errors.Is(v.Err, roster.ErrPurged) {
			s.Fatal(v)
		}
	}
	s.added(st, s.post("ann", "k", "better"))
	// What was set aside is purged as well.
	gone := s.post("ann", "m", "bad too")
	s.added(st, gone)
	s.added(st, s.unvouch())
	q := roster.Purge{Slot: gone.Slot(), Time: gone.Time, ID: gone.ID()}
	s.added(st, s.say("m1", q), s.say("m2", q))
	s.audit(st)
	s.added(st, s.vouch("h0", 0, "ann"))
	s.out(st, gone)
	s.in(st, other)
}

func setAside(s *scene) {
	st := s.open()
	vouch := s.vouch("h0", 0, "ann")
	posts := s.posts("ann", 4)
	s.added(st, vouch)
	s.added(st, posts[:3]...)
	// The place goes to somebody else.
	s.added(st, s.vouch("h0", 0, "bob"))
	s.out(st, posts...)
	s.audit(st)
	s.outcome(st, store.Aside, posts[3])
	s.outcome(st, store.Aside, posts...)
	if n := s.count(st, "ann"); n != 0 {
		s.Fatal(n)
	}
	before := s.moment(st, 0)
	st = s.reopen(st)
	s.added(st, s.vouch("h1", 5, "ann"))
	s.in(st, posts...)
	es, err := st.Since(before.Arrival, 100)
	if err != nil || len(es) != 5 {
		s.Fatalf("%d entries (%v), want the vouch and what came back with it", len(es), err)
	}
	// A certificate counts as a vouch.
	hubs := s.posts("h1", 2)
	s.added(st, hubs...)
	s.outcome(st, store.Known, hubs...)
}

func setAsideQuota(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	s.added(st, s.unvouch())
	posts := s.posts("ann", roster.QuotaPerson+3)
	last := posts[len(posts)-1]
	s.outcome(st, store.Aside, posts[1:]...)
	s.outcome(st, store.Refused, posts[0])
	s.added(st, s.vouch("h0", 0, "ann"))
	s.in(st, posts[3:]...)
	s.out(st, posts[:3]...)
	s.in(st, last)
}

func setAsideSlots(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	one, two, gone := s.post("ann", "k", "one"), s.post("ann", "k", "two"), s.post("ann", "k", "")
	s.added(st, two)
	s.added(st, s.unvouch())
	s.outcome(st, store.Refused, one)
	s.outcome(st, store.Aside, gone)
	s.outcome(st, store.Refused, two)
	s.added(st, s.vouch("h0", 0, "ann"))
	s.in(st, gone)
	s.outcome(st, store.Known, one, two)
}

func strangers(s *scene) {
	st := s.open()
	posts := s.posts("eve", 3)
	for _, v := range s.apply(st, posts...) {
		if v.Outcome != store.Refused || !errors.Is(v.Err, roster.ErrUnknown) {
			s.Fatal(v)
		}
	}
	s.added(st, s.vouch("h0", 0, "eve"))
	s.out(st, posts...)
	s.added(st, posts...)
	// Nobody vouches for a stranger but a hub.
	s.outcome(st, store.Refused, s.vouch("mallory", 0, "eve"))
	s.outcome(st, store.Aside, s.vouch("eve", 0, "mallory"))
}

func strangersRevocation(s *scene) {
	st := s.open()
	own := s.revoke("ann", "ann")
	s.outcome(st, store.Refused, own)
	posts := s.posts("ann", 2)
	s.added(st, append(posts, s.vouch("h0", 0, "ann"))...)
	if st.Roster().Revoked(author("ann")) {
		s.Fatal("a record that is not in the set counts")
	}
	s.in(st, posts...)

	// In one batch with the vouch it counts, in any order.
	batch := append(s.posts("bob", 2), s.vouch("h0", 1, "bob"), s.revoke("bob", "bob"))
	for seed := range uint64(4) {
		st := s.copy(st)
		s.apply(st, shuffled(seed, batch)...)
		s.in(st, batch[2:]...)
		s.out(st, batch[:2]...)
	}
}

func residentsRevocation(s *scene) {
	st := s.open()
	own := s.revoke("ann", "ann")
	posts := s.posts("ann", 2)
	s.added(st, s.vouch("h0", 0, "ann"))
	s.added(st, posts...)
	s.added(st, own)
	s.out(st, posts...)
	s.added(st, s.vouch("h0", 0, "bob"))
	s.out(st, own)
	s.audit(st)
	st = s.reopen(st)
	s.added(st, s.vouch("h1", 0, "ann"))
	s.in(st, own)
	s.outcome(st, store.Refused, append(posts, s.post("ann", "thief", "hello"))...)
}

func grantedQuota(s *scene) {
	st := s.open()
	small, big := s.coordinator("chief", roster.Notices, 0), s.coordinator("chief", roster.Notices, 700)
	posts := s.posts("chief", 800)
	s.added(st, small)
	s.added(st, big)
	s.apply(st, posts...)
	s.in(st, posts[100:]...)
	s.out(st, posts[:100]...)
	s.added(st, s.coordinator("chief", roster.Maps, 0))
	s.in(st, posts[300:]...)
	s.out(st, posts[:300]...)
	if n := s.count(st, "chief"); n != 500 {
		s.Fatal(n)
	}
}

func roleReturns(s *scene) {
	st := s.open()
	cert, vouch := s.certify("h0", "h7", 0), s.vouch("h7", 0, "ann")
	posts := s.posts("ann", 2)
	s.added(st, append(posts, cert, vouch)...)
	less := s.say("root", roster.Certificate{Kind: roster.Hub, Subject: author("h0"), Label: "less"})
	s.added(st, less)
	s.out(st, cert, vouch)
	s.audit(st)
	s.out(st, posts...)
	s.added(st, s.say("root", roster.Certificate{Kind: roster.Hub, Subject: author("h0"), Label: "more", Roles: roster.Admit}))
	s.in(st, cert, vouch)
	s.in(st, posts...)
	late := s.post("h7", fmt.Sprintf("late/%d", 1), "x")
	s.added(st, late)
}
