package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// page reads up to limit records listed under a term.
func (s *scene) page(st *store.Store, term string, before record.Time, limit int) (rs []record.Record) {
	s.Helper()
	err := st.Read(func(v *store.View) error {
		for r, err := range v.Newest("messages", term, before) {
			if err != nil {
				return err
			}
			if rs = append(rs, r.Record); len(rs) == limit {
				break
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return rs
}

func texts(rs []record.Record) (ts []string) {
	for _, r := range rs {
		ts = append(ts, string(r.Body))
	}
	return ts
}

// byText lists a record under the words of its text, and under terms that are
// not to be had.
func byText(r record.Record) []string {
	return append(strings.Fields(string(r.Body)), "", "all", strings.Repeat("x", store.MaxTerm+1), "a\x00b")
}

func paging(s *scene) {
	s.index = store.Index{Terms: byText, Versions: map[record.App]int{"messages": 1}}
	st := s.open()
	var want []string
	for i := range 3 {
		who := fmt.Sprintf("resident %d", i)
		s.added(st, s.vouch("h0", i, who))
	}
	var rs []record.Record
	for i := range 1000 {
		text := fmt.Sprintf("w%d", i%10)
		rs = append(rs, s.post(fmt.Sprintf("resident %d", i%3), fmt.Sprintf("k/%d", i), text))
		want = append(want, text)
	}
	slices.Reverse(want)
	s.added(st, shuffled(1, rs)...)
	var got []string
	for before := record.Time(0); ; {
		page := s.page(st, "all", before, 33)
		if len(page) == 0 {
			break
		}
		got = append(got, texts(page)...)
		before = page[len(page)-1].Time
	}
	if !slices.Equal(got, want) {
		s.Fatalf("%d items, want %d, or out of order", len(got), len(want))
	}
	if n := len(s.page(st, "w3", 0, 2000)); n != 100 {
		s.Fatal(n)
	}
	// A withdrawn, an edited and a purged post are listed as they are now.
	s.added(st, s.post("resident 0", "k/3", ""), s.post("resident 0", "k/33", "other"))
	if n := len(s.page(st, "w3", 0, 2000)); n != 98 {
		s.Fatal(n)
	}
	if got := texts(s.page(st, "all", 0, 1)); !slices.Equal(got, []string{"other"}) {
		s.Fatal(got)
	}
	s.added(st, s.revoke("root", "resident 1"))
	if n := len(s.page(st, "all", 0, 2000)); n != 999-333 {
		s.Fatal(n)
	}
	for _, term := range []string{"", "al", "all\x00", "w", "nothing", strings.Repeat("x", store.MaxTerm+1)} {
		if n := len(s.page(st, term, 0, 10)); n != 0 {
			s.Fatalf("%q lists %d", term, n)
		}
	}
}

func listing(s *scene) {
	var first record.Time
	index := store.Index{Terms: byText, Versions: map[record.App]int{"messages": 1}, Listed: func(r record.Record) record.Time {
		switch string(r.Body) {
		case "changed":
			return first
		case "ahead":
			return r.Time + 1<<32
		}
		return 0
	}}
	s.index = index
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	a, b := s.post("ann", "a", "first"), s.post("ann", "b", "second")
	first = a.Time
	s.added(st, a, b, s.post("ann", "a", "changed"))
	lists := func(want ...string) {
		s.Helper()
		if got := texts(s.page(st, "all", 0, 10)); !slices.Equal(got, want) {
			s.Fatalf("listed are %q, want %q", got, want)
		}
	}
	lists("second", "changed")
	if got := texts(s.page(st, "all", b.Time, 10)); !slices.Equal(got, []string{"changed"}) {
		s.Fatalf("before the second there is %q", got)
	}
	index.Versions = map[record.App]int{"messages": 2}
	s.index = index
	st = s.reopen(st)
	lists("second", "changed")
	s.added(st, s.post("ann", "c", "ahead"), s.post("ann", "d", "last"))
	lists("last", "ahead", "second", "changed")
	s.added(st, s.post("ann", "a", ""), s.post("ann", "c", ""))
	lists("last", "second")
	err := st.Read(func(v *store.View) error {
		for prefix, want := range map[string][]string{"": {"all", "last", "second"}, "l": {"last"}, "last": {"last"}, "x": nil} {
			if got := slices.Collect(v.Terms("messages", prefix)); !slices.Equal(got, want) {
				s.Errorf("terms of %q: %q, want %q", prefix, got, want)
			}
		}
		if got := slices.Collect(v.Terms("message", "")); got != nil {
			s.Error("of another app there are", got)
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

func reindex(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	s.added(st, s.post("ann", "a", "one two"), s.post("ann", "b", "two"), s.post("ann", "c", ""))
	if n := len(s.page(st, "two", 0, 10)); n != 0 {
		s.Fatal(n)
	}
	s.index = store.Index{Terms: byText, Versions: map[record.App]int{"messages": 1}}
	st = s.reopen(st)
	if n := len(s.page(st, "two", 0, 10)); n != 2 {
		s.Fatal(n)
	}
	s.index = store.Index{
		Terms:    func(r record.Record) []string { return []string{"new " + string(r.Body)} },
		Versions: map[record.App]int{"messages": 2},
	}
	st = s.reopen(st)
	if n := len(s.page(st, "two", 0, 10)) + len(s.page(st, "all", 0, 10)); n != 0 {
		s.Fatal("old terms are still there", n)
	}
	if n := len(s.page(st, "new two", 0, 10)); n != 1 {
		s.Fatal(n)
	}
	s.index = store.Index{} // the app is gone, then there again
	st = s.reopen(st)
	s.added(st, s.post("ann", "d", "meanwhile"))
	s.index = store.Index{Terms: byText, Versions: map[record.App]int{"messages": 2}}
	st = s.reopen(st)
	if n := len(s.page(st, "meanwhile", 0, 10)) + len(s.page(st, "new two", 0, 10)); n != 1 {
		s.Fatal(n)
	}
}

func slotsAndVouches(s *scene) {
	st := s.open()
	a0, a1, b := s.vouch("h0", 0, "ann"), s.vouch("h1", 7, "ann"), s.vouch("h1", 1, "bob")
	s.added(st, a0, a1, b)
	x, y, z := s.post("ann", "p/1", "x"), s.post("bob", "p/1", ""), s.post("bob", "p/10", "z")
	s.added(st, x, y, z)
	err := st.Read(func(v *store.View) error {
		keys := map[record.ID]bool{}
		for r, err := range v.Slots("messages", "p/1") {
			if err != nil {
				return err
			}
			keys[r.ID()] = true
		}
		if len(keys) != 2 || !keys[x.ID()] || !keys[y.ID()] {
			s.Error("Slots gives", len(keys))
		}
		for r, err := range v.Slots("messages", "p") {
			s.Error("a prefix is no key", r.Key, err)
		}
		vouches := map[record.ID]bool{}
		for r, err := range v.Vouches(author("ann")) {
			if _, of, ok := roster.VouchOf(r.Record); err != nil || !ok || of.Subject != author("ann") {
				s.Error(r, err)
			}
			vouches[r.ID()] = true
		}
		if len(vouches) != 2 || !vouches[a0.ID()] || !vouches[a1.ID()] {
			s.Error("Vouches gives", len(vouches))
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	s.added(st, s.vouch("h1", 7, "cem"))
	err = st.Read(func(v *store.View) error {
		for r, err := range v.Vouches(author("ann")) {
			if err != nil || r.ID() != a0.ID() {
				s.Error(r, err)
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

func single(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	x := s.post("ann", "p/1", "x")
	s.added(st, x)
	err := st.Read(func(v *store.View) error {
		r, ok, err := v.Get(x.ID())
		if err != nil || !ok || string(r.Body) != "x" {
			s.Error(r, ok, err)
		}
		h, ok, err := v.InSlot(x.Slot())
		if err != nil || !ok || h.ID() != x.ID() {
			s.Error(h, ok, err)
		}
		if _, ok, err := v.Get(record.ID{1}); ok || err != nil {
			s.Error(ok, err)
		}
		other := x.Slot()
		other.Author = author("cem")
		if _, ok, err := v.InSlot(other); ok || err != nil {
			s.Error(ok, err)
		}
		if !v.Roster().Certified(author("h1")) {
			s.Error("the view's roster")
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

func watchTerms(s *scene) {
	s.index = store.Index{Terms: byText, Versions: map[record.App]int{"messages": 1}}
	st := s.open()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ch := st.WatchTerms(ctx)
	want := func(what string, terms ...string) {
		s.Helper()
		var got []string
		select {
		case all := <-ch:
			for t := range all.Terms {
				got = append(got, t.Term)
			}
			if all.Many {
				got = append(got, "many")
			}
		default:
		}
		slices.Sort(got)
		if !slices.Equal(got, terms) {
			s.Fatalf("%s touches %q, want %q", what, got, terms)
		}
	}
	s.added(st, s.vouch("h0", 0, "ann"))
	want("a vouch")
	s.added(st, s.post("ann", "a", "one"))
	want("a post", "all", "one")
	s.added(st, s.post("ann", "a", "two"))
	want("an edit", "all", "one", "two")
	s.added(st, s.post("ann", "a", ""))
	want("a withdrawal", "all", "two")
	s.added(st, s.post("ann", "a", ""))
	want("another withdrawal")
	s.added(st, s.post("ann", "b", "three"))
	s.added(st, s.post("ann", "c", "four"))
	want("several", "all", "four", "three")
	s.outcome(st, store.Refused, s.post("eve", "k", "x"))
	want("what is refused")
	s.added(st, s.revoke("root", "ann"))
	want("a revocation", "all", "four", "three")
	s.added(st, s.vouch("h0", 1, "bob"), s.post("bob", "a", "five"))
	want("vouch and post", "all", "five")
	s.collect(st, s.day(400))
	want("collecting", "all", "five")

	st = s.open()
	ch = st.WatchTerms(ctx)
	for i := range store.MaxTouched/50 + 1 {
		who := fmt.Sprintf("resident %d", i)
		var words []string
		for j := range 55 {
			words = append(words, fmt.Sprintf("%d/%d", i, j))
		}
		s.added(st, s.vouch("h1", i, who), s.post(who, "a", strings.Join(words, " ")))
	}
	want("more than are told apart", "many")
}
