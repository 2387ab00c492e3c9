package maps_test

import (
	"context"
	"crypto/ed25519"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// site is a hub's pages over what a moment holds.
type site struct {
	*moment
	http.Handler
	app   maps.App
	mu    sync.Mutex      // held while somebody looks at what is here
	looks int             // of handlers at what is here
	blobs *blobs          // nil: none
	code  returncode.Code // of a coordinator
}

func (s *site) Read(_ context.Context, app record.App, f func(hub.Snapshot) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if app == "maps" {
		return f(s.moment)
	}
	other := *s.moment
	other.held = nil
	return f(&other)
}

func (s *site) Write(_ context.Context, _ record.App, as ed25519.PrivateKey, ds ...hub.Draft) (out []record.Record, _ error) {
	for _, d := range ds {
		out = append(out, s.sign(as, d, s.now))
	}
	return out, nil
}

func (*site) Enroll(context.Context, ed25519.PrivateKey, string) error { return nil }

func (*site) Rename(context.Context, ed25519.PrivateKey, string) error { return nil }

func (s *site) About() server.About {
	return server.About{Community: "Millbrook", Place: "Fire Station 4", ID: "k3f9a2", Now: s.now, Plausible: !s.unsure}
}

func newSite(t *testing.T, of ...maps.Options) *site {
	t.Helper()
	s := &site{moment: newMoment(t), code: returncode.New(nil), app: maps.New(of...)}
	s.say(roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(returncode.Key(s.code, s.founded.Community())), Label: "Kim", Area: "north", Roles: roster.Maps | roster.Notices | roster.Moderate})
	sessions, err := local.Open(filepath.Join(t.TempDir(), "local.db"), local.Options{Hub: key(station), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sessions.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Handler, err = server.New(server.Config{Hub: s, Sessions: sessions, Apps: []hub.App{s.app}, Behind: func(record.App) hub.Host { return behind{s} }, Community: s.founded.Community()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// behind is the hub behind the app's own handlers and commands.
type behind struct{ s *site }

func (b behind) Read(_ context.Context, f func(hub.Snapshot) error) error {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.s.looks++
	return f(b.s.moment)
}

func (behind) Write(context.Context, ...hub.Draft) ([]record.Record, error) {
	return nil, nil
}

func (behind) Watch(context.Context, ...hub.Term) <-chan struct{} { return nil }

func (b behind) Blobs() hub.Blobs {
	if b.s.blobs == nil {
		return nil
	}
	return b.s.blobs
}

func (behind) Online() bool { return false }

// withMap is a site with a folder for street maps, in which there are none yet.
func withMap(t *testing.T, of maps.Options) (*site, string) {
	t.Helper()
	of.Folder = filepath.Join(t.TempDir(), "maps")
	return newSite(t, of), of.Folder
}
