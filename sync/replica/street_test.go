package replica_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

var streetSeed = flag.Uint64("street", 0, "run TestFiftyHubsAndARogue with this seed alone")

const (
	streetHubs = 50
	// What honest hubs promise while the rogue goes on: after the network has
	// mended all that was acknowledged is everywhere within caughtUp; what is
	// written from then on within passedOn.
	caughtUp = 60 * time.Second
	passedOn = 10 * time.Second
	// Once it is quiet all are equal within settled.
	settled = 2 * time.Minute
	// To the rogue no hub sends more, in the mean over the siege.
	bytesToRogue = 64 << 10 // a second and link
)

func TestFiftyHubsAndARogue(t *testing.T) {
	if *streetSeed != 0 {
		siege(t, *streetSeed)
		return
	}
	for seed := range uint64(simnet.Count(200)) {
		siege(t, seed+1)
		if t.Failed() {
			t.Fatalf("replay with: go test ./sync/replica -run TestFiftyHubsAndARogue -street=%d", seed+1)
		}
	}
}

// street is a run of a seed: fifty hubs along a few streets, with bridges, dead
// ends and some blocks to walk around, one of them a rogue.
type street struct {
	t      *testing.T
	w      *simnet.World
	r      *rand.Rand
	seed   uint64
	edges  [][2]int
	rogue  *rogue
	at     int // where the rogue is
	people []string
	last   map[record.Slot]record.Record // the newest acknowledged in each slot
	stamp  record.Time
	most   replica.Sizes
	posts  int
	gone   bool // the rogue is revoked
}

func siege(t *testing.T, seed uint64) {
	t.Helper()
	s := newStreet(t, seed)
	s.settleIn()
	for range 80 {
		s.misfortune()
		s.run(time.Duration(s.r.IntN(400)) * time.Millisecond)
	}
	s.heal()
	s.arrives("what was acknowledged", caughtUp, s.all())
	for range 8 {
		before := len(s.last)
		r := s.post(s.someone())
		s.run(time.Duration(s.r.IntN(300)) * time.Millisecond)
		if len(s.last) > before {
			s.arrives("a post", passedOn, []record.Record{r})
		}
	}
	elapsed := s.w.Now.Sub(simnet.Born.Add(24 * time.Hour)).Seconds()
	links := 0
	for _, e := range s.edges {
		if e[0] == s.at || e[1] == s.at {
			links++
		}
	}
	rate := float64(s.w.Given(s.at)) / elapsed / float64(links)
	if rate > bytesToRogue {
		t.Errorf("seed %d: the rogue was sent %.0f bytes a second on each of %d links", seed, rate, links)
	}
	s.quiet()
	s.check()
	if testing.Verbose() {
		t.Logf("seed %d: %d posts, rogue %d at %d (%d left, %d ups, %v), %.0f B/s to it, %.0f s, most %+v", seed, s.posts, len(s.rogue.wrote), s.at, s.rogue.budget, s.rogue.ups, s.rogue.nature, rate, elapsed, s.most)
	}
}

func newStreet(t *testing.T, seed uint64) *street {
	t.Helper()
	limits := replica.DefaultLimits()
	limits.Patience, limits.Unchanged, limits.Unsettled = 5*time.Second, 10*time.Second, 2*time.Second
	limits.AuthorBurst, limits.ViaBurst, limits.AuthorRate, limits.ViaRate = 30, 60, 1, 5
	w, err := simnet.New(seed, streetHubs, limits)
	ok(t, err)
	w.Strict = true
	w.Beat(100 * time.Millisecond)
	s := &street{t: t, w: w, r: w.Rand(), seed: seed, last: map[record.Slot]record.Record{}, stamp: record.At(w.Now)}
	s.edges = streets(s.r)
	for s.at = 1 + s.r.IntN(streetHubs-1); !connected(s.edges, s.at); s.at = 1 + s.r.IntN(streetHubs-1) {
	}
	budget, places := 500, 20
	if seed%20 == 0 { // all its places
		budget, places = 1300, 1000
	}
	s.rogue, err = newRogue(w, s.at, budget, places)
	ok(t, err)
	return s
}

// streets draws the links: each hub is linked with one of the few before it, and
// some with another nearby, so that none has more than four.
func streets(r *rand.Rand) (edges [][2]int) {
	degree := make([]int, streetHubs)
	link := func(i, j int) {
		if i < 0 || i == j || degree[i] >= 4 || degree[j] >= 4 || slices.Contains(edges, [2]int{i, j}) {
			return
		}
		degree[i]++
		degree[j]++
		edges = append(edges, [2]int{i, j})
	}
	for i := 1; i < streetHubs; i++ {
		for before := len(edges); len(edges) == before; {
			link(i-1-r.IntN(min(i, 5)), i)
		}
	}
	for range 15 {
		j := r.IntN(streetHubs)
		link(j-2-r.IntN(6), j)
	}
	return edges
}

// connected reports whether all others hold together without one.
func connected(edges [][2]int, without int) bool {
	start := 0
	if without == 0 {
		start = 1
	}
	seen := map[int]bool{start: true}
	for again := true; again; {
		again = false
		for _, e := range edges {
			if e[0] != without && e[1] != without && seen[e[0]] != seen[e[1]] {
				seen[e[0]], seen[e[1]], again = true, true, true
			}
		}
	}
	return len(seen) == streetHubs-1
}

// settleIn vouches for people, links the hubs and lets the rogue begin.
func (s *street) settleIn() {
	for n := range 10 {
		hub, name := s.someone(), fmt.Sprint("person ", n)
		v, err := s.w.Town.Vouch(simnet.Key(simnet.HubName(hub)), n+1, s.tick(), simnet.Author(name), name)
		ok(s.t, err)
		s.write(hub, v)
		s.people = append(s.people, name)
	}
	for _, e := range s.edges {
		s.w.Connect(e[0], e[1])
	}
	s.w.Disguise(s.at, s.rogue)
	s.rogue.drawNature()
	s.rogue.has[crowding] = true
	s.w.Faults = simnet.Faults{Lose: 0.001, Delay: 60 * time.Millisecond}
	s.run(3 * time.Second)
}

// someone is an honest hub that runs.
func (s *street) someone() int {
	for {
		if i := s.r.IntN(streetHubs); i != s.at && s.w.Up(i) {
			return i
		}
	}
}

func (s *street) tick() record.Time {
	s.stamp = max(s.stamp+1, record.At(s.w.Now))
	return s.stamp
}

func (s *street) write(hub int, r record.Record) {
	s.t.Helper()
	vs, err := s.w.Write(hub, r)
	ok(s.t, err)
	if vs[0].Outcome == store.Added {
		s.last[r.Slot()] = r
	}
}

// post writes as somebody who has come to a hub.
func (s *street) post(hub int) record.Record {
	s.t.Helper()
	s.posts++
	name := s.people[s.r.IntN(len(s.people))]
	r, err := s.w.Town.Post(simnet.Key(name), s.w.Hubs[hub].Key.Via(), fmt.Sprint("town/", s.posts), s.tick(), 30, "text")
	ok(s.t, err)
	s.write(hub, r)
	return r
}

func (s *street) misfortune() {
	e := s.edges[s.r.IntN(len(s.edges))]
	switch i := s.someone(); s.r.IntN(12) {
	case 0, 1:
		s.w.Cut(e[0], e[1])
	case 2, 3:
		s.w.Connect(e[0], e[1])
	case 4:
		ok(s.t, s.w.Crash(i))
	case 5, 6:
		if d := s.r.IntN(streetHubs); d != s.at && !s.w.Up(d) {
			ok(s.t, s.w.Start(d))
		}
	default:
		for range 1 + s.r.IntN(3) {
			s.post(i)
		}
	}
}

func (s *street) heal() {
	s.w.Faults = simnet.Faults{Delay: 40 * time.Millisecond}
	for i := range streetHubs {
		if i != s.at && !s.w.Up(i) {
			ok(s.t, s.w.Start(i))
		}
	}
	for _, e := range s.edges {
		s.w.Connect(e[0], e[1])
	}
}

// run lets time pass and holds the hubs to their bounds.
func (s *street) run(d time.Duration) {
	s.t.Helper()
	for end := s.w.Now.Add(d); s.w.Now.Before(end); {
		ok(s.t, s.w.Run(5*simnet.Tick))
		for i, h := range s.w.Hubs {
			if i == s.at || !s.w.Up(i) {
				continue
			}
			m := h.Engine.Sizes()
			s.most = s.most.Max(m)
			if over := m.InboxBytes > replica.MaxInboxOwn+m.Links*replica.MaxInboxLink || m.InboxItems > m.InboxBytes ||
				m.Origin > m.InboxItems+streetHubs*500 || m.Claims > m.Links || m.Wanted > 5*replica.MaxWanted ||
				m.Held > replica.MaxHeld || m.Authors > replica.MaxBuckets+1 || m.Vias > replica.MaxBuckets+1 || m.Reputes > replica.MaxReputes ||
				m.QueuedBytes > replica.MaxQueued+4<<20 || m.Waiting > replica.MaxPending || m.Seen > 8192 || m.Parts > replica.MaxParts; over {
				s.t.Fatalf("seed %d: hub %d keeps too much: %+v", s.seed, i, m)
			}
		}
	}
}

func (s *street) all() (rs []record.Record) {
	for _, r := range s.last {
		rs = append(rs, r)
	}
	slices.SortFunc(rs, func(a, b record.Record) int { return int(a.Time) - int(b.Time) })
	return rs
}

// arrives waits until all honest hubs hold the records.
func (s *street) arrives(what string, limit time.Duration, rs []record.Record) {
	s.t.Helper()
	begun := s.w.Now
	for {
		lacking := s.lacking(rs)
		if len(lacking) == 0 {
			return
		}
		if s.w.Now.Sub(begun) > limit {
			s.t.Errorf("seed %d: %s is not everywhere after %v: %v", s.seed, what, limit, lacking)
			return
		}
		s.run(5 * simnet.Tick)
	}
}

// lacking is which honest hubs lack how many.
func (s *street) lacking(rs []record.Record) map[int]int {
	out := map[int]int{}
	ids := make([]record.ID, len(rs))
	for i := range rs {
		ids[i] = rs[i].ID()
	}
	for i, h := range s.w.Hubs {
		if i == s.at {
			continue
		}
		at, err := h.Store.Find(ids...)
		ok(s.t, err)
		for _, n := range at {
			if n == 0 {
				out[i]++
			}
		}
	}
	return out
}

// quiet ends the siege: the rogue goes away, becomes honest, or is revoked.
func (s *street) quiet() {
	s.t.Helper()
	switch s.seed % 3 {
	case 0:
		for _, e := range s.edges {
			if e[0] == s.at || e[1] == s.at {
				s.w.Cut(e[0], e[1])
			}
		}
	case 1:
		s.rogue.calm = true
		for _, e := range s.edges {
			if e[0] == s.at || e[1] == s.at {
				s.w.Cut(e[0], e[1])
				s.w.Connect(e[0], e[1])
			}
		}
	case 2:
		s.revoke()
	}
	s.run(time.Second)
	if err := s.w.Settle(settled); err != nil {
		s.explain()
		s.t.Errorf("seed %d: %v", s.seed, err)
	}
}

// explain says how those stand that hold other sets than most.
func (s *street) explain() {
	var most store.Moment
	count := map[[record.Classes]store.Digest]int{}
	for i, h := range s.w.Hubs {
		if m, err := h.Store.Moment(0); err == nil && i != s.at {
			if count[m.Digests]++; count[m.Digests] >= count[most.Digests] {
				most = m
			}
		}
	}
	for i, h := range s.w.Hubs {
		if m, err := h.Store.Moment(0); i != s.at && (err != nil || m.Digests != most.Digests) {
			s.t.Logf("hub %d: up %v, at %d, vouches %d, talk %d (%v)", i, s.w.Up(i), m.Arrival, m.Digests[record.Vouch].Count, m.Digests[record.Talk].Count, err)
			for _, line := range h.Engine.Explain(s.w.Now) {
				s.t.Logf("  %s", line)
			}
		}
	}
	s.t.Logf("links %v", s.edges)
}

// revoke has the roots revoke the rogue: where that arrives its links end at
// once and what it vouched for is out.
func (s *street) revoke() {
	s.t.Helper()
	r, err := s.w.Town.Say(simnet.Key("root"), s.tick(), roster.Revocation{Subject: s.w.Hubs[s.at].Key})
	ok(s.t, err)
	s.write(s.someone(), r)
	s.gone = true
	for range 100 {
		s.run(5 * simnet.Tick)
		everywhere := true
		for i, h := range s.w.Hubs {
			if i == s.at {
				continue
			}
			if !h.Store.Roster().Revoked(s.w.Hubs[s.at].Key) {
				everywhere = false
				continue
			}
			if s.w.Linked(i, s.at) {
				s.t.Errorf("seed %d: hub %d knows that the rogue is revoked and keeps its link", s.seed, i)
			}
			s.without(i, h)
		}
		if everywhere {
			return
		}
	}
	s.t.Errorf("seed %d: the revocation is not everywhere after %v", s.seed, 100*5*simnet.Tick)
}

// without reports records of the rogue and its residents that a hub holds.
func (s *street) without(i int, h *simnet.Hub) {
	s.t.Helper()
	ok(s.t, h.Store.Read(func(v *store.View) error {
		for n := range min(s.rogue.places, 5) {
			if c := v.Count(simnet.Author(s.rogue.puppet(n))); c > 0 {
				s.t.Errorf("seed %d: hub %d holds %d records of a resident of the revoked rogue", s.seed, i, c)
			}
		}
		return nil
	}))
}

// check: what honest hubs acknowledged is everywhere, and nobody has more than
// their quota.
func (s *street) check() {
	s.t.Helper()
	if lacking := s.lacking(s.all()); len(lacking) > 0 {
		s.t.Errorf("seed %d: acknowledged records are gone: %v", s.seed, lacking)
	}
	h := s.w.Hubs[s.someone()]
	ok(s.t, h.Store.Read(func(v *store.View) error {
		state := h.Store.Roster()
		for n := range s.rogue.places {
			if a := simnet.Author(s.rogue.puppet(n)); v.Count(a) > state.Quota(a) {
				s.t.Errorf("seed %d: a resident has %d records", s.seed, v.Count(a))
			}
		}
		if a := s.w.Hubs[s.at].Key; v.Count(a) > state.Quota(a) {
			s.t.Errorf("seed %d: the rogue has %d records", s.seed, v.Count(a))
		}
		return nil
	}))
}
