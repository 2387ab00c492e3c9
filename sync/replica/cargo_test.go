package replica_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// freight is a cargo without end: a word for each load that comes, and always
// another load.
type freight struct {
	links        map[replica.LinkID]int // words owed
	words, loads int
	bad          error
}

func (f *freight) Up(_ time.Time, id replica.LinkID, _ record.Author) { f.links[id] = 0 }
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
