package store

import (
	"bytes"
	"context"
	"maps"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Term is one list: what an app's index puts under a term.
type Term struct {
	App  record.App
	Term string
}

// Touched says which lists have changed: what stood under these terms came,
// went or was replaced.
type Touched struct {
	Terms map[Term]struct{} // of the receiver
	Many  bool              // more than MaxTouched: any list may have changed
}

// MaxTouched is how many changed lists are told apart.
const MaxTouched = 4096

// Watch returns a channel that holds a token whenever the set has changed since
// it was last received from, until ctx ends.
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	s.watch[ch] = struct{}{}
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		delete(s.watch, ch)
		s.mu.Unlock()
	})
	return ch
}

// WatchTerms returns a channel that holds all lists that have changed since it
// was last received from, until ctx ends. A withdrawn, evicted, purged or
// collected record touches the lists it stood in.
func (s *Store) WatchTerms(ctx context.Context) <-chan Touched {
	ch := make(chan Touched, 1)
	s.mu.Lock()
	s.watchTerms[ch] = struct{}{}
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		delete(s.watchTerms, ch)
		s.mu.Unlock()
	})
	return ch
}

// tell wakes the watchers. Callers hold mu.
func (s *Store) tell(touched Touched) {
	for ch := range s.watch {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
	if len(touched.Terms) == 0 && !touched.Many {
		return
	}
	for ch := range s.watchTerms {
		all := Touched{Terms: make(map[Term]struct{}, len(touched.Terms))}
		select {
		case all = <-ch: // not received yet
		default:
		}
		all.add(touched)
		ch <- all // nobody else sends
	}
}

func (t *Touched) add(more Touched) {
	maps.Copy(t.Terms, more.Terms)
	if t.Many = t.Many || more.Many || len(t.Terms) > MaxTouched; t.Many {
		clear(t.Terms)
	}
}

// touch notes that a list changes with this transaction.
func (w *writer) touch(app record.App, term string) {
	if w.lists.touched.Many {
		return
	}
	w.lists.touched.Terms[Term{app, term}] = struct{}{}
	if len(w.lists.touched.Terms) > MaxTouched {
		w.lists.touched = Touched{Many: true}
	}
}

// touchKey is touch for a key of the table of terms.
func (w *writer) touchKey(k []byte) {
	app, rest, _ := bytes.Cut(k, []byte{0})
	if term, _, ok := bytes.Cut(rest, []byte{0}); ok {
		w.touch(record.App(app), string(term))
	}
}
