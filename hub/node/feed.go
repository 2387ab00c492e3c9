package node

import (
	"context"
	"slices"
	"sync"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/store"
)

var _ server.Feed = (*feed)(nil)

// feed tells those who watch lists of the store which of them have changed.
type feed struct {
	touched <-chan store.Touched

	mu sync.Mutex
	by map[server.Topic]map[*watcher]struct{}
}

// watcher is one caller of Watch. What it has not received gathers in its
// channel, whose one place only the feed fills.
type watcher struct {
	topics []server.Topic
	out    chan []server.Topic
}

// newFeed makes a feed of what changes in the store from now on.
func newFeed(s *store.Store) *feed {
	return &feed{
		touched: s.WatchTerms(context.Background()), // ends with the store
		by:      map[server.Topic]map[*watcher]struct{}{},
	}
}

// Watch returns a channel that holds those of the topics whose lists have
// changed since it was last received from, until ctx ends.
func (f *feed) Watch(ctx context.Context, topics ...server.Topic) <-chan []server.Topic {
	w := &watcher{slices.Clone(topics), make(chan []server.Topic, 1)}
	f.mu.Lock()
	for _, t := range w.topics {
		if f.by[t] == nil {
			f.by[t] = map[*watcher]struct{}{}
		}
		f.by[t][w] = struct{}{}
	}
	f.mu.Unlock()
	context.AfterFunc(ctx, func() { f.forget(w) })
	return w.out
}

func (f *feed) forget(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range w.topics {
		if delete(f.by[t], w); len(f.by[t]) == 0 {
			delete(f.by, t)
		}
	}
}

// run tells changes until ctx ends.
func (f *feed) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-f.touched:
			f.tell(t)
		}
	}
}

func (f *feed) tell(touched store.Touched) {
	f.mu.Lock()
	defer f.mu.Unlock()
	news := map[*watcher][]server.Topic{}
	note := func(t server.Topic) {
		for w := range f.by[t] {
			news[w] = append(news[w], t)
		}
	}
	if touched.Many {
		for t := range f.by {
			note(t)
		}
	}
	for t := range touched.Terms {
		note(server.Topic{App: t.App, Term: hub.Term(t.Term)})
	}
	for w, topics := range news {
		select {
		case before := <-w.out: // not received yet
			for _, t := range before {
				if !slices.Contains(topics, t) {
					topics = append(topics, t)
				}
			}
		default:
		}
		w.out <- topics
	}
}
