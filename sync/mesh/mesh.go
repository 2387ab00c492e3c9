// Package mesh chooses with whom a hub is linked, so that the hubs of a community
// are one connected graph with few links each. It is pure: the same view at the
// same time gives the same choice.
//
// Few hubs are all linked with each other. More are put on a ring, in the order of
// SHA-256(community ‖ key), and each wants those that follow it and can be
// reached: since every hub does, each has about twice as many links. To these come
//
//   - on each network that the hub is on some hubs there, so that one that is on
//     two networks carries between them;
//   - where a hub that follows cannot be reached, another one at random;
//   - hubs that are up, but not connected with this one by links that both ends
//     declare: however little the networks let through, what can be reached at all
//     gets connected.
//
// What hubs declare is a hint and can be forged. A forged hint costs dials, or
// keeps a link from being wanted; it ends none but those that are past what a hub
// should have.
package mesh

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// How many links there are.
const (
	Small = 8 // hubs, this one among them, that are all linked with each other
	Many  = 8 // links past which some are ended

	following = 3 // wanted on the ring
	onNetwork = 2 // on each network of ours
	apartOnce = 4 // wanted at a time of those that are not connected with us
	fewest    = 3 // links that neither end goes below
)

// The pace of changes.
const (
	settling  = 3 * time.Second  // after a hub has come others may follow
	apartFor  = 7 * time.Second  // what hubs declare takes that long to go round
	spareFor  = time.Minute      // a link is not wanted before it is ended
	spareEach = 20 * time.Second // between two that are ended
)

// Hub is another hub, certified and up.
type Hub struct {
	Key     record.Author
	Links   []record.Author // with whom it says it is linked
	Nets    []int           // on which of this hub's networks it is, by any numbers
	Failing bool            // it was dialled in vain last time
}

// Link is one that this hub has.
type Link struct {
	Peer    record.Author
	Dialled bool // by this hub
}

// View is what a hub knows.
type View struct {
	Hubs  []Hub
	Links []Link
	Nets  []int // the networks that this hub is on
}

// Choice is what a hub should do. Nobody is in two of the lists.
type Choice struct {
	Want  []record.Author // to be linked with, linked or not
	Retry []record.Author // the same, but they were dialled in vain: when there is time
	End   []record.Author // links to be ended now; at most one
}

// Mesh makes the choices of one hub. It keeps how long things have been so.
type Mesh struct {
	self      record.Author
	community record.Community
	apart     map[record.Author]time.Time // since
	spare     map[record.Author]time.Time
	ended     time.Time
	grew      time.Time               // when a hub came
	places    map[record.Author]place // of those in the last view
}

// place is where a hub is on the ring.
type place [sha256.Size]byte

// New makes one.
func New(community record.Community, self record.Author) *Mesh {
	return &Mesh{
		self: self, community: community,
		apart: map[record.Author]time.Time{}, spare: map[record.Author]time.Time{},
	}
}

// sight is one view, looked at.
type sight struct {
	View
	self   record.Author
	hubs   map[record.Author]Hub
	linked map[record.Author]Link
	ring   []record.Author       // with this hub, from it on
	place  map[record.Author]int // on the ring
	graph  graph
}

func (m *Mesh) look(now time.Time, v View) *sight {
	s := &sight{View: v, self: m.self, hubs: map[record.Author]Hub{}, linked: map[record.Author]Link{}}
	for _, h := range v.Hubs {
		if h.Key != m.self {
			s.hubs[h.Key] = h
		}
	}
	for _, l := range v.Links {
		s.linked[l.Peer] = l
	}
	s.ring = m.ring(now, s.hubs)
	s.place = make(map[record.Author]int, len(s.ring))
	for i, key := range s.ring {
		s.place[key] = i
	}
	s.graph = s.declared()
	return s
}

// ring is all hubs in their order, this one first.
func (m *Mesh) ring(now time.Time, hubs map[record.Author]Hub) []record.Author {
	places := make(map[record.Author]place, len(hubs)+1)
	take := func(key record.Author) {
		at, ok := m.places[key]
		if !ok {
			m.grew = now
			at = sha256.Sum256(append(slices.Clone(m.community[:]), key[:]...))
		}
		places[key] = at
	}
	take(m.self)
	for key := range hubs {
		take(key)
	}
	m.places = places
	own := places[m.self]
	before := func(p place) int {
		if bytes.Compare(p[:], own[:]) < 0 {
			return 1
		}
		return 0
	}
	return slices.SortedFunc(maps.Keys(places), func(a, b record.Author) int {
		x, y := places[a], places[b]
		return cmp.Or(cmp.Compare(before(x), before(y)), bytes.Compare(x[:], y[:]))
	})
}

// follows reports whether b is one of those that follow a on the ring.
func (s *sight) follows(a, b record.Author) bool {
	d := (s.place[b] - s.place[a] + len(s.ring)) % len(s.ring)
	return d > 0 && d <= following
}

// Choose says what to do in view of v.
func (m *Mesh) Choose(now time.Time, v View) Choice {
	s := m.look(now, v)
	picked := s.pick(now.Sub(m.grew) < settling, m.longApart(now, s))
	var c Choice
	for _, key := range s.ring[1:] {
		_, linked := s.linked[key]
		switch {
		case !picked[key]:
		case s.hubs[key].Failing && !linked:
			c.Retry = append(c.Retry, key)
		default:
			c.Want = append(c.Want, key)
		}
	}
	c.End = m.toEnd(now, s, picked)
	return c
}

// pick is who is wanted. While hubs are still coming one link is enough: those
// that follow now may not be those that follow when all are there.
func (s *sight) pick(coming bool, apart []record.Author) map[record.Author]bool {
	out := map[record.Author]bool{}
	if len(s.ring) <= 1+following || !coming && len(s.ring) <= Small {
		for _, key := range s.ring[1:] {
			out[key] = true
		}
		return out
	}
	if coming {
		s.pickFollowing(out, 1)
		return out
	}
	s.pickFollowing(out, following)
	for _, net := range s.Nets {
		there := func(key record.Author) bool { return slices.Contains(s.hubs[key].Nets, net) }
		s.fill(out, onNetwork, there)
	}
	fresh := 0
	for _, key := range apart {
		if !s.hubs[key].Failing {
			if fresh == apartOnce {
				continue
			}
			fresh++
		}
		out[key] = true
	}
	return out
}

// pickFollowing picks those that follow on the ring. In place of one that cannot
// be reached come the next ones, and one at random.
func (s *sight) pickFollowing(out map[record.Author]bool, n int) {
	failing := false
	for _, key := range s.ring[1 : 1+n] {
		out[key] = true
		failing = failing || s.hubs[key].Failing
	}
	if !failing {
		return
	}
	s.fill(out, n, func(record.Author) bool { return true })
	var drawn record.Author
	var lowest place
	for _, key := range s.ring[1:] {
		if out[key] || !s.free(key) {
			continue
		}
		if lot := s.lot(key); drawn == (record.Author{}) || bytes.Compare(lot[:], lowest[:]) < 0 {
			drawn, lowest = key, lot
		}
	}
	if drawn != (record.Author{}) {
		out[drawn] = true
	}
}

// fill picks more along the ring until there are n that can be reached, first
// among those that do not have too many links.
func (s *sight) fill(out map[record.Author]bool, n int, fits func(record.Author) bool) {
	for key := range out {
		if fits(key) && !s.hubs[key].Failing {
			n--
		}
	}
	for _, free := range []func(record.Author) bool{s.free, func(key record.Author) bool { return !s.hubs[key].Failing }} {
		for _, key := range s.ring[1:] {
			if n > 0 && !out[key] && fits(key) && free(key) {
				out[key] = true
				n--
			}
		}
	}
}

// free reports whether a hub can be reached and is linked with us, or would not
// have too many links if it were.
func (s *sight) free(key record.Author) bool {
	_, linked := s.linked[key]
	return !s.hubs[key].Failing && (linked || len(s.hubs[key].Links) < Many)
}

// lot orders hubs as if at random, differently for each hub.
func (s *sight) lot(key record.Author) place {
	return sha256.Sum256(append(slices.Clone(s.self[:]), key[:]...))
}

// longApart are the hubs that have not been connected with this one for a while,
// in the order of the ring.
func (m *Mesh) longApart(now time.Time, s *sight) (out []record.Author) {
	reached := s.graph.from(0, 0)
	for key := range m.apart {
		if i, up := s.place[key]; !up || reached[i] {
			delete(m.apart, key)
		}
	}
	for i, key := range s.ring {
		if reached[i] {
			continue
		}
		since, ok := m.apart[key]
		if !ok {
			since = now
			m.apart[key] = now
		}
		if now.Sub(since) >= apartFor {
			out = append(out, key)
		}
	}
	return out
}

// toEnd is the link to end now, if any: one that this hub dialled, that neither
// end wants, where one of them has too many, and without which all stay connected.
func (m *Mesh) toEnd(now time.Time, s *sight, picked map[record.Author]bool) []record.Author {
	var spare []record.Author
	for _, key := range s.ring[1:] {
		if s.spare(key, picked) {
			spare = append(spare, key)
		}
	}
	for key := range m.spare {
		if !slices.Contains(spare, key) {
			delete(m.spare, key)
		}
	}
	var oldest record.Author
	for _, key := range spare {
		if _, ok := m.spare[key]; !ok {
			m.spare[key] = now
		}
		if oldest == (record.Author{}) || m.spare[key].Before(m.spare[oldest]) {
			oldest = key
		}
	}
	if len(spare) == 0 || now.Sub(m.spare[oldest]) < spareFor || now.Sub(m.ended) < spareEach {
		return nil
	}
	m.ended = now
	delete(m.spare, oldest)
	return []record.Author{oldest}
}

func (s *sight) spare(key record.Author, picked map[record.Author]bool) bool {
	l, linked := s.linked[key]
	theirs := len(s.hubs[key].Links)
	switch {
	case !linked, !l.Dialled, picked[key], s.follows(key, s.self):
		return false
	case len(s.linked) <= Many && theirs <= Many:
		return false
	case len(s.linked) <= fewest || theirs <= fewest:
		return false
	}
	there := s.place[key]
	return s.graph.from(0, there)[there]
}
