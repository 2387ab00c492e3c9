package reconcile

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestARangeThatDoesNotFitIsPutOff(t *testing.T) {
	set := NewFlat(items(rand.New(rand.NewPCG(12, 12)), 1000, 1<<40))
	b, err := NewResponder(set, Options{FrameLimit: MinFrame})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := b.Respond(message(0, 0, 2, 0))
	if err != nil {
		t.Fatal(err)
	}
	pieces, err := drain(reply)
	if err != nil || len(pieces) != 2 {
		t.Fatalf("%d ranges, %v", len(pieces), err)
	}
	list, rest := pieces[0], pieces[1]
	n := len(list.ids) / IDSize
	if list.mode != modeIDList || n < 100 || set.Search(list.upper) != n {
		t.Errorf("a list of %d ids up to item %d", n, set.Search(list.upper))
	}
	if rest.mode != modeFingerprint || !rest.upper.IsInfinity() || rest.fingerprint != set.Fingerprint(n, 1000) {
		t.Error("the rest is not the fingerprint of all that follows")
	}
}

func TestTheRestOfNothingIsAnEmptyList(t *testing.T) {
	set := NewFlat([]Item{{Time: 3}})
	w := newWriter(set, MinFrame)
	w.putSkip(Bound{Time: 9}, 1)
	w.close()
	w.putSkip(Bound{Time: 10}, 1)
	w.putSplit(1, 1, Infinity())
	w.close()
	if want := message(10, 0, 0, 0, 0, 2, 0); !bytes.Equal(w.buf, want) {
		t.Errorf("%x, want %x", w.buf, want)
	}
}

func TestEncoding(t *testing.T) {
	fp := Sum{}.Fingerprint(0)
	id := ID{9, 31: 1}
	w := newWriter(NewFlat([]Item{{Time: 300, ID: id}}), MinFrame)
	w.putSkip(Bound{Time: 4}, 0)
	w.putSkip(Bound{Time: 5, ID: ID{7, 0, 8}}, 0) // joined with the one before
	w.putSplit(0, 0, Bound{Time: 300, ID: ID{9}})
	w.putIDs(0, 1, Bound{Time: 301})
	w.begin(Infinity(), 1, modeFingerprint)
	w.buf = append(w.buf, fp[:]...)
	want := message(6, 3, 7, 0, 8, 0, 0x82, 0x28, 1, 9, 2, 0, 2, 0, 2, 1, id, 0, 0, 1, fp[:])
	if !bytes.Equal(w.buf, want) {
		t.Errorf("%x, want %x", w.buf, want)
	}
}
