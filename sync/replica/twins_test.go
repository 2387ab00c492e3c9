package replica_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// noticed is whose key a hub has seen two use.
func noticed(w *simnet.World, i int) map[record.Author]bool {
	out := map[record.Author]bool{}
	for _, t := range w.Hubs[i].Engine.Twins(w.Now) {
		out[t.Key] = true
	}
	return out
}

// TestTwinsAreNoticed: a card is copied while its hub is down, and both boxes then
// run. Another hub has a link with one and then with the other, as it happens where
// each closes the other's. It notices, and so do both.
func TestTwinsAreNoticed(t *testing.T) {
	w := world(t, 21, 2)
	resident(t, w, 0, 1, "ana")
	w.Connect(0, 1)
	ok(t, w.Run(5*time.Second))
	w.Cut(0, 1)
	clone, err := w.Clone(1)
	ok(t, err)
	for round := range 3 {
		post(t, w, 0, "ana", "a/"+string(rune('0'+round)))
		for _, i := range []int{1, clone} {
			w.Connect(0, i)
			ok(t, w.Run(3*time.Second))
			w.Cut(0, i)
		}
	}
	key := w.Hubs[1].Key
	for _, i := range []int{0, 1, clone} {
		if got := noticed(w, i); len(got) != 1 || !got[key] {
			t.Errorf("hub %d notices %v", i, got)
		}
	}
	w.Skip(31 * time.Minute)
	ok(t, w.Run(time.Second))
	if got := noticed(w, 0); len(got) > 0 {
		t.Error("the alarm does not end")
	}
}

// TestAHubThatStartsAgainIsNoTwin: neither is one whose backup was put back, or
// whose link was cut again and again.
func TestAHubThatStartsAgainIsNoTwin(t *testing.T) {
	w := world(t, 22, 2)
	resident(t, w, 0, 1, "ana")
	resident(t, w, 1, 2, "bob")
	w.Connect(0, 1)
	backup, err := w.Backup(1)
	ok(t, err)
	for round := range 12 {
		name := string(rune('a' + round))
		post(t, w, 0, "ana", "a/"+name)
		post(t, w, 1, "bob", "b/"+name)
		ok(t, w.Run(3*time.Second))
		switch round % 4 {
		case 0:
			ok(t, w.Crash(1))
			ok(t, w.Start(1))
		case 1:
			w.Cut(0, 1)
			w.Connect(0, 1)
		case 2:
			ok(t, w.Crash(1))
			ok(t, w.Restore(1, backup))
			ok(t, w.Start(1))
			backup, err = w.Backup(1)
			ok(t, err)
		}
		ok(t, w.Run(3*time.Second))
		for i := range w.Hubs {
			if got := noticed(w, i); len(got) > 0 {
				t.Fatalf("round %d: hub %d notices %v", round, i, got)
			}
		}
	}
}
