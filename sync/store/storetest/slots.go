package storetest

import (
	"errors"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func acknowledged(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	posts := s.posts("ann", 20)
	s.added(st, posts...)
	before := s.moment(st, 0)
	st = s.reopen(st)
	s.in(st, posts...)
	s.in(st, s.Trust...)
	if after := s.moment(st, 0); after.Digests != before.Digests || after.Arrival != before.Arrival {
		s.Fatalf("after a restart %v, before %v", after, before)
	}
	if !st.Roster().Certified(author("h1")) {
		s.Fatal("the roster is lost")
	}
	s.outcome(st, store.Known, posts...)
}

func slotOrder(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	old, newer := s.post("ann", "k", "old"), s.post("ann", "k", "newer")
	at := s.tick()
	x, y := s.postAt("ann", "same", at, 30, "x"), s.postAt("ann", "same", at, 30, "y")
	if a, b := x.ID(), y.ID(); string(a[:]) < string(b[:]) {
		x, y = y, x // x has the larger id
	}
	for name, order := range map[string][]record.Record{"forth": {old, newer, x, y}, "back": {newer, old, y, x}} {
		st := s.copy(st)
		s.apply(st, order...)
		s.in(st, newer, x)
		s.out(st, old, y)
		s.outcome(st, store.Known, old, y, newer, x)
		if s.count(st, "ann") != 2 {
			s.Fatal(name, s.count(st, "ann"))
		}
	}
	// Another ttl, author, key or app is another slot.
	other := s.postAt("ann", "k", s.tick(), 31, "other")
	s.added(st, newer, other, s.write("ann", record.Record{App: "places", Class: record.Talk, Key: "k", Time: s.tick(), TTL: 30}))
	s.in(st, newer, other)
}

func withdrawal(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	post, gone := s.post("ann", "k", "text"), s.post("ann", "k", "")
	s.added(st, post)
	s.added(st, gone)
	s.outcome(st, store.Known, post)
	st = s.reopen(st)
	s.outcome(st, store.Known, post)
	err := st.Read(func(v *store.View) error {
		r, ok, err := v.InSlot(post.Slot())
		if err != nil || !ok || !r.Withdrawn() {
			return errors.Join(err, errors.New("the withdrawal does not stand"))
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	again := s.post("ann", "k", "written anew")
	s.added(st, again)
	s.in(st, again)
}

func foreign(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	c := s.Founding.Community()
	c[0]++
	codec, err := record.NewCodec(c, s.Founding.Time)
	if err != nil {
		s.Fatal(err)
	}
	r := record.Record{App: "messages", Class: record.Talk, Key: "k", Time: s.tick(), TTL: 1, Body: []byte("x")}
	s.outcome(st, store.Refused, s.must(codec.Sign(r, simnet.Key("ann"))))
	r.Community, r.Author = s.Founding.Community(), author("ann")
	for _, v := range s.apply(st, r) {
		if v.Outcome != store.Refused || v.Err == nil {
			s.Fatal(v)
		}
	}
}
