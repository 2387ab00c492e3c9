package spread_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/spread"
	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// street is a line of simulated hubs, each of which follows what it holds.
type street struct {
	t       *testing.T
	w       *simnet.World
	spreads []*spread.Spread
	changed []<-chan struct{}
	wrote   []int // claims, by hub
	grown   []int // calls of Grown, by hub
	posts   int
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open makes n hubs, the first linked with the second and so on. Every hub speaks
// for a neighbor.
func open(t *testing.T, seed uint64, n int) *street {
	t.Helper()
	w, err := simnet.New(seed, n, replica.Limits{})
	ok(t, err)
	s := &street{
		t: t, w: w, spreads: make([]*spread.Spread, n), changed: make([]<-chan struct{}, n),
		wrote: make([]int, n), grown: make([]int, n),
	}
	for i := range n {
		r, err := w.Town.Vouch(simnet.Key(simnet.HubName(i)), 1, record.At(w.Now), neighbor(i), "somebody")
		ok(t, err)
		_, err = w.Write(i, r)
		ok(t, err)
		if i > 0 {
			w.Connect(i-1, i)
		}
		s.follow(i)
	}
	s.run(time.Minute)
	return s
}

func neighborName(i int) string { return fmt.Sprintf("neighbor %d", i) }

func neighbor(i int) record.Author { return simnet.Author(neighborName(i)) }

// follow starts what follows a hub, as when the hub starts.
func (s *street) follow(i int) {
	s.t.Helper()
	sp, err := spread.New(spread.Config{
		Self: s.w.Hubs[i].Key, Store: s.w.Hubs[i].Store, Links: s.w.Hubs[i].Engine,
		Now:   func() time.Time { return s.w.Wall(i) },
		Grown: func() { s.grown[i]++ },
		Write: func(_ context.Context, body []byte) error {
			s.wrote[i]++
			s.put(i, simnet.HubName(i), body)
			return nil
		},
		Log: slog.New(slog.DiscardHandler),
	})
	ok(s.t, err)
	s.spreads[i], s.changed[i] = sp, s.w.Hubs[i].Store.Watch(s.t.Context())
	ok(s.t, sp.Look(s.t.Context(), s.w.Now, true))
}

// put has somebody sign a claim, or what stands in its place, and a hub take it in.
func (s *street) put(i int, by string, body []byte) {
	s.t.Helper()
	r, err := s.w.Town.Codec.Sign(record.Record{
		Via: s.w.Hubs[i].Key.Via(), App: reach.App, Class: reach.Class, Key: reach.Key, TTL: reach.TTL,
		Time: record.At(s.w.Wall(i)), Body: body,
	}, simnet.Key(by))
	ok(s.t, err)
	vs, err := s.w.Write(i, r)
	ok(s.t, err)
	if vs[0].Outcome != store.Added {
		s.t.Fatalf("a claim was not taken: %+v", vs[0])
	}
}

func (s *street) claim(i int, by string, c reach.Claim) {
	s.t.Helper()
	body, err := c.Body()
	ok(s.t, err)
	s.put(i, by, body)
}

// run lets time pass.
func (s *street) run(d time.Duration) {
	s.t.Helper()
	for range d / time.Second {
		ok(s.t, s.w.Run(time.Second))
		for i, sp := range s.spreads {
			moved := false
			select {
			case <-s.changed[i]:
				moved = true
			default:
			}
			if s.w.Up(i) {
				ok(s.t, sp.Look(s.t.Context(), s.w.Now, moved))
			}
		}
	}
}

// post has the neighbor at a hub write something.
func (s *street) post(i int) record.ID {
	s.t.Helper()
	s.posts++
	key := simnet.Key(neighborName(i))
	r, err := s.w.Town.Post(key, s.w.Hubs[i].Key.Via(), fmt.Sprintf("town/%d", s.posts), record.At(s.w.Wall(i)), 30, "hello")
	ok(s.t, err)
	vs, err := s.w.Write(i, r)
	ok(s.t, err)
	if vs[0].Outcome != store.Added {
		s.t.Fatalf("a post was not taken: %+v", vs[0])
	}
	return r.ID()
}

// reached is how many others a hub knows to hold a post, and since when.
func (s *street) reached(i int, post record.ID) (hubs int, learned time.Time) {
	s.t.Helper()
	n, err := s.w.Hubs[i].Store.Find(post)
	ok(s.t, err)
	if n[0] == 0 {
		s.t.Fatalf("hub %d does not hold the post", i)
	}
	return s.spreads[i].Of(n[0])
}

func (s *street) want(i int, post record.ID, hubs int) {
	s.t.Helper()
	if got, _ := s.reached(i, post); got != hubs {
		s.t.Errorf("hub %d knows of %d others that hold the post, want %d", i, got, hubs)
	}
}

func (s *street) written() (all int) {
	for _, n := range s.wrote {
		all += n
	}
	return all
}
