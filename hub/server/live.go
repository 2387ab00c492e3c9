package server

import (
	"bufio"
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
	"golang.org/x/time/rate"
)

// Feed tells which lists of a hub have changed.
type Feed interface {
	// Watch returns a channel that holds those of the topics whose lists have
	// changed since it was last received from, until ctx ends.
	Watch(ctx context.Context, topics ...Topic) <-chan []Topic
}

// Topic is one list: what an app shows under a term.
type Topic struct {
	App  record.App
	Term hub.Term
}

// Bounds of what a client sends over a live socket.
const (
	maxTopics  = 32
	maxMessage = 4 << 10 // bytes
	inBurst    = 16 << 10
	inRate     = 2 << 10 // bytes a second, frames of any kind, once the burst is spent
)

// Times of a live socket.
const (
	livePace   = 100 * time.Millisecond // between two messages about changes
	liveSpread = 750 * time.Microsecond // for each of the others: how long a socket's turn may take to come
	livePing   = 30 * time.Second
	livePeer   = 75 * time.Second // without a sign of life
	liveWrite  = 2 * time.Second  // that a write may take
	handshakes = 2 * time.Second
)

// live counts the live sockets. Each holds a room while it is open.
type live struct {
	rooms   chan struct{}
	of      *perAddress
	buffers sync.Pool // for writing
}

func newLive(l Limits) *live {
	return &live{rooms: make(chan struct{}, l.Sockets), of: newPerAddress(l.SocketsEach)}
}

// turn is how long a socket waits with news. All hear of a change in one moment: told
// one after another they keep nobody else waiting, and their pages do not all come
// back for the list at once.
func (l *live) turn() time.Duration {
	others := max(1, len(l.rooms)) - 1
	return rand.N(time.Duration(others)*liveSpread + 1) //nolint:gosec // nothing to guess
}

// drained waits until no socket is open, or until ctx ends.
func (l *live) drained(ctx context.Context) {
	held := 0
	defer func() {
		for range held {
			<-l.rooms
		}
	}()
	for held < cap(l.rooms) {
		select {
		case l.rooms <- struct{}{}:
			held++
		case <-ctx.Done():
			return
		}
	}
}

// servingKey is the key of Serve's own context in a connection's context, which
// outlives the requests that a stop lets finish.
type servingKey struct{}

// goLive makes a websocket (RFC 6455) of a request. What is told over it anyone
// may read, so there is no session in it.
func (s *Server) goLive(w http.ResponseWriter, v *visit) (reply, error) {
	switch {
	case s.cfg.Feed == nil:
		return reply{}, forPrograms(http.StatusNotFound, "", "Changes are not announced here. Ask for the list itself once a minute.")
	case !websocket.IsWebSocketUpgrade(v.r):
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		return reply{}, forPrograms(http.StatusUpgradeRequired, "", "This path is for websockets.")
	case !sameOrigin(v.r):
		return reply{}, forPrograms(http.StatusForbidden, "", "This was asked by a page that does not belong to this place.")
	case !s.live.of.enter(v.addr):
		return reply{}, forPrograms(http.StatusTooManyRequests, "", "Too many websockets are open from this address. Close some, or ask for the list itself once a minute.")
	}
	select {
	case s.live.rooms <- struct{}{}:
	default:
		s.live.of.leave(v.addr)
		return reply{}, forPrograms(http.StatusServiceUnavailable, "", "Too many websockets are open here. Ask for the list itself once a minute.")
	}
	end := func() {
		s.live.of.leave(v.addr)
		<-s.live.rooms
	}
	up := websocket.Upgrader{
		HandshakeTimeout: handshakes,
		ReadBufferSize:   512, WriteBufferSize: 1024, WriteBufferPool: &s.live.buffers,
		CheckOrigin: func(*http.Request) bool { return true }, // done above
		Error: func(w http.ResponseWriter, _ *http.Request, code int, _ error) {
			w.Header().Set("Sec-Websocket-Version", "13")
			s.refuse(w, v, explain(forPrograms(code, "", "This is no handshake of a websocket of version 13.")))
		},
	}
	conn, err := up.Upgrade(thrifty{w}, v.r, nil)
	if err != nil {
		end()
		return reply{}, nil //nolint:nilerr // the client has been told or is gone
	}
	ctx, ok := v.r.Context().Value(servingKey{}).(context.Context)
	if !ok {
		ctx = context.Background()
	}
	k := &socket{conn: conn, feed: s.cfg.Feed, known: s.known, turn: s.live.turn, want: make(chan []Topic, 1)}
	go func() {
		defer end()
		k.run(ctx)
	}()
	return reply{}, nil
}

// known reports whether anything is listed of an app: of one that is mounted, and of
// what moderators decide.
func (s *Server) known(app record.App) bool {
	return s.mount(string(app)) != nil || app == moderation.App || app == record.Roster
}

// thrifty bounds what may come in over a connection once it is taken over.
type thrifty struct{ http.ResponseWriter }

// Hijack takes the connection over.
func (t thrifty) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, buffered, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return &thriftyConn{c, rate.NewLimiter(inRate, inBurst)}, buffered, nil
}

type thriftyConn struct {
	net.Conn
	limit *rate.Limiter
}

// Read fails once too much has come in.
func (c *thriftyConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.limit.AllowN(time.Now(), n) {
		return 0, &websocket.CloseError{Code: websocket.ClosePolicyViolation, Text: "too much at once"}
	}
	return n, err
}
