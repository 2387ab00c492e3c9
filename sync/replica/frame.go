package replica

import (
	"errors"
	"fmt"
)

// A frame is one byte of lane and flag and up to MaxFrame-1 bytes of a message.
// The messages of one lane follow each other; frames of different lanes
// interleave, so that what is urgent overtakes what is large.
const (
	// MaxFrame bounds a frame in bytes.
	MaxFrame = 4096
	// maxMessage bounds a message put together from frames.
	maxMessage = 128 << 10

	more = 0x80 // the message goes on in the lane's next frame
)

// lane is a record class, or control.
type lane byte

const control lane = 7 // states, acknowledgements: small, first, and outside the window

const lanes = 8

// ErrProtocol means that a peer said what it must not; the link is to be closed.
var ErrProtocol = errors.New("peer broke the protocol")

func violation(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))
}

// assembler puts messages together from frames.
type assembler struct{ part [lanes][]byte }

// add takes a frame and returns the message it completes, if it does.
func (a *assembler) add(frame []byte) (lane, []byte, error) {
	if len(frame) < 2 || len(frame) > MaxFrame {
		return 0, nil, violation("a frame of %d bytes", len(frame))
	}
	l := lane(frame[0] &^ more)
	if l >= lanes {
		return 0, nil, violation("lane %d", l)
	}
	whole := frame[0]&more == 0
	if whole && len(a.part[l]) == 0 {
		return l, frame[1:], nil
	}
	if len(a.part[l])+len(frame)-1 > maxMessage {
		return 0, nil, violation("a message over %d bytes", maxMessage)
	}
	a.part[l] = append(a.part[l], frame[1:]...)
	if !whole {
		return l, nil, nil
	}
	m := a.part[l]
	a.part[l] = nil
	return l, m, nil
}

// cut takes the next frame off a message.
func cut(l lane, message []byte) (frame, rest []byte) {
	n := min(len(message), MaxFrame-1)
	head := byte(l)
	if n < len(message) {
		head |= more
	}
	frame = append(make([]byte, 0, n+1), head)
	return append(frame, message[:n]...), message[n:]
}

// Whole reports whether a frame is a message by itself.
func Whole(frame []byte) bool { return len(frame) > 0 && frame[0]&more == 0 }
