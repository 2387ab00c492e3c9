// Package simnet is a network in memory for tests: hubs that are real stores and
// real engines, and links that delay, lose, repeat, reorder and part. A World is
// stepped from a seed and has no goroutine, so that a failing run replays.
package simnet

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Tick is the step of a world's time.
const Tick = 20 * time.Millisecond

// Faults are how badly links behave, each a chance a frame; a lost frame breaks
// its link, as a stream would.
type Faults struct {
	Lose, Repeat, Swap float64
	Delay              time.Duration // longest, each way
}

// Hub is one simulated hub.
type Hub struct {
	Key    record.Author
	Store  *store.Store
	Engine *replica.Engine
	Skew   time.Duration // its clock against the world's

	guise   Guise
	cargo   Cargo
	up      bool
	changed <-chan struct{}
}

// Cargo is what travels beside records, and what its driver does each step.
type Cargo interface {
	replica.Cargo
	Step(now time.Time) error
}

// World is a number of hubs and what lies between them.
type World struct {
	Town   *Town
	Hubs   []*Hub
	Now    time.Time
	Faults Faults
	Limits replica.Limits
	Bytes  int  // sent over all links
	Strict bool // links come up and stay only where both ends let the other in, as hosts would

	beat   time.Duration // between two ticks of an engine
	steps  int
	edges  [][2]int // ever wanted, by their higher end
	near   [][]int  // by hub, the other ends of these
	given  []int    // by hub, bytes sent to it
	rand   *rand.Rand
	index  []store.Index
	pairs  map[[2]int]*pair
	want   map[[2]int]bool
	nextID replica.LinkID
	signed map[record.ID]bool // signatures that were checked once
	cargo  func(i int) Cargo
}

// Load gives each hub a cargo, and each anew when it starts; nil for one that takes
// none. Call it before links come up.
func (w *World) Load(cargo func(i int) Cargo) error {
	w.cargo = cargo
	for i := range w.Hubs {
		if err := w.Start(i); err != nil {
			return err
		}
	}
	return nil
}

// pair is a link that is up: what is under way from each end.
type pair struct {
	ids [2]replica.LinkID
	way [2][]parcel
}

type parcel struct {
	at    time.Time
	frame []byte
}

// New makes a world of n hubs without links. Each store holds the town's trust;
// the i-th hub's has the i-th index, if there is one.
func New(seed uint64, n int, limits replica.Limits, index ...store.Index) (*World, error) {
	town, err := Found(n)
	if err != nil {
		return nil, err
	}
	w := &World{
		Town: town, Now: Born.Add(24 * time.Hour), Limits: limits,
		Faults: Faults{Delay: 40 * time.Millisecond},
		rand:   rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // a simulation
		pairs:  map[[2]int]*pair{}, want: map[[2]int]bool{}, signed: map[record.ID]bool{},
		beat: Tick,
	}
	w.index = index
	for i := range n {
		s, err := store.Memory(w.config(i))
		if err != nil {
			return nil, err
		}
		h := &Hub{Key: Author(HubName(i)), Store: s}
		w.add(h)
		if _, err := s.Apply(context.Background(), town.Trust...); err != nil {
			return nil, err
		}
		if err := w.Start(i); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *World) config(i int) store.Config {
	c := store.Config{Founding: w.Town.Founding, Rand: source{w.rand}}
	if i < len(w.index) {
		c.Index = w.index[i]
	}
	return c
}

// source makes a seeded generator an io.Reader.
type source struct{ r *rand.Rand }

func (s source) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(s.r.Uint32())
	}
	return len(b), nil
}

// Rand is the world's one source of chance.
func (w *World) Rand() *rand.Rand { return w.rand }

// Start gives a hub an engine, as a process that starts.
func (w *World) Start(i int) error {
	h := w.Hubs[i]
	conf := replica.Config{Self: h.Key, Store: h.Store, Rand: source{w.rand}, Limits: w.Limits}
	if h.cargo = nil; w.cargo != nil {
		if h.cargo = w.cargo(i); h.cargo != nil {
			conf.Cargo = h.cargo
		}
	}
	e, err := replica.New(conf)
	h.Engine, h.up = e, err == nil
	h.changed = h.Store.Watch(context.Background())
	return err
}

// Crash ends a hub's process: what its engine knew is gone, its store stays as
// last committed.
func (w *World) Crash(i int) error {
	w.Hubs[i].up = false
	for j := range w.Hubs {
		w.drop(i, j)
	}
	s, err := w.Hubs[i].Store.Fork(w.config(i))
	w.Hubs[i].Store = s
	return err
}

// Backup is a copy of a hub's store.
func (w *World) Backup(i int) (*store.Store, error) { return w.Hubs[i].Store.Fork(w.config(i)) }

// Restore crashes a hub and puts a backup in its store's place.
func (w *World) Restore(i int, backup *store.Store) error {
	if err := w.Crash(i); err != nil {
		return err
	}
	s, err := backup.Fork(w.config(i))
	w.Hubs[i].Store = s
	return err
}

// Clone adds a hub with another's identity and a copy of its store.
func (w *World) Clone(i int) (int, error) {
	s, err := w.Hubs[i].Store.Fork(w.config(i))
	if err != nil {
		return 0, err
	}
	w.add(&Hub{Key: w.Hubs[i].Key, Store: s})
	return len(w.Hubs) - 1, w.Start(len(w.Hubs) - 1)
}

func (w *World) add(h *Hub) {
	w.Hubs, w.near, w.given = append(w.Hubs, h), append(w.near, nil), append(w.given, 0)
}

// Beat sets how often engines are asked what is due; else each Tick.
func (w *World) Beat(d time.Duration) { w.beat = d }

// Given is how many bytes were sent to a hub.
func (w *World) Given(i int) int { return w.given[i] }

// Connect wants two hubs linked from now on.
func (w *World) Connect(i, j int) {
	e := edge(i, j)
	w.want[e] = true
	if slices.Contains(w.edges, e) {
		return
	}
	w.edges = append(w.edges, e)
	slices.SortFunc(w.edges, func(a, b [2]int) int { return cmp.Or(a[1]-b[1], a[0]-b[0]) })
	for side, at := range e {
		w.near[at] = append(w.near[at], e[1-side])
		slices.Sort(w.near[at])
	}
}

// Cut parts two hubs; what is under way is lost.
func (w *World) Cut(i, j int) {
	delete(w.want, edge(i, j))
	w.drop(i, j)
}

// Linked reports whether a link is up.
func (w *World) Linked(i, j int) bool { return w.pairs[edge(i, j)] != nil }

func edge(i, j int) [2]int { return [2]int{min(i, j), max(i, j)} }

func (w *World) drop(i, j int) {
	p := w.pairs[edge(i, j)]
	if p == nil {
		return
	}
	delete(w.pairs, edge(i, j))
	for side, at := range edge(i, j) {
		w.speaker(at).Down(p.ids[side])
	}
}

// Run steps the world for a while.
func (w *World) Run(d time.Duration) error {
	for end := w.Now.Add(d); w.Now.Before(end); {
		if err := w.step(); err != nil {
			return err
		}
	}
	return nil
}

// Skip lets time pass in which nobody does anything, as when all are asleep.
func (w *World) Skip(d time.Duration) { w.Now = w.Now.Add(d) }

// Up reports whether a hub runs.
func (w *World) Up(i int) bool { return w.Hubs[i].up }

func (w *World) step() error {
	w.Now = w.Now.Add(Tick)
	w.steps++
	for _, e := range w.edges {
		if err := w.link(e[0], e[1]); err != nil {
			return err
		}
	}
	for _, e := range w.edges {
		w.deliver(e[0], e[1])
	}
	for i, h := range w.Hubs {
		if !h.up {
			continue
		}
		if err := w.stepHub(i, h); err != nil {
			return fmt.Errorf("hub %d: %w", i, err)
		}
	}
	return nil
}

func (w *World) link(i, j int) error {
	e := edge(i, j)
	if !w.want[e] || w.pairs[e] != nil || !w.Hubs[i].up || !w.Hubs[j].up || w.Hubs[i].Key == w.Hubs[j].Key {
		return nil
	}
	if w.Strict && !(w.admits(i, j) && w.admits(j, i)) {
		return nil
	}
	p := &pair{}
	for side, at := range e {
		w.nextID++
		p.ids[side] = w.nextID
		if err := w.speaker(at).Up(w.local(at), w.nextID, w.Hubs[e[1-side]].Key); err != nil {
			return err
		}
	}
	w.pairs[e] = p
	if w.Hubs[i].cargo != nil && w.Hubs[j].cargo != nil {
		for side, at := range e {
			w.Hubs[at].Engine.Carry(w.Now, p.ids[side])
		}
	}
	return nil
}

// local is a hub's monotonic time: engines measure spans only.
func (w *World) local(int) time.Time { return w.Now }

// Wall is what a hub's clock shows.
func (w *World) Wall(i int) time.Time { return w.Now.Add(w.Hubs[i].Skew) }

func (w *World) deliver(i, j int) {
	e := edge(i, j)
	for side := range 2 {
		for p := w.pairs[e]; p != nil && len(p.way[side]) > 0 && !p.way[side][0].at.After(w.Now); p = w.pairs[e] {
			f := p.way[side][0].frame
			p.way[side] = p.way[side][1:]
			to := e[1-side]
			if err := w.speaker(to).Receive(w.Now, p.ids[1-side], f); err != nil {
				w.drop(i, j) // as a driver does, whatever the error
			}
		}
	}
}

func (w *World) stepHub(i int, h *Hub) error {
	if h.guise != nil {
		if err := h.guise.Step(w.Now); err != nil {
			return err
		}
		return w.sendAll(i)
	}
	var stale []replica.Stale
	if b := h.Engine.Take(w.Now); b != nil {
		b.Run(context.Background(), h.Store, w.verify)
		more, err := h.Engine.Applied(w.Now, b)
		if err != nil {
			return err
		}
		stale = more
	}
	select {
	case <-h.changed:
		if err := h.Engine.Changed(w.Now); err != nil {
			return err
		}
		if w.Strict {
			w.dropRevoked(i, h)
		}
	default:
	}
	if every := int(w.beat / Tick); w.steps%every == i%every {
		more, err := h.Engine.Tick(w.Now)
		if err != nil {
			return err
		}
		stale = append(stale, more...)
	}
	if h.cargo != nil {
		if err := h.cargo.Step(w.Now); err != nil {
			return err
		}
	}
	for _, s := range stale {
		for e, p := range w.pairs {
			if p.ids[0] == s.Link || p.ids[1] == s.Link {
				w.drop(e[0], e[1])
			}
		}
	}
	return w.sendAll(i)
}

func (w *World) sendAll(i int) error {
	for _, j := range w.near[i] {
		if err := w.send(i, j); err != nil {
			return err
		}
	}
	return nil
}

// send puts what a hub has for another under way.
func (w *World) send(i, j int) error {
	e := edge(i, j)
	side := 0
	if i != e[0] {
		side = 1
	}
	for p := w.pairs[e]; p != nil; p = w.pairs[e] {
		f, err := w.speaker(i).Next(w.Now, p.ids[side])
		if err != nil || f == nil {
			return err
		}
		w.Bytes += len(f)
		w.given[j] += len(f)
		w.post(e, p, side, f)
	}
	return nil
}

func (w *World) post(e [2]int, p *pair, side int, f []byte) {
	if w.chance(w.Faults.Lose) {
		w.drop(e[0], e[1])
		return
	}
	at := w.Now.Add(time.Duration(w.rand.Int64N(int64(w.Faults.Delay) + 1)))
	q := p.way[side]
	if n := len(q); n > 0 && q[n-1].at.After(at) {
		at = q[n-1].at
	}
	q = append(q, parcel{at, f})
	if replica.Whole(f) && w.chance(w.Faults.Repeat) {
		q = append(q, parcel{at, f})
	}
	if n := len(q); n > 1 && replica.Whole(f) && replica.Whole(q[n-2].frame) && w.chance(w.Faults.Swap) {
		q[n-1].frame, q[n-2].frame = q[n-2].frame, q[n-1].frame
	}
	p.way[side] = q
}

func (w *World) chance(p float64) bool { return p > 0 && w.rand.Float64() < p }

// verify checks a signature once a world: the same record goes to many hubs.
func (w *World) verify(rs []record.Record) []error {
	errs := make([]error, len(rs))
	for i, r := range rs {
		if w.signed[r.ID()] {
			continue
		}
		if errs[i] = r.Verify(); errs[i] == nil {
			w.signed[r.ID()] = true
		}
	}
	return errs
}

// Write commits records at a hub as its own server would.
func (w *World) Write(i int, rs ...record.Record) ([]store.Verdict, error) {
	for _, r := range rs {
		w.signed[r.ID()] = true
	}
	return w.Hubs[i].Store.Apply(context.Background(), rs...)
}

// Settle runs until all hubs that are up hold equal sets, or fails after limit.
func (w *World) Settle(limit time.Duration) error {
	for end := w.Now.Add(limit); ; {
		same, err := w.Agreed()
		if same || err != nil {
			return err
		}
		if !w.Now.Before(end) {
			return fmt.Errorf("the hubs do not agree after %s", limit)
		}
		if err := w.Run(10 * Tick); err != nil {
			return err
		}
	}
}

// Agreed reports whether the hubs that are up hold equal sets, over what expires
// after the latest of their horizons.
func (w *World) Agreed() (bool, error) {
	var over record.Day
	for _, h := range w.Hubs {
		d, err := h.Store.Horizon()
		if err != nil {
			return false, err
		}
		over = max(over, d)
	}
	var first *store.Moment
	for _, h := range w.Hubs {
		if !h.up || h.guise != nil {
			continue
		}
		m, err := h.Store.Moment(over)
		if err != nil {
			return false, err
		}
		if first == nil {
			first = &m
		} else if m.Digests != first.Digests {
			return false, nil
		}
	}
	return true, nil
}

// First is the end of a link that begins reconciliations, with the link's name
// there.
func (w *World) First(i, j int) (*Hub, replica.LinkID) {
	e := edge(i, j)
	side := 0
	if a, b := w.Hubs[e[0]].Key, w.Hubs[e[1]].Key; bytes.Compare(a[:], b[:]) > 0 {
		side = 1
	}
	return w.Hubs[e[side]], w.pairs[e].ids[side]
}
