// Package interop runs reconciliation sessions against go-nostr's Negentropy, an
// implementation of the protocol that shares nothing with ours. It is a module
// of its own so that go-nostr stays out of the main one.
package interop

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/reconcile"
	"github.com/nbd-wtf/go-nostr"
	"github.com/nbd-wtf/go-nostr/nip77/negentropy"
	"github.com/nbd-wtf/go-nostr/nip77/negentropy/storage/vector"
)

// maxRounds is more than any pair of sets here takes.
const maxRounds = 5000

type ids map[reconcile.ID]bool

// pair is two sets and the frame limits of their owners.
type pair struct {
	a, b           []reconcile.Item
	frameA, frameB int
}

func (p pair) String() string {
	return fmt.Sprintf("%d and %d items, frames %d and %d", len(p.a), len(p.b), p.frameA, p.frameB)
}

// difference returns what A must find.
func (p pair) difference() (have, need ids) {
	have, need = ids{}, ids{}
	for _, it := range p.a {
		have[it.ID] = true
	}
	for _, it := range p.b {
		if have[it.ID] {
			delete(have, it.ID)
		} else {
			need[it.ID] = true
		}
	}
	return have, need
}

// theirs returns go-nostr's side. A frame limit of 0 means none there.
func theirs(items []reconcile.Item, frame int) *negentropy.Negentropy {
	v := vector.New()
	for _, it := range items {
		v.Insert(nostr.Timestamp(it.Time), hex.EncodeToString(it.ID[:]))
	}
	v.Seal()
	return negentropy.New(v, frame)
}

func flat(items []reconcile.Item) *reconcile.Flat {
	return reconcile.NewFlat(append([]reconcile.Item(nil), items...))
}

// oursAsks runs our initiator on A against their responder on B.
func oursAsks(p pair, exhaustive bool) (have, need ids, err error) {
	have, need = ids{}, ids{}
	a, err := reconcile.NewInitiator(flat(p.a), reconcile.Options{FrameLimit: p.frameA, Exhaustive: exhaustive})
	if err != nil {
		return nil, nil, err
	}
	b := theirs(p.b, p.frameB)
	for msg := a.Start(); msg != nil; {
		answer, err := b.Reconcile(hex.EncodeToString(msg))
		if err != nil {
			return nil, nil, fmt.Errorf("go-nostr: %w", err)
		}
		reply, err := hex.DecodeString(answer)
		if err != nil {
			return nil, nil, err
		}
		var h, n []reconcile.ID
		if msg, h, n, err = a.Next(reply); err != nil {
			return nil, nil, err
		}
		for _, id := range h {
			have[id] = true
		}
		for _, id := range n {
			need[id] = true
		}
	}
	return have, need, nil
}

// theirsAsks runs their initiator on A against our responder on B. Theirs tells
// what it finds, some of it twice, in channels that somebody must empty while it
// works.
func theirsAsks(p pair) (have, need ids, err error) {
	b, err := reconcile.NewResponder(flat(p.b), reconcile.Options{FrameLimit: p.frameB})
	if err != nil {
		return nil, nil, err
	}
	a := theirs(p.a, p.frameA)
	have, need = ids{}, ids{}
	bad := make(chan error, 2)
	collect := func(from <-chan string, into ids) {
		var first error
		for s := range from {
			id, err := hex.DecodeString(s)
			if err != nil || len(id) != reconcile.IDSize {
				first = fmt.Errorf("go-nostr reports the id %q", s)
				continue
			}
			into[reconcile.ID(id)] = true
		}
		bad <- first
	}
	go collect(a.Haves, have)
	go collect(a.HaveNots, need)

	err = func() error {
		msg := a.Start()
		for round := 0; msg != ""; round++ {
			if round == maxRounds {
				return fmt.Errorf("no end after %d rounds", round)
			}
			in, err := hex.DecodeString(msg)
			if err != nil {
				return err
			}
			reply, err := b.Respond(in)
			if err != nil {
				return err
			}
			if msg, err = a.Reconcile(hex.EncodeToString(reply)); err != nil {
				return fmt.Errorf("go-nostr: %w", err)
			}
		}
		return nil
	}()
	if err != nil { // they close their channels only at a good end
		close(a.Haves)
		close(a.HaveNots)
	}
	for range 2 {
		if e := <-bad; err == nil {
			err = e
		}
	}
	return have, need, err
}

// checkPair runs a pair in both roles, and exhaustively.
func checkPair(t *testing.T, p pair) {
	t.Helper()
	wantHave, wantNeed := p.difference()
	for role, run := range map[string]func() (ids, ids, error){
		"ours asks":               func() (ids, ids, error) { return oursAsks(p, false) },
		"ours asks, exhaustively": func() (ids, ids, error) { return oursAsks(p, true) },
		"theirs asks":             func() (ids, ids, error) { return theirsAsks(p) },
	} {
		have, need, err := run()
		if err != nil {
			t.Fatalf("%v, %s: %v", p, role, err)
		}
		if !maps.Equal(have, wantHave) || !maps.Equal(need, wantNeed) {
			t.Fatalf("%v, %s: have %d and need %d ids, want %d and %d", p, role, len(have), len(need), len(wantHave), len(wantNeed))
		}
	}
}

func randomItems(rng *rand.Rand, n int, from, span uint64) []reconcile.Item {
	out := make([]reconcile.Item, n)
	for i := range out {
		out[i].Time = from + rng.Uint64N(span)
		for k := 0; k < reconcile.IDSize; k += 8 {
			binary.LittleEndian.PutUint64(out[i].ID[k:], rng.Uint64())
		}
	}
	return out
}

func randomPair(rng *rand.Rand) pair {
	size := func() int {
		switch rng.IntN(4) {
		case 0:
			return rng.IntN(3)
		case 1:
			return rng.IntN(130)
		case 2:
			return rng.IntN(500)
		default:
			return rng.IntN(1500)
		}
	}
	spans := []uint64{1, 2, 100, 1 << 20, 1 << 47}
	froms := []uint64{0, 1_750_000_000_000, reconcile.MaxTime - 1<<47 + 1}
	frames := []int{reconcile.MinFrame, 5000, 20_000, reconcile.DefaultFrame}
	span, from := spans[rng.IntN(len(spans))], froms[rng.IntN(len(froms))]
	if from == 1_750_000_000_000 {
		span = min(span, 1<<40)
	}
	both := randomItems(rng, size(), from, span)
	return pair{
		a:      append(randomItems(rng, size(), from, span), both...),
		b:      append(randomItems(rng, size(), from, span), both...),
		frameA: frames[rng.IntN(len(frames))],
		frameB: frames[rng.IntN(len(frames))],
	}
}

// count is how many random pairs are tried: 1,000, which takes seconds, and
// more where LAMPPOST_COUNT asks for more than 100 percent.
func count(t *testing.T) int {
	percent := 100
	if s := os.Getenv("LAMPPOST_COUNT"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("LAMPPOST_COUNT is %q, want percent", s)
		}
		percent = max(percent, n)
	}
	return 10 * percent
}

func TestRandomPairs(t *testing.T) {
	for n := range count(t) {
		p := randomPair(rand.New(rand.NewPCG(1, uint64(n))))
		checkPair(t, p)
		if t.Failed() {
			t.Fatalf("pair %d", n)
		}
	}
}

// Where a list of ids fills a frame to the last of them, go-nostr adds a range
// after infinity.
func TestListsAroundTheFrameLimit(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for n := 118; n <= 128; n++ {
		all := randomItems(rng, n, 1000, 1<<30)
		for _, p := range []pair{{a: nil, b: all}, {a: all, b: nil}, {a: all[:3], b: all}, {a: all, b: all[n-3:]}} {
			p.frameA, p.frameB = reconcile.MinFrame, reconcile.MinFrame
			checkPair(t, p)
		}
	}
}

func TestThousandsWithFewDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	all := randomItems(rng, 20_000, 1_750_000_000_000, 30*24*3600*1000)
	for _, frame := range []int{reconcile.MinFrame, reconcile.DefaultFrame} {
		checkPair(t, pair{a: all[40:], b: all[:len(all)-40], frameA: frame, frameB: frame})
	}
}
