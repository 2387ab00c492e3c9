package fetching

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// However many hubs give other files than they say, few of that are remembered: the latest.
func TestFewLiesAreRemembered(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	f := New(nil, nil, nil, nil)
	f.now = func() time.Time { return now }
	of := func(i int) lie { return lie{of: record.Author{1, byte(i >> 8), byte(i)}} }
	for i := range 500 {
		now = now.Add(time.Second)
		f.avoid(of(i))
	}
	if _, last := f.lies[of(499)]; len(f.lies) != maxLies || !last {
		t.Errorf("%d are remembered, the last one among them: %t", len(f.lies), last)
	}
	now = now.Add(avoided)
	f.avoid(of(500))
	if len(f.lies) != 1 {
		t.Errorf("%d are remembered after their time", len(f.lies))
	}
}
