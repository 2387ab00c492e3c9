package replica_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// freight is a cargo without end: a word at once and for each load that comes, and
// always another load.
type freight struct {
	links        map[replica.LinkID]int // words owed
	words, loads int
	bad          error
}

func (f *freight) Up(_ time.Time, id replica.LinkID, _ record.Author) { f.links[id] = 1 }
func (f *freight) Down(_ time.Time, id replica.LinkID)                { delete(f.links, id) }
func (f *freight) Step(time.Time) error                               { return f.bad }

func (f *freight) Receive(_ time.Time, id replica.LinkID, m []byte) error {
	switch {
	case len(m) == replica.MaxCargo && m[0] == 'L':
		f.loads++
		f.links[id]++
	case string(m) == "word":
		f.words++
	default:
		f.bad = fmt.Errorf("a message of %d bytes came", len(m))
	}
	return nil
}

func (f *freight) Word(_ time.Time, id replica.LinkID) []byte {
	if f.links[id] == 0 {
		return nil
	}
	f.links[id]--
	return []byte("word")
}

func (f *freight) Load(time.Time, replica.LinkID) []byte {
	m := make([]byte, replica.MaxCargo)
	m[0] = 'L'
	return m
}

func laden(t *testing.T, w *simnet.World) []*freight {
	t.Helper()
	all := make([]*freight, len(w.Hubs))
	ok(t, w.Load(func(i int) simnet.Cargo {
		all[i] = &freight{links: map[replica.LinkID]int{}}
		return all[i]
	}))
	return all
}

// Cargo uses what records leave, however much there is of it: a post takes no longer,
// and sets that differ are compared beside it.
func TestCargoGoesWhenNoRecordWaits(t *testing.T) {
	w := world(t, 30, 2)
	all := laden(t, w)
	w.Connect(0, 1)
	ok(t, w.Run(2*time.Second))
	resident(t, w, 0, 1, "ana")
	resident(t, w, 1, 1, "ben")
	for i := range 20 {
		r := post(t, w, 0, "ana", fmt.Sprintf("town/%d", i))
		ok(t, w.Run(300*time.Millisecond))
		if !has(t, w, 1, r) {
			t.Fatalf("post %d is not at hub 1 after 300 ms", i)
		}
	}
	backup, err := w.Backup(1)
	ok(t, err)
	w.Cut(0, 1)
	for i := range 100 {
		post(t, w, 0, "ana", fmt.Sprintf("a/%d", i))
		post(t, w, 1, "ben", fmt.Sprintf("b/%d", i))
	}
	ok(t, w.Restore(1, backup)) // no tail is known any more: what differs is found by comparing
	ok(t, w.Start(1))
	w.Connect(0, 1)
	ok(t, w.Settle(10*time.Second))
	if f := all[0]; f.loads < 100 || f.words < f.loads/2 {
		t.Errorf("hub 0 was brought %d loads and %d words", f.loads, f.words)
	}
}

// Cargo on a link that carries none ends it, and so does what is no cargo message.
func TestCargoWhereThereIsNone(t *testing.T) {
	const kindOfCargo = 12
	for name, c := range map[string]struct {
		carries bool
		frames  [][]byte
		left    bool
	}{
		"none is carried":   {false, [][]byte{append([]byte{7, kindOfCargo}, "word"...)}, true},
		"a word":            {true, [][]byte{append([]byte{7, kindOfCargo}, "word"...)}, false},
		"in another's lane": {true, [][]byte{append([]byte{5, kindOfCargo}, "word"...)}, true},
		"of two frames": {true, [][]byte{
			append([]byte{6 | 0x80, kindOfCargo}, make([]byte, replica.MaxFrame-2)...), {6, 'x'},
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(t, 31, 2)
			if c.carries {
				laden(t, w)
			}
			w.Connect(0, 1)
			ok(t, w.Run(time.Second))
			first, id := w.First(0, 1)
			var err error
			for _, f := range c.frames {
				err = first.Engine.Receive(w.Now, id, f)
			}
			if errors.Is(err, replica.ErrProtocol) != c.left || err != nil && !c.left {
				t.Error(err)
			}
		})
	}
}

// backlog is a victim's link on which much is under way. Of its ends the victim is the
// one that begins to compare.
type backlog struct {
	*victim
	sent, heard uint64 // bytes outside control, and how many were acknowledged
	compares    bool   // it has begun to compare the sets
}

func newBacklog(t *testing.T, cargo replica.Cargo) *backlog {
	t.Helper()
	return &backlog{victim: newVictimAs(t, "h1", "h0", cargo)}
}

// take takes all that the victim has to say now.
func (b *backlog) take() {
	b.t.Helper()
	for {
		f, err := b.engine.Next(b.now, theLink)
		ok(b.t, err)
		if f == nil {
			return
		}
		if f[0]&0x7f != replica.Control {
			b.sent += uint64(len(f))
			b.compares = b.compares || replica.Kind(f[1]) == replica.KReconcile
		}
	}
}

// acknowledge takes in all but the last bytes.
func (b *backlog) acknowledge(but uint64) {
	b.t.Helper()
	b.heard = b.sent - but
	ok(b.t, b.hear(replica.Frames(replica.Control, replica.KAck, replica.Ack{Bytes: b.heard})...))
}

// differ tells of a set that is another, and of which no tail is known.
func (b *backlog) differ() {
	b.t.Helper()
	s := b.state()
	s.Digests[record.Place].Count, s.Arrival, s.Through = 5, 9, 9
	ok(b.t, b.hear(replica.Frames(replica.Control, replica.KState, s)...))
	ok(b.t, b.hear(replica.Frames(replica.Control, replica.KTailNo, []int{})...))
	ok(b.t, b.step(simnet.Tick))
	b.take()
}

// Sets are compared however much cargo is under way: only records could still make
// them equal.
func TestCargoUnderWayPutsNoComparisonOff(t *testing.T) {
	b := newBacklog(t, &freight{links: map[replica.LinkID]int{}})
	b.greet()
	for b.sent-b.heard < 256<<10 { // the window opens
		b.acknowledge(0)
		b.take()
	}
	b.acknowledge(200 << 10)
	b.differ()
	if !b.compares {
		t.Fatal("the sets are not compared while cargo is under way")
	}
}

func TestRecordsUnderWayPutAComparisonOff(t *testing.T) {
	b := newBacklog(t, nil)
	b.residents(1, 0)
	b.greet()
	for i := 0; b.sent-b.heard < 100<<10; i++ {
		b.acknowledge(0)
		for k := range 2 * i {
			r, err := b.town.Post(simnet.Key("resident 0"), record.Via{}, fmt.Sprintf("k/%d/%d", i, k), record.At(b.now), 30, strings.Repeat("x", 3500))
			ok(t, err)
			_, err = b.store.Apply(t.Context(), r)
			ok(t, err)
		}
		ok(t, b.step(simnet.Tick))
		b.take()
	}
	b.differ()
	if b.compares {
		t.Fatal("what is under way makes sets differ, and they are compared")
	}
	b.acknowledge(0)
	ok(t, b.step(simnet.Tick))
	b.take()
	if !b.compares {
		t.Fatal("the sets are not compared when all has come")
	}
}
