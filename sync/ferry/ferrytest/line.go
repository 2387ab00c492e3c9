// Package ferrytest is what tests of fetching files need: two hubs on a line of bounded
// speed in memory, and what every ferry.Network has to do.
package ferrytest

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// ErrCut is what ends the streams of a line that was cut.
var ErrCut = errors.New("the line was cut")

// window is how many bytes of a stream may wait unread, as in yamux.
const window = 256 << 10

// Line joins two hubs. All its streams share it, in each direction first come, first
// served. It takes the time of time.Now, so that in a bubble of testing/synctest an hour
// on it is over at once.
type Line struct {
	bits  float64 // a second, each way
	delay time.Duration

	mu      sync.Mutex
	down    bool
	free    [2]time.Time // when the line has sent all that it was given
	carried [2]int64
	pipes   map[*pipe]bool
}

// NewLine is a line of so many bits a second, on which each bit travels so long.
func NewLine(bits float64, delay time.Duration) *Line {
	return &Line{bits: bits, delay: delay, pipes: map[*pipe]bool{}}
}

// Cut ends all streams. There is none until Mend.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for p := range l.pipes {
		p.end(ErrCut)
	}
	clear(l.pipes)
}

// Mend ends what Cut began.
func (l *Line) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}

// Up reports whether it is not cut.
func (l *Line) Up() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.down
}

// Carried is how many bytes have gone to the end that streams are opened by, and back.
func (l *Line) Carried() (to, back int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.carried[1], l.carried[0]
}

// Stream is a new stream: this end of it, and the other.
func (l *Line) Stream() (near, far *End, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, nil, ErrCut
	}
	there, back := newPipe(l, 0), newPipe(l, 1)
	l.pipes[there], l.pipes[back] = true, true
	return &End{in: back, out: there}, &End{in: there, out: back}, nil
}

// send is when the last of n bytes are at the other end.
func (l *Line) send(way, n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.free[way].Before(now) {
		l.free[way] = now
	}
	l.free[way] = l.free[way].Add(time.Duration(float64(n) * 8 / l.bits * float64(time.Second)))
	l.carried[way] += int64(n)
	return l.free[way].Add(l.delay)
}

// End is one end of a stream.
type End struct{ in, out *pipe }

var _ ferry.Stream = (*End)(nil)

// Read gives what has come.
func (e *End) Read(b []byte) (int, error) { return e.in.read(b) }

// Write waits where too much is under way.
func (e *End) Write(b []byte) (int, error) { return e.out.write(b) }

// Close ends both directions: what was written before arrives.
func (e *End) Close() error {
	e.in.end(io.ErrClosedPipe)
	e.out.finish()
	return nil
}

// SetReadDeadline ends a Read that waits longer.
func (e *End) SetReadDeadline(t time.Time) error { return e.in.until(&e.in.readBy, t) }

// SetWriteDeadline ends a Write that waits longer.
func (e *End) SetWriteDeadline(t time.Time) error { return e.out.until(&e.out.writeBy, t) }

// load is bytes and when they arrive.
type load struct {
	at time.Time
	b  []byte
}

// pipe is one direction of a stream.
type pipe struct {
	line *Line
	way  int

	mu              sync.Mutex
	changed         chan struct{} // closed at the next change
	loads           []load
	unread          int
	finished        bool
	err             error
	readBy, writeBy time.Time
}

func newPipe(l *Line, way int) *pipe { return &pipe{line: l, way: way, changed: make(chan struct{})} }

// stir wakes whoever waits. mu is held.
func (p *pipe) stir() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *pipe) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
	p.stir()
}

func (p *pipe) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finished = true
	p.stir()
}

func (p *pipe) until(which *time.Time, t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	*which = t
	p.stir()
	return nil
}

// wait waits for a change, or until a moment or a deadline; mu is held, and let go of
// meanwhile.
func (p *pipe) wait(at, by time.Time) error {
	next := at
	if !by.IsZero() {
		if !time.Now().Before(by) {
			return os.ErrDeadlineExceeded
		}
		if next.IsZero() || by.Before(next) {
			next = by
		}
	}
	changed := p.changed
	p.mu.Unlock()
	defer p.mu.Lock()
	if next.IsZero() {
		<-changed
		return nil
	}
	t := time.NewTimer(time.Until(next))
	defer t.Stop()
	select {
	case <-changed:
	case <-t.C:
	}
	return nil
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		var at time.Time
		switch {
		case p.err != nil:
			return 0, p.err
		case len(p.loads) > 0 && !time.Now().Before(p.loads[0].at):
			first := &p.loads[0]
			n := copy(b, first.b)
			if first.b = first.b[n:]; len(first.b) == 0 {
				p.loads = p.loads[1:]
			}
			p.unread -= n
			p.stir()
			return n, nil
		case len(p.loads) > 0:
			at = p.loads[0].at
		case p.finished:
			return 0, io.EOF
		}
		if err := p.wait(at, p.readBy); err != nil {
			return 0, err
		}
	}
}

func (p *pipe) write(b []byte) (n int, _ error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(b) > 0 {
		switch {
		case p.err != nil:
			return n, p.err
		case p.finished:
			return n, io.ErrClosedPipe
		case !p.writeBy.IsZero() && !time.Now().Before(p.writeBy):
			return n, os.ErrDeadlineExceeded
		case p.unread >= window:
			if err := p.wait(time.Time{}, p.writeBy); err != nil {
				return n, err
			}
			continue
		}
		k := min(len(b), window-p.unread)
		p.loads = append(p.loads, load{p.line.send(p.way, k), append([]byte(nil), b[:k]...)})
		p.unread += k
		n += k
		b = b[k:]
		p.stir()
	}
	return n, nil
}

// Network is what one hub reaches over lines: each leads to a hub that serves.
type Network struct {
	Self  record.Author
	Lines map[record.Author]*Line
	Serve map[record.Author]func(context.Context, record.Author, ferry.Stream)

	all sync.WaitGroup
}

var _ ferry.Network = (*Network)(nil)

// Open opens a stream, and has its other end served.
func (n *Network) Open(ctx context.Context, hub record.Author) (ferry.Stream, error) {
	l := n.Lines[hub]
	if l == nil {
		return nil, ErrCut
	}
	near, far, err := l.Stream()
	if err != nil {
		return nil, err
	}
	if serve := n.Serve[hub]; serve != nil {
		ctx := context.WithoutCancel(ctx)
		n.all.Go(func() { serve(ctx, n.Self, far) })
	}
	return near, nil
}

// Linked are the hubs of the lines that are up.
func (n *Network) Linked() (all []record.Author) {
	for hub, l := range n.Lines {
		if l.Up() {
			all = append(all, hub)
		}
	}
	return all
}

// Wait waits until nothing is served any more.
func (n *Network) Wait() { n.all.Wait() }
