package peer

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/core/transport"
	msmux "github.com/multiformats/go-multistream"
)

// guestTime is how long a guest is served, and how long it may stay unproven.
const guestTime = 15 * time.Second

// Guest is who asks for something that is served without a hello. It has proven
// its key and nothing else.
type Guest struct {
	Peer   record.Author
	From   netip.Addr
	Stream Stream // ends by itself after 15 s
}

// errGuest keeps a connection that a guest came by from becoming a link.
var errGuest = errors.New("the connection was a guest's")

// onGuest serves one stream of a connection that came in, and closes it: there is
// no hello before, no second stream and no link after. The door bounds how many
// there are at a time, in all and from one origin.
func (h *Host) onGuest(st network.Stream, serve func(context.Context, Guest)) {
	s := h.book.session(st.Conn())
	if s == nil || s.dialled || !s.begun.CompareAndSwap(false, true) || !h.tasks.start(func() { h.serveGuest(s, st, serve) }) {
		_ = st.Reset()
	}
}

func (h *Host) serveGuest(s *session, st network.Stream, serve func(context.Context, Guest)) {
	_ = h.greetingOver(s, errGuest)
	h.door.stay(s.at, h.cfg.times.guest+partingTime)
	ctx, cancel := context.WithTimeout(h.ctx, h.cfg.times.guest)
	defer cancel()
	defer s.conn.Close()
	if h.awaitRun(ctx) != nil || st.SetDeadline(time.Now().Add(h.cfg.times.guest)) != nil {
		return
	}
	unstick := context.AfterFunc(ctx, func() { _ = st.SetDeadline(time.Unix(1, 0)) })
	serve(ctx, Guest{Peer: s.peer, From: s.at.remote.Addr(), Stream: st})
	if !unstick() || st.CloseWrite() != nil {
		_ = st.Reset()
		return
	}
	parting := time.NewTimer(partingTime)
	defer parting.Stop()
	select { // what was said last is lost with the connection
	case <-s.gone:
	case <-parting.C:
	case <-h.ctx.Done():
	}
}

// Asked is a stream with whoever was at an address.
type Asked struct {
	Stream
	Peer record.Author  // the key it has proven
	Addr netip.AddrPort // where it is

	conn transport.CapableConn
	node *node
	stop func() bool
	once sync.Once
	err  error
}

// Ask connects with whoever is at an address ("host:port") and opens a stream of a
// protocol that is served without a hello. It proves key, which is a new one or a
// hub's own, and needs no Host. The stream ends with ctx; Close ends everything.
func Ask(ctx context.Context, key ed25519.PrivateKey, addr string, name string) (_ *Asked, err error) {
	a, err := parseAddress(addr)
	if err != nil {
		return nil, err
	}
	self := record.AuthorOf(key)
	q := &Asked{}
	defer func() {
		if err != nil {
			_ = q.Close()
		}
	}()
	node, t, err := newNode(key, newGate(self), newCounter())
	if err != nil {
		return nil, err
	}
	q.node = node
	q.conn, q.Peer, err = t.meet(ctx, a, self)
	if err != nil {
		return nil, err
	}
	q.Addr = connEndpoints(q.conn).remote
	st, err := q.conn.OpenStream(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnanswered, err)
	}
	q.Stream = st
	q.stop = context.AfterFunc(ctx, func() { _ = st.Reset() })
	if deadline, ok := ctx.Deadline(); ok {
		if err := st.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	if err := msmux.SelectProtoOrFail(protocol.ID(name), st); err != nil {
		return nil, fmt.Errorf("%w: open %s: %w", ErrUnanswered, name, err)
	}
	return q, nil
}

// meet connects with whoever is at an address: a first handshake learns the key.
func (t *tcp) meet(ctx context.Context, a *address, self record.Author) (transport.CapableConn, record.Author, error) {
	_, err := t.dial(ctx, a, t.nobody)
	p, ok := mismatched(err)
	switch {
	case err == nil:
		return nil, p, ErrUnanswered // nobody has that key
	case !ok:
		return nil, p, err
	case p == self:
		return nil, p, ErrSelf
	case a.pinned != record.Author{} && a.pinned != p:
		return nil, p, fmt.Errorf("%w: %s", ErrOtherHub, p)
	}
	id, err := idOf(p)
	if err != nil {
		return nil, p, err
	}
	c, err := t.dial(ctx, a, id)
	return c, p, err
}

// Close ends the stream and the connection.
func (q *Asked) Close() error {
	q.once.Do(func() {
		if q.stop != nil {
			q.stop()
		}
		var errs []error
		if q.Stream != nil {
			_ = q.Stream.Close() // it may have ended
		}
		if q.conn != nil {
			_ = q.conn.Close()
		}
		if q.node != nil {
			errs = append(errs, q.node.Close())
		}
		q.err = errors.Join(errs...)
	})
	return q.err
}
