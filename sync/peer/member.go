package peer

import (
	"context"
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// ErrNotLinked is that there is no link with a hub.
var ErrNotLinked = errors.New("there is no link with that hub")

// Open opens a stream of a protocol of Config.Members beside the link with a hub. It ends
// with the link.
func (h *Host) Open(ctx context.Context, p record.Author, name string) (Stream, error) {
	l := h.book.link(p)
	if l == nil {
		return nil, fmt.Errorf("%w: %s", ErrNotLinked, p)
	}
	st, err := openStream(ctx, l.session.conn, protocol.ID(name))
	if err != nil {
		return nil, err
	}
	return st, nil
}

// Linked are the hubs that there is a link with, in the order of their keys.
func (h *Host) Linked() (all []record.Author) {
	for _, s := range h.book.status() {
		all = append(all, s.Peer)
	}
	return all
}

// onMember serves a stream of a hub that there is a link with, on the link's connection.
func (h *Host) onMember(st network.Stream, serve func(context.Context, record.Author, Stream)) {
	s := h.book.session(st.Conn())
	if s == nil {
		_ = st.Reset()
		return
	}
	l := h.book.link(s.peer)
	if l == nil || l.session != s || !h.tasks.start(func() { h.serveMember(l, st, serve) }) {
		_ = st.Reset()
	}
}

func (h *Host) serveMember(l *link, st network.Stream, serve func(context.Context, record.Author, Stream)) {
	stop := context.AfterFunc(l.ctx, func() { _ = st.Reset() })
	defer stop()
	serve(l.ctx, l.session.peer, st)
	_ = st.Close() // it may have ended
}
