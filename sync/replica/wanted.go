package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/store"
)

// wantedFor is how long a record that was asked of one peer is not asked of
// another. At most maxWanted are under way on a link.
const (
	wantedFor = 20 * time.Second
	maxWanted = 250_000
)

type want struct {
	link  LinkID
	until time.Time
}

// wantedSet is what has been asked for and has not come.
type wantedSet struct {
	m      map[store.Short]want
	count  map[LinkID]int
	pruned time.Time
}

func newWantedSet() wantedSet {
	return wantedSet{m: map[store.Short]want{}, count: map[LinkID]int{}}
}

// add reports whether the record is to be asked of this link.
func (s *wantedSet) add(now time.Time, id store.Short, l LinkID) bool {
	w, asked := s.m[id]
	if asked && w.link != l && now.Before(w.until) {
		return false
	}
	if asked {
		s.got(id)
	}
	if s.count[l] >= maxWanted {
		return false
	}
	s.m[id] = want{l, now.Add(wantedFor)}
	s.count[l]++
	return true
}

func (s *wantedSet) got(id store.Short) {
	w, ok := s.m[id]
	if !ok {
		return
	}
	delete(s.m, id)
	if s.count[w.link]--; s.count[w.link] == 0 {
		delete(s.count, w.link)
	}
}

func (s *wantedSet) forget(l LinkID) {
	for id, w := range s.m {
		if w.link == l {
			s.got(id)
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
			s.got(id)
		}
	}
}
