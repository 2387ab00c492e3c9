package storetest

import (
	"bytes"
	"maps"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func (s *scene) knows(st *store.Store, p store.Position, want bool) {
	s.Helper()
	ok, err := st.Knows(p)
	if err != nil || ok != want {
		s.Fatalf("Knows(%v) is %v (%v), want %v", p, ok, err, want)
	}
}

func epochs(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	var last uint64
	for _, r := range s.posts("ann", 10) {
		v := s.apply(st, r)[0]
		if v.Arrival <= last {
			s.Fatalf("number %d after %d", v.Arrival, last)
		}
		last = v.Arrival
	}
	first := s.moment(st, 0)
	if first.Arrival != last {
		s.Fatal(first.Arrival, last)
	}
	st = s.reopen(st)
	second := s.moment(st, 0)
	if second.Epoch == first.Epoch || second.Arrival != last {
		s.Fatal(first.Position, second.Position)
	}
	more := s.post("ann", "more", "x")
	if v := s.apply(st, more)[0]; v.Arrival != last+1 {
		s.Fatal(v)
	}
	// A plain restart keeps what peers remember valid.
	s.knows(st, first.Position, true)
	s.knows(st, second.Position, true)
	s.knows(st, store.Position{Epoch: first.Epoch, Arrival: 3}, true)
	s.knows(st, store.Position{Epoch: second.Epoch, Arrival: last + 1}, true)
	s.knows(st, store.Position{}, true)
	// Numbers that were never given out under an epoch are not ours.
	s.knows(st, store.Position{Epoch: first.Epoch, Arrival: last + 1}, false)
	s.knows(st, store.Position{Epoch: second.Epoch, Arrival: last + 2}, false)
	s.knows(st, store.Position{Epoch: second.Epoch, Arrival: last - 1}, false)
	s.knows(st, store.Position{Epoch: first.Epoch + second.Epoch, Arrival: 3}, false)

	for range 300 { // the history of epochs is bounded, and goes on working
		st = s.reopen(st)
	}
	s.knows(st, s.moment(st, 0).Position, true)
	s.knows(st, first.Position, false)
}

func twins(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	s.added(st, s.posts("ann", 5)...)
	saved := s.moment(st, 0)
	backup := s.copy(st)
	s.knows(backup, saved.Position, true) // up to the backup the logs are one

	s.added(st, s.posts("bob", 0)...)
	s.added(st, s.post("ann", "lost", "x"), s.post("ann", "lost/too", "x"))
	seen := s.moment(st, 0)
	s.added(backup, s.post("ann", "other", "x"), s.post("ann", "another", "x"), s.post("ann", "third", "x"))
	s.knows(backup, seen.Position, false) // what a peer saw before the restore
	s.knows(st, s.moment(backup, 0).Position, false)
	s.knows(backup, s.moment(backup, 0).Position, true)
	s.knows(st, seen.Position, true)
	if seen.Arrival >= s.moment(backup, 0).Arrival {
		s.Fatal("the test is none: the twin's numbers do not overlap")
	}
	again := s.reopen(backup)
	s.knows(again, seen.Position, false)
}

func reading(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	base := s.moment(st, 0).Arrival
	posts := s.posts("ann", 30)
	s.added(st, posts...)
	edited := s.post("ann", posts[4].Key, "edited")
	s.added(st, edited)

	var got []record.Record
	var numbers []uint64
	for at := base; ; {
		es, err := st.Since(at, 7)
		if err != nil || len(es) > 7 {
			s.Fatal(len(es), err)
		}
		if len(es) == 0 {
			break
		}
		for _, e := range es {
			if e.Arrival <= at || e.Author != author("ann") || e.Class != record.Talk || e.Via != author("h0").Via() {
				s.Fatal(e)
			}
			at = e.Arrival
			numbers = append(numbers, at)
			encs, err := st.Load(at)
			if err != nil {
				s.Fatal(err)
			}
			r, err := st.Codec().Decode(encs[0])
			if err != nil || r.ID() != e.ID || r.Time != e.Time || r.Verify() != nil {
				s.Fatal(r, err)
			}
			got = append(got, r)
		}
	}
	if len(got) != 30 || got[29].ID() != edited.ID() {
		s.Fatalf("%d records", len(got))
	}
	encs, err := st.Load(append(numbers, 1<<40, base+5)...) // base+5 was replaced
	if err != nil || encs[30] != nil || encs[31] != nil || !bytes.Equal(encs[0], posts[0].Encoding()) {
		s.Fatal(err)
	}
	found, err := st.Find(edited.ID(), posts[4].ID(), posts[0].ID())
	if err != nil || !slices.Equal(found, []uint64{numbers[29], 0, numbers[0]}) {
		s.Fatal(found, err)
	}
	a, b := edited.ID(), posts[4].ID()
	held, err := st.Holds([]store.Short{store.Short(a[:8]), store.Short(b[:8])})
	if err != nil || !slices.Equal(held, []bool{true, false}) {
		s.Fatal(held, err)
	}
}

func cursors(s *scene) {
	st := s.open()
	m := map[record.Author]store.Position{author("h0"): {Epoch: 1, Arrival: 2}, author("h1"): {Epoch: 3, Arrival: 4}}
	if err := st.SetCursors(m); err != nil {
		s.Fatal(err)
	}
	if err := st.SetCursors(nil); err != nil {
		s.Fatal(err)
	}
	if err := st.SetCursors(map[record.Author]store.Position{author("h1"): {Epoch: 3, Arrival: 9}}); err != nil {
		s.Fatal(err)
	}
	m[author("h1")] = store.Position{Epoch: 3, Arrival: 9}
	if err := st.SetCursors(map[record.Author]store.Position{
		author("h0"): {Epoch: 7, Arrival: 1}, author("h1"): {Epoch: 3, Arrival: 8}, // behind, and it stays so
	}); err != nil {
		s.Fatal(err)
	}
	m[author("h0")] = store.Position{Epoch: 7, Arrival: 1}
	st = s.reopen(st)
	if all, err := st.Cursors(); err != nil || !maps.Equal(all, m) {
		s.Fatal(all, err)
	}
	m[author("nobody")] = store.Position{}
	got := map[record.Author]store.Position{}
	for peer := range m {
		p, err := st.Cursor(peer)
		if err != nil {
			s.Fatal(err)
		}
		got[peer] = p
	}
	if !maps.Equal(got, m) {
		s.Fatal(got)
	}
}

func lineage(s *scene) {
	spans := func(st *store.Store) []store.Span {
		s.Helper()
		l, err := st.Lineage()
		if err != nil {
			s.Fatal(err)
		}
		return l
	}
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	first := s.moment(st, 0)
	if l := spans(st); !slices.Equal(l, []store.Span{{Epoch: first.Epoch, First: 0, Last: first.Arrival}}) {
		s.Fatal(l)
	}
	backup := s.copy(st)
	s.added(st, s.posts("ann", 3)...)
	st = s.reopen(st)
	s.added(st, s.post("ann", "more", "x"))
	second := s.moment(st, 0)
	want := []store.Span{
		{Epoch: first.Epoch, First: 0, Last: first.Arrival + 3},
		{Epoch: second.Epoch, First: first.Arrival + 3, Last: second.Arrival},
	}
	if l := spans(st); !slices.Equal(l, want) {
		s.Fatal(l, want)
	}
	if l := spans(backup); len(l) != 2 || l[0] != (store.Span{Epoch: first.Epoch, First: 0, Last: first.Arrival}) || l[1].Epoch == second.Epoch {
		s.Fatal(l)
	}
	for range 300 {
		st = s.reopen(st)
	}
	if l := spans(st); len(l) != 256 || l[255].Epoch != s.moment(st, 0).Epoch {
		s.Fatal(len(l))
	}
}

func lastBut(s *scene) {
	last := func(st *store.Store, app record.App, want uint64) {
		s.Helper()
		if n, err := st.LastBut(app); err != nil || n != want {
			s.Fatalf("%d (%v), want %d", n, err, want)
		}
	}
	st := s.empty()
	last(st, "hubs", 0)
	s.added(st, s.Trust...)
	s.added(st, s.vouch("h0", 0, "ann"))
	trust := s.moment(st, 0).Arrival
	s.added(st, s.posts("ann", 3)...)
	last(st, "hubs", trust+3)
	last(st, "messages", trust)
	err := st.Read(func(v *store.View) error {
		for h, err := range v.Slots("messages", s.posts("ann", 3)[1].Key) {
			if n, _ := st.Find(h.ID()); err != nil || n[0] != h.Arrival {
				s.Error(h.Arrival, n, err)
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}
