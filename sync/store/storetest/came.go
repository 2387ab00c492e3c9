package storetest

import (
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// byCounted counts what came under “all”, and under no other term.
func byCounted() store.Index {
	return store.Index{
		Terms: byText, Versions: map[record.App]int{"messages": 1},
		Counted: func(app record.App, term string) bool { return app == "messages" && term == "all" },
	}
}

// since is what came under a term after a position, the latest first.
func (s *scene) since(st *store.Store, term string, p store.Position) (bodies []string, known bool) {
	s.Helper()
	err := st.Read(func(v *store.View) error {
		came, ok := v.Came("messages", term, p)
		if known = ok; !ok {
			return nil
		}
		for h, err := range came {
			if err != nil {
				return err
			}
			bodies = append(bodies, string(h.Body))
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return bodies, known
}

func (s *scene) cameSince(st *store.Store, p store.Position, want ...string) {
	s.Helper()
	if got, known := s.since(st, "all", p); !known || fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("since %v came %q (%v), want %q", p, got, known, want)
	}
}

func (s *scene) position(st *store.Store) (p store.Position) {
	s.Helper()
	if err := st.Read(func(v *store.View) error { p = v.Position(); return nil }); err != nil {
		s.Fatal(err)
	}
	return p
}

// late wants what came after a moment to be told whatever its time, and what was
// changed to have come when it was first there.
func late(s *scene) {
	s.index = byCounted()
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	late := s.post("ann", "late", "late")
	edited := s.post("ann", "c", "unread")
	s.added(st, s.post("ann", "a", "seen"), s.post("ann", "b", "seen, too"))
	mark := s.position(st)
	s.cameSince(st, mark)
	s.added(st, late)
	s.added(st, s.post("ann", "d", "new"))
	s.added(st, s.post("ann", "a", "seen, and changed"))
	s.added(st, s.post("ann", "a", "seen, and changed twice"))
	s.cameSince(st, mark, "new", "late")
	s.added(st, edited)
	s.added(st, s.post("ann", "c", "unread, and changed"))
	s.cameSince(st, mark, "unread, and changed", "new", "late")
	s.added(st, s.post("ann", "d", "")) // taken back
	s.cameSince(st, mark, "unread, and changed", "late")
	if got, _ := s.since(st, "late", mark); len(got) != 0 {
		s.Error("counted under a term that is not", got)
	}
	if got := s.page(st, "all", 0, 10); len(got) != 4 {
		s.Error(texts(got))
	}
	st = s.reopen(st)
	s.cameSince(st, mark, "unread, and changed", "late")
	s.index.Versions = map[record.App]int{"messages": 2}
	st = s.reopen(st)
	s.cameSince(st, mark, "unread, and changed", "late")

	twin, here := s.copy(st), s.position(st)
	s.added(st, s.post("ann", "e", "here"))
	s.cameSince(st, here, "here")
	if _, known := s.since(twin, "all", s.position(st)); known {
		s.Error("a position that a copy never had is known to it")
	}
}

// countedLater wants a store whose terms were not counted to count from then on.
func countedLater(s *scene) {
	s.index = byCounted()
	s.index.Counted = nil
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"), s.post("ann", "a", "old"))
	s.index = byCounted()
	st = s.kind.Reopen(s, st, s.config()) // no audit: it does not know when the old came
	mark := s.position(st)
	s.cameSince(st, mark)
	s.added(st, s.post("ann", "b", "new"), s.post("ann", "a", "old, and changed"))
	s.cameSince(st, mark, "new")
}
