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
	writePause    = 100 * time.Millisecond
	postsPerson   = 400 // well within a person's 500 slots
	postsPerKill  = 20  // acknowledged at the hub before it is killed
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

func TestNothingAcknowledgedIsLostWhenAHubIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writers sync.WaitGroup
	journals := make([]*journal, len(hubs))
	for i, h := range hubs {
		journals[i] = &journal{texts: map[string]string{}}
		for w := range writersPerHub {
			writers.Go(func() { write(ctx, h, fmt.Sprintf("hub%d-writer%d", i+1, w+1), journals[i]) })
		}
	}
	defer func() {
		for i, j := range journals {
			if t.Failed() {
				t.Logf("hub %d acknowledged %d posts; the last that failed: %v", i+1, j.size(), j.trouble())
			}
		}
	}()
	kills := count(200)
	begun := time.Now()
	victim, book := hubs[1], journals[1]
	var restarts time.Duration
	for kill := range kills {
		enough := book.size() + postsPerKill
		victim.until(t, "is written at", func() bool { return book.size() >= enough })
		pause(rand.N(writePause)) // so that all moments of a write are hit
		victim.kill(t)
		acknowledged := book.all()
		again := time.Now()
		victim.start(t)
		restarts += time.Since(again)
		if gone := missing(t, victim, acknowledged); len(gone) > 0 {
			t.Fatalf("kill %d: %d of %d acknowledged posts are gone: %q", kill+1, len(gone), len(acknowledged), gone)
		}
	}
	cancel()
	writers.Wait()

	all := map[string]string{}
	for _, j := range journals {
		maps.Copy(all, j.all())
	}
	healed := time.Now()
	for _, h := range hubs {
		h.until(t, "holds every acknowledged post", func() bool { return len(missing(t, h, all)) == 0 })
	}
	t.Logf("%d kills in %v, restarted in %v on average; %d posts acknowledged; all on all hubs %v after the last",
		kills, time.Since(begun).Round(time.Second), (restarts / time.Duration(kills)).Round(time.Millisecond), len(all), time.Since(healed).Round(time.Millisecond))
	hubs[0].until(t, "holds the same as the others", func() bool {
		s := hubs[0].status(t).Set
		return slices.Equal(s, hubs[1].status(t).Set) && slices.Equal(s, hubs[2].status(t).Set)
	})
	readBack(t, hubs[2], all)
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
