package node

import (
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Of many hubs that are gone each of the others looks for two at a time, and by and
// by for all; who has no link looks for all at once.
func TestHubsThatAreGoneAreLookedForInTurn(t *testing.T) {
	var cs []candidate
	for i := range 19 {
		cs = append(cs, candidate{key: record.Author{1: byte(i + 1)}, certified: true, up: i < 9})
	}
	self := record.Author{2: 1}
	seen := map[record.Author]bool{}
	for at := time.Duration(0); at < 90*time.Second; at += lostTurn {
		lost := lostOf(cs, self, 6, at)
		if len(lost) != 2 {
			t.Errorf("%d are looked for after %v", len(lost), at)
		}
		for _, key := range lost {
			seen[key] = true
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d of 10 were looked for", len(seen))
	}
	if slices.Equal(lostOf(cs, self, 6, 0), lostOf(cs, record.Author{2: 2}, 6, 0)) {
		t.Error("two hubs look for the same")
	}
	if n := len(lostOf(cs, self, 0, 0)); n != 10 {
		t.Errorf("%d are looked for by a hub without links", n)
	}
	if n := len(lostOf(cs[5:12], self, 3, 0)); n != 3 {
		t.Errorf("%d of 3 are looked for in a small community", n)
	}
}
