package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/store"
)

// wantedFor is how long a record that was asked of one peer is not asked of
// another. maxWanted bounds how many are kept in mind.
const (
	wantedFor = 20 * time.Second
	maxWanted = 500_000
)

type want struct {
	link  LinkID
	until time.Time
}

// wantedSet is what has been asked for and has not come.
type wantedSet struct {
	m      map[store.Short]want
	pruned time.Time
}

func newWantedSet() wantedSet { return wantedSet{m: map[store.Short]want{}} }

// add reports whether the record is to be asked of this link.
func (s *wantedSet) add(now time.Time, id store.Short, l LinkID) bool {
	if w, ok := s.m[id]; ok && w.link != l && now.Before(w.until) {
		return false
	}
	if len(s.m) < maxWanted {
		s.m[id] = want{l, now.Add(wantedFor)}
	}
	return true
}

func (s *wantedSet) got(id store.Short) { delete(s.m, id) }

func (s *wantedSet) forget(l LinkID) {
	for id, w := range s.m {
		if w.link == l {
			delete(s.m, id)
		}
	}
}

func (s *wantedSet) prune(now time.Time) {
	if now.Sub(s.pruned) < wantedFor/4 {
		return
	}
	s.pruned = now
	for id, w := range s.m {
		if !now.Before(w.until) {
			delete(s.m, id)
		}
	}
}
