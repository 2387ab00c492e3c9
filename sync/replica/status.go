package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// LinkStatus is how a link stands.
type LinkStatus struct {
	Peer    record.Author
	Heard   time.Time
	Equal   bool // the last states told showed equal sets
	Waiting int  // records that wait to be sent
}

// Status is how the links stand, in the order in which they came up.
func (e *Engine) Status() []LinkStatus {
	out := make([]LinkStatus, len(e.order))
	for i, l := range e.order {
		out[i] = LinkStatus{Peer: l.key, Heard: l.heard, Equal: l.peer != nil && l.since.IsZero(), Waiting: len(l.out.waiting)}
	}
	return out
}
