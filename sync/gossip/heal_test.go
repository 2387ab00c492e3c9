package gossip

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Of a full book of dead addresses each is tried within the time of a sweep,
// wherever it stands, also when attempts end one by one and each frees one place.
func TestEveryAddressIsTriedThoughAttemptsEndOneByOne(t *testing.T) {
	known := make([]string, MaxKnown)
	for i := range known {
		known[i] = fmt.Sprintf("10.9.%d.1:7946", i)
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	h := newHeal(func(_, _ netip.Addr) bool { return false })
	h.update(start, known, newRoll(record.Author{1}), netip.AddrPort{})

	const step = dialTimeout / atOnce
	first := map[string]time.Duration{}
	var trying []string
	for now := time.Duration(0); now < 40*time.Second; now += step {
		if len(trying) == atOnce {
			h.done(trying[0], false)
			trying = trying[1:]
		}
		for _, addr := range h.pick(start.Add(now)) {
			if _, ok := first[addr]; !ok {
				first[addr] = now
			}
			trying = append(trying, addr)
		}
	}
	if n := len(first); n != MaxKnown {
		t.Errorf("within 40 s %d of %d addresses were tried", n, MaxKnown)
	}
	for _, addr := range known[:atOnce/2] {
		if at, ok := first[addr]; !ok || at > 0 {
			t.Errorf("%s, one of the best known, was tried after %v", addr, at)
		}
	}
}
