package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lamppost-hub/lamppost/hub/server"
)

const (
	wish  = `{"watch":[{"app":"messages","terms":["c/1","all"]}]}`
	heard = `{"watching":[{"app":"messages","terms":["c/1","all"]}]}`
)

func TestAPageIsToldWhatChanged(t *testing.T) {
	s := onTCP(t, server.Limits{}).onAddr()
	one, two := s.client(), s.client()
	one.say(wish)
	one.hear(heard)
	two.say(`{"watch":[{"app":"messages","terms":["c/2"]}]}`)
	two.hear(`{"watching":[{"app":"messages","terms":["c/2"]}]}`)
	s.feed.change("c/1")
	one.hear(`{"changed":[{"app":"messages","terms":["c/1"]}]}`)
	s.feed.change("c/2")
	two.hear(`{"changed":[{"app":"messages","terms":["c/2"]}]}`)

	one.say(`{"watch":[{"app":"messages","terms":["c/2","c/2"]},{"app":"messages","terms":["c/3"]}]}`)
	one.hear(`{"watching":[{"app":"messages","terms":["c/2","c/3"]}]}`)
	s.feed.change("c/1")
	s.feed.change("c/3")
	one.hear(`{"changed":[{"app":"messages","terms":["c/3"]}]}`)
	one.say(`{"watch":[]}`)
	one.hear(`{"watching":[]}`)
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	if err := two.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second)); err != nil {
		t.Error(err)
	}
	if code, _ := two.ended(); code != 1000 {
		t.Error(code)
	}
}

func TestAStopEndsLiveSocketsSoon(t *testing.T) {
	s := onTCP(t, server.Limits{}).onAddr()
	quiet, deaf := s.client(), s.client()
	quiet.say(wish)
	quiet.hear(heard)
	deaf.say(wish)
	began := time.Now()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Error(took)
	}
	if code, why := quiet.ended(); code != websocket.CloseGoingAway {
		t.Error(code, why)
	}
}

// A server whose listener fails ends by itself, and so do its sockets.
func TestAListenerThatFailsEndsLiveSocketsSoon(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := newFakeFeed()
	s := newServer(t, newFakeHub(t), func(c *server.Config) { c.Feed = f })
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(t.Context(), ln) }()
	st := (&station{t: t, feed: f, addr: ln.Addr().String()}).onAddr()
	quiet := st.client()
	quiet.say(wish)
	quiet.hear(heard)
	began := time.Now()
	_ = ln.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Error(took)
	}
	if code, why := quiet.ended(); code != websocket.CloseGoingAway {
		t.Error(code, why)
	}
}

func TestALiveSocketThatIsMisusedEnds(t *testing.T) {
	s := onTCP(t, server.Limits{}).onAddr()
	many := func(n int) string {
		var terms []string
		for i := range n {
			terms = append(terms, fmt.Sprintf(`"c/%d"`, i))
		}
		return `{"watch":[{"app":"messages","terms":[` + strings.Join(terms, ",") + `]}]}`
	}
	ok := s.client()
	ok.say(many(32))
	ok.hear(strings.Replace(many(32), "watch", "watching", 1))
	for name, c := range map[string]struct {
		kind int
		text string
		code int
	}{
		"no JSON":            {text: "hello", code: 1008},
		"half":               {text: wish[:20], code: 1008},
		"two":                {text: wish + wish, code: 1008},
		"a bracket too many": {text: wish + "}", code: 1008},
		"null":               {text: "null", code: 1008},
		"an array":           {text: "[]", code: 1008},
		"no wish":            {text: "{}", code: 1008},
		"null as wish":       {text: `{"watch":null}`, code: 1008},
		"an unknown field":   {text: `{"watch":[],"more":1}`, code: 1008},
		"wrong type":         {text: `{"watch":[{"app":1}]}`, code: 1008},
		"an unknown app":     {text: `{"watch":[{"app":"nothing","terms":["a"]}]}`, code: 1008},
		"an empty term":      {text: `{"watch":[{"app":"messages","terms":[""]}]}`, code: 1008},
		"a term of 65":       {text: `{"watch":[{"app":"messages","terms":["` + strings.Repeat("a", 65) + `"]}]}`, code: 1008},
		"33 terms":           {text: many(33), code: 1008},
		"deep":               {text: strings.Repeat(`[`, 4000), code: 1008},
		"not UTF-8":          {text: "\"\xff\"", code: 1007},
		"binary":             {kind: websocket.BinaryMessage, text: wish, code: 1003},
		"over 4 KiB":         {text: `{"watch":[]}` + strings.Repeat(" ", 4<<10), code: 1009},
	} {
		t.Run(name, func(t *testing.T) {
			k := s.client()
			if c.kind == 0 {
				c.kind = websocket.TextMessage
			}
			if err := k.WriteMessage(c.kind, []byte(c.text)); err != nil {
				t.Fatal(err)
			}
			if code, why := k.ended(); code != c.code {
				t.Errorf("ended with %d %q, want %d", code, why, c.code)
			}
		})
	}
	ok.say(many(1)) // the others' fault
	ok.hear(`{"watching":[{"app":"messages","terms":["c/0"]}]}`)
}

func TestALiveSocketThatSendsTooMuchEnds(t *testing.T) {
	for name, frame := range map[string]string{
		"wishes":          "\x81\x8c\x00\x00\x00\x00{\"watch\":[]}",
		"pings":           "\x89\x84\x00\x00\x00\x00ping",
		"pongs":           "\x8a\x80\x00\x00\x00\x00",
		"empty fragments": "\x00\x80\x00\x00\x00\x00",
	} {
		t.Run(name, func(t *testing.T) {
			s := onTCP(t, server.Limits{}).onAddr()
			raw := s.client().NetConn()
			if err := raw.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if name == "empty fragments" {
				if _, err := io.WriteString(raw, "\x01\x81\x00\x00\x00\x00{"); err != nil {
					t.Fatal(err)
				}
			}
			sent, flood := 0, []byte(strings.Repeat(frame, 100))
			for { // what the kernels hold comes on top of what the hub takes
				n, err := raw.Write(flood)
				if errors.Is(err, os.ErrDeadlineExceeded) || sent > 64<<20 {
					t.Fatal("it goes on for ever")
				}
				if sent += n; err != nil {
					break
				}
			}
		})
	}
}

func TestLiveSocketsAreBounded(t *testing.T) {
	s := onTCP(t, server.Limits{Sockets: 3, SocketsEach: 2}).onAddr()
	from := func(addr string) *station {
		other := *s
		other.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(addr)}}
			return d.DialContext(ctx, network, s.addr)
		}
		return &other
	}
	refused := func(s *station, want int) {
		t.Helper()
		_, res, err := s.open(nil)
		if err == nil || res == nil || res.StatusCode != want || res.Header.Get("Retry-After") == "" {
			t.Fatalf("%v %v, want %d", res, err, want)
		}
		var p object
		if err := json.NewDecoder(res.Body).Decode(&p); err != nil || p["status"] != float64(want) {
			t.Errorf("%v %v", p, err)
		}
	}
	here, there := from("127.0.0.1"), from("127.0.0.2")
	one := here.client()
	here.client()
	refused(here, 429)
	there.client()
	refused(there, 503)
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	for { // until the server has noticed
		c, _, err := here.open(nil)
		if err == nil {
			_ = c.Close()
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("the room never came back")
		}
	}
}

func TestHandshakes(t *testing.T) {
	s := onTCP(t, server.Limits{}).onAddr()
	for name, c := range map[string]struct {
		header http.Header
		status int
	}{
		"no page":            {nil, 101},
		"the hub's page":     {http.Header{"Origin": {"http://localhost"}}, 101},
		"another site":       {http.Header{"Origin": {"http://evil.example"}}, 403},
		"another port":       {http.Header{"Origin": {"http://localhost:81"}}, 403},
		"a sandboxed page":   {http.Header{"Origin": {"null"}}, 403},
		"a foreign name":     {http.Header{"Host": {"evil.example"}, "Origin": {"http://evil.example"}}, 421},
		"a token of nothing": {http.Header{"Authorization": {"Bearer x"}}, 401},
		"a subprotocol":      {http.Header{"Sec-WebSocket-Protocol": {"mqtt"}}, 101},
	} {
		k, res, err := s.open(c.header)
		if res == nil || res.StatusCode != c.status || err == nil != (c.status == 101) {
			t.Errorf("%s: %v %v, want %d", name, res, err, c.status)
		}
		if k != nil {
			_ = k.Close()
		}
	}
	b := newProgram(t, newServer(t, newFakeHub(t)))
	b.call("GET", "/api/v1/live", nil).problem(t, 404, "", "not announced") // without a feed
	b = newProgram(t, newServer(t, newFakeHub(t), func(c *server.Config) { c.Feed = newFakeFeed() }))
	p := b.call("GET", "/api/v1/live", nil)
	p.problem(t, 426, "", "websockets")
	if p.header.Get("Upgrade") != "websocket" {
		t.Errorf("%v", p.header)
	}
	b.header.Set("Connection", "Upgrade")
	b.header.Set("Upgrade", "websocket")
	p = b.call("GET", "/api/v1/live", nil)
	p.problem(t, 400, "", "handshake")
	if p.header.Get("Sec-Websocket-Version") != "13" {
		t.Errorf("%v", p.header)
	}
}

func TestABodyThatNeverComesIsNotWaitedFor(t *testing.T) {
	s := onTCP(t, server.Limits{Body: 200 * time.Millisecond}).onAddr()
	c := dial(t, s.addr)
	if _, err := io.WriteString(c, "POST "+townPath+" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"text\":"); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 400 ") || !strings.Contains(string(b), "broke off") {
		t.Errorf("%q %v", b, err)
	}
}

func TestChangesAreGathered(t *testing.T) {
	inABubble(t, func(t *testing.T, s *station) {
		c := s.client()
		c.say(wish)
		c.hear(heard)
		began, messages, told := time.Now(), 0, map[string]bool{}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for time.Since(began) < 2*time.Second {
				s.feed.change("c/1")
				time.Sleep(time.Millisecond)
			}
			s.feed.change("all")
		}()
		for !told["all"] {
			_, b, err := c.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			messages++
			for _, term := range []string{"c/1", "all"} {
				told[term] = told[term] || strings.Contains(string(b), `"`+term+`"`)
			}
		}
		<-done
		if took := time.Since(began); messages < 15 || messages > 22 || took > 2200*time.Millisecond {
			t.Errorf("%d messages in %v", messages, took)
		}
		began = time.Now()
		time.Sleep(time.Second)
		s.feed.change("c/1")
		c.hear(`{"changed":[{"app":"messages","terms":["c/1"]}]}`)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the first after a rest took %v", took)
		}
	})
}

func TestANewWishLosesNoChangeOfTheOld(t *testing.T) {
	inABubble(t, func(t *testing.T, s *station) {
		c := s.client()
		c.say(wish)
		c.hear(heard)
		s.feed.change("c/1")
		c.hear(`{"changed":[{"app":"messages","terms":["c/1"]}]}`)
		s.feed.change("all") // within the pause
		c.say(`{"watch":[{"app":"messages","terms":["all","c/2"]}]}`)
		c.hear(`{"watching":[{"app":"messages","terms":["all","c/2"]}],"changed":[{"app":"messages","terms":["all"]}]}`)
	})
}

func TestWhoAnswersPingsStaysAndWhoDoesNotIsDropped(t *testing.T) {
	inABubble(t, func(t *testing.T, s *station) {
		alive, dead := s.client(), s.client()
		pings := 0
		pong := alive.PingHandler()
		alive.SetPingHandler(func(data string) error { pings++; return pong(data) })
		alive.say(wish)
		dead.say(wish)
		alive.hear(heard)
		dead.hear(heard)
		dead.SetPingHandler(func(string) error { return nil })
		for _, c := range []*client{alive, dead} {
			if err := c.SetReadDeadline(time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		go func() {
			for {
				if _, _, err := dead.ReadMessage(); err != nil {
					return
				}
			}
		}()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _, err := alive.ReadMessage()
			if err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(76 * time.Second)
		synctest.Wait()
		if n := s.feed.watchers(); n != 1 {
			t.Errorf("%d watch after the dead one's time", n)
		}
		time.Sleep(10 * time.Minute)
		s.feed.change("all")
		<-ended
		if pings < 20 {
			t.Errorf("%d pings", pings)
		}
		_ = dead.Close()
	})
}

func TestWhoDoesNotReadIsDropped(t *testing.T) {
	inABubble(t, func(t *testing.T, s *station) {
		reader, deaf := s.client(), s.client()
		for _, c := range []*client{reader, deaf} {
			c.say(wish)
			c.hear(heard)
		}
		began := time.Now()
		s.feed.change("c/1") // a pipe holds nothing: the write waits for its reader
		reader.hear(`{"changed":[{"app":"messages","terms":["c/1"]}]}`)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the reader waited %v for the deaf one", took)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if n := s.feed.watchers(); n != 1 {
			t.Errorf("%d watch", n)
		}
		_ = deaf.Close()
		_ = reader.Close()
	})
}

func TestAStopDoesNotWaitForTheDeaf(t *testing.T) {
	inABubble(t, func(t *testing.T, s *station) {
		deaf := s.client()
		deaf.say(wish)
		deaf.hear(heard)
		s.feed.change("c/1")
		time.Sleep(time.Second)
		began := time.Now()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if _, err := deaf.NetConn().Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the socket outlives the stop: %v", err)
		}
		_ = deaf.Close()
	})
}
