package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	msmux "github.com/multiformats/go-multistream"
)

const (
	helloProtocol = protocol.ID("/lamppost/hello/1")
	// The link. Hubs that know the second carry blobs on it as well; it is asked for
	// first, and the first is taken where the other does not know it.
	syncProtocol = protocol.ID("/lamppost/sync/2")
	syncBefore   = protocol.ID("/lamppost/sync/1")
)

// partingTime is how long a hub that refuses another waits for its verdict to
// be read.
const partingTime = 2 * time.Second

// session is one connection: both sides have proven their keys, nothing else.
type session struct {
	conn    network.Conn
	at      endpoints
	peer    record.Author
	addr    string // where it was dialled, or where it came from
	dialled bool
	asked   bool // by an address that somebody wants just so

	begun   atomic.Bool   // the hello has
	greeted chan struct{} // closed when the hello is over; err is its outcome
	err     error
	linked  chan struct{} // closed when the connection carries the link
	gone    chan struct{} // closed with the connection
}

// greet opens the hello on a connection that was dialled.
func (h *Host) greet(ctx context.Context, s *session) error {
	if !s.begun.CompareAndSwap(false, true) {
		return errors.New("hello repeated")
	}
	ctx, cancel := context.WithTimeout(ctx, h.cfg.times.hello)
	defer cancel()
	st, err := openStream(ctx, s.conn, helloProtocol)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnanswered, err)
	} else {
		err = h.exchange(ctx, s, st)
	}
	return h.greetingOver(s, err)
}

// onHello answers the hello on a connection that came in: once, and only there.
func (h *Host) onHello(st network.Stream) {
	s := h.book.session(st.Conn())
	if s == nil || s.dialled || !s.begun.CompareAndSwap(false, true) || !h.tasks.start(func() { h.answerHello(s, st) }) {
		_ = st.Reset()
	}
}

func (h *Host) answerHello(s *session, st network.Stream) {
	ctx, cancel := context.WithTimeout(h.ctx, h.cfg.times.hello)
	defer cancel()
	err := h.awaitRun(ctx)
	if err == nil {
		err = h.exchange(ctx, s, st)
	}
	if h.greetingOver(s, err) != nil {
		_ = st.Reset()
		_ = s.conn.Close()
		h.logAway(s, err)
		return
	}
	h.book.welcomed(s.peer)
	h.door.prove(s.at)
	_ = h.settle(h.ctx, s)
}

// logAway tells of a greeting that came to nothing, once for each peer and reason.
func (h *Host) logAway(s *session, err error) {
	if !h.book.turnedAway(s.peer, err) {
		return
	}
	log := h.log.With("peer", s.peer.String(), "addr", s.addr, "err", err)
	h.book.seldom.Do(func() {
		if Outcast(err) {
			log.Info("turned away by another hub")
		} else {
			log.Info("hub turned away")
		}
	})
}

func (h *Host) greetingOver(s *session, err error) error {
	s.err = err
	close(s.greeted)
	return err
}

// awaitRun holds back what comes in before the hub is ready to judge it.
func (h *Host) awaitRun(ctx context.Context) error {
	select {
	case <-h.running:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// exchange is the hello, the same on both sides: send one, read the other's,
// judge it, send the verdict, read the other's. Nil if both are welcome.
func (h *Host) exchange(ctx context.Context, s *session, st network.Stream) error {
	defer st.Close()
	deadline, _ := ctx.Deadline()
	if err := st.SetDeadline(deadline); err != nil {
		return err
	}
	own, err := h.codec.encode(h.cfg.Hello())
	if err != nil {
		return fmt.Errorf("own hello: %w", err)
	}
	if err := writeFrame(st, own); err != nil {
		return fmt.Errorf("%w: send hello: %w", ErrUnanswered, err)
	}
	mine := h.judge(ctx, s, st)
	if mine != nil && !errors.Is(mine, errJudged) {
		return mine
	}
	if _, err := st.Write([]byte{byte(verdictOf(mine))}); err != nil {
		return errors.Join(mine, fmt.Errorf("%w: send verdict: %w", ErrUnanswered, err))
	}
	var theirs [1]byte
	_, err = io.ReadFull(st, theirs[:])
	if mine != nil {
		_ = st.CloseWrite()
		_ = st.SetReadDeadline(time.Now().Add(partingTime))
		_, _ = io.Copy(io.Discard, st) // until it has read the verdict and closed
		return mine
	}
	if err != nil {
		return fmt.Errorf("%w: read verdict: %w", ErrUnanswered, err)
	}
	return verdict(theirs[0]).told()
}

// errJudged marks the outcome of judging, which the other side is told, apart
// from a connection that failed.
var errJudged = errors.New("this hub refuses the other")

// judge reads the other's hello and asks whether it may link.
func (h *Host) judge(ctx context.Context, s *session, st io.Reader) error {
	frame, err := readFrame(st)
	var hello Hello
	switch {
	case errors.Is(err, ErrHello):
	case err != nil:
		return fmt.Errorf("%w: read hello: %w", ErrUnanswered, err)
	default:
		hello, err = h.codec.decode(frame)
	}
	if err == nil {
		err = h.cfg.Admit(ctx, s.peer, hello)
	}
	if err == nil && h.book.full(s.peer) {
		err = ErrBusy
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errJudged, err)
	}
	return nil
}

// openStream opens a stream on this very connection, with the first of the protocols
// that the other side knows: the swarm would take any connection with the peer.
func openStream(ctx context.Context, c network.Conn, ps ...protocol.ID) (network.Stream, error) {
	st, err := c.NewStream(ctx)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		err = st.SetDeadline(deadline)
	}
	p := ps[0]
	if err == nil {
		p, err = msmux.SelectOneOf(ps, st)
	}
	if err == nil {
		err = st.SetProtocol(p)
	}
	if err != nil {
		_ = st.Reset()
		return nil, fmt.Errorf("open %s: %w", ps[0], err)
	}
	return st, nil
}
