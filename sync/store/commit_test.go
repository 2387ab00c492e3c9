package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// crowd is a town whose residents have been vouched for and have posts to make.
type crowd struct {
	*simnet.Town
	vouches, posts []record.Record
}

func newCrowd(t testing.TB, residents, each int) *crowd {
	t.Helper()
	town, err := simnet.Found(2)
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{Town: town}
	at := town.Founding.Time
	for i := range residents {
		who := fmt.Sprintf("resident %d", i)
		at += 1000 << 16
		v, err := town.Vouch(simnet.Key("h0"), i, at, simnet.Author(who), "")
		if err != nil {
			t.Fatal(err)
		}
		c.vouches = append(c.vouches, v)
		for j := range each {
			at += 1000 << 16
			r, err := town.Post(simnet.Key(who), record.Via{}, fmt.Sprintf("k/%d", j), at, 30, fmt.Sprintf("this is post %d of %s", j, who))
			if err != nil {
				t.Fatal(err)
			}
			c.posts = append(c.posts, r)
		}
	}
	return c
}

func (c *crowd) config() store.Config { return store.Config{Founding: c.Founding} }

func (c *crowd) all() []record.Record { return slices.Concat(c.Trust, c.vouches, c.posts) }

func apply(t testing.TB, s *store.Store, rs ...record.Record) []store.Verdict {
	t.Helper()
	vs, err := s.Apply(t.Context(), rs...)
	if err != nil {
		t.Fatal(err)
	}
	return vs
}

func moment(t testing.TB, s *store.Store) store.Moment {
	t.Helper()
	m, err := s.Moment(0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func audit(t testing.TB, s *store.Store) {
	t.Helper()
	if err := store.Audit(s); err != nil {
		t.Fatal(err)
	}
}

// gated is a store whose first commit waits until it is released.
func gated(t *testing.T, c *crowd) (s *store.Store, entered, release chan struct{}, commits *int) {
	t.Helper()
	commits = new(int)
	entered, release = make(chan struct{}), make(chan struct{})
	h := &store.Hooks{}
	s = opened(t)(store.Hooked(c.config(), h))
	apply(t, s, c.Trust...)
	apply(t, s, c.vouches...)
	h.Begin = func() {
		if *commits++; *commits == 1 {
			close(entered)
			<-release
		}
	}
	return s, entered, release, commits
}

func TestConcurrentWritersShareACommit(t *testing.T) {
	c := newCrowd(t, 50, 1)
	s, entered, release, commits := gated(t, c)
	var wg sync.WaitGroup
	for i, r := range c.posts {
		wg.Go(func() {
			if vs, err := s.Apply(t.Context(), r); err != nil || vs[0].Outcome != store.Added {
				t.Error(vs, err)
			}
		})
		if i == 0 {
			<-entered
		}
	}
	for s.Queued() < len(c.posts)-1 {
		runtime.Gosched()
	}
	close(release)
	wg.Wait()
	if *commits != 2 {
		t.Errorf("%d commits for %d writers, want the first one's and one for all others", *commits, len(c.posts))
	}
	audit(t, s)
}

func TestTheQueueIsBounded(t *testing.T) {
	c := newCrowd(t, 1, 3)
	s, entered, release, _ := gated(t, c)
	var wg sync.WaitGroup
	wg.Go(func() { apply(t, s, c.posts[0]) })
	<-entered
	wg.Go(func() { apply(t, s, slices.Repeat(c.posts[1:2], 20_000)...) })
	for s.Queued() < 1 {
		runtime.Gosched()
	}
	if _, err := s.Apply(t.Context(), c.posts[2]); !errors.Is(err, store.ErrBusy) {
		t.Error(err)
	}
	close(release)
	wg.Wait()
	apply(t, s, c.posts[2])
	audit(t, s)
}

// A caller that gives up leaves its record in the queue; it does not hold up
// others, and whoever comes next takes it along.
func TestACallerThatGivesUp(t *testing.T) {
	c := newCrowd(t, 1, 3)
	s, entered, release, commits := gated(t, c)
	var wg sync.WaitGroup
	wg.Go(func() { apply(t, s, c.posts[0]) })
	<-entered
	ctx, giveUp := context.WithCancel(t.Context())
	wg.Go(func() {
		if _, err := s.Apply(ctx, c.posts[1]); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	for s.Queued() < 1 {
		runtime.Gosched()
	}
	giveUp()
	wg.Go(func() { apply(t, s, c.posts[2]) })
	for s.Queued() < 2 {
		runtime.Gosched()
	}
	close(release)
	wg.Wait()
	at, err := s.Find(c.posts[1].ID(), c.posts[2].ID())
	if err != nil || at[0] == 0 || at[1] == 0 || *commits != 2 {
		t.Error(at, err, *commits)
	}
}

var errInjected = fmt.Errorf("%w: injected", store.ErrFull)

// TestAFailedWriteLeavesNoTrace lets every single step of a transaction fail in
// turn: each time the store is as before, and in the end it takes everything.
func TestAFailedWriteLeavesNoTrace(t *testing.T) {
	c := newCrowd(t, 2, 2)
	h := &store.Hooks{}
	s := opened(t)(store.Hooked(c.config(), h))
	apply(t, s, c.Trust[:1]...)
	revoke, err := c.Say(simnet.Key("root"), c.Founding.Time+1<<40, roster.Revocation{Subject: simnet.Author("resident 1")})
	if err != nil {
		t.Fatal(err)
	}
	batches := [][]record.Record{slices.Concat(c.Trust[1:], c.vouches), c.posts, {revoke}}
	failures := 0
	watched := s.Watch(t.Context())
	for _, batch := range batches {
		before, state := moment(t, s), s.Roster()
		for n := 0; ; n++ {
			left := n
			h.Put = func() error {
				if left--; left < 0 {
					return errInjected
				}
				return nil
			}
			_, err := s.Apply(t.Context(), batch...)
			if err == nil {
				break
			}
			failures++
			if !errors.Is(err, store.ErrFull) {
				t.Fatal(err)
			}
			if m := moment(t, s); m != before || s.Roster() != state {
				t.Fatalf("after a failure at step %d: %v, before %v", n, m, before)
			}
			if n%10 == 0 {
				audit(t, s)
			}
		}
		if m := moment(t, s); m.Arrival != before.Arrival+uint64(len(batch)) {
			t.Fatalf("arrival %d, before %d", m.Arrival, before.Arrival)
		}
	}
	if failures < 50 {
		t.Fatal("the test has tried little:", failures)
	}
	<-watched
	audit(t, s)

	h.Put, h.Commit = nil, func() error { return errInjected }
	before := moment(t, s)
	if err := s.Collect(c.Founding.Time.Day() + 400); !errors.Is(err, store.ErrFull) {
		t.Fatal(err)
	}
	if moment(t, s) != before {
		t.Fatal("a failed commit has left a trace")
	}
}

// TestACommitThatFailedAndIsThere: a device may report a failure for what it has
// written. Readers then see it with its own roster, and writers go on from there.
func TestACommitThatFailedAndIsThere(t *testing.T) {
	c := newCrowd(t, 1, 2)
	h := &store.Hooks{}
	s := opened(t)(store.Hooked(c.config(), h))
	apply(t, s, c.Trust[:1]...)
	h.After = func() error { return errInjected }
	if _, err := s.Apply(t.Context(), c.Trust[1:]...); err == nil {
		t.Fatal("no error")
	}
	h.After = nil
	err := s.Read(func(v *store.View) error {
		if !v.Roster().Certified(simnet.Author("h1")) {
			return errors.New("the view's roster is not of its moment")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, c.vouches...)
	for _, v := range apply(t, s, c.posts...) {
		if v.Outcome != store.Added {
			t.Fatal(v)
		}
	}
	if !s.Roster().Certified(simnet.Author("h1")) {
		t.Fatal("the roster was not taken over")
	}
	audit(t, s)
}

// TestWritersPublishInOrder has a writer that changes the roster come while
// another has committed and not yet published: the newer roster is what stays.
func TestWritersPublishInOrder(t *testing.T) {
	c := newCrowd(t, 1, 1)
	h := &store.Hooks{}
	s := opened(t)(store.Hooked(c.config(), h))
	apply(t, s, c.Trust[:1]...)
	var wg sync.WaitGroup
	first := true
	h.After = func() error {
		if !first {
			return nil
		}
		first = false
		done := make(chan struct{})
		wg.Go(func() {
			apply(t, s, c.Trust[1:]...)
			close(done)
		})
		for range 10_000 { // it has to wait; were it not to, this would be time enough
			select {
			case <-done:
				return nil
			default:
				runtime.Gosched()
			}
		}
		return nil
	}
	if err := s.SetCursors(map[record.Author]store.Position{simnet.Author("h1"): {Epoch: 1}}); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if !s.Roster().Certified(simnet.Author("h1")) {
		t.Fatal("an older roster is in force")
	}
}
