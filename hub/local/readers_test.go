package local

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

const town = hub.Term("c/town")

// upTo is a mark of a look at a list with one item for each that came.
func upTo(n uint64) hub.Mark {
	return hub.Mark{Newest: hub.Cursor(n), Came: hub.Arrival{Epoch: 7, Number: n}}
}

func (b *box) seen(n int, want hub.Seen) {
	b.Helper()
	if got := b.Seen(author(n), "messages", town); got != want {
		b.Errorf("person %d has seen %+v, want %+v", n, got, want)
	}
}

func TestWhatIsNewSinceTheLastVisitStaysSoDuringThisOne(t *testing.T) {
	b := newBox(t)
	b.seen(1, hub.Seen{})
	b.See(author(1), "messages", town, upTo(100))
	b.seen(1, hub.Seen{Last: upTo(100)})
	b.ran += time.Minute // a reload: the same visit
	b.See(author(1), "messages", town, upTo(200))
	b.seen(1, hub.Seen{Last: upTo(200)})

	b.ran += time.Hour // another one
	b.seen(1, hub.Seen{Last: upTo(200), Before: upTo(200)})
	b.See(author(1), "messages", town, upTo(300))
	b.ran += time.Minute
	b.seen(1, hub.Seen{Last: upTo(300), Before: upTo(200)})
	b.See(author(1), "messages", town, upTo(400))
	b.seen(1, hub.Seen{Last: upTo(400), Before: upTo(200)})
	b.seen(2, hub.Seen{})
}

func TestAnEmptyListThatWasSeenIsNotOneNeverSeen(t *testing.T) {
	b := newBox(t)
	b.See(author(1), "messages", town, hub.Mark{})
	b.seen(1, hub.Seen{Last: hub.Mark{Newest: 1}})
}

func TestAMarkFollowsTheListBack(t *testing.T) {
	b := newBox(t)
	b.See(author(1), "messages", town, upTo(1<<60)) // of a clock that was wrong, which is known only later
	b.See(author(1), "messages", town, upTo(500))
	b.seen(1, hub.Seen{Last: upTo(500)})
}

func TestMarksAreWrittenWithTheOthersAndNotBefore(t *testing.T) {
	b := newBox(t)
	b.See(author(1), "messages", town, upTo(100))
	b.crash()
	b.seen(1, hub.Seen{})
	b.See(author(1), "messages", town, upTo(100))
	b.restart()
	b.seen(1, hub.Seen{Last: upTo(100)})
	b.See(author(1), "messages", town, upTo(200))
	b.ran += flushInterval
	_, err := b.Prune()
	b.must(err)
	b.crash()
	b.seen(1, hub.Seen{Last: upTo(200), Before: upTo(200)})
}

func TestHidingIsForOneselfAndOnDisk(t *testing.T) {
	b := newBox(t)
	b.See(author(1), "messages", town, upTo(100))
	b.must(b.SetHidden(author(1), author(7), true))
	b.must(b.SetHidden(author(1), author(8), true))
	b.must(b.SetHidden(author(1), author(8), true)) // twice is once
	b.crash()
	b.seen(1, hub.Seen{Last: upTo(100)})
	if got := b.Hidden(author(1)); !slices.Equal(got, []record.Author{author(8), author(7)}) {
		t.Errorf("hidden: %v", got)
	}
	if !b.Hides(author(1), author(7)) || b.Hides(author(7), author(1)) || b.Hides(author(2), author(7)) {
		t.Error("somebody else is hidden, or for somebody else")
	}
	b.must(b.SetHidden(author(1), author(7), false))
	b.must(b.SetHidden(author(1), author(7), false))
	b.crash()
	if b.Hides(author(1), author(7)) || !b.Hides(author(1), author(8)) {
		t.Error("what was undone is not, or more is")
	}
	if b.SetHidden(author(1), record.Author{}, true) == nil || b.SetHidden(record.Author{}, author(1), true) == nil {
		t.Error("nobody can be hidden, and nobody hides")
	}
}

func TestOnePersonHidesABoundedNumber(t *testing.T) {
	b := newBox(t)
	for i := range MaxHidden {
		b.must(b.SetHidden(author(1), record.Author{1, byte(i), byte(i >> 8)}, true))
	}
	if err := b.SetHidden(author(1), author(9), true); !errors.Is(err, ErrHidesMany) {
		t.Fatal(err)
	}
	b.must(b.SetHidden(author(1), record.Author{1, 5}, false))
	b.must(b.SetHidden(author(1), author(9), true))
	b.restart()
	if n := len(b.Hidden(author(1))); n != MaxHidden {
		t.Errorf("%d are hidden", n)
	}
}

func TestMarksOfOnePersonAreBounded(t *testing.T) {
	b := newBox(t)
	for i := range 2 * MaxMarks {
		b.ran += time.Second
		b.See(author(1), "messages", hub.Term(fmt.Sprint("c/", i)), upTo(100))
	}
	b.restart()
	first, last := b.Seen(author(1), "messages", "c/0"), b.Seen(author(1), "messages", hub.Term(fmt.Sprint("c/", 2*MaxMarks-1)))
	if n := len(b.readers[author(1)].Marks); n != MaxMarks || first != (hub.Seen{}) || last.Last != upTo(100) {
		t.Errorf("%d marks; the first %+v, the last %+v", n, first, last)
	}
}

func TestACrowdPushesNoNeighborsMarksOut(t *testing.T) {
	b := newBox(t)
	_, _, err := b.Place(author(1), noon)
	b.must(err)
	b.See(author(1), "messages", town, upTo(100))
	for i := range MaxReaders + 100 {
		b.ran += time.Second
		b.See(record.Author{2, byte(i), byte(i >> 8)}, "messages", town, upTo(5))
	}
	b.restart()
	if n := len(b.readers); n != MaxReaders {
		t.Errorf("%d readers", n)
	}
	b.seen(1, hub.Seen{Last: upTo(100), Before: upTo(100)})
}

func TestADamagedReaderCostsTheirMarksAndNothingElse(t *testing.T) {
	b := newBox(t)
	b.See(author(1), "messages", town, upTo(100))
	b.See(author(2), "messages", town, upTo(100))
	b.must(b.flush())
	b.must(b.db.Update(func(tx *bbolt.Tx) error {
		who := author(1)
		return errors.Join(tx.Bucket(bucketReaders).Put(who[:], []byte("nonsense")), tx.Bucket(bucketReaders).Put([]byte("short"), []byte{0xa0}))
	}))
	b.restart()
	b.seen(1, hub.Seen{})
	b.seen(2, hub.Seen{Last: upTo(100)})
	b.must(b.flush())
	b.must(b.db.View(func(tx *bbolt.Tx) error {
		if n := tx.Bucket(bucketReaders).Stats().KeyN; n != 1 {
			t.Errorf("%d entries", n)
		}
		return nil
	}))
}

func TestMarksOfBeforeItWasKeptWhatHadComeAreRead(t *testing.T) {
	b := newBox(t)
	b.See(author(1), "messages", town, upTo(1))
	b.must(b.flush())
	old := struct {
		Marks map[string]map[int]uint64 `cbor:"1,keyasint"`
		Used  time.Duration             `cbor:"3,keyasint"`
	}{Marks: map[string]map[int]uint64{listKey("messages", town): {1: 200, 2: 100, 3: 0}}}
	b.must(b.db.Update(func(tx *bbolt.Tx) error {
		who := author(1)
		return put(tx.Bucket(bucketReaders), who[:], &old)
	}))
	b.restart()
	b.seen(1, hub.Seen{Last: hub.Mark{Newest: 200}, Before: hub.Mark{Newest: 100}})
	b.See(author(1), "messages", town, upTo(300))
	b.restart()
	b.seen(1, hub.Seen{Last: upTo(300), Before: hub.Mark{Newest: 100}})
}
