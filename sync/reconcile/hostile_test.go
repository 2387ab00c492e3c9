package reconcile

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
)

// playInitiator runs an initiator against answers of a hostile responder and
// returns the number of rounds and how it ended.
func playInitiator(t *testing.T, set Set, opts Options, answer func(round int) []byte) (int, error) {
	t.Helper()
	a, err := NewInitiator(set, opts)
	if err != nil {
		t.Fatal(err)
	}
	a.Start()
	for round := 0; ; round++ {
		if round > 1_000_000 {
			t.Fatal("no end in sight")
		}
		reply, _, _, err := a.Next(answer(round))
		if err != nil || reply == nil {
			return round, err
		}
		if len(reply) > frame(opts) {
			t.Fatalf("a message of %d bytes", len(reply))
		}
	}
}

func TestAResponderCannotHoldAnInitiatorForever(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	mine := items(rng, 1000, 1<<30)
	var same []byte
	for i := range 100 {
		id := ID{1, byte(i)}
		same = append(same, id[:]...)
	}
	fingerprint := func(round int) []byte {
		fp := make([]byte, FingerprintSize)
		binary.BigEndian.PutUint64(fp, uint64(round))
		return message(0, 0, 1, fp)
	}
	sameIDs := func(round int) []byte { // ever the same ids, then a difference
		return message(2, 0, 2, 100, same, fingerprint(round)[1:])
	}
	creeping := func(round int) []byte { // id lists that barely advance
		b := Bound{Time: 1}
		binary.BigEndian.PutUint32(b.ID[:], uint32(round+1))
		msg := message()
		if round > 0 {
			lower := b
			binary.BigEndian.PutUint32(lower.ID[:], uint32(round))
			n := lower.prefixLen()
			msg = append(append(append(msg, 2, byte(n)), lower.ID[:n]...), 0)
			n = b.prefixLen()
			return append(append(append(msg, 1, byte(n)), b.ID[:n]...), 2, 0)
		}
		n := b.prefixLen()
		return append(append(append(msg, 2, byte(n)), b.ID[:n]...), 2, 0)
	}
	for name, c := range map[string]struct {
		opts   Options
		answer func(int) []byte
		rounds int
	}{
		"always a difference":   {Options{}, fingerprint, 64 + 1000},
		"the same ids again":    {Options{}, sameIDs, 64 + 1000 + 100},
		"a limit of its own":    {Options{MaxRounds: 7}, fingerprint, 7},
		"exhaustive, creeping":  {Options{Exhaustive: true}, creeping, 64 + 1000 + 1000},
		"few ids, small frames": {Options{FrameLimit: MinFrame, MaxIDs: 5000}, sameIDs, 64 + 1000 + 100},
	} {
		t.Run(name, func(t *testing.T) {
			rounds, err := playInitiator(t, NewFlat(clone(mine)), c.opts, c.answer)
			if !errors.Is(err, ErrTooManyRounds) || rounds > c.rounds {
				t.Errorf("%d rounds, %v", rounds, err)
			}
		})
	}
}

func TestAResponderCannotMakeAnInitiatorGrow(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	set := NewFlat(items(rng, 100, 1<<30))
	fresh := func(int) []byte {
		const n = 2000
		msg := append(message(0, 0, 2), appendVarint(nil, n)...)
		for range n {
			id := randomID(rng)
			msg = append(msg, id[:]...)
		}
		return msg
	}
	head := func(round int) []byte { // as many ids as fit below a bound, then a difference
		msg := append(message(2, 0, 2), appendVarint(nil, 100)...)
		start := round * 100
		for i := range 100 {
			var id ID
			binary.BigEndian.PutUint64(id[:], uint64(start+i))
			msg = append(msg, id[:]...)
		}
		return append(msg, message(0, 0, 1, make([]byte, FingerprintSize))[1:]...)
	}
	if _, err := playInitiator(t, set, Options{MaxIDs: 1500}, fresh); !errors.Is(err, ErrTooManyIDs) {
		t.Errorf("one long list: %v", err)
	}
	if _, err := playInitiator(t, set, Options{MaxIDs: 10_000}, head); !errors.Is(err, ErrTooManyIDs) {
		t.Errorf("many lists: %v", err)
	}
}

func TestAnExhaustiveInitiatorInsistsOnIDs(t *testing.T) {
	set := NewFlat([]Item{{Time: 5, ID: ID{1}}})
	fp := set.Fingerprint(0, 1)
	for name, answer := range map[string][]byte{
		"nothing":              message(),
		"a matching print":     message(0, 0, 1, fp[:]),
		"a skip":               message(0, 0, 0),
		"a list further along": message(4, 0, 0, 0, 0, 2, 0),
	} {
		_, err := playInitiator(t, set, Options{Exhaustive: true}, func(int) []byte { return answer })
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnInitiatorCannotHoldAResponderForever(t *testing.T) {
	var ids []byte
	for i := range 100 {
		id := ID{1, byte(i)}
		ids = append(ids, id[:]...)
	}
	for name, c := range map[string]struct {
		opts  Options
		msg   []byte
		limit int
	}{
		"nothing asked":   {Options{}, message(), 64 + 10},
		"ids every round": {Options{MaxIDs: 500}, message(2, 0, 2, 100, ids), 64 + 10 + 500},
		"its own limit":   {Options{MaxRounds: 3}, message(), 3},
	} {
		b, err := NewResponder(NewFlat(items(rand.New(rand.NewPCG(9, 9)), 10, 100)), c.opts)
		if err != nil {
			t.Fatal(err)
		}
		rounds := 0
		for err == nil && rounds < 10_000 {
			if _, err = b.Respond(c.msg); err == nil {
				rounds++
			}
		}
		if !errors.Is(err, ErrTooManyRounds) || rounds != c.limit {
			t.Errorf("%s: %d rounds, %v", name, rounds, err)
		}
	}
}
