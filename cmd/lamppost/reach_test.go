package main

import (
	"strings"
	"testing"
	"time"
)

// untilSaid waits until the page says something below a post, and returns how long
// that took.
func untilSaid(t *testing.T, within time.Duration, n *neighbor, text, below string) time.Duration {
	t.Helper()
	begun := time.Now()
	var last shown
	err := waitFor(t.Context(), within, func() (bool, error) {
		p, _, err := n.find(text)
		last = p
		return strings.Contains(p.rest, below), err
	})
	if err != nil {
		t.Fatalf("never %q below %q but %q: %v", below, text, last.rest, err)
	}
	return time.Since(begun)
}

func TestAPostSaysWhereItHasGotTo(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 3)
	for _, h := range hubs {
		h.stop(t)
		h.flags = []string{"--claim-every", "2s"}
		h.start(t)
	}
	for _, h := range hubs {
		h.awaitLinks(t)
	}
	ana, cem := newNeighbor(hubs[0].http), newNeighbor(hubs[2].http)
	if err := ana.begin("Water at the school", "Ana"); err != nil {
		t.Fatal(err)
	}
	t.Logf("known to be next door after %v", untilSaid(t, patience, ana, "Water at the school", "Yours. Saved here, reached "))
	t.Logf("known to be at both after %v", untilSaid(t, patience, ana, "Water at the school", "reached 2 more places ("))
	untilSaid(t, patience, cem, "Water at the school", "Saved here, reached 2 more places")

	cut(t, hubs[1], hubs[2])
	if err := ana.post("Soup at six"); err != nil {
		t.Fatal(err)
	}
	untilSaid(t, patience, ana, "Soup at six", "reached 1 more place (")
	mend(t, hubs[1], hubs[2])
	t.Logf("mended, known to be at both after %v", untilSaid(t, patience, ana, "Soup at six", "reached 2 more places ("))
	untilSaid(t, patience, cem, "Soup at six", "reached 2 more places")
}
