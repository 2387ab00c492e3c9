package reach

import (
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/strict"
)

// Bounds of a claim's body, which so fits a record.
const (
	MaxSpans = 4
	MaxTaken = 64
)

// ErrBody means that a body is not a claim's. Match with errors.Is.
var ErrBody = errors.New("not the body of a hub's claim")

// body is a claim in CBOR. A span ends where the next one begins.
type body struct {
	Spans []wireSpan  `cbor:"1,keyasint"`
	News  uint64      `cbor:"2,keyasint"`
	Taken []wireTaken `cbor:"3,keyasint"`
}

type wireSpan struct {
	_            struct{} `cbor:",toarray"`
	Epoch, First uint64
}

type wireTaken struct {
	_              struct{} `cbor:",toarray"`
	Hub            []byte
	Epoch, Arrival uint64
}

// bodies is a constant in all but syntax.
var bodies = strict.Must(strict.Rules{Elements: record.MaxBody, Pairs: record.MaxBody, Levels: 8})

// Body encodes a claim. Of its log the newest MaxSpans epochs are kept, of what
// it has taken the first MaxTaken.
func (c Claim) Body() ([]byte, error) {
	b := body{News: c.News, Spans: []wireSpan{}, Taken: []wireTaken{}}
	for _, s := range c.Log[max(0, len(c.Log)-MaxSpans):] {
		b.Spans = append(b.Spans, wireSpan{Epoch: s.Epoch, First: s.First})
	}
	for _, t := range c.Taken[:min(len(c.Taken), MaxTaken)] {
		b.Taken = append(b.Taken, wireTaken{Hub: t.Hub[:], Epoch: t.Epoch, Arrival: t.Arrival})
	}
	return bodies.Marshal(b)
}

// Parse decodes the body of a hub's claim, tolerating fields it does not know. It
// is an ErrBody if it is none, or exceeds the bounds.
func Parse(hub record.Via, enc []byte) (Claim, error) {
	var b body
	if len(enc) > record.MaxBody {
		return Claim{}, fmt.Errorf("%w: %d bytes", ErrBody, len(enc))
	}
	if err := bodies.Unmarshal(enc, &b); err != nil {
		return Claim{}, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if len(b.Spans) == 0 || len(b.Spans) > MaxSpans || len(b.Taken) > MaxTaken {
		return Claim{}, fmt.Errorf("%w: %d epochs, %d logs taken", ErrBody, len(b.Spans), len(b.Taken))
	}
	c := Claim{Hub: hub, News: b.News}
	for i, s := range b.Spans {
		last := Running
		if i+1 < len(b.Spans) {
			last = b.Spans[i+1].First
		}
		if last < s.First {
			return Claim{}, fmt.Errorf("%w: its log runs backwards", ErrBody)
		}
		c.Log = append(c.Log, Span{s.Epoch, s.First, last})
	}
	for _, t := range b.Taken {
		if len(t.Hub) != len(record.Via{}) {
			return Claim{}, fmt.Errorf("%w: a hub of %d bytes", ErrBody, len(t.Hub))
		}
		c.Taken = append(c.Taken, Taken{record.Via(t.Hub), Position{t.Epoch, t.Arrival}})
	}
	return c, nil
}
