package simnet

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
)

// Guise speaks in the place of a hub's engine: that of a hub which does not keep
// to the rules.
type Guise interface {
	Up(now time.Time, id replica.LinkID, peer record.Author) error
	Down(id replica.LinkID)
	Receive(now time.Time, id replica.LinkID, frame []byte) error
	Next(now time.Time, id replica.LinkID) ([]byte, error)
	Step(now time.Time) error // each Tick
}

// Disguise has a guise speak for a hub from now on.
func (w *World) Disguise(i int, g Guise) {
	for j := range w.Hubs {
		w.drop(i, j)
	}
	w.Hubs[i].guise = g
}

// speaker is who speaks for a hub.
func (w *World) speaker(i int) speaker {
	if g := w.Hubs[i].guise; g != nil {
		return g
	}
	return w.Hubs[i].Engine
}

type speaker interface {
	Up(now time.Time, id replica.LinkID, peer record.Author) error
	Down(id replica.LinkID)
	Receive(now time.Time, id replica.LinkID, frame []byte) error
	Next(now time.Time, id replica.LinkID) ([]byte, error)
}

// admits reports whether a hub lets another in: one that is certified and has
// rested.
func (w *World) admits(i, j int) bool {
	h, other := w.Hubs[i], w.Hubs[j].Key
	if h.guise != nil {
		return true
	}
	_, ok := h.Store.Roster().Hub(other)
	return ok && h.Engine.Rest(w.Now, other) == 0
}

// dropRevoked ends the links with hubs that are certified no longer.
func (w *World) dropRevoked(i int, h *Hub) {
	for _, j := range w.near[i] {
		if _, ok := h.Store.Roster().Hub(w.Hubs[j].Key); !ok {
			w.drop(i, j)
		}
	}
}
