package server_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lamppost-hub/lamppost/hub/server"
	"go.uber.org/goleak"
)

// fakeFeed tells what a test says has changed.
type fakeFeed struct {
	mu    sync.Mutex
	by    map[chan []server.Topic][]server.Topic
	count int // of Watch
}

func newFakeFeed() *fakeFeed { return &fakeFeed{by: map[chan []server.Topic][]server.Topic{}} }

func (f *fakeFeed) Watch(ctx context.Context, topics ...server.Topic) <-chan []server.Topic {
	f.mu.Lock()
	defer f.mu.Unlock()
	ch := make(chan []server.Topic, 1)
	f.by[ch] = topics
	f.count++
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.by, ch)
	})
	return ch
}

// change tells that terms of the talk have changed.
func (f *fakeFeed) change(terms ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ch, topics := range f.by {
		var news []server.Topic
		for _, t := range topics {
			if t.App == "messages" && slices.Contains(terms, string(t.Term)) {
				news = append(news, t)
			}
		}
		if len(news) == 0 {
			continue
		}
		select {
		case before := <-ch:
			news = append(news, before...)
		default:
		}
		ch <- news
	}
}

func (f *fakeFeed) watchers() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.by)
}

// station is a server with a feed, listening.
type station struct {
	t    testing.TB
	feed *fakeFeed
	addr string
	dial func(context.Context, string, string) (net.Conn, error)
	stop func() error
}

func newStation(t testing.TB, ln net.Listener, limits server.Limits) *station {
	t.Helper()
	f := newFakeFeed()
	s := newServer(t, newFakeHub(t), func(c *server.Config) { c.Feed, c.Limits = f, limits })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	st := &station{t: t, feed: f, addr: ln.Addr().String(), dial: (&net.Dialer{}).DialContext}
	st.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := st.stop(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// onTCP is a station on a real socket, which leaves nothing behind.
func onTCP(t *testing.T, limits server.Limits) *station {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newStation(t, ln, limits)
}

func (s *station) open(header http.Header) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{NetDialContext: s.dial, HandshakeTimeout: 10 * time.Second}
	return d.DialContext(s.t.Context(), "ws://localhost/api/v1/live", header)
}

// client opens a socket that has to work.
func (s *station) client() *client {
	s.t.Helper()
	c, _, err := s.open(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	return &client{s.t, c}
}

func (s *station) onAddr() *station {
	s.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.addr)
	}
	return s
}

type client struct {
	t testing.TB
	*websocket.Conn
}

func (c *client) say(text string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// hear reads the next message.
func (c *client) hear(want string) {
	c.t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		c.t.Fatal(err)
	}
	_, b, err := c.ReadMessage()
	if err != nil || string(b) != want {
		c.t.Fatalf("heard %q (%v), want %q", b, err, want)
	}
}

// ended reads until the socket ends and returns the code.
func (c *client) ended() (code int, why string) {
	c.t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		c.t.Fatal(err)
	}
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			var bye *websocket.CloseError
			if !errors.As(err, &bye) {
				return 0, err.Error()
			}
			return bye.Code, bye.Text
		}
	}
}

// pipes is a listener in memory, for tests in which time is made up.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inABubble runs a test in made-up time.
func inABubble(t *testing.T, f func(*testing.T, *station)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		s := newStation(t, p, server.Limits{})
		s.dial = p.dial
		f(t, s)
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}
