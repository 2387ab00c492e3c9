package storetest

import (
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// naming: which records of the set name blobs is known, also after a restart, and it
// is told when that changes and not otherwise.
func naming(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	counted := st.Naming()
	changes := func(want bool, what string) {
		s.Helper()
		if got := st.Naming(); (got != counted) != want {
			s.Fatalf("%s: naming was %d and is %d", what, counted, got)
		}
		counted = st.Naming()
	}
	names := func(want ...record.Record) {
		s.Helper()
		var got []record.ID
		err := st.Read(func(v *store.View) error {
			for r := range v.Naming() {
				got = append(got, r.ID())
			}
			return nil
		})
		var ids []record.ID
		for _, r := range want {
			ids = append(ids, r.ID())
		}
		if err != nil || !slices.Equal(got, ids) {
			s.Fatalf("%v, %d records, not %d", err, len(got), len(ids))
		}
	}
	with := func(key string, size uint64) record.Record {
		return s.write("ann", record.Record{
			App: "any", Class: record.Talk, Key: key, Time: s.tick(), TTL: 30,
			Blobs: []record.Blob{{Sum: [32]byte{byte(size)}, Size: size}}, Body: []byte("x"),
		})
	}
	a, b := with("a", 1), with("b", 2)
	s.added(st, a, s.post("ann", "k", "hello"), b)
	changes(true, "two that name some")
	names(a, b)
	s.added(st, s.post("ann", "k", "bye"))
	changes(false, "one that names none")
	newer := with("a", 3)
	s.added(st, newer)
	changes(true, "a newer version")
	names(b, newer)
	st = s.reopen(st)
	counted = st.Naming()
	names(b, newer)
	s.added(st, s.unvouch())
	changes(true, "its author is vouched for no more")
	names()
	s.added(st, s.vouch("h0", 0, "ann"))
	changes(true, "and is again")
	if st.Naming() == 0 {
		s.Fatal("nothing is counted")
	}
}
