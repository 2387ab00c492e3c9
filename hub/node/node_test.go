package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// notes is the smallest app: a slot a note.
type notes struct{}

func (notes) Manifest() hub.Manifest {
	return hub.Manifest{
		Name: "notes", Class: record.Talk, TTL: 30, Version: 1,
		Check: func(r record.Record) error {
			if bytes.Contains(r.Body, []byte("bad")) {
				return errors.New("a bad note")
			}
			return nil
		},
		Index: func(record.Record) []hub.Term { return []hub.Term{"all"} },
	}
}
func (notes) View(hub.Snapshot, hub.Request) (hub.Page, error)   { return hub.Page{}, nil }
func (notes) Act(hub.Snapshot, hub.Request) ([]hub.Draft, error) { return nil, nil }

func key(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte(name[:1]), 32))
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// folders founds a community of n hubs and returns the root's key.
func folders(t testing.TB, n int) (ed25519.PrivateKey, []string) {
	t.Helper()
	var places []node.Place
	var paths []string
	for i := range n {
		paths = append(paths, filepath.Join(t.TempDir(), "hub"))
		places = append(places, node.Place{Folder: paths[i], Label: fmt.Sprintf("Place %d", i+1)})
	}
	root, err := node.Found("Elm Street", time.Now(), places...)
	ok(t, err)
	return root, paths
}

// start runs a hub until the test ends or stop is called.
func start(t *testing.T, path string, peers ...string) (n *node.Node, stop func()) {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	n, err = node.New(node.Config{Folder: f, Apps: []hub.App{notes{}}, Listen: []string{"127.0.0.1:0"}, Peers: peers, TrustClock: true})
	ok(t, err)
	return n, runs(t, n)
}

// runs has a hub run until the test ends or until it is stopped.
func runs(t testing.TB, n *node.Node) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		done <- nil
	}
	t.Cleanup(stop)
	return stop
}

func write(t *testing.T, n *node.Node, as ed25519.PrivateKey, slot, text string) record.Record {
	t.Helper()
	rs, err := n.Write(t.Context(), "notes", as, hub.Draft{Key: slot, Body: []byte(text)})
	ok(t, err)
	return rs[0]
}

// until waits for the store to reach a state.
func until(t *testing.T, n *node.Node, what string, reached func(*store.View) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	changed := n.Store().Watch(ctx)
	for {
		yes := false
		ok(t, n.Store().Read(func(v *store.View) error { yes = reached(v); return nil }))
		if yes {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		}
	}
}

func holds(r record.Record) func(*store.View) bool {
	return func(v *store.View) bool {
		_, held, err := v.Get(r.ID())
		return held && err == nil
	}
}

func TestWhatIsWrittenAtOneEndOfALineComesToTheOther(t *testing.T) {
	_, paths := folders(t, 3)
	last, _ := start(t, paths[2])
	middle, stop := start(t, paths[1], last.SyncAddrs()...)
	first, _ := start(t, paths[0], middle.SyncAddrs()...)
	ok(t, first.Enroll(t.Context(), key("ana"), "Ana"))
	r := write(t, first, key("ana"), "a/1", "hello")
	until(t, last, "the note at the last hub", holds(r))
	ok(t, last.Read(t.Context(), "notes", func(s hub.Snapshot) error {
		if p := s.Person(r.Author); p.Name != "Ana" || p.Home != "Place 1" || p.Since.IsZero() || p.Since.After(r.Time.Wall()) {
			t.Errorf("at the last hub Ana is %+v", p)
		}
		return nil
	}))
	stop()
	r = write(t, first, key("ana"), "a/2", "while the middle one is away")
	f, err := node.ReadFolder(paths[1])
	ok(t, err)
	again, err := node.New(node.Config{
		Folder: f, Listen: middle.SyncAddrs(), Peers: last.SyncAddrs(), TrustClock: true, // without the app
	})
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- again.Run(ctx) }()
	until(t, last, "the second note through a hub without the app", holds(r))
	cancel()
	ok(t, <-done)
}

func TestAHubOfAnotherCommunityIsNotLetIn(t *testing.T) {
	_, ours := folders(t, 1)
	_, theirs := folders(t, 1)
	a, _ := start(t, ours[0])
	b, _ := start(t, theirs[0], a.SyncAddrs()...)
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-deadline:
			t.Fatalf("the reason is never said: %+v", b.Host().Status())
		case <-tick.C:
		}
		for _, s := range b.Host().Status() {
			if s.Linked() {
				t.Fatal("they are linked")
			}
			if s.Err != nil && strings.Contains(s.Err.Error(), "another community") {
				return
			}
		}
	}
}

func TestARevokedHubIsLeftAtOnce(t *testing.T) {
	root, paths := folders(t, 2)
	a, _ := start(t, paths[0])
	b, _ := start(t, paths[1], a.SyncAddrs()...)
	ok(t, a.Enroll(t.Context(), key("ana"), "Ana"))
	until(t, b, "the link", holds(write(t, a, key("ana"), "a/1", "hello")))
	f, err := node.ReadFolder(paths[1])
	ok(t, err)
	gone := record.AuthorOf(f.Key)
	r, err := roster.Revocation{Subject: gone}.Record(record.At(time.Now()), record.Via{})
	ok(t, err)
	r, err = a.Store().Codec().Sign(r, root)
	ok(t, err)
	_, err = a.Store().Apply(t.Context(), r)
	ok(t, err)
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		linked := false
		for _, s := range a.Host().Status() {
			linked = linked || s.Linked()
		}
		if !linked {
			return
		}
		select {
		case <-deadline:
			t.Fatal("still linked")
		case <-tick.C:
		}
	}
}

func TestWhatAnAppMustNotWriteIsRefused(t *testing.T) {
	_, paths := folders(t, 1)
	n, _ := start(t, paths[0])
	_, err := n.Write(t.Context(), "notes", key("stranger"), hub.Draft{Key: "a", Body: []byte("x")})
	if e := (*hub.Error)(nil); !errors.As(err, &e) || e.Code != hub.Forbidden {
		t.Errorf("a stranger: %v", err)
	}
	ok(t, n.Enroll(t.Context(), key("ana"), "Ana"))
	if _, err := n.Write(t.Context(), "notes", key("ana"), hub.Draft{Key: "a", Body: []byte("bad")}); err == nil {
		t.Error("a body that the app's check refuses was written")
	}
	if _, err := n.Write(t.Context(), "nothing", key("ana"), hub.Draft{Key: "a", Body: []byte("x")}); err == nil {
		t.Error("an app that is not here was written to")
	}
	_, err = n.Write(t.Context(), "notes", key("ana"),
		hub.Draft{Key: "good", Body: []byte("x")}, hub.Draft{Key: "a", Class: record.Notice, Body: []byte("x")})
	if e := (*hub.Error)(nil); !errors.As(err, &e) || e.Code != hub.Forbidden {
		t.Errorf("a notice without the role: %v", err)
	}
}

func TestAnEditStandsAboveWhatItFinds(t *testing.T) {
	_, paths := folders(t, 1)
	n, _ := start(t, paths[0])
	ok(t, n.Enroll(t.Context(), key("ana"), "Ana"))
	far, err := n.Store().Codec().Sign(record.Record{
		App: "notes", Class: record.Talk, Key: "a", TTL: 77, Body: []byte("from 2090"),
		Time: record.At(time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)),
	}, key("ana"))
	ok(t, err)
	_, err = n.Store().Apply(t.Context(), far)
	ok(t, err)
	edit := write(t, n, key("ana"), "a", "mended")
	if edit.Time <= far.Time || edit.TTL != far.TTL {
		t.Errorf("the edit is of %v for %d days, what it edits of %v for %d", edit.Time.Wall(), edit.TTL, far.Time.Wall(), far.TTL)
	}
	if next := write(t, n, key("ana"), "b", "another"); next.Time.Wall().Year() > 2089 {
		t.Error("one time from 2090 carries all that follows there")
	}
}

func TestWithoutATrustedClockNothingExpiresSoon(t *testing.T) {
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	n, err := node.New(node.Config{Folder: f, Apps: []hub.App{notes{}}, Wall: func() time.Time { return time.Unix(5, 0) }})
	ok(t, err)
	defer func() { ok(t, n.Close()) }()
	ok(t, n.Enroll(t.Context(), key("ana"), "Ana"))
	r := write(t, n, key("ana"), "a", "in 1970")
	if r.TTL != record.MaxTTL || r.Time < f.Founding.Time {
		t.Errorf("written for %d days at %v", r.TTL, r.Time.Wall())
	}
	if n.About().Plausible {
		t.Error("1970 is believed")
	}
}

func TestAFolderThatIsNotWhole(t *testing.T) {
	if _, err := node.ReadFolder(t.TempDir()); !errors.Is(err, node.ErrNoCommunity) {
		t.Errorf("a new folder: %v", err)
	}
	_, paths := folders(t, 1)
	ok(t, os.WriteFile(filepath.Join(paths[0], "hub.key"), []byte("xyz"), 0o600))
	if _, err := node.ReadFolder(paths[0]); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged key: %v", err)
	}
	ok(t, os.WriteFile(filepath.Join(paths[0], "community.cbor"), []byte("xyz"), 0o600))
	if _, err := node.ReadFolder(paths[0]); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged founding statement: %v", err)
	}
}

func TestAFolderIsOneHubsAtATime(t *testing.T) {
	_, paths := folders(t, 1)
	_, _ = start(t, paths[0])
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	if _, err := node.New(node.Config{Folder: f}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second hub on one folder: %v", err)
	}
}
