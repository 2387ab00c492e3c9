package node

import (
	"iter"
	"sync"

	"github.com/lamppost-hub/lamppost/hub/names"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// callable tells which names people can be shown by. Pages show the same few again
// and again, so it remembers its answers while the roster stays.
type callable struct {
	mu    sync.Mutex
	state *roster.State
	taken names.Taken
	known map[string]bool
}

// knownNames bounds what is remembered, at 64 bytes a name.
const knownNames = 10_000

// spokesmen yields what the coordinators are called who speak for the community.
func spokesmen(state *roster.State) iter.Seq[string] {
	return func(yield func(string) bool) {
		for who, c := range state.Coordinators() {
			if !state.Retired(who) && !yield(c.Label) {
				return
			}
		}
	}
}

// fits reports whether a clean name, from wherever it came, stands by the rules for
// one that is typed here.
func (c *callable) fits(state *roster.State, name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != state {
		c.state, c.known = state, map[string]bool{}
		// The name of a place that is no longer in use is free.
		c.taken = names.TakenBy(state.Founding().Name, func(yield func(string) bool) {
			for who, hub := range state.Hubs() {
				if !state.Retired(who) && !yield(hub.Label) {
					return
				}
			}
		}).And(spokesmen(state))
	}
	fit, ok := c.known[name]
	if !ok {
		if len(c.known) >= knownNames {
			clear(c.known)
		}
		fit = names.Check(name, c.taken) == nil
		c.known[name] = fit
	}
	return fit
}
