package reach

import (
	"slices"
	"sort"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// MaxSteps is how many growths of one hub's part are remembered; beyond it some
// of the older ones are taken for one, the later.
const MaxSteps = 64

// History is when it was learned what other hubs hold. The zero History knows of
// none.
type History struct{ hubs map[record.Via][]step }

// step is that a hub was known, from a time on, to hold the log up to a number.
type step struct {
	upto uint64
	at   time.Time
}

// Learn takes in what Held says at a time, zero if it was learned at one that is
// not known, and reports whether any hub holds more than was known. A hub that
// holds less than before, as after a restore, holds no more than that.
func (h *History) Learn(at time.Time, held map[record.Via]uint64) (grew bool) {
	now := make(map[record.Via][]step, len(held))
	for hub, upto := range held {
		steps := h.hubs[hub]
		i := find(steps, upto)
		switch {
		case i == len(steps):
			grew = true
			steps = append(thin(steps), step{upto, at})
		case steps[i].upto > upto:
			steps = append(steps[:i], step{upto, steps[i].at})
		default:
			steps = steps[:i+1]
		}
		now[hub] = steps
	}
	h.hubs = now
	return grew
}

// thin makes room for a step.
func thin(steps []step) []step {
	if len(steps) < MaxSteps {
		return steps
	}
	i := 0
	old := slices.DeleteFunc(steps[:MaxSteps/2], func(step) bool { i++; return i%2 == 1 })
	return append(old, steps[MaxSteps/2:]...)
}

// Of is how many other hubs are known to hold number n of the log, and when the
// last of them was learned of; zero if that is not known.
func (h *History) Of(n uint64) (hubs int, learned time.Time) {
	for _, steps := range h.hubs {
		i := find(steps, n)
		if i == len(steps) {
			continue
		}
		hubs++
		if at := steps[i].at; at.After(learned) {
			learned = at
		}
	}
	return hubs, learned
}

// Upto is up to where a hub is known to hold the log.
func (h *History) Upto(hub record.Via) uint64 {
	if steps := h.hubs[hub]; len(steps) > 0 {
		return steps[len(steps)-1].upto
	}
	return 0
}

// find is the first step that reaches n.
func find(steps []step, n uint64) int {
	return sort.Search(len(steps), func(i int) bool { return steps[i].upto >= n })
}
