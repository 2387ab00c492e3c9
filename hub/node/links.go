package node

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/haul"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// How often the engine is asked what is due: while something is under way, and
// while nothing is.
const (
	beat     = 100 * time.Millisecond
	slowBeat = time.Second
)

// errEngine marks what the engine says, apart from what the stream says.
var errEngine = errors.New("replication")

// rest is how long links do nothing after the store could not take what came in,
// as when the disk is full. A peer waits for a state longer than that.
const rest = 20 * time.Second

// writeLimit is how long a peer may leave a write standing.
const writeLimit = 30 * time.Second

// buffer is how much is read and written at once: some frames. Each link has two.
const buffer = 16 << 10

// links drives the replication engine: it carries frames between it and the
// peers' streams, and what came in into the store.
type links struct {
	store   *store.Store
	blobs   *blob.Store // nil = none
	log     *slog.Logger
	observe func(record.Record)
	arrived chan struct{} // the engine may have a batch
	hauled  chan struct{} // the haul may have work
	stirred chan struct{} // something is under way again

	mu     sync.Mutex // guards the engine and what follows
	slow   bool       // nothing is under way
	engine *replica.Engine
	haul   *haul.Haul // nil = no blobs
	last   replica.LinkID
	open   map[replica.LinkID]*wire
	failed time.Time // when what came in could not be stored
}

// wire is one link's stream.
type wire struct {
	stream peer.Stream
	kick   chan struct{} // there may be something to send
	why    error         // why the engine gave it up
}

func newLinks(self record.Author, s *store.Store, kept *blob.Store, lim replica.Limits, millis func() uint64, peerClock func(record.Author, uint64), observe func(record.Record), log *slog.Logger) (*links, error) {
	conf := replica.Config{Self: self, Store: s, Rand: rand.Reader, Millis: millis, PeerClock: peerClock, Limits: lim}
	h, err := newHaul(kept)
	if err != nil {
		return nil, err
	}
	if h != nil {
		conf.Cargo = h
	}
	e, err := replica.New(conf)
	if err != nil {
		return nil, err
	}
	return &links{
		store: s, blobs: kept, log: log, observe: observe, engine: e, haul: h, hauled: make(chan struct{}, 1),
		arrived: make(chan struct{}, 1), stirred: make(chan struct{}, 1), open: map[replica.LinkID]*wire{},
	}, nil
}

// run keeps the engine going until ctx ends.
func (k *links) run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { k.takeIn(ctx) })
	if k.haul != nil {
		all.Go(func() { k.carry(ctx) })
	}
	changed := k.store.Watch(ctx)
	tick := time.NewTimer(beat)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			all.Wait()
			return
		case <-changed:
			k.mu.Lock()
			err = k.engine.Changed(time.Now())
			k.stir()
			k.kickAll()
			k.mu.Unlock()
		case <-k.stirred:
			tick.Reset(beat)
		case now := <-tick.C:
			var wait time.Duration
			wait, err = k.tick(now)
			tick.Reset(wait)
			k.lookIn()
		}
		if err != nil {
			k.log.Error("replication cannot read the store", "err", err)
		}
	}
}

// tick has the engine do what is due and says how long until the next.
func (k *links) tick(now time.Time) (time.Duration, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	stale, err := k.engine.Tick(now)
	k.giveUp(stale)
	if k.haul != nil {
		k.haul.Tick(now)
	}
	if k.slow = err == nil && k.engine.Quiet() && (k.haul == nil || k.haul.Quiet()); k.slow {
		return slowBeat, nil
	}
	k.kickAll()
	return beat, err
}

// stir ends the time in which nothing is under way. Hold mu.
func (k *links) stir() {
	if !k.slow {
		return
	}
	k.slow = false
	select {
	case k.stirred <- struct{}{}:
	default:
	}
}

// takeIn puts what peers sent into the store, batch after batch: while one is
// verified and written the next gathers.
func (k *links) takeIn(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.arrived:
		}
		for {
			k.mu.Lock()
			b := k.engine.Take(time.Now())
			if b != nil {
				k.kickAll() // there is room for more to be acknowledged
			}
			k.mu.Unlock()
			if b == nil {
				break
			}
			b.Run(ctx, k.store, verifyAll)
			for _, r := range b.Added() {
				k.observe(r)
			}
			k.mu.Lock()
			stale, err := k.engine.Applied(time.Now(), b)
			k.giveUp(stale)
			if err != nil {
				k.failed = time.Now()
			}
			k.mu.Unlock()
			if err != nil {
				k.log.Error("what other places sent could not be stored; links rest for a while", "err", err, "rest", rest)
			}
		}
	}
}

// verifyAll checks signatures on all cores.
func verifyAll(rs []record.Record) []error {
	const least = 32 // fewer are not worth another goroutine
	parts := min(runtime.GOMAXPROCS(0), max(1, len(rs)/least))
	errs := make([]error, len(rs))
	var all sync.WaitGroup
	for p := range parts {
		from, to := p*len(rs)/parts, (p+1)*len(rs)/parts
		all.Go(func() { copy(errs[from:to], record.VerifyBatch(rs[from:to])) })
	}
	all.Wait()
	return errs
}

// kickAll wakes the writers. Hold mu.
func (k *links) kickAll() {
	for _, w := range k.open {
		w.wake()
	}
}

// end makes the reader end. Closing fails where it has ended already.
func (w *wire) end() {
	_ = w.stream.SetReadDeadline(time.Unix(1, 0))
	_ = w.stream.Close()
}

func (w *wire) wake() {
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// giveUp closes links that the engine has given up on. Hold mu.
func (k *links) giveUp(stale []replica.Stale) {
	for _, s := range stale {
		if w := k.open[s.Link]; w != nil && w.why == nil {
			w.why = s.Why
			w.end() // serve says why
		}
	}
}

// rested waits until the store may be able to take something again, and until a
// peer that broke the protocol may come back; false when the link ends first.
func (k *links) rested(ctx context.Context, peer record.Author) bool {
	now := time.Now()
	k.mu.Lock()
	wait := max(k.failed.Add(rest).Sub(now), k.engine.Rest(now, peer))
	k.mu.Unlock()
	return pause(ctx, wait)
}

// serve carries frames over one link until it ends.
func (k *links) serve(ctx context.Context, l peer.Link) {
	if !k.rested(ctx, l.Peer) {
		return
	}
	w := &wire{stream: l.Stream, kick: make(chan struct{}, 1)}
	k.mu.Lock()
	k.last++
	id := k.last
	err := k.engine.Up(time.Now(), id, l.Peer)
	if err == nil {
		k.open[id] = w
		if l.Blobs {
			k.engine.Carry(time.Now(), id)
		}
	}
	k.stir()
	k.mu.Unlock()
	if err != nil {
		k.log.Error("a link cannot begin", "peer", l.Peer.Tag(), "err", err)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	var writer sync.WaitGroup
	var unsent error
	writer.Go(func() {
		defer cancel()
		unsent = k.write(ctx, id, w)
		w.end()
	})
	w.wake()
	err = k.read(id, w)
	cancel()
	writer.Wait()
	k.mu.Lock()
	k.engine.Down(id)
	delete(k.open, id)
	if w.why != nil {
		err = w.why
	}
	k.mu.Unlock()
	if errors.Is(unsent, errEngine) {
		err = unsent
	}
	switch {
	case errors.Is(err, replica.ErrProtocol):
		k.log.Warn("a link was given up", "peer", l.Peer.Tag(), "addr", l.Addr, "err", err)
	case errors.Is(err, errEngine):
		k.log.Error("a link ended because of this hub's own store", "peer", l.Peer.Tag(), "err", err)
	}
}

// read takes frames off the stream: two bytes of length before each.
func (k *links) read(id replica.LinkID, w *wire) error {
	in := bufio.NewReaderSize(w.stream, buffer)
	frame := make([]byte, replica.MaxFrame)
	for {
		var n [2]byte
		if _, err := io.ReadFull(in, n[:]); err != nil {
			return err
		}
		size := int(binary.BigEndian.Uint16(n[:]))
		if size > len(frame) {
			k.mu.Lock()
			k.engine.Broke(time.Now(), id)
			k.mu.Unlock()
			return fmt.Errorf("%w: a frame of %d bytes", replica.ErrProtocol, size)
		}
		if _, err := io.ReadFull(in, frame[:size]); err != nil {
			return err
		}
		k.mu.Lock()
		err := k.engine.Receive(time.Now(), id, frame[:size])
		k.stir()
		k.mu.Unlock()
		if err != nil {
			return fmt.Errorf("%w: %w", errEngine, err)
		}
		w.wake()
		k.lookIn()
	}
}

// lookIn wakes takeIn and carry.
func (k *links) lookIn() {
	for _, ch := range []chan struct{}{k.arrived, k.hauled} {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// sealed is how much goes into the stream at once: a peer can read nothing of it
// before all has arrived, and acknowledges nothing.
const sealed = 2 * (2 + replica.MaxFrame)

// write sends what the engine has for the link, many frames at a time.
func (k *links) write(ctx context.Context, id replica.LinkID, w *wire) error {
	out := bufio.NewWriterSize(w.stream, sealed)
	for {
		frames, err := k.gather(id)
		if err != nil {
			return fmt.Errorf("%w: %w", errEngine, err)
		}
		if len(frames) > 0 {
			if err := send(w.stream, out, frames); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.kick:
		}
	}
}

func send(s peer.Stream, out *bufio.Writer, frames [][]byte) error {
	if err := s.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return err
	}
	for _, f := range frames {
		if _, err := out.Write(binary.BigEndian.AppendUint16(nil, uint16(len(f)))); err != nil {
			return err
		}
		if _, err := out.Write(f); err != nil {
			return err
		}
	}
	return out.Flush()
}

// gather takes up to 16 frames, so that the engine is not held for long.
func (k *links) gather(id replica.LinkID) (frames [][]byte, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(frames) < 16 {
		f, err := k.engine.Next(time.Now(), id)
		if err != nil || f == nil {
			return frames, err
		}
		frames = append(frames, f)
	}
	return frames, nil
}
