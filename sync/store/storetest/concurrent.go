package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func watch(s *scene) {
	st := s.open()
	s.added(st, s.vouch("h0", 0, "ann"))
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ch := st.Watch(ctx)
	token := func() bool {
		select {
		case <-ch:
			return true
		default:
			return false
		}
	}
	post := s.post("ann", "k", "x")
	for _, rs := range [][]record.Record{{post}, {s.post("ann", "k", "")}} {
		if token() {
			s.Fatal("a token before a change")
		}
		s.added(st, rs...)
		if !token() {
			s.Fatal("no token after a change")
		}
	}
	s.outcome(st, store.Known, post)
	s.outcome(st, store.Refused, s.post("eve", "k", "x"))
	if err := st.SetCursors(map[record.Author]store.Position{author("h1"): {Epoch: 1}}); err != nil {
		s.Fatal(err)
	}
	if token() {
		s.Fatal("a token without a change")
	}
	s.collect(st, s.day(400))
	if !token() {
		s.Fatal("no token after collecting")
	}
}

// manyWriters writes from 50 callers while others read, change the roster and
// set cursors.
func manyWriters(s *scene) {
	st := s.open()
	const callers, each = 50, 6
	var posts [][]record.Record
	for i := range callers {
		who := fmt.Sprintf("resident %d", i)
		posts = append(posts, append([]record.Record{s.vouch("h0", i, who)}, s.posts(who, each-1)...))
	}
	trust := make([]record.Record, 20)
	for i := range trust {
		trust[i] = s.certify("h0", fmt.Sprintf("new hub %d", i), 0)
	}
	var wg sync.WaitGroup
	for _, rs := range append(posts, trust) {
		wg.Go(func() {
			for _, r := range rs {
				vs, err := st.Apply(context.Background(), r)
				if err != nil || vs[0].Outcome != store.Added {
					s.Error(vs, err)
				}
			}
		})
	}
	wg.Go(func() {
		for i := range uint64(30) {
			if err := st.SetCursors(map[record.Author]store.Position{author("h1"): {Epoch: i}}); err != nil {
				s.Error(err)
			}
		}
	})
	for range 2 {
		wg.Go(func() {
			for range 100 {
				err := st.Read(func(v *store.View) error {
					for r, err := range v.Slots("messages", "resident0/0") {
						if err != nil || v.Count(r.Author) == 0 {
							return errors.Join(err, errors.New("a view is not of one moment"))
						}
					}
					return nil
				})
				if err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, rs := range append(posts, trust) {
		s.in(st, rs...)
		st.Roster()
	}
	for i := range trust {
		if !st.Roster().Certified(author(fmt.Sprintf("new hub %d", i))) {
			s.Fatal("the roster has lost a certificate")
		}
	}
	st = s.reopen(st)
	s.in(st, slices.Concat(posts...)...)
}

func busy(s *scene) {
	st := s.open()
	one := s.post("h1", "k", "x")
	many := slices.Repeat([]record.Record{one}, 20_001)
	if _, err := st.Apply(context.Background(), many...); !errors.Is(err, store.ErrBusy) {
		s.Fatal(err)
	}
	s.out(st, one)
	vs := s.apply(st, many[:20_000]...)
	if vs[0].Outcome != store.Added || vs[19_999].Outcome != store.Known {
		s.Fatal(vs[0], vs[19_999])
	}
	if vs, err := st.Apply(context.Background()); vs != nil || err != nil {
		s.Fatal(vs, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := st.Apply(ctx, s.post("h1", "l", "x")); err != nil && !errors.Is(err, context.Canceled) {
		s.Fatal(err)
	}
	s.added(st, s.post("h1", "m", "x"))
}

func closed(s *scene) {
	st := s.open()
	post := s.post("h1", "k", "x")
	if err := st.Close(); err != nil {
		s.Fatal(err)
	}
	if _, err := st.Apply(context.Background(), post); err == nil {
		s.Error("Apply on a closed store")
	}
	if _, err := st.Moment(0); err == nil {
		s.Error("Moment on a closed store")
	}
	if err := st.Read(func(*store.View) error { return nil }); err == nil {
		s.Error("Read on a closed store")
	}
	if err := st.Collect(s.day(100)); err == nil {
		s.Error("Collect on a closed store")
	}
	if err := st.Close(); err != nil {
		s.Error("closing twice:", err)
	}
	st.Roster()
	st.Size()
}
