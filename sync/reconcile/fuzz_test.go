package reconcile

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// seeds are messages as sessions make them, and some that nobody should make.
func seeds() [][]byte {
	rng := rand.New(rand.NewPCG(10, 10))
	a, b := scattered(rng, 500, 60)
	mine, theirs := NewFlat(a), NewFlat(b)
	out := [][]byte{nil, {version1}, {0x62}, message(0, 0, 3), message(5, 0, 0, 1, 0, 0), message(0, 0, 2, 0xff, 0x7f)}
	for _, exhaustive := range []bool{false, true} {
		opts := Options{FrameLimit: MinFrame, Exhaustive: exhaustive}
		x, _ := NewInitiator(mine, opts)
		y, _ := NewResponder(theirs, opts)
		for msg := x.Start(); msg != nil; {
			out = append(out, msg)
			reply, err := y.Respond(msg)
			if err != nil {
				panic(err)
			}
			out = append(out, reply)
			if msg, _, _, err = x.Next(reply); err != nil {
				panic(err)
			}
		}
	}
	return out
}

func FuzzMessage(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		pieces, err := drain(msg)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		size, lower := 0, Bound{}
		for _, p := range pieces {
			if p.upper.Compare(lower) <= 0 || (p.upper.Time > MaxTime && !p.upper.IsInfinity()) {
				t.Fatalf("bound %v after %v", p.upper, lower)
			}
			lower = p.upper
			size += len(p.ids)
		}
		if size > len(msg) {
			t.Fatalf("%d bytes of ids in a message of %d", size, len(msg))
		}
	})
}

func FuzzSession(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s, s, false)
		f.Add(s, []byte{version1}, true)
	}
	set := NewFlat(items(rand.New(rand.NewPCG(11, 11)), 300, 1<<20))
	f.Fuzz(func(t *testing.T, first, second []byte, exhaustive bool) {
		opts := Options{FrameLimit: MinFrame, MaxIDs: 100, MaxRounds: 5, Exhaustive: exhaustive}
		b, err := NewResponder(set, opts)
		if err != nil {
			t.Fatal(err)
		}
		a, err := NewInitiator(set, opts)
		if err != nil {
			t.Fatal(err)
		}
		a.Start()
		found := 0
		for _, msg := range [][]byte{first, second} {
			reply, err := b.Respond(msg)
			if len(reply) > MinFrame || (err == nil) != (len(reply) > 0) {
				t.Fatalf("a reply of %d bytes, %v", len(reply), err)
			}
			if _, err := drain(reply); err == nil == (reply == nil) {
				t.Fatalf("our own reply is malformed: %v", err)
			}
			next, have, need, err := a.Next(msg)
			if len(next) > MinFrame || (err != nil && next != nil) {
				t.Fatalf("a message of %d bytes, %v", len(next), err)
			}
			if next != nil {
				if _, err := drain(next); err != nil {
					t.Fatalf("our own message is malformed: %v", err)
				}
			}
			if found += len(have) + len(need); found > opts.MaxIDs {
				t.Fatalf("%d ids", found)
			}
		}
	})
}
