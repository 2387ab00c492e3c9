package replica

import "github.com/lamppost-hub/lamppost/sync/record"

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
)

const (
	KState, KAck, KRecords, KTail, KOffer = kState, kAck, kRecords, kTail, kOffer
	KAnswer, KReconcile, KWants, KProof   = kAnswer, kReconcile, kWants, kProof
	Control                               = byte(control)
)

// Frames are a message's frames in a lane.
func Frames(where byte, k kind, v any) (out [][]byte) {
	code, err := newCoding()
	if err != nil {
		panic(err)
	}
	m, err := code.marshal(k, v)
	if err != nil {
		panic(err)
	}
	for len(m) > 0 {
		var f []byte
		f, m = cut(lane(where), m)
		out = append(out, f)
	}
	return out
}

// Prove is the proof this end would send.
func (e *Engine) Prove(id LinkID, c record.Class) (*Proof, error) {
	return e.prove(e.links[id], c, 0)
}
