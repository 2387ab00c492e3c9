package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// journal is what was acknowledged, kept outside the hubs: texts by client_id,
// and why the last attempt failed that did.
type journal struct {
	mu    sync.Mutex
	texts map[string]string
	last  error
}

func (j *journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last = err
}

func (j *journal) add(id, text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.texts[id] = text
}

func (j *journal) all() map[string]string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.texts)
}

func (j *journal) trouble() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

func (j *journal) size() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.texts)
}

const (
	writersPerHub = 2
	writePause    = 50 * time.Millisecond
	postsPerson   = 400 // well within a person's 500 slots
	postsPerKill  = 15  // acknowledged at the hub before it is killed, on average
	startTime     = 100 * time.Millisecond
)

// write posts at a hub until ctx ends. What fails is sent again, as a browser's
// user would, and is in the journal once it is acknowledged.
func write(ctx context.Context, h *hubProc, who string, j *journal) {
	var n *neighbor
	tick := time.NewTicker(writePause)
	defer tick.Stop()
	for i := 0; ctx.Err() == nil; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if n == nil || i%postsPerson == 0 {
			fresh := newNeighbor(h.http)
			id := fmt.Sprintf("%s-first-%d", who, i)
			if err := fresh.begin(id, who); err != nil {
				j.fail(err)
				continue
			}
			n = fresh
		}
		id := fmt.Sprintf("%s-%d", who, i)
		text := "Post " + id
		if _, err := n.send(town, "client_id", id, "text", text); err != nil {
			j.fail(err)
			continue
		}
		j.add(id, text)
		i++
	}
}

// townKey is a post's slot key.
func townKey(clientID string) string {
	sum := sha256.Sum256([]byte("town"))
	return hex.EncodeToString(sum[:8]) + "/" + clientID
}

// missing are those of the journal that a hub does not hold.
func missing(t *testing.T, h *hubProc, ids map[string]string) []string {
	t.Helper()
	var keys []string
	for id := range ids {
		keys = append(keys, townKey(id))
	}
	var gone []string
	for part := range slices.Chunk(keys, 10_000) {
		m, err := h.console.Missing(t.Context(), "messages", part)
		if err != nil {
			t.Fatal(err)
		}
		gone = append(gone, m...)
	}
	return gone
}

// TestNothingAcknowledgedIsLostWhenHubsAreKilled kills one of three hubs after
// the other, drawn at random, while all are written at: at any moment of its
// work, and now and then again before it answers.
func TestNothingAcknowledgedIsLostWhenHubsAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	journals, written := writeEverywhere(ctx, t, hubs, "all")
	books, watched := watchLedgers(ctx, t, hubs)
	kills, early := count(500), 0
	begun := time.Now()
	var restarts time.Duration
	for kill := range kills {
		i := rand.IntN(len(hubs))
		victim, book := hubs[i], journals[i]
		enough := book.size() + rand.IntN(2*postsPerKill)
		victim.until(t, "is written at", func() bool { return book.size() >= enough })
		pause(rand.N(writePause)) // so that all moments of a write are hit
		victim.kill(t)
		books[i].ended(false)
		acknowledged := book.all()
		for rand.IntN(4) == 0 {
			victim.launch(t)
			pause(rand.N(startTime))
			victim.kill(t)
			books[i].ended(false)
			early++
		}
		again := time.Now()
		victim.start(t)
		restarts += time.Since(again)
		if gone := missing(t, victim, acknowledged); len(gone) > 0 {
			t.Fatalf("kill %d: %d of %d acknowledged posts are gone from %s: %q", kill+1, len(gone), len(acknowledged), victim.label, gone)
		}
	}
	cancel()
	written()
	watched()
	restarted := 0
	for i, l := range books {
		l.check(t, hubs[i].label)
		restarted += l.epochs()
	}
	all := together(journals)
	healed := time.Now()
	agree(t, hubs, all)
	t.Logf("%d kills and %d while starting in %v, restarted in %v on average; %d epochs seen; %d posts acknowledged; all on all hubs %v after the last",
		kills, early, time.Since(begun).Round(time.Second), (restarts / time.Duration(kills)).Round(time.Millisecond), restarted, len(all), time.Since(healed).Round(time.Millisecond))
	readBack(t, hubs[2], all)
}

// writeEverywhere has people write at all hubs until ctx ends, under names of
// their own, and returns what was acknowledged at each.
func writeEverywhere(ctx context.Context, t *testing.T, hubs []*hubProc, name string) (journals []*journal, wait func()) {
	t.Helper()
	var writers sync.WaitGroup
	for i, h := range hubs {
		j := &journal{texts: map[string]string{}}
		journals = append(journals, j)
		for w := range writersPerHub {
			writers.Go(func() { write(ctx, h, fmt.Sprintf("%s-hub%d-writer%d", name, i+1, w+1), j) })
		}
	}
	t.Cleanup(func() {
		for i, j := range journals {
			if t.Failed() {
				t.Logf("hub %d acknowledged %d posts; the last that failed: %v", i+1, j.size(), j.trouble())
			}
		}
	})
	return journals, writers.Wait
}

// together is what several hubs acknowledged.
func together(journals []*journal) map[string]string {
	all := map[string]string{}
	for _, j := range journals {
		maps.Copy(all, j.all())
	}
	return all
}

// agree waits until every hub holds all that was acknowledged and the same as
// the others.
func agree(t *testing.T, hubs []*hubProc, all map[string]string) {
	t.Helper()
	for _, h := range hubs {
		h.until(t, "holds every acknowledged post", func() bool { return len(missing(t, h, all)) == 0 })
	}
	hubs[0].until(t, "holds the same as the others", func() bool {
		s := hubs[0].status(t).Set
		return !slices.ContainsFunc(hubs[1:], func(h *hubProc) bool { return !slices.Equal(s, h.status(t).Set) })
	})
}

// readBack pages back to the beginning at a hub and finds everything there.
func readBack(t *testing.T, h *hubProc, all map[string]string) {
	t.Helper()
	n := newNeighbor(h.http)
	pages := 0
	for path := town; path != ""; pages++ {
		posts, older, err := n.read(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range posts {
			if all[p.id] == p.text {
				delete(all, p.id)
			}
		}
		path = older
	}
	if len(all) > 0 {
		t.Errorf("%d posts are on none of the %d pages: %v", len(all), pages, all)
	}
	t.Logf("read back on %d pages", pages)
}

func pause(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}
