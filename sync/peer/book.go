package peer

import (
	"context"
	"maps"
	"net"
	"slices"
	"sync"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	manet "github.com/multiformats/go-multiaddr/net"
	"golang.org/x/time/rate"
)

// book is what a Host knows of its connections.
type book struct {
	mu       sync.Mutex
	closed   bool
	sessions map[network.Conn]*session
	awaited  map[endpoints]awaited // dialled and on the way through libp2p
	links    map[record.Author]*link
	turns    map[record.Author]chan struct{} // offers under way
	changed  chan struct{}                   // closed and replaced when links changes
	open     []string                        // addresses listened on
	pending  []string                        // addresses to be listened on
	away     map[record.Author]string        // why peers were turned away last
	seldom   rate.Sometimes                  // what strangers make happen is not logged each time
}

type awaited struct {
	addr  string
	asked bool
	ch    chan *session
}

func newBook() book {
	return book{
		sessions: make(map[network.Conn]*session),
		awaited:  make(map[endpoints]awaited),
		links:    make(map[record.Author]*link),
		turns:    make(map[record.Author]chan struct{}),
		changed:  make(chan struct{}),
		away:     make(map[record.Author]string),
		seldom:   rate.Sometimes{First: 20, Interval: turnedAwayInterval},
	}
}

// connected opens the session of a new connection, before any stream on it.
func (h *Host) connected(c network.Conn) {
	p, err := authorOf(c.RemotePeer())
	if err != nil || !h.book.add(c, p) {
		_ = c.Close()
		return
	}
	if s := h.book.session(c); s != nil && h.unwanted(s) { // since it was dialled, or let in
		_ = c.Close()
	}
}

func (b *book) add(c network.Conn, p record.Author) bool {
	s := &session{
		conn: c, at: connEndpoints(c), peer: p,
		greeted: make(chan struct{}), linked: make(chan struct{}), gone: make(chan struct{}),
	}
	s.addr = s.at.remote.String()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.sessions[c] = s
	if a, ok := b.awaited[s.at]; ok {
		delete(b.awaited, s.at)
		s.dialled, s.addr, s.asked = true, a.addr, a.asked
		a.ch <- s
	}
	return true
}

func (h *Host) disconnected(c network.Conn) { h.book.remove(c) }

func (b *book) remove(c network.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sessions[c]
	if s == nil {
		return
	}
	delete(b.sessions, c)
	close(s.gone)
	if l := b.links[s.peer]; l != nil && l.session == s {
		l.cancel()
		b.announce()
	}
}

// await announces a connection that will come through libp2p.
func (b *book) await(at endpoints, to *address) (<-chan *session, func()) {
	a := awaited{addr: to.text, asked: to.asked, ch: make(chan *session, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.awaited[at] = a
	return a.ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.awaited[at].ch == a.ch {
			delete(b.awaited, at)
		}
	}
}

func (b *book) session(c network.Conn) *session {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sessions[c]
}

// link is the living link with a peer, or nil.
func (b *book) link(p record.Author) *link {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.links[p]; l != nil && l.alive() {
		return l
	}
	return nil
}

// full reports whether a link with p would be one too many.
func (b *book) full(p record.Author) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.links[p] == nil && len(b.links) >= MaxLinks
}

func (b *book) take(l *link, spare bool, g *gate) error {
	p := l.session.peer
	b.mu.Lock()
	defer b.mu.Unlock()
	prev := b.links[p]
	switch {
	case spare && prev != nil && prev.alive():
		return errSpare
	case b.closed, b.sessions[l.session.conn] != l.session:
		return net.ErrClosed
	case g.blocks(p):
		return ErrBlocked
	case prev == nil && len(b.links) >= MaxLinks:
		return ErrBusy
	}
	l.prev = prev
	b.links[p] = l
	if prev != nil {
		prev.cancel()
	}
	close(l.session.linked)
	b.announce()
	return nil
}

// over takes a link off the book after its Serve.
func (b *book) over(l *link) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.links[l.session.peer] == l {
		delete(b.links, l.session.peer)
	}
	b.announce()
}

// turn waits until no other connection is being offered to the peer.
func (b *book) turn(ctx context.Context, p record.Author) (release func(), _ error) {
	for {
		b.mu.Lock()
		ch, taken := b.turns[p]
		if !taken {
			mine := make(chan struct{})
			b.turns[p] = mine
			b.mu.Unlock()
			return func() {
				b.mu.Lock()
				defer b.mu.Unlock()
				delete(b.turns, p)
				close(mine)
			}, nil
		}
		b.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// watch is closed at the next change of links.
func (b *book) watch() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

func (b *book) announce() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// drop closes every connection with a peer.
func (b *book) drop(p record.Author) {
	b.mu.Lock()
	var cs []network.Conn
	for c, s := range b.sessions {
		if s.peer == p {
			cs = append(cs, c)
		}
	}
	if l := b.links[p]; l != nil {
		l.cancel()
	}
	b.announce()
	b.mu.Unlock()
	for _, c := range cs {
		_ = c.Close()
	}
}

// those are the connections of such sessions.
func (b *book) those(which func(*session) bool) []network.Conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	var cs []network.Conn
	for c, s := range b.sessions {
		if which(s) {
			cs = append(cs, c)
		}
	}
	return cs
}

// closeAll closes every connection and lets no new one in.
func (b *book) closeAll() {
	b.mu.Lock()
	b.closed = true
	cs := slices.Collect(maps.Keys(b.sessions))
	b.mu.Unlock()
	var wg sync.WaitGroup
	for _, c := range cs {
		wg.Go(func() { _ = c.Close() })
	}
	wg.Wait()
}

func (b *book) addListening(addr string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open = append(b.open, addr)
}

func (b *book) listening() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.open)
}

func (b *book) addPending(addr string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending = append(b.pending, addr)
}

func (b *book) hasPending() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pending) > 0
}

func (b *book) takePending() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	addrs := b.pending
	b.pending = nil
	return addrs
}

// connEndpoints are a libp2p connection's, equal to those of the TCP connection
// below it.
func connEndpoints(c network.ConnMultiaddrs) endpoints {
	local, err1 := manet.ToNetAddr(c.LocalMultiaddr())
	remote, err2 := manet.ToNetAddr(c.RemoteMultiaddr())
	if err1 != nil || err2 != nil {
		return endpoints{}
	}
	return endpoints{local: addrPortOf(local), remote: addrPortOf(remote)}
}
