package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
)

// Link is the one stream between this hub and another.
type Link struct {
	Peer   record.Author
	Addr   string // where the peer was dialled, or where it came from
	Opener bool   // this hub opened the stream; the other did not
	Blobs  bool   // both ends carry blobs on it
	Stream Stream
}

// Stream is a reliable ordered stream of bytes with deadlines.
type Stream interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// How two hubs come to keep the same one of several connections: the hub with
// the smaller key decides. It offers one connection after the other, never two
// at once, and says whether it holds a link already; the other takes what it is
// offered, except where both hold one. So a second connection from dialling at
// the same time is let go of, and the first is given up where either side has
// lost it.
const (
	offerOnly  byte = 1 // I hold no link with you
	offerSpare byte = 2 // I hold one: take this only if you do not

	answerTaken byte = 1
	answerSpare byte = 2 // I hold one too
)

var errNoLink = errors.New("the other hub opened no link")

// link is a Link with its keeping.
type link struct {
	session *session
	stream  network.Stream
	opener  bool
	since   time.Time
	prev    *link // must be over before this one is served
	ctx     context.Context
	cancel  context.CancelFunc
	done    chan struct{} // closed when Serve has returned
}

func (l *link) alive() bool { return l.ctx.Err() == nil }

// end cuts the link. Serve's return then takes it off the book.
func (l *link) end() {
	l.cancel()
	_ = l.session.conn.Close()
}

// leads reports whether this hub decides which connection with p is the link.
func (h *Host) leads(p record.Author) bool { return bytes.Compare(h.self[:], p[:]) < 0 }

// settle makes a greeted connection the link, or closes it. Nil if there is a
// link with the peer afterwards, on this connection or another.
func (h *Host) settle(ctx context.Context, s *session) error {
	ctx, cancel := context.WithTimeout(ctx, h.cfg.times.settle)
	defer cancel()
	var err error
	if h.leads(s.peer) {
		err = h.offer(ctx, s)
	} else {
		err = h.awaitOffer(ctx, s)
	}
	if err != nil {
		_ = s.conn.Close()
		if h.book.link(s.peer) != nil {
			return nil
		}
	}
	return err
}

// awaitOffer waits for the deciding hub to make the connection the link.
func (h *Host) awaitOffer(ctx context.Context, s *session) error {
	select {
	case <-s.linked:
		return nil
	case <-s.gone:
		return errNoLink
	case <-ctx.Done():
		return errNoLink
	}
}

// offer makes the connection the link unless both hubs hold one already.
func (h *Host) offer(ctx context.Context, s *session) error {
	release, err := h.book.turn(ctx, s.peer)
	if err != nil {
		return err
	}
	defer release()
	if h.stands(s.peer) {
		return errSpare
	}
	kind := offerOnly
	if h.book.link(s.peer) != nil {
		kind = offerSpare
	}
	st, err := openStream(ctx, s.conn, h.cfg.speaks()...)
	if err != nil {
		return err
	}
	var answer [1]byte
	if _, err = st.Write([]byte{kind}); err == nil {
		_, err = io.ReadFull(st, answer[:])
	}
	if err == nil {
		err = st.SetDeadline(time.Time{})
	}
	if err == nil && answer[0] != answerTaken {
		err = errSpare
	}
	if err != nil {
		_ = st.Reset()
		return fmt.Errorf("offer the link: %w", err)
	}
	l, err := h.take(s, st, false)
	if err != nil {
		_ = st.Reset()
		return err
	}
	if !h.tasks.start(func() { h.serve(l) }) {
		l.end()
		close(l.done)
		return net.ErrClosed
	}
	return nil
}

// onSync answers an offer. A stream on a connection without a hello, or from
// the hub that has not to decide, is reset.
func (h *Host) onSync(st network.Stream) {
	s := h.book.session(st.Conn())
	if s == nil || !s.begun.Load() || h.leads(s.peer) || !h.tasks.start(func() { h.answerOffer(s, st) }) {
		_ = st.Reset()
	}
}

func (h *Host) answerOffer(s *session, st network.Stream) {
	l, err := h.weigh(s, st)
	if err != nil {
		_ = st.Reset()
		return
	}
	if l != nil {
		h.serve(l)
	}
}

// weigh reads an offer and answers it. Without a link and an error both hubs
// keep the one they have.
func (h *Host) weigh(s *session, st network.Stream) (*link, error) {
	select {
	case <-s.greeted:
	case <-s.gone:
		return nil, network.ErrReset
	}
	if s.err != nil {
		return nil, s.err
	}
	if err := st.SetDeadline(time.Now().Add(h.cfg.times.settle)); err != nil {
		return nil, err
	}
	var kind [1]byte
	if _, err := io.ReadFull(st, kind[:]); err != nil {
		return nil, err
	}
	if kind[0] != offerOnly && kind[0] != offerSpare {
		return nil, fmt.Errorf("unknown offer %d", kind[0])
	}
	l, err := h.take(s, st, kind[0] == offerSpare)
	if errors.Is(err, errSpare) {
		_, err = st.Write([]byte{answerSpare})
		return nil, errors.Join(err, st.CloseWrite())
	}
	if err != nil {
		return nil, err
	}
	_, err = st.Write([]byte{answerTaken})
	if err == nil {
		err = st.SetDeadline(time.Time{})
	}
	if err != nil {
		l.end() // serve sees it over and takes it off the book
	}
	return l, nil
}

var errSpare = errors.New("linked already")

// take enters the link into the book in place of an older one, which ends.
// A spare one is not taken while there is another.
func (h *Host) take(s *session, st network.Stream, spare bool) (*link, error) {
	l := &link{
		session: s, stream: st, opener: h.leads(s.peer), since: time.Now(), done: make(chan struct{}),
	}
	l.ctx, l.cancel = context.WithCancel(h.ctx)
	if err := h.book.take(l, spare || h.stands(s.peer), h.gate); err != nil {
		l.cancel()
		return nil, err
	}
	return l, nil
}

// stands reports whether the link with a peer keeps its place for now, because the
// next would be another hub's with the same key.
func (h *Host) stands(p record.Author) bool {
	l := h.book.link(p)
	return l != nil && time.Since(l.since) < h.cfg.times.turn && h.cfg.Shared(p)
}

// serve runs the link until it ends by either side or by Serve's return.
func (h *Host) serve(l *link) {
	defer func() {
		l.cancel()
		_ = l.stream.Close()
		_ = l.session.conn.Close()
		h.book.over(l)
		close(l.done)
	}()
	if l.prev != nil {
		l.prev.end()
		<-l.prev.done
		l.prev = nil
	}
	if !l.alive() {
		return
	}
	log := h.log.With("peer", l.session.peer.String(), "addr", l.session.addr)
	log.Info("linked")
	h.cfg.Serve(l.ctx, Link{
		Peer: l.session.peer, Addr: l.session.addr, Opener: l.opener,
		Blobs: l.stream.Protocol() == syncProtocol, Stream: l.stream,
	})
	log.Info("link ended")
}
