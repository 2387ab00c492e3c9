package replica_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// victim is one hub with one link, at whose other end the test speaks.
type victim struct {
	t      *testing.T
	town   *simnet.Town
	store  *store.Store
	engine *replica.Engine
	now    time.Time
	peer   *store.Store // an honest store to take messages from
}

const theLink = replica.LinkID(1)

func newVictim(t *testing.T) *victim {
	t.Helper()
	return newVictimAs(t, "h0", "h1", nil)
}

// newVictimAs is the one of two hubs, with a cargo.
func newVictimAs(t *testing.T, self, peer string, cargo replica.Cargo) *victim {
	t.Helper()
	town, err := simnet.Found(2)
	ok(t, err)
	v := &victim{t: t, town: town, now: simnet.Born.Add(time.Hour)}
	open := func() *store.Store {
		s, err := store.Memory(store.Config{Founding: town.Founding})
		ok(t, err)
		_, err = s.Apply(context.Background(), town.Trust...)
		ok(t, err)
		return s
	}
	v.store, v.peer = open(), open()
	v.engine, err = replica.New(replica.Config{Self: simnet.Author(self), Store: v.store, Rand: zeros{}, Cargo: cargo})
	ok(t, err)
	ok(t, v.engine.Up(v.now, theLink, simnet.Author(peer)))
	v.engine.Carry(v.now, theLink)
	return v
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// state is a proper one.
func (v *victim) state() *replica.State {
	m, err := v.peer.Moment(0)
	ok(v.t, err)
	s := &replica.State{Epoch: 7, Nonce: make([]byte, 16)}
	for _, d := range m.Digests {
		s.Digests = append(s.Digests, replica.Digest{Fingerprint: d.Fingerprint[:], Count: d.Count})
	}
	return s
}

// hear gives the victim frames and returns the first error.
func (v *victim) hear(frames ...[]byte) error {
	for _, f := range frames {
		if err := v.engine.Receive(v.now, theLink, f); err != nil {
			return err
		}
	}
	return nil
}

func (v *victim) greet() {
	v.t.Helper()
	ok(v.t, v.hear(replica.Frames(replica.Control, replica.KState, v.state())...))
}

// step lets time pass and returns why the link is to be closed, if it is.
func (v *victim) step(d time.Duration) error {
	v.t.Helper()
	v.now = v.now.Add(d)
	if b := v.engine.Take(v.now); b != nil {
		b.Run(context.Background(), v.store, record.VerifyBatch)
		stale, err := v.engine.Applied(v.now, b)
		ok(v.t, err)
		for _, s := range stale {
			return s.Why
		}
	}
	ok(v.t, v.engine.Changed(v.now))
	stale, err := v.engine.Tick(v.now)
	ok(v.t, err)
	for _, s := range stale {
		return s.Why
	}
	return nil
}

// says takes what the victim has to say now, without ever acknowledging.
func (v *victim) says() (n int) {
	v.t.Helper()
	for {
		f, err := v.engine.Next(v.now, theLink)
		ok(v.t, err)
		if f == nil {
			return n
		}
		n += len(f)
	}
}

func TestWhatCannotBeEndsTheLink(t *testing.T) {
	digests := func(n, size int) (ds []replica.Digest) {
		for range n {
			ds = append(ds, replica.Digest{Fingerprint: make([]byte, size)})
		}
		return ds
	}
	for name, c := range map[string]struct {
		first  bool // before any state
		frames [][]byte
	}{
		"nothing before a state":      {true, replica.Frames(5, replica.KWants, replica.Wants{IDs: make([]byte, 32)})},
		"an empty frame":              {true, [][]byte{{}}},
		"a frame without a message":   {true, [][]byte{{7}}},
		"a frame over 4096 bytes":     {true, [][]byte{make([]byte, 4097)}},
		"lane 8":                      {true, [][]byte{{8, 1}}},
		"an unknown message":          {false, [][]byte{{7, 99, 0x80}}},
		"not CBOR":                    {false, [][]byte{{7, byte(replica.KAck), 0xff}}},
		"an indefinite array":         {false, [][]byte{{5, byte(replica.KRecords), 0x81, 0x9f, 0xff}}},
		"a lying length":              {false, [][]byte{{5, byte(replica.KRecords), 0x81, 0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}},
		"too few digests":             {true, replica.Frames(7, replica.KState, &replica.State{Nonce: make([]byte, 16), Digests: digests(6, 16)})},
		"a short fingerprint":         {true, replica.Frames(7, replica.KState, &replica.State{Nonce: make([]byte, 16), Digests: digests(7, 15)})},
		"a short nonce":               {true, replica.Frames(7, replica.KState, &replica.State{Nonce: make([]byte, 15), Digests: digests(7, 16)})},
		"through beyond the end":      {true, replica.Frames(7, replica.KState, &replica.State{Through: 1, Nonce: make([]byte, 16), Digests: digests(7, 16)})},
		"no records":                  {false, replica.Frames(5, replica.KRecords, replica.Records{})},
		"a record of 10,000 bytes":    {false, replica.Frames(5, replica.KRecords, replica.Records{Encs: [][]byte{make([]byte, 10_000)}})},
		"an offer of half an id":      {false, replica.Frames(5, replica.KOffer, replica.Offer{IDs: make([]byte, 12)})},
		"an offer of 501":             {false, replica.Frames(5, replica.KOffer, replica.Offer{IDs: make([]byte, 501*8)})},
		"an offer in control":         {false, replica.Frames(7, replica.KOffer, replica.Offer{IDs: make([]byte, 8)})},
		"wants of half an id":         {false, replica.Frames(5, replica.KWants, replica.Wants{IDs: make([]byte, 33)})},
		"wants of 1001":               {false, replica.Frames(5, replica.KWants, replica.Wants{IDs: make([]byte, 1001*32)})},
		"a reconciliation in control": {false, replica.Frames(7, replica.KReconcile, replica.ReconcileMsg{First: true, Message: []byte{0x61}})},
		"unordered bounds":            {false, replica.Frames(5, replica.KReconcile, replica.ReconcileMsg{First: true, Message: []byte{0x61, 9, 0, 0, 1, 1, 0, 0, 0, 0}})},
		"a lying id list":             {false, replica.Frames(5, replica.KReconcile, replica.ReconcileMsg{First: true, Message: []byte{0x61, 0, 0, 2, 0xff, 0x7f, 1}})},
		"a proof of class 9":          {false, replica.Frames(7, replica.KProof, replica.Proof{Class: 9, Fingerprint: make([]byte, 16), Hash: make([]byte, 32)})},
		"a message without an end":    {false, endless()},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVictim(t)
			if !c.first {
				v.greet()
			}
			if err := v.hear(c.frames...); !errors.Is(err, replica.ErrProtocol) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func endless() (frames [][]byte) {
	for range 40 {
		f := make([]byte, replica.MaxFrame)
		f[0], f[1] = 5|0x80, byte(replica.KRecords)
		frames = append(frames, f)
	}
	return frames
}

func TestAPeerThatSendsWhatNoHubKeepsIsLeft(t *testing.T) {
	for name, spoil := range map[string]func(v *victim, enc []byte) []byte{
		"a wrong signature": func(_ *victim, enc []byte) []byte { enc[len(enc)-1] ^= 1; return enc },
		"a trailing byte":   func(_ *victim, enc []byte) []byte { return append(enc, 0) },
		"another community": func(_ *victim, enc []byte) []byte { enc[5] ^= 1; return enc },
		"another version":   func(_ *victim, enc []byte) []byte { enc[2] = 2; return enc },
		"garbage":           func(*victim, []byte) []byte { return []byte("hello") },
	} {
		t.Run(name, func(t *testing.T) {
			v := newVictim(t)
			v.greet()
			bad := spoil(v, bytes.Clone(v.post("ana", "town/1").Encoding()))
			ok(t, v.hear(replica.Frames(5, replica.KRecords, replica.Records{Encs: [][]byte{bad}})...))
			if err := v.step(time.Second); !errors.Is(err, replica.ErrProtocol) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func (v *victim) post(name, key string) record.Record {
	v.t.Helper()
	r, err := v.town.Post(simnet.Key(name), record.Via{}, key, record.At(v.now), 30, "text")
	ok(v.t, err)
	return r
}

func TestWhatTheRosterRefusesIsNotKept(t *testing.T) {
	v := newVictim(t)
	v.greet()
	notice := v.post("stranger", "town/1")
	notice.Class = record.Notice
	signed, err := v.town.Codec.Sign(notice, simnet.Key("stranger"))
	ok(t, err)
	ok(t, v.hear(replica.Frames(1, replica.KRecords, replica.Records{Encs: [][]byte{signed.Encoding()}})...))
	if err := v.step(time.Second); err != nil {
		t.Fatalf("an honest hub may know more than we do, yet the link ended: %v", err)
	}
	at, err := v.store.Find(signed.ID())
	ok(t, err)
	if at[0] != 0 {
		t.Fatal("a notice by a stranger is in the set")
	}
}

func TestAPeerThatNeverAnswersIsLeft(t *testing.T) {
	t.Run("no state", func(t *testing.T) {
		v := newVictim(t)
		if err := v.step(29 * time.Second); err != nil {
			t.Fatalf("too soon: %v", err)
		}
		if err := v.step(2 * time.Second); !errors.Is(err, replica.ErrProtocol) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("no answer to a tail", func(t *testing.T) {
		v := newVictim(t)
		s := v.state()
		s.Digests[record.Talk].Count, s.Arrival = 5, 9 // it has what we lack, so we ask
		ok(t, v.hear(replica.Frames(replica.Control, replica.KState, s)...))
		if err := v.step(31 * time.Second); !errors.Is(err, replica.ErrProtocol) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("no acknowledgement", func(t *testing.T) {
		v := newVictim(t)
		v.greet()
		ok(t, v.hear(replica.Frames(0, replica.KWants, replica.Wants{IDs: idsOf(v.town.Trust)})...))
		if v.says() == 0 {
			t.Fatal("what was wanted was not sent")
		}
		if err := v.step(31 * time.Second); !errors.Is(err, replica.ErrProtocol) {
			t.Fatalf("got %v", err)
		}
	})
}

func idsOf(rs []record.Record) (b []byte) {
	for _, r := range rs {
		id := r.ID()
		b = append(b, id[:]...)
	}
	return b
}

func TestAPeerThatAnswersForEverIsLeft(t *testing.T) {
	v := newVictim(t)
	v.greet()
	var encs [][]byte
	for range 200 {
		encs = append(encs, v.town.Trust[0].Encoding())
	}
	frames := replica.Frames(0, replica.KRecords, replica.Records{Encs: encs})
	for sent := 0; sent < 1_000_000; sent += 200 {
		if err := v.hear(frames...); err != nil {
			t.Fatal(err)
		}
		v.says() // acknowledgements among it
		if err := v.step(time.Millisecond); err != nil {
			if !errors.Is(err, replica.ErrProtocol) {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("a million copies of one record were listened to")
}

func TestAPeerThatWaitsForNoAcknowledgementIsLeft(t *testing.T) {
	v := newVictim(t)
	v.greet()
	frames := replica.Frames(0, replica.KRecords, replica.Records{Encs: [][]byte{v.town.Trust[0].Encoding()}})
	for sent := 0; sent < 32<<20; sent += len(frames[0]) {
		if err := v.hear(frames...); err != nil {
			if !errors.Is(err, replica.ErrProtocol) {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("32 MB were taken in without an acknowledgement")
}

// TestTheWindowHolds: to a peer that acknowledges nothing, no more is sent than
// the smallest window.
func TestTheWindowHolds(t *testing.T) {
	v := newVictim(t)
	hub := simnet.Key("h0")
	for i := range 10 {
		r, err := v.town.Vouch(hub, i+1, record.At(v.now), simnet.Author(fmt.Sprint(i)), "")
		ok(t, err)
		_, err = v.store.Apply(context.Background(), r)
		ok(t, err)
		for k := range 100 {
			_, err := v.store.Apply(context.Background(), v.post(fmt.Sprint(i), fmt.Sprint(k)))
			ok(t, err)
		}
	}
	v.greet()
	ok(t, v.step(time.Millisecond))
	if n := v.says(); n > 20<<10 {
		t.Fatalf("%d bytes were sent to a peer that acknowledged none", n)
	}
}

// listen takes what the victim has to say and acknowledges it.
func (v *victim) listen(heard *uint64) (n int) {
	v.t.Helper()
	for {
		f, err := v.engine.Next(v.now, theLink)
		ok(v.t, err)
		if f == nil {
			return n
		}
		n += len(f)
		if f[0]&0x7f != replica.Control {
			*heard += uint64(len(f))
			ok(v.t, v.hear(replica.Frames(replica.Control, replica.KAck, replica.Ack{Bytes: *heard})...))
		}
	}
}

// TestWhatAPeerIsGivenIsBounded: one that acknowledges all and asks for ever is
// left before it has had much more than all there is.
func TestWhatAPeerIsGivenIsBounded(t *testing.T) {
	for name, ask := range map[string]func(v *victim, ids []byte) [][]byte{
		"the same records": func(_ *victim, ids []byte) [][]byte {
			return replica.Frames(5, replica.KWants, replica.Wants{IDs: ids[:32*1000]})
		},
		"the same tail": func(*victim, []byte) [][]byte {
			return replica.Frames(replica.Control, replica.KTail, replica.Tail{})
		},
		"the same ids": func(*victim, []byte) [][]byte {
			return replica.Frames(5, replica.KReconcile, replica.ReconcileMsg{Session: 1, Message: []byte{0x61, 0, 0, 2, 0}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVictim(t)
			posts := v.residents(5, 400)
			_, err := v.store.Apply(context.Background(), posts...)
			ok(t, err)
			ok(t, v.engine.Changed(v.now))
			v.greet()
			ok(t, v.hear(replica.Frames(5, replica.KReconcile, replica.ReconcileMsg{Session: 1, First: true, Message: []byte{0x61, 0, 0, 2, 0}})...))
			size := 0
			for _, p := range posts {
				size += len(p.Encoding())
			}
			var heard uint64
			given := 0
			for range 100_000 {
				if err = v.hear(ask(v, idsOf(posts))...); err == nil {
					given += v.listen(&heard)
					err = v.step(20 * time.Millisecond)
				}
				if err != nil {
					break
				}
			}
			if !errors.Is(err, replica.ErrProtocol) {
				t.Fatalf("it goes on for ever: %v", err)
			}
			if limit := 2*size + 3<<20; given > limit {
				t.Errorf("%d bytes were given, all there is are %d", given, size)
			}
			t.Logf("%d bytes given, then: %v", given, err)
		})
	}
}

// TestWhoBreaksTheProtocolRests: the next link waits, longer each time, but never
// so long that an honest peer would give up; in the end all is forgotten.
func TestWhoBreaksTheProtocolRests(t *testing.T) {
	v := newVictim(t)
	rogue := simnet.Author("h1")
	if d := v.engine.Rest(v.now, rogue); d != 0 {
		t.Fatalf("an honest peer waits for %v", d)
	}
	last := time.Duration(0)
	for range 10 {
		if err := v.hear([]byte{7, 99, 0x80}); !errors.Is(err, replica.ErrProtocol) {
			t.Fatal(err)
		}
		v.engine.Down(theLink)
		d := v.engine.Rest(v.now, rogue)
		if d < max(last, time.Second) || d > 20*time.Second || d >= replica.DefaultLimits().Patience {
			t.Fatalf("it rests for %v after %v", d, last)
		}
		last = d
		v.now = v.now.Add(d)
		if d := v.engine.Rest(v.now, rogue); d != 0 {
			t.Fatalf("after its rest it rests for %v", d)
		}
		ok(t, v.engine.Up(v.now, theLink, rogue))
	}
	v.now = v.now.Add(2 * time.Hour)
	_ = v.hear([]byte{7, 99, 0x80})
	if d := v.engine.Rest(v.now, rogue); d != time.Second {
		t.Errorf("long after it rests for %v", d)
	}
}

// TestAForgedFingerprintIsSeenThrough: equal digests and a proof that differs
// lead to a comparison of every id.
func TestAForgedFingerprintIsSeenThrough(t *testing.T) {
	w := line(t, 9, 2)
	resident(t, w, 0, 1, "ana")
	for i := range 300 {
		post(t, w, 0, "ana", fmt.Sprintf("k/%d", i))
	}
	ok(t, w.Settle(10*time.Second))
	first, id := w.First(0, 1)
	p, err := first.Engine.Prove(id, record.Talk)
	ok(t, err)
	p.Hash = make([]byte, 32)
	before := w.Bytes
	ok(t, w.Run(11*time.Second))
	idle := w.Bytes - before
	for _, f := range replica.Frames(replica.Control, replica.KProof, p) {
		ok(t, first.Engine.Receive(w.Now, id, f))
	}
	before = w.Bytes
	ok(t, w.Run(11*time.Second))
	if n := w.Bytes - before - idle; n < 300*32*3/2 {
		t.Fatalf("%d bytes are not every id both ways", n)
	}
}

func FuzzReceive(f *testing.F) {
	for _, frames := range [][][]byte{
		{{7, byte(replica.KAck), 0x81, 0x00}},
		replica.Frames(5, replica.KOffer, replica.Offer{IDs: make([]byte, 8)}),
		replica.Frames(5, replica.KRecords, replica.Records{Encs: [][]byte{{1}}}),
		replica.Frames(7, replica.KTail, replica.Tail{}),
		replica.Frames(7, replica.KAnswer, replica.Answer{Wants: []byte{1}}),
		replica.Frames(0, replica.KReconcile, replica.ReconcileMsg{First: true, Message: []byte{0x61, 0, 0, 2, 0}}),
		replica.Frames(0, replica.KWants, replica.Wants{IDs: make([]byte, 32)}),
		replica.Frames(7, replica.KProof, replica.Proof{Fingerprint: make([]byte, 16), Hash: make([]byte, 32)}),
	} {
		f.Add(append([]byte{byte(len(frames[0]))}, frames[0]...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v := newVictim(t)
		v.greet()
		for len(b) > 0 { // a byte of length before each frame
			n := min(int(b[0]), len(b)-1)
			if err := v.hear(b[1 : 1+n]); err != nil {
				if !errors.Is(err, replica.ErrProtocol) {
					t.Fatal(err)
				}
				return
			}
			b = b[1+n:]
			v.says()
		}
		if err := v.step(time.Second); err != nil && !errors.Is(err, replica.ErrProtocol) {
			t.Fatal(err)
		}
	})
}
