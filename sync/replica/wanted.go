package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/store"
)

// A record that was asked of one peer is not asked of another for wantedFor, or
// while what was asked of that peer keeps coming, at most wantedLongest. At most
// maxWanted are under way on a link.
const (
	wantedFor     = 20 * time.Second
	wantedLongest = 5 * time.Minute
	maxWanted     = 250_000
)

type want struct {
	link LinkID
	at   time.Time
}

// wantedSet is what has been asked for and has not come.
type wantedSet struct {
	m      map[store.Short]want
	count  map[LinkID]int
	came   map[LinkID]time.Time // the last that was wanted of a link
	pruned time.Time
}

func newWantedSet() wantedSet {
	return wantedSet{m: map[store.Short]want{}, count: map[LinkID]int{}, came: map[LinkID]time.Time{}}
}

// waits reports whether a record may still come from the link it was asked of.
func (s *wantedSet) waits(now time.Time, w want) bool {
	since := now.Sub(w.at)
	return since < wantedFor || since < wantedLongest && now.Sub(s.came[w.link]) < wantedFor
}

// of is how many records are under way on a link.
func (s *wantedSet) of(l LinkID) int { return s.count[l] }

// add reports whether the record is to be asked of this link.
func (s *wantedSet) add(now time.Time, id store.Short, l LinkID) bool {
	w, asked := s.m[id]
	if asked && w.link != l && s.waits(now, w) {
		return false
	}
	if asked {
		s.drop(id)
	}
	if s.count[l] >= maxWanted {
		return false
	}
	s.m[id] = want{l, now}
	s.count[l]++
	return true
}

// got takes note that a record has come on a link.
func (s *wantedSet) got(now time.Time, id store.Short, l LinkID) {
	if w, ok := s.m[id]; ok && w.link == l {
		s.came[l] = now
	}
	s.drop(id)
}

func (s *wantedSet) drop(id store.Short) {
	w, ok := s.m[id]
	if !ok {
		return
	}
	delete(s.m, id)
	if s.count[w.link]--; s.count[w.link] == 0 {
		delete(s.count, w.link)
	}
}

// forget gives up what was asked on a link.
func (s *wantedSet) forget(l LinkID) {
	delete(s.came, l)
	if s.count[l] == 0 {
		return
	}
	for id, w := range s.m {
		if w.link == l {
			s.drop(id)
		}
	}
}

func (s *wantedSet) prune(now time.Time) {
	if now.Sub(s.pruned) < wantedFor/4 {
		return
	}
	s.pruned = now
	for id, w := range s.m {
		if !s.waits(now, w) {
			s.drop(id)
		}
	}
}
