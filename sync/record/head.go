package record

import (
	"encoding/binary"
	"fmt"
)

// Head is what can be told from the first bytes of an encoding without reading
// the rest: enough to queue a record by class and to charge it to an author.
type Head struct {
	Author Author
	Via    Via
	App    App
	Class  Class
	Time   Time
	Blobs  bool // it names some
}

// Offsets in a canonical encoding: every field before the app has a fixed size.
const (
	authorAt = 1 + 2 + 2 + 16 + 3
	viaAt    = authorAt + 32 + 2
	appAt    = viaAt + 8 + 1
)

// HeadOf reads the head of an encoding that Decode accepted.
func HeadOf(enc []byte) (h Head, err error) {
	short := fmt.Errorf("%w: truncated", ErrMalformed)
	if len(enc) < appAt+1 {
		return h, short
	}
	copy(h.Author[:], enc[authorAt:])
	copy(h.Via[:], enc[viaAt:])
	i := appAt + 1 + int(enc[appAt]&0x1f) // an app's name is at most 16 bytes: a one-byte head
	if len(enc) < i+5 {
		return h, short
	}
	h.App = App(enc[appAt+1 : i])
	h.Class = Class(enc[i+1])
	n := int(enc[i+3] & 0x1f) // key: up to 23 in the head, else one byte of length
	i += 4
	if n == 24 {
		n = int(enc[i])
		i++
	}
	i += n
	if len(enc) < i+10 || enc[i] != 8 || enc[i+1] != 0x1b { // a time of this century fills 8 bytes
		return h, fmt.Errorf("%w: no time where it belongs", ErrMalformed)
	}
	h.Time = Time(binary.BigEndian.Uint64(enc[i+2:]))
	i += 2 + 8
	if len(enc) < i+5 || enc[i] != 9 { // the ttl, and the key of what follows
		return h, short
	}
	i += 2
	switch enc[i-1] { // a ttl of up to 23 is in its head
	case 0x18:
		i++
	case 0x19:
		i += 2
	}
	h.Blobs = enc[i] == 10
	return h, nil
}
