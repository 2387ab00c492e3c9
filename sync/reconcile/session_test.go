package reconcile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
)

// result is what a session came to.
type result struct {
	have, need map[ID]bool
	rounds     int // messages of the initiator
	bytes      int // in both directions
}

// exchange runs a session to its end and checks every message's length.
func exchange(a, b Set, forA, forB Options) (result, error) {
	res := result{have: map[ID]bool{}, need: map[ID]bool{}}
	initiator, err := NewInitiator(a, forA)
	if err != nil {
		return res, err
	}
	responder, err := NewResponder(b, forB)
	if err != nil {
		return res, err
	}
	for msg := initiator.Start(); msg != nil; {
		res.rounds++
		reply, err := responder.Respond(msg)
		if err != nil {
			return res, fmt.Errorf("responder, round %d: %w", res.rounds, err)
		}
		if len(msg) > frame(forA) || len(reply) > frame(forB) {
			return res, fmt.Errorf("round %d: messages of %d and %d bytes", res.rounds, len(msg), len(reply))
		}
		res.bytes += len(msg) + len(reply)
		var have, need []ID
		msg, have, need, err = initiator.Next(reply)
		for _, id := range have {
			if res.have[id] {
				return res, fmt.Errorf("have %x twice", id)
			}
			res.have[id] = true
		}
		for _, id := range need {
			if res.need[id] {
				return res, fmt.Errorf("need %x twice", id)
			}
			res.need[id] = true
		}
		if err != nil {
			return res, fmt.Errorf("initiator, round %d: %w", res.rounds, err)
		}
	}
	return res, nil
}

func frame(o Options) int {
	if o.FrameLimit == 0 {
		return DefaultFrame
	}
	return o.FrameLimit
}

// check runs a session over a and b and compares what it finds with the truth.
func check(a, b []Item, wrap func(Set) Set, forA, forB Options) (result, error) {
	have, need := map[ID]bool{}, map[ID]bool{}
	for _, it := range a {
		have[it.ID] = true
	}
	for _, it := range b {
		if have[it.ID] {
			delete(have, it.ID)
		} else {
			need[it.ID] = true
		}
	}
	res, err := exchange(wrap(NewFlat(a)), wrap(NewFlat(b)), forA, forB)
	if err != nil {
		return res, err
	}
	if !maps.Equal(res.have, have) {
		return res, fmt.Errorf("have %d ids, want %d", len(res.have), len(have))
	}
	if !maps.Equal(res.need, need) {
		return res, fmt.Errorf("need %d ids, want %d", len(res.need), len(need))
	}
	return res, nil
}

func plain(s Set) Set { return s }

// blind is a set whose fingerprints all collide.
type blind struct{ Set }

func (blind) Fingerprint(int, int) [FingerprintSize]byte { return [FingerprintSize]byte{1} }

func asBlind(s Set) Set { return blind{s} }

// items returns n items with random ids, spread over times 0 <= t < span.
func items(rng *rand.Rand, n int, span uint64) []Item {
	out := make([]Item, n)
	for i := range out {
		out[i] = Item{Time: rng.Uint64N(span), ID: randomID(rng)}
	}
	return out
}

func randomID(rng *rand.Rand) (id ID) {
	for i := 0; i < IDSize; i += 8 {
		binary.LittleEndian.PutUint64(id[i:], rng.Uint64())
	}
	return id
}

// scattered returns two sets of n items each that differ by d items, drawn
// evenly from the whole.
func scattered(rng *rand.Rand, n, d int) (a, b []Item) {
	all := items(rng, n+d/2, 30*24*3600*1000)
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	a = append(a, all[:n]...)
	b = append(append(b, all[:n-(d-d/2)]...), all[n:]...)
	return a, b
}

func TestTwoHubsLearnWhatTheyLack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	both := items(rng, 1000, 1<<40)
	a := append(items(rng, 3, 1<<40), both...)
	b := append(items(rng, 5, 1<<40), both...)
	res, err := check(a, b, plain, Options{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.have) != 3 || len(res.need) != 5 {
		t.Fatalf("have %d, need %d", len(res.have), len(res.need))
	}
}

func TestShapes(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	some := items(rng, 5000, 1<<40)
	sameTime := items(rng, 5000, 1)
	nearIDs := make([]Item, 3000) // ids that differ in their last bytes only, at the largest time
	for i := range nearIDs {
		nearIDs[i].Time = MaxTime
		binary.BigEndian.PutUint16(nearIDs[i].ID[30:], uint16(i))
	}
	shapes := []struct {
		name string
		a, b []Item
	}{
		{"both empty", nil, nil},
		{"initiator empty", nil, some},
		{"responder empty", some, nil},
		{"one item, equal", some[:1], some[:1]},
		{"one item each", some[:1], some[1:2]},
		{"the zero item", []Item{{}}, nil},
		{"needs the zero item", nil, []Item{{}}},
		{"equal", some, some},
		{"disjoint", some[:2500], some[2500:]},
		{"early and late", items(rng, 3000, 1000), append(items(rng, 3000, 1000), Item{Time: MaxTime})},
		{"one time", sameTime[:4000], sameTime[1000:]},
		{"one time, similar ids", nearIDs[:2000], nearIDs[1000:]},
		{"few and many", some[:3], some},
		{"many and few", some, some[:3]},
	}
	for _, s := range shapes {
		for _, limit := range []int{MinFrame, 10000, DefaultFrame, MaxMessage} {
			for _, exhaustive := range []bool{false, true} {
				opts := Options{FrameLimit: limit}
				forA := opts
				forA.Exhaustive = exhaustive
				name := fmt.Sprintf("%s/%d/%v", s.name, limit, exhaustive)
				t.Run(name, func(t *testing.T) {
					wrap := plain
					if exhaustive {
						wrap = asBlind
					}
					if _, err := check(clone(s.a), clone(s.b), wrap, forA, opts); err != nil {
						t.Fatal(err)
					}
				})
			}
		}
	}
}

func clone(items []Item) []Item { return append([]Item(nil), items...) }

func TestCollidingFingerprintsHideDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	a, b := scattered(rng, 10000, 40)
	res, err := exchange(asBlind(NewFlat(clone(a))), asBlind(NewFlat(clone(b))), Options{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.have)+len(res.need) != 0 {
		t.Fatal("this test needs sets whose difference a collision hides")
	}
	if _, err := check(a, b, asBlind, Options{Exhaustive: true}, Options{FrameLimit: MinFrame}); err != nil {
		t.Fatal(err)
	}
}

func TestCostGrowsWithTheDifference(t *testing.T) {
	for _, c := range []struct{ d, bytes, rounds int }{
		{0, 500, 1},
		{1, 6_000, 3},
		{100, 150_000, 4},
		{1000, 700_000, 20},
	} {
		a, b := scattered(rand.New(rand.NewPCG(4, uint64(c.d))), 50_000, c.d)
		res, err := check(a, b, plain, Options{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d differences: %d bytes, %d rounds", c.d, res.bytes, res.rounds)
		if res.bytes > c.bytes || res.rounds > c.rounds {
			t.Errorf("%d differences cost %d bytes in %d rounds, more than %d in %d", c.d, res.bytes, res.rounds, c.bytes, c.rounds)
		}
	}
}

func TestSmallFramesStayWithinTheDefaultRounds(t *testing.T) {
	small := Options{FrameLimit: MinFrame}
	for _, d := range []int{100, 1000, 20_000} {
		a, b := scattered(rand.New(rand.NewPCG(5, uint64(d))), 50_000, d)
		res, err := check(a, b, plain, small, small)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d differences: %d bytes, %d rounds", d, res.bytes, res.rounds)
	}
}

func TestTooManyIDsKeepsWhatWasFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	a, b := items(rng, 10, 1<<40), items(rng, 1000, 1<<40)
	res, err := exchange(NewFlat(a), NewFlat(b), Options{MaxIDs: 700}, Options{FrameLimit: MinFrame})
	if !errors.Is(err, ErrTooManyIDs) {
		t.Fatalf("got %v", err)
	}
	if n := len(res.have) + len(res.need); n != 700 {
		t.Fatalf("%d ids came with it, want 700", n)
	}
	if res, err = exchange(NewFlat(a), NewFlat(b), Options{MaxIDs: 1010}, Options{}); err != nil || len(res.need) != 1000 {
		t.Fatalf("a limit that is just enough: need %d, %v", len(res.need), err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	late := NewFlat([]Item{{Time: MaxTime + 1}})
	for _, c := range []struct {
		set  Set
		opts Options
		want error
	}{
		{NewFlat(nil), Options{FrameLimit: MinFrame - 1}, ErrOptions},
		{NewFlat(nil), Options{FrameLimit: MaxMessage + 1}, ErrOptions},
		{NewFlat(nil), Options{FrameLimit: -1}, ErrOptions},
		{NewFlat(nil), Options{MaxIDs: -1}, ErrOptions},
		{NewFlat(nil), Options{MaxRounds: -1}, ErrOptions},
		{late, Options{}, ErrTime},
	} {
		if _, err := NewInitiator(c.set, c.opts); !errors.Is(err, c.want) {
			t.Errorf("initiator with %+v: %v", c.opts, err)
		}
		if _, err := NewResponder(c.set, c.opts); !errors.Is(err, c.want) {
			t.Errorf("responder with %+v: %v", c.opts, err)
		}
	}
}

func TestCallsOutOfOrder(t *testing.T) {
	a, err := NewInitiator(NewFlat(nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := a.Next([]byte{version1}); !errors.Is(err, ErrState) {
		t.Errorf("Next before Start: %v", err)
	}
	first := a.Start()
	if string(first) != string(a.Start()) {
		t.Error("Start is not repeatable")
	}
	if reply, _, _, err := a.Next([]byte{version1}); reply != nil || err != nil {
		t.Errorf("the end: %x, %v", reply, err)
	}
	if _, _, _, err := a.Next([]byte{version1}); !errors.Is(err, ErrState) {
		t.Errorf("Next after the end: %v", err)
	}
}
