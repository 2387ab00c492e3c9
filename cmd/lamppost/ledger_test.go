package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
)

// ledger is what a hub has said of itself at its console, over all its starts:
// who it is, and where its log ended.
type ledger struct {
	mu     sync.Mutex // held while the hub is asked, so that answers are noted in order
	first  control.Status
	log    control.Log
	past   map[string]bool // epochs
	down   bool            // it has ended since it was last asked
	back   bool            // and its store was set back
	looked int
	wrong  []error
}

// watchLedgers asks the hubs again and again until ctx ends.
func watchLedgers(ctx context.Context, t *testing.T, hubs []*hubProc) (books []*ledger, wait func()) {
	t.Helper()
	var watchers sync.WaitGroup
	for _, h := range hubs {
		l := &ledger{past: map[string]bool{}, down: true}
		books = append(books, l)
		watchers.Go(func() { l.watch(ctx, h.console) })
	}
	return books, watchers.Wait
}

func (l *ledger) watch(ctx context.Context, c *control.Client) {
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.look(ctx, c)
		}
	}
}

func (l *ledger) look(ctx context.Context, c *control.Client) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, err := c.Status(ctx); err == nil && len(l.wrong) < 10 {
		l.note(s)
	}
}

func (l *ledger) note(s control.Status) {
	l.looked++
	if l.first.ID == "" {
		l.first = s
	}
	if s.ID != l.first.ID || s.Place != l.first.Place || s.Community != l.first.Community {
		l.wrong = append(l.wrong, fmt.Errorf("it was %s, %q of %q, and is %s, %q of %q",
			l.first.ID, l.first.Place, l.first.Community, s.ID, s.Place, s.Community))
	}
	switch fresh := !l.past[s.Log.Epoch]; {
	case l.down && !fresh:
		l.wrong = append(l.wrong, fmt.Errorf("after a restart epoch %s comes again", s.Log.Epoch))
	case !l.down && s.Log.Epoch != l.log.Epoch:
		l.wrong = append(l.wrong, fmt.Errorf("epoch %s became %s without a restart", l.log.Epoch, s.Log.Epoch))
	case s.Log.Arrival < l.log.Arrival && !l.back:
		l.wrong = append(l.wrong, fmt.Errorf("the log ended at %d and then at %d", l.log.Arrival, s.Log.Arrival))
	}
	l.down, l.back = false, false
	l.log, l.past[s.Log.Epoch] = s.Log, true
}

// ended says that the hub is down: its next epoch has to be a new one. Where an
// older copy of its store was put back its log may end earlier.
func (l *ledger) ended(back bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down, l.back = true, l.back || back
}

// check reports what went wrong.
func (l *ledger) check(t *testing.T, name string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, err := range l.wrong {
		t.Errorf("%s: %v", name, err)
	}
	if len(l.past) == 0 {
		t.Errorf("%s was never asked", name)
	}
}

// epochs is how many have been seen.
func (l *ledger) epochs() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.past)
}
