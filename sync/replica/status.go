package replica

import (
	"maps"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// LinkStatus is how a link stands.
type LinkStatus struct {
	Peer    record.Author
	Heard   time.Time
	Equal   bool // the last states told showed equal sets
	Waiting int  // records that wait to be sent

	Taken       store.Position // up to where the peer's log has been taken over; durable soon
	PeerLog     store.Position // where the peer's log ended when it last told its state
	TakenByPeer store.Position // up to where it has shown that it holds our log

	Counts [record.Classes]uint64 // of the peer's records by class, as it last told

	Sent, Received uint64 // bytes of frames since the link came up
}

// Status is how the links stand, in the order in which they came up.
func (e *Engine) Status() []LinkStatus {
	out := make([]LinkStatus, len(e.order))
	for i, l := range e.order {
		out[i] = LinkStatus{
			Peer: l.key, Heard: l.heard, Equal: l.peer != nil && l.since.IsZero(), Waiting: len(l.out.waiting),
			Taken: l.taken, Sent: l.traffic.out, Received: l.traffic.in,
		}
		if p := l.peer; p != nil {
			out[i].PeerLog = store.Position{Epoch: p.Epoch, Arrival: p.Arrival}
			out[i].TakenByPeer = l.holds()
			for c, d := range p.Digests {
				out[i].Counts[c] = d.Count
			}
		}
	}
	return out
}

// Waits reports whether records or messages wait to be sent on a link with a peer.
func (e *Engine) Waits(p record.Author) bool {
	for _, l := range e.order {
		if l.key == p && (l.out.bytes > 0 || len(l.out.waiting) > 0) {
			return true
		}
	}
	return false
}

// Quiet reports whether nothing is under way on any link: nothing becomes due
// within a second unless a link begins, a frame comes or the set changes.
func (e *Engine) Quiet() bool {
	if len(e.rates.held) > 0 || !e.inbox.empty() {
		return false
	}
	for _, l := range e.order {
		if !l.quiet() || l.said.Arrival != e.moment.Arrival {
			return false
		}
	}
	return true
}

func (l *link) quiet() bool {
	equal := l.peer != nil && l.since.IsZero() && !l.again && !l.rec.running()
	out := l.out.bytes == 0 && len(l.out.waiting) == 0 && l.lag == 0 && l.tail == nil && l.flow.sent == l.flow.acked
	return equal && out && l.received == l.acked && l.tailing.IsZero()
}

// holds is up to where the peer has shown that it holds our log: by what it says
// that it has taken over, or by a set that was equal to ours.
func (l *link) holds() store.Position {
	p := store.Position{Epoch: l.peer.Taken[0], Arrival: l.peer.Taken[1]}
	if l.same.Arrival > 0 && (p.Epoch != l.same.Epoch || p.Arrival < l.same.Arrival) {
		return l.same
	}
	return p
}

// traffic counts the bytes of all frames of a link.
type traffic struct{ in, out uint64 }

// Cursors is up to where peers' logs have been taken over, of those that are
// linked and of those whose place is not durable yet.
func (e *Engine) Cursors() map[record.Author]store.Position {
	out := maps.Clone(e.inbox.peers)
	for _, l := range e.order {
		if l.taken != (store.Position{}) {
			out[l.key] = l.taken
		}
	}
	return out
}
