package storetest

import (
	"maps"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/reconcile"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// mixed is a little of everything.
func (s *scene) mixed() []record.Record {
	rs := []record.Record{
		s.certify("h0", "h7", 0), s.vouch("h7", 0, "ann"), s.vouch("h1", 0, "bob"), s.vouch("h1", 1, "cem"),
		s.coordinator("m1", roster.Moderate, 0), s.coordinator("m2", roster.Moderate|roster.Notices, 0),
	}
	for _, who := range []string{"ann", "bob", "cem"} {
		posts := s.posts(who, 8)
		rs = append(rs, posts...)
		rs = append(rs, s.post(who, posts[1].Key, "edited"), s.post(who, posts[2].Key, ""))
		bad := roster.Purge{Slot: posts[3].Slot(), Time: posts[3].Time, ID: posts[3].ID()}
		rs = append(rs, s.say("m1", bad), s.say("m2", bad))
		rs = append(rs, s.postAt(who, "short", s.tick(), 1, "x"), s.postAt(who, "long", s.tick(), 400, "x"))
	}
	return append(rs, s.vouch("h1", 1, "dee"), s.revoke("root", "bob"))
}

func anyOrder(s *scene) {
	all := append(s.mixed(), s.Trust...)
	first := s.empty()
	s.apply(first, all...)
	for seed := range uint64(6) {
		st := s.empty()
		order := shuffled(seed, all)
		// What comes before its vouch is not kept and comes again, as from a peer.
		for range 4 {
			for part := range slices.Chunk(order, 5+int(seed)) {
				s.apply(st, part...)
			}
			order = shuffled(seed+100, order)
		}
		s.same(first, st)
		for _, h := range []record.Day{0, s.day(2), s.day(31), s.day(100), record.Never} {
			if a, b := s.moment(first, h), s.moment(st, h); a.Digests != b.Digests || a.Horizon != h {
				s.Fatal(h, a, b)
			}
		}
	}
}

func apps(s *scene) {
	st := s.empty()
	s.apply(st, append(s.mixed(), s.Trust...)...)
	s.collect(st, s.day(9))
	want := map[record.App]uint64{}
	for c := range record.Class(record.Classes) {
		es, err := st.SinceOf(c, 0)
		if err != nil {
			s.Fatal(err)
		}
		for _, e := range es {
			want[e.App]++
		}
	}
	got, err := st.Apps()
	if err != nil || len(want) < 2 || !maps.Equal(got, want) {
		s.Fatalf("by app %v, want %v (%v)", got, want, err)
	}
	if got, err := s.empty().Apps(); len(got) > 0 || err != nil {
		s.Fatalf("an empty store has %v (%v)", got, err)
	}
}

func setAndDigest(s *scene) {
	st := s.empty()
	s.apply(st, append(s.mixed(), s.Trust...)...)
	s.collect(st, s.day(9))
	for _, h := range []record.Day{s.day(2), s.day(30), s.day(31), s.day(399), record.Never} {
		m := s.moment(st, h)
		for c := range record.Class(record.Classes) {
			set, err := st.Set(c, h)
			if err != nil {
				s.Fatal(err)
			}
			d := m.Digests[c]
			if uint64(set.Len()) != d.Count || set.Fingerprint(0, set.Len()) != d.Fingerprint {
				s.Fatalf("class %s from day %d: a set of %d, a digest of %d", c, h, set.Len(), d.Count)
			}
			for i := range set.Len() - 1 {
				if set.At(i).Compare(set.At(i+1)) >= 0 {
					s.Fatal("out of order")
				}
			}
		}
	}
	m := s.moment(st, 0)
	err := st.Read(func(v *store.View) error {
		for c := range record.Class(record.Classes) {
			if d := v.Digest(c); d != m.Digests[c] {
				s.Fatalf("class %s: a view's digest is %v, want %v", c, d, m.Digests[c])
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	var none reconcile.Sum
	if m := s.moment(s.empty(), 0); m.Digests[record.Talk].Fingerprint != none.Fingerprint(0) {
		s.Fatal("the fingerprint of nothing")
	}
}
