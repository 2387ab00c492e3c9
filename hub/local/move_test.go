package local

import (
	"errors"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// A hub's vouch in somebody's place is for another now: they get one that nobody
// has, here or by the vouches, and it lasts.
func TestWhoLostTheirPlaceGetsAnother(t *testing.T) {
	b := newBox(t)
	b.place(1)
	b.place(2)
	taken := map[int]record.Author{1: author(1), 2: author(9), 3: author(8)}
	n, err := b.Move(author(2), taken, noon)
	if n != 4 || err != nil {
		t.Fatalf("place %d, %v", n, err)
	}
	b.must(b.Seat(taken, noon))
	b.crash()
	want := map[int]record.Author{1: author(1), 2: author(9), 3: author(8), 4: author(2)}
	for n, a := range want {
		if got := b.Seats()[n]; got != a {
			t.Errorf("place %d is another's", n)
		}
	}
	if b.place(2) != 4 || len(b.Seats()) != len(want) {
		t.Errorf("they have %d places for %d", len(b.Seats()), len(want))
	}
	full := map[int]record.Author{}
	for n := range Places {
		full[n] = author(n + 1)
	}
	if _, err := b.Move(author(2), full, noon); !errors.Is(err, ErrFull) {
		t.Errorf("a place where there is none: %v", err)
	}
}
