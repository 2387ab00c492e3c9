package haul

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
)

// victim is a haul with one link, that lacks one blob and has another.
type victim struct {
	*Haul
	t     testing.TB
	now   time.Time
	lacks []byte // what it is going to ask for
	has   record.Blob
}

func newVictim(t testing.TB) *victim {
	t.Helper()
	s, err := blob.Memory(blob.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{Haul: h, t: t, now: time.Unix(1e9, 0), lacks: bytes.Repeat([]byte("lamppost"), 100_000)}
	if v.has, err = s.Put(context.Background(), bytes.NewReader(make([]byte, 600_000)), 1<<20); err != nil {
		t.Fatal(err)
	}
	named := map[record.Blob]blob.Name{v.lacking1(): {Class: record.Notice}, v.has: {Class: record.Place}}
	s.SetNames(named)
	v.SetNames(v.now, named)
	v.Up(v.now, 1, record.Author{1})
	v.step(0)
	return v
}

func (v *victim) lacking1() record.Blob {
	return record.Blob{Sum: sha256.Sum256(v.lacks), Size: uint64(len(v.lacks))}
}

func (v *victim) step(d time.Duration) {
	v.now = v.now.Add(d)
	v.Tick(v.now)
	for w := v.Take(); w != nil; w = v.Take() {
		w.Run(context.Background(), v.store)
		_ = v.Done(v.now, w)
	}
}

// words are what it says.
func (v *victim) words() (ms [][]byte) {
	for m := v.Word(v.now, 1); m != nil; m = v.Word(v.now, 1) {
		ms = append(ms, m)
	}
	return ms
}

func (v *victim) hear(ms ...[]byte) error {
	for _, m := range ms {
		if err := v.Receive(v.now, 1, m); err != nil {
			return err
		}
	}
	return nil
}

func (v *victim) word(k kind, x any) []byte {
	v.t.Helper()
	m, err := v.code.marshal(k, x)
	if err != nil {
		v.t.Fatal(err)
	}
	return m
}

// pieces are n bytes of what it lacks, as a peer sends them.
func (v *victim) pieces(from, n int) (ms [][]byte) {
	for n > 0 {
		k := min(pieceBytes, n)
		m, data := piece(sha256.Sum256(v.lacks), uint64(from), k)
		copy(data, v.lacks[from:])
		ms = append(ms, m)
		from, n = from+k, n-k
	}
	return ms
}

// What no honest hub sends ends the link.
func TestWhatNoHonestHubSends(t *testing.T) {
	b := func(v *victim) record.Blob { return v.has }
	for name, send := range map[string]func(*victim) [][]byte{
		"nothing":                   func(*victim) [][]byte { return [][]byte{{}} },
		"an unknown kind":           func(*victim) [][]byte { return [][]byte{{99, 0x80}} },
		"a word that does not read": func(*victim) [][]byte { return [][]byte{{byte(kGet), 0x80}} },
		"a piece without bytes":     func(*victim) [][]byte { return [][]byte{append([]byte{byte(kPiece)}, make([]byte, 40)...)} },
		"a piece of what was not asked for": func(*victim) [][]byte {
			m, _ := piece(blob.Sum{7}, 0, 4000)
			return slicesRepeat(m, 1+chunk/4000)
		},
		"more than was asked for": func(v *victim) [][]byte { return append(v.pieces(0, 800_000), v.pieces(0, 1)...) },
		"nothing is wanted":       func(v *victim) [][]byte { return [][]byte{v.word(kGet, get{Blob: b(v)})} },
		"too much is wanted":      func(v *victim) [][]byte { return [][]byte{v.word(kGet, get{Blob: b(v), Count: chunk + 1})} },
		"what is beyond its end":  func(v *victim) [][]byte { return [][]byte{v.word(kGet, get{Blob: b(v), From: 599_999, Count: 2})} },
		"an end that overflows": func(v *victim) [][]byte {
			return [][]byte{v.word(kGet, get{Blob: record.Blob{Size: 1<<64 - 1}, From: 1<<64 - 3, Count: 3})}
		},
		"very many words": func(v *victim) [][]byte { return slicesRepeat(v.word(kHave, have{}), askBurst+1) },
	} {
		t.Run(name, func(t *testing.T) {
			v := newVictim(t)
			if err := v.hear(send(v)...); !errors.Is(err, replica.ErrProtocol) {
				t.Fatal(err)
			}
		})
	}
}

func slicesRepeat(m []byte, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = m
	}
	return out
}

// A peer that says it has something and sends nothing keeps nobody from asking others.
func TestAPeerThatSendsNothing(t *testing.T) {
	v := newVictim(t)
	if len(v.words()) == 0 {
		t.Fatal("it does not ask")
	}
	v.Up(v.now, 2, record.Author{2})
	for range 40 {
		v.step(time.Second)
	}
	if v.Word(v.now, 2) == nil {
		t.Fatal("the other is not asked")
	}
	if err := v.hear(v.pieces(0, pieceBytes)...); err != nil {
		t.Fatal("what comes late is no offence:", err)
	}
}

// What a peer may be given has a bound, and so has what it may ask for at a time.
func TestAPeerThatAsksAgainAndAgain(t *testing.T) {
	v := newVictim(t)
	var given int
	for round := range 2000 {
		err := v.hear(v.word(kGet, get{Blob: v.has, From: 0, Count: chunk}))
		if err != nil {
			t.Fatal(round, err)
		}
		v.step(10 * time.Millisecond)
		for m := v.Load(v.now, 1); m != nil; m = v.Load(v.now, 1) {
			given += len(m)
		}
	}
	if most := againMin + 2*2_000_000 + chunk + 20*againSec; given > most+most/50 {
		t.Fatalf("it was given %d bytes", given)
	}
	v = newVictim(t)
	for range maxHopes * 3 / 2 {
		v.now = v.now.Add(10 * time.Millisecond)
		b := record.Blob{Sum: sha256.Sum256([]byte(v.now.String())), Size: 5}
		if err := v.hear(v.word(kGet, get{Blob: b, Count: 5})); err != nil {
			t.Fatal(err)
		}
	}
	if l := v.links[1]; len(l.hopes) > maxHopes || len(l.words) > maxWords {
		t.Fatalf("%d hopes and %d words are kept", len(l.hopes), len(l.words))
	}
}

// Whatever comes, nothing breaks, and what is taken for whole is.
func FuzzReceive(f *testing.F) {
	v := newVictim(f)
	f.Add(v.word(kGet, get{Blob: v.has, Count: 5}), v.pieces(0, pieceBytes)[0])
	f.Add(v.word(kNo, no{Blob: v.lacking1(), Count: chunk}), v.word(kHave, have{Blobs: []record.Blob{v.lacking1()}}))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		v := newVictim(t)
		for _, m := range [][]byte{a, b, a} {
			if err := v.Receive(v.now, 1, m); err != nil && !errors.Is(err, replica.ErrProtocol) {
				t.Fatal(err)
			}
			v.step(time.Second)
			for m := v.Load(v.now, 1); m != nil; m = v.Load(v.now, 1) {
				if len(m) > replica.MaxCargo {
					t.Fatalf("a piece of %d bytes", len(m))
				}
			}
			for _, m := range v.words() {
				if len(m) > replica.MaxCargo {
					t.Fatalf("a word of %d bytes", len(m))
				}
			}
		}
		if v.store.Has(v.lacking1()) {
			t.Fatal("it has what nobody sent whole")
		}
	})
}
