package replica

import (
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// What the tests of hostile peers say themselves.
type (
	State        = state
	Digest       = digest
	Ack          = ack
	Records      = records
	Tail         = tailRequest
	Offer        = offer
	Answer       = answer
	ReconcileMsg = reconcileMsg
	Wants        = wants
	Proof        = proof
	Kind         = kind
)

const (
	KState, KAck, KRecords, KTail, KTailNo = kState, kAck, kRecords, kTail, kTailNo
	KOffer, KAnswer, KReconcile, KWants    = kOffer, kAnswer, kReconcile, kWants
	KStop, KProof                          = kStop, kProof
	Control                                = byte(control)
)

// Window is the flow control of a link's sending side.
type Window = window

// NewWindow is that of a new link.
func NewWindow() *Window { return &Window{size: startWindow} }

// Size is how many bytes may be under way.
func (w *Window) Size() int { return w.size }

// Room reports whether a frame may be sent.
func (w *Window) Room() bool { return w.room() }

// Spare reports whether a piece of a blob may be sent where a frame may.
func (w *Window) Spare() bool { return w.spare() }

// Send notes that one was.
func (w *Window) Send(now time.Time, n int) { w.send(now, n) }

// Acknowledge takes in that the first n bytes were received.
func (w *Window) Acknowledge(now time.Time, n uint64) { w.acknowledge(now, n) }

// Frames are a message's frames in a lane.
func Frames(where byte, k kind, v any) [][]byte {
	code, err := newCoding()
	if err != nil {
		panic(err)
	}
	m, err := code.marshal(k, v)
	if err != nil {
		panic(err)
	}
	return FramesOf(where, m)
}

// FramesOf are a message's frames in a lane.
func FramesOf(where byte, m []byte) (out [][]byte) {
	for len(m) > 0 {
		var f []byte
		f, m = cut(lane(where), m)
		out = append(out, f)
	}
	return out
}

// Messages puts messages together from frames.
type Messages struct{ in assembler }

// Add gives the message that a frame completes, nil if none.
func (a *Messages) Add(frame []byte) (where byte, m []byte) {
	l, m, err := a.in.add(frame)
	if err != nil {
		panic(err)
	}
	return byte(l), m
}

// Unmarshal reads a message.
func Unmarshal(m []byte, v any) {
	code, err := newCoding()
	if err == nil {
		err = code.unmarshal(m, v)
	}
	if err != nil {
		panic(err)
	}
}

// Prove is the proof this end would send.
func (e *Engine) Prove(id LinkID, c record.Class) (*Proof, error) {
	return e.prove(e.links[id], c, 0)
}

// Sizes is what an engine keeps in memory, in entries and bytes; of what each
// link has, the most that one has.
type Sizes struct {
	Links, InboxBytes, InboxItems, Claims, Wanted, Origin, Held, Authors, Vias, Reputes int
	QueuedBytes, Waiting, Seen, Parts, Marks, Open                                      int
}

// Sizes measures the engine.
func (e *Engine) Sizes() Sizes {
	s := Sizes{
		Links: len(e.order), InboxBytes: e.inbox.bytes + e.inbox.flying, InboxItems: len(e.inbox.items), Claims: len(e.inbox.claims),
		Wanted: len(e.wanted.m), Origin: len(e.origin.of), Held: len(e.rates.held),
		Authors: len(e.rates.authors), Vias: len(e.rates.vias), Reputes: len(e.reputes),
	}
	for _, l := range e.order {
		parts := 0
		for _, p := range l.in.part {
			parts += cap(p)
		}
		s.Parts = max(s.Parts, parts)
		s.QueuedBytes = max(s.QueuedBytes, l.out.bytes)
		s.Waiting = max(s.Waiting, len(l.out.waiting))
		s.Seen = max(s.Seen, len(l.out.seen.ids))
		s.Marks = max(s.Marks, len(l.flow.marks))
		if l.tail != nil {
			s.Open = max(s.Open, len(l.tail.open))
		}
	}
	return s
}

// Max is the larger of each.
func (s Sizes) Max(o Sizes) Sizes {
	return Sizes{
		max(s.Links, o.Links), max(s.InboxBytes, o.InboxBytes), max(s.InboxItems, o.InboxItems), max(s.Claims, o.Claims),
		max(s.Wanted, o.Wanted), max(s.Origin, o.Origin), max(s.Held, o.Held), max(s.Authors, o.Authors), max(s.Vias, o.Vias),
		max(s.Reputes, o.Reputes), max(s.QueuedBytes, o.QueuedBytes), max(s.Waiting, o.Waiting), max(s.Seen, o.Seen),
		max(s.Parts, o.Parts), max(s.Marks, o.Marks), max(s.Open, o.Open),
	}
}

// Bounds of the above. What a link brings before it is acknowledged is bounded
// by the window; nothing is acknowledged while the inbox is full.
const (
	MaxInboxOwn, MaxInboxLink = maxInbox, maxWindow + maxMessage
	MaxQueued                 = maxQueued
	MaxWanted, MaxPending     = maxWanted, maxPending
	MaxHeld, MaxBuckets       = maxHeld, maxBuckets
	MaxParts                  = lanes * maxMessage
	MaxReputes                = maxReputes
)

// Explain says how the links of an engine stand.
func (e *Engine) Explain(now time.Time) (out []string) {
	for _, l := range e.order {
		p := "none"
		if l.peer != nil {
			p = fmt.Sprintf("at %d from %d through %d taken %d horizon %d", l.peer.Arrival, l.peer.From, l.peer.Through, l.peer.Taken[1], l.peer.Horizon)
		}
		out = append(out, fmt.Sprintf("link %d first %v up %v: peer %s; we at %d offered %d through %d taken %d; asked %v tailing %v tail %v lag %d; differ since %v running %v next %v wait %v; wanted %d waiting %d drained %v flying %d inbox empty %v behind %v held %d",
			l.id, l.first, now.Sub(l.up), p, e.pos, e.offered(), l.through, l.taken.Arrival, l.asked, !l.tailing.IsZero(), l.tail != nil, l.lag,
			l.since, l.rec.running(), l.rec.next.Sub(now), l.rec.wait, e.wanted.of(l.key), len(l.out.waiting), l.out.drained(), l.flow.sent-l.flow.acked, e.inbox.empty(), e.inbox.behind(), len(e.rates.held)))
	}
	return out
}
