package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// A record that was asked of one peer is not asked of another for wantedFor, or
// while what was asked of that peer keeps coming, at most wantedLongest; the
// latter not if something it was asked for has not come before. At most
// maxWanted are kept in mind for a peer.
const (
	wantedFor     = 20 * time.Second
	wantedLongest = 5 * time.Minute
	maxWanted     = 250_000
)

// want is a record that was asked of a peer. Once it has waited in vain it is
// open to others, also where that peer says anew that it holds it: else one that
// never sends could keep a record from coming at all.
type want struct {
	of   *asked
	at   time.Time // when it was asked for first, or opened to others
	open bool
}

// asked is what one peer has been asked for.
type asked struct {
	waits int       // records not open to others
	all   int       // in the set
	came  time.Time // the last that was wanted of it
	owed  time.Time // when something was waited for in vain; zero if never
}

// wantedSet is what has been asked for and has not come.
type wantedSet struct {
	m      map[store.Short]want
	peers  map[record.Author]*asked
	pruned time.Time
}

func newWantedSet() wantedSet {
	return wantedSet{m: map[store.Short]want{}, peers: map[record.Author]*asked{}}
}

// late reports whether a record is no longer to be waited for.
func (w want) late(now time.Time) bool {
	since := now.Sub(w.at)
	return since >= wantedFor && (since >= wantedLongest || !w.of.owed.IsZero() || now.Sub(w.of.came) >= wantedFor)
}

// of is how many records are awaited from a peer.
func (s *wantedSet) of(peer record.Author) int {
	if a := s.peers[peer]; a != nil {
		return a.waits
	}
	return 0
}

// add reports whether the record is to be asked of this peer.
func (s *wantedSet) add(now time.Time, id store.Short, peer record.Author) bool {
	a := s.peers[peer]
	w, known := s.m[id]
	switch {
	case known && w.of == a:
		return true // from the same moment on as before
	case known && !w.open && !w.late(now):
		return false
	case a != nil && a.all >= maxWanted:
		return false
	case known:
		s.drop(id)
	}
	if a == nil {
		a = &asked{}
		s.peers[peer] = a
	}
	s.m[id] = want{of: a, at: now}
	a.waits++
	a.all++
	return true
}

// got takes note that a record has come from a peer.
func (s *wantedSet) got(now time.Time, id store.Short, peer record.Author) {
	if w, ok := s.m[id]; ok && w.of == s.peers[peer] {
		w.of.came = now
	}
	s.drop(id)
}

func (s *wantedSet) drop(id store.Short) {
	w, ok := s.m[id]
	if !ok {
		return
	}
	delete(s.m, id)
	w.of.all--
	if !w.open {
		w.of.waits--
	}
}

// release opens to others what was asked of a peer.
func (s *wantedSet) release(now time.Time, peer record.Author) {
	a := s.peers[peer]
	if a == nil || a.waits == 0 {
		return
	}
	for id, w := range s.m {
		if w.of == a && !w.open {
			s.m[id] = want{of: a, at: now, open: true}
		}
	}
	a.waits = 0
}

// prune opens to others what is late, and forgets what was opened long ago. It
// reports whether there is something new for others.
func (s *wantedSet) prune(now time.Time) (opened bool) {
	if now.Sub(s.pruned) < wantedFor/4 {
		return false
	}
	s.pruned = now
	var owing []*asked // noted afterwards: it makes more of theirs late
	for id, w := range s.m {
		switch {
		case w.open && now.Sub(w.at) >= wantedLongest:
			s.drop(id)
		case !w.open && w.late(now):
			owing = append(owing, w.of)
			w.of.waits--
			s.m[id] = want{of: w.of, at: now, open: true}
		}
	}
	for _, a := range owing {
		a.owed = now
	}
	for peer, a := range s.peers {
		if a.all == 0 && (now.Sub(a.owed) >= forgiven || len(s.peers) > maxReputes) {
			delete(s.peers, peer)
		}
	}
	return len(owing) > 0
}
