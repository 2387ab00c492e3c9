package reach_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

func TestHistoryTellsWhenTheLastPlaceWasLearnedOf(t *testing.T) {
	var h reach.History
	learn := func(at time.Time, first, second uint64, grows bool) {
		t.Helper()
		held := map[record.Via]uint64{via(1): first}
		if second > 0 {
			held[via(2)] = second
		}
		if h.Learn(at, held) != grows {
			t.Errorf("at %v: growth %v", at, !grows)
		}
	}
	want := func(n uint64, hubs int, learned time.Time) {
		t.Helper()
		if got, at := h.Of(n); got != hubs || !at.Equal(learned) {
			t.Errorf("%d: %d since %v, want %d since %v", n, got, at, hubs, learned)
		}
	}
	learn(time.Time{}, 10, 0, true) // at the start
	want(10, 1, time.Time{})
	want(11, 0, time.Time{})
	learn(minute(1), 20, 5, true)
	learn(minute(2), 20, 5, false)
	learn(minute(3), 30, 5, true)
	want(5, 2, minute(1))
	want(10, 1, time.Time{})
	want(15, 1, minute(1))
	want(25, 1, minute(3))
	learn(minute(4), 25, 25, true)
	want(25, 2, minute(4))
	want(26, 0, time.Time{})
	learn(minute(5), 12, 25, false) // restored from a backup
	want(20, 1, minute(4))
	want(12, 2, minute(4))
	if h.Learn(minute(6), nil) {
		t.Error("growth by a loss")
	}
	want(1, 0, time.Time{})
}

// However long it goes on, little is kept, all that is held is told, and a moment
// is never told to be earlier than it was.
func TestHistoryIsBoundedAndNeverTooEarly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h reach.History
		var upto uint64
		at := map[uint64]time.Time{}
		for i := range rapid.IntRange(1, 5*reach.MaxSteps).Draw(t, "steps") {
			n := rapid.Uint64Range(0, 3).Draw(t, "more")
			for k := range n {
				at[upto+k+1] = minute(i)
			}
			upto += n
			if grew := h.Learn(minute(i), map[record.Via]uint64{via(1): upto}); grew != (n > 0 || i == 0) {
				t.Fatalf("growth by %d: %v", n, grew)
			}
		}
		for n, then := range at {
			if hubs, learned := h.Of(n); hubs != 1 || learned.Before(then) {
				t.Fatalf("%d: %d hubs at %v, which was %v", n, hubs, learned, then)
			}
		}
		if n, _ := h.Of(upto + 1); n != 0 {
			t.Fatal("more than was learned")
		}
		if steps := h.Steps(); steps > reach.MaxSteps {
			t.Fatalf("%d steps are kept", steps)
		}
	})
}
