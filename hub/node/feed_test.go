package node_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func memory(t *testing.T, founding roster.Founding, index store.Index) *store.Store {
	t.Helper()
	s, err := store.Memory(store.Config{Founding: founding, Index: index})
	ok(t, err)
	return s
}

// told is what a watcher's channel holds by now, sorted.
func told(t *testing.T, ch <-chan []server.Topic) (terms []string) {
	t.Helper()
	select {
	case topics := <-ch:
		for _, topic := range topics {
			terms = append(terms, string(topic.Term))
		}
		slices.Sort(terms)
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is told")
	}
	return terms
}

func TestWhoWatchesIsToldWhatChanged(t *testing.T) {
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	s := memory(t, f.Founding, store.Index{})
	feed := node.NewFeed(s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	topic := func(term string) server.Topic { return server.Topic{App: "notes", Term: hub.Term(term)} }
	ab, b := feed.Watch(ctx, topic("a"), topic("b")), feed.Watch(ctx, topic("b"))
	other := feed.Watch(ctx, server.Topic{App: "other", Term: "a"})
	change := func(terms ...string) {
		all := store.Touched{Terms: map[store.Term]struct{}{}}
		for _, term := range terms {
			all.Terms[store.Term{App: "notes", Term: term}] = struct{}{}
		}
		feed.Tell(all)
	}
	change("a", "c")
	if got := told(t, ab); !slices.Equal(got, []string{"a"}) {
		t.Error(got)
	}
	change("a")
	change("a", "b")
	change("b") // gathers while nobody receives
	if got := told(t, ab); !slices.Equal(got, []string{"a", "b"}) {
		t.Error(got)
	}
	if got := told(t, b); !slices.Equal(got, []string{"b"}) {
		t.Error(got)
	}
	feed.Tell(store.Touched{Many: true})
	for ch, want := range map[<-chan []server.Topic]int{ab: 2, b: 1, other: 1} {
		if got := told(t, ch); len(got) != want {
			t.Error(got)
		}
	}
	cancel()
	for feed.Watched() > 0 {
		if t.Context().Err() != nil {
			t.Fatal("still watched")
		}
	}
	if len(ab)+len(b)+len(other) != 0 {
		t.Error("told more than changed")
	}
}

// withPages runs a hub with the talk and its pages.
func withPages(t testing.TB, path string, peers ...string) *node.Node {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	n, err := node.New(node.Config{
		Folder: f, Apps: []hub.App{messages.New()}, HTTP: "127.0.0.1:0", Listen: []string{"127.0.0.1:0"}, Peers: peers,
		TrustClock: true, Version: "test",
	})
	ok(t, err)
	runs(t, n)
	return n
}

// post posts to the town's talk as a new person and returns their key.
func post(t *testing.T, n *node.Node, body string) ed25519.PrivateKey {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+n.HTTPAddr()+"/api/v1/messages/town", strings.NewReader(body))
	ok(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := new(http.Client).Do(req)
	ok(t, err)
	defer func() { _ = res.Body.Close() }()
	var o struct {
		Session struct {
			Code string `json:"return_code"`
		} `json:"session"`
	}
	if err := json.NewDecoder(res.Body).Decode(&o); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%s %v", res.Status, err)
	}
	code, err := returncode.Parse(o.Session.Code)
	ok(t, err)
	return returncode.Key(code, n.Store().Codec().Community())
}

func hear(t *testing.T, c *websocket.Conn, want string) {
	t.Helper()
	ok(t, c.SetReadDeadline(time.Now().Add(15*time.Second)))
	_, b, err := c.ReadMessage()
	if err != nil || string(b) != want {
		t.Fatalf("heard %q (%v), want %q", b, err, want)
	}
}

func TestAPostAtOneHubReachesAnOpenPageAtAnother(t *testing.T) {
	_, paths := folders(t, 2)
	last := withPages(t, paths[1])
	first := withPages(t, paths[0], last.SyncAddrs()...)
	c, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+last.HTTPAddr()+"/api/v1/live", nil)
	ok(t, err)
	defer func() { _ = c.Close() }()
	const topics = `[{"app":"messages","terms":["c/50ac81f970325a3e"]}]` // town
	ok(t, c.WriteMessage(websocket.TextMessage, []byte(`{"watch":`+topics+`}`)))
	hear(t, c, `{"watching":`+topics+`}`)

	ana := post(t, first, `{"text":"Water at the school","name":"Ana","client_id":"c1"}`)
	hear(t, c, `{"changed":`+topics+`}`)
	ok(t, last.Read(t.Context(), "messages", func(s hub.Snapshot) error {
		m, err := messages.New().Answer(s, hub.Request{Path: "town", Query: url.Values{}})
		if posts := m.(messages.Posts); err != nil || len(posts.Items) != 1 || posts.Items[0].By.Home != "Place 1" {
			t.Errorf("%+v %v", posts, err)
		}
		return nil
	}))
	// A withdrawal changes the page as well.
	_, err = first.Write(t.Context(), "messages", ana, hub.Draft{Key: "50ac81f970325a3e/c1"})
	ok(t, err)
	hear(t, c, `{"changed":`+topics+`}`)
}
