package replica_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// vice is one way not to keep to the rules.
type vice int

const (
	flooding  vice = iota // records of its own residents as fast as links take them
	crowding              // vouches for all its places
	replaying             // what was said and heard before, again and again
	lying                 // states: digests, counts, numbers, epochs that run backwards
	wavering              // two states at once that contradict each other
	comparing             // reconciliations: wrong fingerprints, ranges without end
	claiming              // offers of what nobody has, and of what it does not send
	withhold              // never sends what was asked for
	greedy                // asks for everything again and again
	forging               // proofs
	deaf                  // acknowledges nothing
	pushing               // waits for no acknowledgement
	babbling              // frames that are none
	backdate              // hub times from the founding on, years ahead, expiring today
	masking               // its residents' records name another hub as theirs
	vices
)

// rogue is a certified hub. An honest engine speaks for it, and what that says is
// bent on its way out as its vices have it, which change.
type rogue struct {
	w      *simnet.World
	r      *rand.Rand
	name   string
	engine *replica.Engine
	store  *store.Store
	links  map[replica.LinkID]*bent
	order  []*bent
	has    [vices]bool // now
	nature [vices]bool // from time to time
	ups    int         // links it was given
	calm   bool        // honest for once
	budget int         // records it may still make
	places int
	most   int // places it gives away
	wrote  []record.Record
	epoch  uint64
}

// bent is one of its links.
type bent struct {
	id    replica.LinkID
	in    replica.Messages // of what its engine says
	heard replica.Messages
	queue [][]byte
	old   [][]byte // frames to be said again
	ids   []byte   // that the peer named
	got   uint64
	n     uint64
}

func newRogue(w *simnet.World, hub, budget, places int) (*rogue, error) {
	limits := replica.DefaultLimits()
	limits.AuthorBurst, limits.ViaBurst, limits.AuthorRate, limits.ViaRate = 1<<20, 1<<20, 1<<20, 1<<20
	r := &rogue{w: w, r: w.Rand(), name: simnet.HubName(hub), store: w.Hubs[hub].Store, links: map[replica.LinkID]*bent{}, budget: budget, most: places}
	var err error
	r.engine, err = replica.New(replica.Config{Self: w.Hubs[hub].Key, Store: r.store, Rand: noise{r.r}, Limits: limits})
	return r, err
}

type noise struct{ r *rand.Rand }

func (n noise) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(n.r.Uint32())
	}
	return len(b), nil
}

func (g *rogue) Up(now time.Time, id replica.LinkID, peer record.Author) error {
	g.ups++
	l := &bent{id: id}
	g.links[id] = l
	g.order = append(g.order, l)
	return g.engine.Up(now, id, peer)
}

func (g *rogue) Down(id replica.LinkID) {
	g.engine.Down(id)
	for i, l := range g.order {
		if l.id == id {
			g.order = append(g.order[:i:i], g.order[i+1:]...)
			break
		}
	}
	delete(g.links, id)
}

// Receive lets its engine hear, whatever that thinks of it.
func (g *rogue) Receive(now time.Time, id replica.LinkID, frame []byte) error {
	l := g.links[id]
	if frame[0]&0x7f != replica.Control {
		l.got += uint64(len(frame))
	}
	if where, m := l.heard.Add(frame); m != nil {
		g.remember(l, where, m)
		if g.has[withhold] && (replica.Kind(m[0]) == replica.KWants || replica.Kind(m[0]) == replica.KAnswer) && !g.calm {
			return nil
		}
	}
	_ = g.engine.Receive(now, id, frame)
	return nil
}

// remember keeps what may be said again, and ids to ask for.
func (g *rogue) remember(l *bent, where byte, m []byte) {
	if len(l.old) < 64 && len(m) < 2000 && g.r.IntN(4) == 0 {
		l.old = append(l.old, replica.FramesOf(where, m)...)
	}
	if replica.Kind(m[0]) == replica.KRecords && len(l.ids) < 32*200 {
		var v replica.Records
		replica.Unmarshal(m, &v)
		for _, enc := range v.Encs {
			id := record.Sum(enc)
			l.ids = append(l.ids, id[:]...)
		}
	}
}

// Next is what is queued, else what its engine has to say, bent.
func (g *rogue) Next(now time.Time, id replica.LinkID) ([]byte, error) {
	l := g.links[id]
	for len(l.queue) == 0 {
		f, err := g.engine.Next(now, id)
		if err != nil || f == nil {
			return nil, err
		}
		if where, m := l.in.Add(f); m != nil {
			if !g.calm {
				where, m = g.bend(l, where, m)
			}
			if m != nil {
				l.queue = append(l.queue, replica.FramesOf(where, m)...)
			}
		}
	}
	f := l.queue[0]
	l.queue = l.queue[1:]
	return f, nil
}

// Step lets its engine take in what came, and does what its vices are.
func (g *rogue) Step(now time.Time) error {
	if b := g.engine.Take(now); b != nil {
		b.Run(context.Background(), g.store, func(rs []record.Record) []error { return make([]error, len(rs)) })
		if _, err := g.engine.Applied(now, b); err != nil {
			return err
		}
	}
	if err := g.engine.Changed(now); err != nil {
		return err
	}
	if _, err := g.engine.Tick(now); err != nil {
		return err
	}
	if g.calm {
		return nil
	}
	if g.r.IntN(250) == 0 { // it changes its mind about every 5 s
		g.turn()
	}
	if err := g.write(now); err != nil {
		return err
	}
	for _, l := range g.order {
		if len(l.queue) < 100 {
			g.act(now, l)
		}
	}
	return nil
}

// drawNature gives it some vices, few of them so crude that they end a link at
// once.
func (g *rogue) drawNature() {
	for v := range g.nature {
		g.nature[v] = g.r.IntN(3) == 0
	}
	for _, v := range []vice{babbling, comparing, pushing, lying, wavering} {
		g.nature[v] = g.r.IntN(6) == 0
	}
	g.nature[crowding], g.nature[flooding] = true, true
	g.turn()
}

// turn changes its mind.
func (g *rogue) turn() {
	for v := range g.has {
		g.has[v] = g.nature[v] && g.r.IntN(2) == 0
	}
}

// write floods and crowds, by and by so that there is something to the end.
func (g *rogue) write(now time.Time) error {
	if g.r.IntN(8) > 0 {
		return nil
	}
	var rs []record.Record
	if g.has[crowding] && g.budget > 0 && g.places < g.most {
		for range min(20, g.budget, g.most-g.places) {
			g.budget--
			v, err := g.w.Town.Vouch(simnet.Key(g.name), g.places%1000, g.when(now), simnet.Author(g.puppet(g.places)), "puppet")
			if err != nil {
				return err
			}
			g.places++
			rs = append(rs, v)
		}
	}
	if g.has[flooding] && g.places > 0 && g.budget > 0 {
		who := g.puppet(g.r.IntN(min(g.places, 3)))
		for range min(20, g.budget) {
			g.budget--
			p, err := g.w.Town.Post(simnet.Key(who), g.via(), fmt.Sprint("f/", g.r.IntN(600)), g.when(now), g.days(), "flood")
			if err != nil {
				return err
			}
			rs = append(rs, p)
		}
	}
	g.wrote = append(g.wrote, rs...)
	_, err := g.store.Apply(context.Background(), rs...)
	return err
}

func (g *rogue) puppet(n int) string { return fmt.Sprintf("%s puppet %d", g.name, n) }

// when is a record's time.
func (g *rogue) when(now time.Time) record.Time {
	if !g.has[backdate] {
		return record.At(now)
	}
	switch g.r.IntN(3) {
	case 0:
		return g.w.Town.Founding.Time + record.Time(g.r.IntN(1000))
	case 1:
		return record.At(now.Add(time.Duration(g.r.IntN(40*365*24)) * time.Hour))
	default:
		return record.At(now.Add(-24 * time.Hour)) // with one day to live it expires today
	}
}

// via is the hub that a record is said to come from.
func (g *rogue) via() record.Via {
	if g.has[masking] {
		return g.w.Hubs[g.r.IntN(len(g.w.Hubs))].Key.Via()
	}
	return simnet.Author(g.name).Via()
}

func (g *rogue) days() record.Days {
	if g.has[backdate] && g.r.IntN(2) == 0 {
		return 1
	}
	return 30
}

// bend changes a message that its engine has to say; nil swallows it.
func (g *rogue) bend(l *bent, where byte, m []byte) (byte, []byte) {
	switch replica.Kind(m[0]) {
	case replica.KState:
		if g.has[lying] {
			var s replica.State
			replica.Unmarshal(m, &s)
			g.lie(&s)
			return where, message(replica.KState, &s)
		}
	case replica.KAck:
		if g.has[deaf] {
			return where, nil
		}
	case replica.KRecords:
		if g.has[withhold] {
			return where, nil
		}
	case replica.KAnswer:
		if g.has[greedy] {
			var a replica.Answer
			replica.Unmarshal(m, &a)
			for i := range a.Wants {
				a.Wants[i] = 0xff
			}
			return where, message(replica.KAnswer, &a)
		}
	case replica.KReconcile:
		if g.has[comparing] {
			var v replica.ReconcileMsg
			replica.Unmarshal(m, &v)
			v.Message = g.ranges(v.Message)
			return where, message(replica.KReconcile, &v)
		}
	case replica.KProof:
		if g.has[forging] {
			var p replica.Proof
			replica.Unmarshal(m, &p)
			p.Hash[g.r.IntN(32)] ^= 1
			return where, message(replica.KProof, &p)
		}
	}
	return where, m
}

func message(k replica.Kind, v any) (m []byte) {
	for _, f := range replica.Frames(replica.Control, k, v) {
		m = append(m, f[1:]...)
	}
	return m
}

// lie changes a state.
func (g *rogue) lie(s *replica.State) {
	for range 1 + g.r.IntN(3) {
		switch g.r.IntN(9) {
		case 0:
			d := &s.Digests[g.r.IntN(len(s.Digests))]
			d.Fingerprint = g.bytes(16)
		case 1:
			s.Digests[g.r.IntN(len(s.Digests))].Count = g.r.Uint64() >> g.r.IntN(64)
		case 2:
			s.Arrival = g.r.Uint64() >> g.r.IntN(64)
			s.Through, s.From = min(s.Through, s.Arrival), min(s.From, s.Arrival)
		case 3:
			s.From, s.Through = 0, s.Arrival
		case 4:
			g.epoch--
			s.Epoch = g.epoch
		case 5:
			s.Taken = [2]uint64{g.r.Uint64(), g.r.Uint64()}
		case 6:
			s.Nonce = g.bytes(16)
		case 7:
			s.Horizon = record.Day(g.r.IntN(30_000))
			s.Over = max(s.Over, s.Horizon)
		case 8:
			s.Horizon, s.Over = 0, 0
		}
	}
}

func (g *rogue) bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = noise{g.r}.Read(b) // it never fails
	return b
}

// ranges is a message of a reconciliation that cannot end well.
func (g *rogue) ranges(m []byte) []byte {
	switch g.r.IntN(4) {
	case 0: // all is different
		return append([]byte{0x61, 0, 0, 1}, g.bytes(16)...)
	case 1: // I hold what nobody does
		n := 1 + g.r.IntN(50)
		return append([]byte{0x61, 0, 0, 2, byte(n)}, g.bytes(32*n)...)
	case 2: // I hold nothing
		return []byte{0x61, 0, 0, 2, 0}
	default:
		if len(m) > 1 {
			m[1+g.r.IntN(len(m)-1)] ^= byte(1 << g.r.IntN(8))
		}
		return m
	}
}

// act says what nobody asked for.
func (g *rogue) act(now time.Time, l *bent) {
	say := func(where byte, k replica.Kind, v any) { l.queue = append(l.queue, replica.Frames(where, k, v)...) }
	class := byte(g.r.IntN(record.Classes))
	l.n++
	if g.has[replaying] && len(l.old) > 0 {
		for range 5 {
			l.queue = append(l.queue, l.old[g.r.IntN(len(l.old))])
		}
	}
	if g.has[wavering] && g.r.IntN(20) == 0 {
		s := &replica.State{Nonce: g.bytes(16), Epoch: g.r.Uint64()}
		for range record.Classes {
			s.Digests = append(s.Digests, replica.Digest{Fingerprint: g.bytes(16), Count: uint64(g.r.IntN(1000))})
		}
		say(replica.Control, replica.KState, s)
	}
	if g.has[claiming] {
		say(class, replica.KOffer, replica.Offer{Batch: l.n, IDs: g.bytes(8 * (1 + g.r.IntN(500)))})
	}
	if g.has[greedy] {
		if len(l.ids) > 0 {
			say(class, replica.KWants, replica.Wants{IDs: l.ids})
		}
		if g.r.IntN(50) == 0 {
			say(replica.Control, replica.KTail, replica.Tail{})
		}
		say(replica.Control, replica.KAck, replica.Ack{Bytes: 1 << 62})
	}
	if g.has[comparing] && g.r.IntN(10) == 0 {
		say(class, replica.KReconcile, replica.ReconcileMsg{
			Session: uint64(g.r.IntN(4)), First: g.r.IntN(4) == 0, Reply: g.r.IntN(4) == 0, Over: record.Day(g.r.IntN(2) * 30_000), Message: g.ranges(nil),
		})
	}
	if g.has[forging] && g.r.IntN(100) == 0 {
		say(replica.Control, replica.KProof, replica.Proof{Class: record.Class(class), Fingerprint: g.bytes(16), Hash: g.bytes(32)})
	}
	if g.has[pushing] && len(g.wrote) > 0 {
		var v replica.Records
		for range 10 {
			v.Encs = append(v.Encs, g.wrote[g.r.IntN(len(g.wrote))].Encoding())
		}
		say(class, replica.KRecords, v)
	}
	if g.has[babbling] && g.r.IntN(100) == 0 {
		f := g.bytes(2 + g.r.IntN(300))
		f[0] = class
		l.queue = append(l.queue, f)
	}
}
