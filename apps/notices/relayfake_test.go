package notices_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// town is simulated hubs, each with the app.
type town struct {
	*testing.T
	world *simnet.World
	hubs  []*place
	said  int
}

// place is one hub of a town, as its app sees it.
type place struct {
	*town
	n      int
	app    notices.App
	clock  *clock.Clock
	desk   *node.Desk
	blobs  *blob.Store
	online bool
	shown  time.Time // what its clock shows; zero for the simulated one
}

var _ hub.Host = (*place)(nil)

func openTown(t *testing.T, hubs int, of ...notices.Sources) *town {
	t.Helper()
	indexes := make([]store.Index, hubs)
	for i := range indexes {
		indexes[i] = node.IndexOf(notices.New())
	}
	w, err := simnet.New(1, hubs, replica.Limits{}, indexes...)
	must(t, err)
	tw := &town{T: t, world: w}
	for i := range hubs {
		var sources notices.Sources
		if i < len(of) {
			sources = of[i]
		}
		p := &place{town: tw, n: i, app: notices.New(sources)}
		p.clock = clock.New(clock.Config{Floor: w.Town.Founding.Time, Now: func() time.Time { return w.Wall(i) }})
		p.clock.Evidence(clock.Operator, "", w.Wall(i))
		p.desk = node.NewDesk(w.Hubs[i].Store, p.clock, w.Hubs[i].Key)
		p.blobs, err = blob.Memory(blob.Config{Most: 64 << 20})
		must(t, err)
		p.app.Routes(p)
		tw.hubs = append(tw.hubs, p)
		if i > 0 {
			w.Connect(i-1, i)
		}
	}
	tw.settle()
	return tw
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (t *town) settle() {
	t.Helper()
	must(t, t.world.Run(200*time.Millisecond))
	must(t, t.world.Settle(20*time.Second))
}

// lets has the root let a hub pass on senders.
func (t *town) lets(n int, senders ...string) {
	t.Helper()
	t.said++
	c := roster.Certificate{Kind: roster.Hub, Subject: simnet.Author(simnet.HubName(n)), Label: "Hub " + simnet.HubName(n), Roles: roster.Admit | roster.Relay, Senders: senders}
	r, err := t.world.Town.Say(simnet.Key("root"), t.world.Town.Founding.Time+record.Time(100+t.said)<<16, c)
	must(t, err)
	_, err = t.world.Write(0, r)
	must(t, err)
	t.settle()
}

// coordinator makes a person one, whom the first hub knows.
func (t *town) coordinator(name string) record.Author {
	t.Helper()
	t.said++
	key := simnet.Author(name)
	must(t, t.hubs[0].desk.Vouch(t.Context(), simnet.Key(simnet.HubName(0)), t.said, key, name))
	c := roster.Certificate{Kind: roster.Coordinator, Subject: key, Label: name, Area: "fire district", Roles: roster.Notices}
	r, err := t.world.Town.Say(simnet.Key("root"), t.world.Town.Founding.Time+record.Time(100+t.said)<<16, c)
	must(t, err)
	_, err = t.world.Write(0, r)
	must(t, err)
	t.settle()
	return key
}

func (p *place) Read(_ context.Context, f func(hub.Snapshot) error) error {
	return p.world.Hubs[p.n].Store.Read(func(v *store.View) error {
		s := node.NewSnapshot(v, p.app.Manifest(), p.clock)
		if !p.shown.IsZero() {
			s = later{s, p.shown}
		}
		return f(s)
	})
}

// later is a moment of another time.
type later struct {
	hub.Snapshot
	now time.Time
}

func (a later) Now() (time.Time, bool) { return a.now, true }

func (p *place) Write(ctx context.Context, ds ...hub.Draft) ([]record.Record, error) {
	return p.desk.Write(ctx, p.app.Manifest(), simnet.Key(simnet.HubName(p.n)), ds...)
}

func (p *place) Watch(ctx context.Context, _ ...hub.Term) <-chan struct{} { return make(chan struct{}) }

func (p *place) Online() bool { return p.online }

func (p *place) Blobs() hub.Blobs { return p }

func (p *place) Put(ctx context.Context, r io.Reader, most int64) (record.Blob, error) {
	return p.blobs.Put(ctx, r, most)
}

func (p *place) Open(ctx context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
	f, err := p.blobs.Open(ctx, sum)
	if errors.Is(err, blob.ErrMissing) {
		return nil, hub.Errorf(hub.NotFound, "", "This file is not here yet.")
	}
	return f, err
}
