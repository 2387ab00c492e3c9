package replica

import (
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
	"github.com/lamppost-hub/lamppost/sync/strict"
)

// kind is a message's first byte; a CBOR array follows.
type kind byte

const (
	kState     kind = iota + 1
	kAck            // control
	kRecords        // a class's lane: news, or what was wanted
	kTail           // control: tell me what followed
	kTailNo         // control: that place is not in my log
	kOffer          // a class's lane: short ids of what followed
	kAnswer         // control: which of them are wanted
	kReconcile      // a class's lane
	kStop           // control: a reconciliation cannot go on
	kWants          // a class's lane: ids, after a reconciliation
	kProof          // control
	kCargo          // control or bulk: what is not of records; see Cargo
)

// state is where a hub stands, said when it changed, at most once a second, and
// once a minute when it did not.
type state struct {
	_       struct{} `cbor:",toarray"`
	Epoch   uint64
	Arrival uint64     // the end of the sender's log
	From    uint64     // on this link, before this was said, the receiver has been offered
	Through uint64     // all that is in the sender's log after From up to Through
	Taken   [2]uint64  // epoch and number up to which the sender has taken over the receiver's log
	Horizon record.Day // the sender's own
	Over    record.Day // the horizon that the digests cover
	Digests []digest
	Nonce   []byte // 16 bytes, the same for the life of the link
	Millis  uint64 // the sender's clock, 0 if it does not trust it
}

type digest struct {
	_           struct{} `cbor:",toarray"`
	Fingerprint []byte
	Count       uint64
}

type ack struct {
	_     struct{} `cbor:",toarray"`
	Bytes uint64   // consumed since the link came up
}

type records struct {
	_    struct{} `cbor:",toarray"`
	Encs [][]byte
}

type tailRequest struct {
	_              struct{} `cbor:",toarray"`
	Epoch, Arrival uint64
}

type tailNo struct {
	_ struct{} `cbor:",toarray"`
}

// offer lists up to maxOffer short ids of 8 bytes.
type offer struct {
	_     struct{} `cbor:",toarray"`
	Batch uint64
	IDs   []byte
}

type answer struct {
	_     struct{} `cbor:",toarray"`
	Batch uint64
	Wants []byte // a bit an id, first id in the lowest bit of the first byte
}

// reconcileMsg carries a message of Negentropy V1 about one class. Session tells
// a late answer from a timely one.
type reconcileMsg struct {
	_       struct{} `cbor:",toarray"`
	Session uint64
	First   bool
	Reply   bool
	Over    record.Day
	Message []byte
}

type stop struct {
	_       struct{} `cbor:",toarray"`
	Session uint64
}

type wants struct {
	_   struct{} `cbor:",toarray"`
	IDs []byte
}

// proof is SHA-256 over both nonces and all ids of a class: the additive
// fingerprint it comes with can be forged, this cannot.
type proof struct {
	_           struct{} `cbor:",toarray"`
	Class       record.Class
	Over        record.Day
	Fingerprint []byte
	Hash        []byte
}

const (
	maxOffer   = 500
	maxRecords = 256 // in one message
)

// coding is how messages are written and read; strict, because peers are not trusted.
type coding struct{ strict.Form }

func newCoding() (coding, error) {
	f, err := strict.New(strict.Rules{Elements: maxRecords, Pairs: 16, Levels: 4})
	return coding{f}, err
}

func (c coding) marshal(k kind, v any) ([]byte, error) { return c.Message(byte(k), v) }

func (c coding) unmarshal(b []byte, v any) error {
	if err := c.Unmarshal(b[1:], v); err != nil {
		return violation("message %d does not read: %v", b[0], err)
	}
	return nil
}

func (s *state) check() error {
	if len(s.Digests) != record.Classes || len(s.Nonce) != 16 || s.Through > s.Arrival || s.From > s.Through || s.Over < s.Horizon {
		return violation("a state that cannot be")
	}
	for _, d := range s.Digests {
		if len(d.Fingerprint) != 16 {
			return violation("a fingerprint of %d bytes", len(d.Fingerprint))
		}
	}
	return nil
}

func (d digest) equal(o store.Digest) bool {
	return d.Count == o.Count && string(d.Fingerprint) == string(o.Fingerprint[:])
}
