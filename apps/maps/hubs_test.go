package maps_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	mapsapp "github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// box is a hub that runs, with the app's places in a folder of its own.
type box struct {
	mapsapp.App

	t      *testing.T
	n      *node.Node
	folder string
	host   chan hub.Host
	stop   func()
}

// Run remembers the hub behind the app.
func (b *box) Run(ctx context.Context, h hub.Host) error {
	b.host <- h
	return b.App.Run(ctx, h)
}

// runs starts a hub at a folder; without apps if folder is empty.
func runs(t *testing.T, path, folder string, listen []string, peers ...string) *box {
	t.Helper()
	b := &box{App: mapsapp.New(mapsapp.Options{Folder: folder}), t: t, folder: folder, host: make(chan hub.Host, 1)}
	f, err := node.ReadFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	c := node.Config{Folder: f, Listen: listen, Peers: peers, TrustClock: true}
	if folder != "" {
		c.Apps = []hub.App{b}
	}
	if b.n, err = node.New(c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.n.Run(ctx) }()
	b.stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		done <- nil
	}
	t.Cleanup(b.stop)
	return b
}

func (b *box) read(f func(hub.Snapshot)) {
	b.t.Helper()
	if err := b.n.Read(b.t.Context(), "maps", func(s hub.Snapshot) error { f(s); return nil }); err != nil {
		b.t.Fatal(err)
	}
}

// one is a place as a hub shows it; the zero one while it does not.
func (b *box) one(id string) (p mapsapp.Place) {
	b.t.Helper()
	b.read(func(s hub.Snapshot) {
		page, err := b.View(s, hub.Request{Path: "p/" + id, Query: url.Values{}})
		if m, ok := page.Model.(mapsapp.OneView); ok && err == nil {
			p = m.Place
		}
	})
	return p
}

func (b *box) write(who ed25519.PrivateKey, ds ...hub.Draft) {
	b.t.Helper()
	if _, err := b.n.Write(b.t.Context(), "maps", who, ds...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) do(who ed25519.PrivateKey, path string, form ...string) {
	b.t.Helper()
	q := hub.Request{Path: path, Author: record.AuthorOf(who), Official: true, Query: url.Values{}, Form: url.Values{}}
	for i := 0; i < len(form); i += 2 {
		q.Form.Set(form[i], form[i+1])
	}
	var ds []hub.Draft
	b.read(func(s hub.Snapshot) {
		var err error
		if ds, err = b.Act(s, q); err != nil || len(ds) == 0 {
			b.t.Fatal(ds, err)
		}
	})
	b.write(who, ds...)
}

// until waits for a hub to show what it should.
func (b *box) until(what string, is func() bool) {
	b.t.Helper()
	enough := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-enough:
			b.t.Fatalf("never: %s", what)
		}
	}
}

// TestALayerComesToAnotherHubAndIsEditedApart runs three hubs in a line, the middle one without
// the app. What a layer says comes through it; then it is away, and two coordinators edit the
// same place of the layer. When it is back both are seen everywhere.
func TestALayerComesToAnotherHubAndIsEditedApart(t *testing.T) {
	if testing.Short() {
		t.Skip("did not run: it runs three hubs")
	}
	var places []node.Place
	for i := range 3 {
		places = append(places, node.Place{Folder: filepath.Join(t.TempDir(), "hub"), Label: fmt.Sprintf("Place %d", i+1)})
	}
	root, err := node.Found("Elm Street", time.Now(), places...)
	if err != nil {
		t.Fatal(err)
	}
	local := []string{"127.0.0.1:0"}
	last := runs(t, places[2].Folder, t.TempDir(), local)
	middle := runs(t, places[1].Folder, "", local, last.n.SyncAddrs()...)
	first := runs(t, places[0].Folder, t.TempDir(), local, middle.n.SyncAddrs()...)
	maria, tom := key(1), key(2)
	for i, who := range []ed25519.PrivateKey{maria, tom} {
		c := roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(who), Label: []string{"Maria", "Tom"}[i], Roles: roster.Maps}
		r, err := c.Record(record.At(time.Now()), first.n.Host().ID().Via())
		if err == nil {
			r, err = first.n.Store().Codec().Sign(r, root)
		}
		if err == nil {
			_, err = first.n.Store().Apply(t.Context(), r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]place.Sheet{}
	for i := range 3000 {
		all[fmt.Sprint("tap-", i)] = sheet(place.Water, fmt.Sprint("Tap ", i), fmt.Sprintf("44.%05d,-73", i))
	}
	host := <-first.host
	var ds []hub.Draft
	first.read(func(s hub.Snapshot) {
		ds, err = mapsapp.Pack(t.Context(), s, host.Blobs(), first.folder, "taps", "Taps", all)
	})
	if err != nil {
		t.Fatal(err)
	}
	first.write(maria, ds...)
	for _, b := range []*box{first, last} {
		b.until("the layer is here", func() bool { return b.one("tap-2999").Name == "Tap 2999" })
	}
	middle.stop()
	first.do(maria, "p/tap-7/edit", "client_id", "m", "kind", "water", "title", "Tap 7, by the church", "points", "44.00007,-73")
	said := time.Now()
	last.until("his is the later one", func() bool { return time.Since(said) > time.Millisecond }) // as clocks of hubs have it
	last.do(tom, "p/tap-7/edit", "client_id", "t", "kind", "water", "title", "Tap 7, dry", "points", "44.00007,-73")
	runs(t, places[1].Folder, "", middle.n.SyncAddrs(), last.n.SyncAddrs()...)
	for _, b := range []*box{first, last} {
		b.until("both are seen", func() bool { return len(b.one("tap-7").Also) == 1 })
		if p := b.one("tap-7"); p.Name != "Tap 7, dry" || p.Told.Name != "Tom" || p.Also[0].Told.Name != "Maria" || p.Also[0].Diffs[0].Text != "Tap 7, by the church" {
			t.Errorf("it is %s by %s, also %+v", p.Name, p.Told.Name, p.Also)
		}
	}
	// Of the whole only what nobody has changed goes.
	last.do(tom, "l/taps", "client_id", "gone", "gone", "yes")
	for _, b := range []*box{first, last} {
		b.until("the layer is gone", func() bool { return b.one("tap-2999").Name == "" })
		if p := b.one("tap-7"); p.Name != "Tap 7, dry" || len(p.Also) != 1 {
			t.Errorf("it is %s, also %+v", p.Name, p.Also)
		}
	}
}
