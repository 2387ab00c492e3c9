// Package apptest is the suite that every app passes: three hubs in a line, the
// middle one without the app, on the simulated network; written on both sides,
// cut apart, healed, and the same view everywhere.
package apptest

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Suite is what an app brings.
type Suite struct {
	App hub.App
	// Act is the n-th thing that residents do; each n is a different request
	// that writes at least one record.
	Act func(n int) hub.Request
	// Roles are what the residents may do: with any, each is a coordinator, who signs
	// officially.
	Roles roster.Roles
	// Views are the pages that have to be the same everywhere, whoever looks.
	Views []hub.Request
	// Changes are what the author of the n-th thing may do about it later, such as
	// to edit or to withdraw it. Each writes something.
	Changes []Change
}

// Change is a request about the n-th thing, which its author has done before.
type Change func(s hub.Snapshot, author record.Author, n int) (hub.Request, error)

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	t.Helper()
	t.Run("an empty hub has something to show", func(t *testing.T) {
		h := open(t, s, 1)
		h.views(0)
	})
	t.Run("what is written at one end is seen at the other", func(t *testing.T) {
		h := open(t, s, 2)
		empty := h.views(2)
		h.act(0, 0)
		h.settle()
		h.same()
		if got := h.views(2); equal(got, empty) {
			t.Fatalf("nothing is to be seen of what was written: %s", got)
		}
	})
	t.Run("what is written apart comes together", func(t *testing.T) {
		h := open(t, s, 3)
		h.act(0, 0)
		h.settle()
		h.world.Cut(0, 1)
		for n := range 20 {
			h.act(2*(n%2), n+1)
			h.run(100 * time.Millisecond)
		}
		if equal(h.views(0), h.views(2)) {
			t.Fatal("both ends show the same while they are apart")
		}
		h.world.Connect(0, 1)
		h.settle()
		h.same()
	})
	t.Run("the same request again, here or elsewhere, is the same item", func(t *testing.T) {
		h := open(t, s, 4)
		h.act(0, 0)
		h.settle()
		once := h.views(0)
		h.actAs(0, h.residents[0], s.Act(0))
		h.actAs(2, h.residents[0], s.Act(0))
		h.settle()
		h.same()
		if got := h.views(0); !equal(got, once) {
			t.Fatalf("after the same request at another hub:\n%s\nonce:\n%s", got, once)
		}
	})
	t.Run("what is changed apart comes together", func(t *testing.T) {
		h := open(t, s, 7)
		for n := range s.Changes {
			h.act(0, n)
			h.run(10 * time.Millisecond)
		}
		h.settle()
		h.world.Cut(0, 1)
		for n, change := range s.Changes {
			before := h.views(2 * (n % 2))
			h.change(2*(n%2), n, change)
			if equal(h.views(2*(n%2)), before) {
				t.Fatalf("nothing is to be seen of change %d", n)
			}
			h.run(10 * time.Millisecond)
			h.change(2-2*(n%2), n, s.Changes[(n+1)%len(s.Changes)]) // another one at the other end
		}
		h.world.Connect(0, 1)
		h.settle()
		h.same()
	})
	t.Run("looking changes nothing", func(t *testing.T) {
		h := open(t, s, 5)
		h.act(0, 0)
		before, err := h.world.Hubs[0].Store.Moment(0)
		ok(t, err)
		if a, b := h.views(0), h.views(0); !equal(a, b) {
			t.Fatalf("two looks differ:\n%s\n%s", a, b)
		}
		after, err := h.world.Hubs[0].Store.Moment(0)
		ok(t, err)
		if before != after {
			t.Fatal("looking has written")
		}
	})
	t.Run("bodies that do not read do no harm", func(t *testing.T) {
		h := open(t, s, 6)
		h.act(0, 0)
		h.garbage(0)
		h.settle()
		h.same()
	})
}

// hubs is three simulated hubs with the app at the ends.
type hubs struct {
	t         *testing.T
	suite     Suite
	world     *simnet.World
	clocks    []*clock.Clock
	desks     []*node.Desk
	residents []ed25519.PrivateKey // one at home at each hub
}

func open(t *testing.T, s Suite, seed uint64) *hubs {
	t.Helper()
	index := node.IndexOf(s.App)
	w, err := simnet.New(seed, 3, replica.Limits{}, index, store.Index{}, index)
	ok(t, err)
	h := &hubs{t: t, suite: s, world: w}
	for i := range 3 {
		c := clock.New(clock.Config{Floor: w.Town.Founding.Time, Now: func() time.Time { return w.Wall(i) }})
		c.Evidence(clock.Operator, "", w.Wall(i))
		d := node.NewDesk(w.Hubs[i].Store, c, w.Hubs[i].Key)
		h.clocks, h.desks = append(h.clocks, c), append(h.desks, d)
		name := fmt.Sprintf("resident %d", i)
		h.residents = append(h.residents, simnet.Key(name))
		ok(t, d.Vouch(context.Background(), simnet.Key(simnet.HubName(i)), i+1, simnet.Author(name), name))
	}
	h.certify()
	w.Connect(0, 1)
	w.Connect(1, 2)
	h.settle()
	return h
}

// certify has the root make coordinators of the residents, as the suite wants them.
func (h *hubs) certify() {
	h.t.Helper()
	if h.suite.Roles == 0 {
		return
	}
	for i, key := range h.residents {
		c := roster.Certificate{
			Kind: roster.Coordinator, Subject: record.AuthorOf(key), Label: fmt.Sprintf("Coordinator %d", i), Area: "fire district", Roles: h.suite.Roles,
		}
		r, err := h.world.Town.Say(simnet.Key("root"), h.world.Town.Founding.Time+record.Time(100+i)<<16, c)
		ok(h.t, err)
		_, err = h.world.Write(i, r)
		ok(h.t, err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(a, b []string) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

func (h *hubs) run(d time.Duration) {
	h.t.Helper()
	ok(h.t, h.world.Run(d))
}

func (h *hubs) settle() {
	h.t.Helper()
	h.run(200 * time.Millisecond)
	ok(h.t, h.world.Settle(20*time.Second))
}

// act has the resident at home at a hub do the n-th thing there.
func (h *hubs) act(hub, n int) {
	h.t.Helper()
	if wrote := h.actAs(hub, h.residents[hub], h.suite.Act(n)); wrote == 0 {
		h.t.Fatalf("request %d writes nothing", n)
	}
}

func (h *hubs) actAs(at int, who ed25519.PrivateKey, q hub.Request) (wrote int) {
	h.t.Helper()
	q.Author, q.Official = record.AuthorOf(who), h.suite.Roles != 0
	var ds []hub.Draft
	h.read(at, func(s hub.Snapshot) error {
		var err error
		ds, err = h.suite.App.Act(s, q)
		return err
	})
	if len(ds) == 0 {
		return 0
	}
	own, ofHub := hub.Apart(ds)
	_, err := h.desks[at].Write(context.Background(), h.suite.App.Manifest(), simnet.Key(simnet.HubName(at)), ofHub...)
	ok(h.t, err)
	rs, err := h.desks[at].Write(context.Background(), h.suite.App.Manifest(), who, own...)
	ok(h.t, err)
	return len(rs)
}

// change has the resident at home at the first hub change the n-th thing, wherever
// they are.
func (h *hubs) change(at, n int, c Change) {
	h.t.Helper()
	var q hub.Request
	h.read(at, func(s hub.Snapshot) (err error) {
		q, err = c(s, record.AuthorOf(h.residents[0]), n)
		return err
	})
	if wrote := h.actAs(at, h.residents[0], q); wrote == 0 {
		h.t.Fatalf("a change of %d writes nothing", n)
	}
}

func (h *hubs) read(at int, f func(hub.Snapshot) error) {
	h.t.Helper()
	ok(h.t, h.world.Hubs[at].Store.Read(func(v *store.View) error {
		return f(node.NewSnapshot(v, h.suite.App.Manifest(), h.clocks[at]))
	}))
}

// views are the models of the suite's pages, and of what the app says on pages that are
// not its own, as a hub without a session sees them.
func (h *hubs) views(at int) (out []string) {
	h.t.Helper()
	h.read(at, func(s hub.Snapshot) error {
		var pages []hub.Page
		for _, q := range h.suite.Views {
			p, err := h.suite.App.View(s, q)
			if err != nil {
				return err
			}
			pages = append(pages, p)
		}
		for _, ask := range elsewhere(h.suite.App) {
			p, err := ask(s, hub.Request{})
			if err != nil {
				return err
			}
			pages = append(pages, p)
		}
		for _, p := range pages {
			b, err := json.Marshal(p.Model)
			if err != nil {
				return fmt.Errorf("the model of %s does not marshal: %w", p.Template, err)
			}
			out = append(out, string(b))
		}
		return nil
	})
	return out
}

// elsewhere is what an app says on pages that are not its own.
func elsewhere(a hub.App) (all []func(hub.Snapshot, hub.Request) (hub.Page, error)) {
	if f, is := a.(hub.Fronter); is {
		all = append(all, f.Front)
	}
	if b, is := a.(hub.Bannerer); is {
		all = append(all, b.Banner)
	}
	if p, is := a.(hub.Printer); is {
		all = append(all, p.Print)
	}
	return all
}

func (h *hubs) same() {
	h.t.Helper()
	if a, b := h.views(0), h.views(2); !equal(a, b) {
		h.t.Fatalf("the ends differ:\n%s\n%s", a, b)
	}
}

// garbage writes what no version of the app would: it comes from a hub whose
// resident signs what they like.
func (h *hubs) garbage(at int) {
	h.t.Helper()
	m := h.suite.App.Manifest()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	keys := []string{"x", "a/b", "0123456789abcdef/x", "0123456789abcdef/", "v/1"}
	h.read(at, func(s hub.Snapshot) error {
		q := withAuthor(h.suite.Act(99), h.residents[at])
		q.Official = h.suite.Roles != 0
		ds, err := h.suite.App.Act(s, q)
		for _, d := range ds {
			keys = append(keys, d.Key)
		}
		return err
	})
	raw := hub.Manifest{Name: m.Name, Class: m.Class, TTL: m.TTL}
	for _, key := range keys {
		for range 20 {
			body := make([]byte, 1+r.IntN(40))
			for i := range body {
				body[i] = byte(r.Uint32())
			}
			_, err := h.desks[at].Write(context.Background(), raw, h.residents[at], hub.Draft{Key: key, Body: body})
			ok(h.t, err)
			h.views(at)
		}
	}
}

func withAuthor(q hub.Request, who ed25519.PrivateKey) hub.Request {
	q.Author = record.AuthorOf(who)
	return q
}
