package gossip

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
)

// What travels, from memberlist's source (net.go, security.go; v0.7.0): a packet
// is sealed whole; a stream has the type of an encrypted message, a length, and
// what is sealed with those five bytes as additional data. Sealed is: version 1,
// a nonce, AES-GCM's ciphertext and tag.
const (
	pingMessage       = 0
	indirectMessage   = 1
	ackMessage        = 2
	suspectMessage    = 3
	aliveMessage      = 4
	deadMessage       = 5
	stateMessage      = 6
	compoundMessage   = 7
	encryptedMessage  = 10
	nackMessage       = 11
	checksumMessage   = 12
	errorMessage      = 13
	sealedVersion     = 1
	streamHead        = 5
	checksumHead      = 5
	leastStateOfANode = 32 // the names of its fields alone are longer
)

var (
	errStranger = errors.New("not sealed with this network's key")
	errMessage  = errors.New("not a message that a hub sends")
)

// sealed opens messages and knows which of them memberlist can bear. The key is
// held by every hub of a community and may be stolen; with it, one packet could
// end or exhaust a bare memberlist: padding of encryption version 0 that is not
// there, an empty stream, compression within compression, a state said to have a
// million nodes.
type sealed struct{ aead cipher.AEAD }

func (s sealed) open(b, head []byte) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(b) < 1+n+s.aead.Overhead() || b[0] != sealedVersion {
		return nil, errStranger
	}
	plain, err := s.aead.Open(nil, b[1:1+n], b[1+n:], head)
	if err != nil {
		return nil, errStranger
	}
	return plain, nil
}

// checkPacket judges a packet.
func (s sealed) checkPacket(b []byte) error {
	plain, err := s.open(b, nil)
	if err != nil {
		return err
	}
	return checkPlainPacket(plain)
}

func checkPlainPacket(b []byte) error {
	if len(b) > checksumHead && b[0] == checksumMessage {
		b = b[checksumHead:]
	}
	if len(b) < 2 {
		return errMessage
	}
	if b[0] != compoundMessage {
		return checkSingle(b)
	}
	// A compound is a count, so many lengths, so many messages, none a compound.
	count := int(b[1])
	b = b[2:]
	if count == 0 || len(b) < 2*count {
		return errMessage
	}
	lengths, rest := b[:2*count], b[2*count:]
	for ; len(lengths) > 0; lengths = lengths[2:] {
		n := int(binary.BigEndian.Uint16(lengths))
		if n > len(rest) {
			return errMessage
		}
		if err := checkSingle(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func checkSingle(b []byte) error {
	if len(b) > 0 {
		switch b[0] {
		case pingMessage, indirectMessage, ackMessage, suspectMessage, aliveMessage, deadMessage, nackMessage:
			return nil
		}
	}
	return errMessage
}

// checkStream judges the message of a stream; a request is what began it.
func (s sealed) checkStream(b []byte, request bool) error {
	plain, err := s.open(b[streamHead:], b[:streamHead])
	if err != nil {
		return err
	}
	return checkPlainStream(plain, request)
}

func checkPlainStream(b []byte, request bool) error {
	if len(b) < 2 {
		return errMessage
	}
	switch t := b[0]; {
	case t == stateMessage:
		return checkState(b[1:])
	case t == pingMessage && request, (t == ackMessage || t == errorMessage) && !request:
		return nil
	}
	return errMessage
}

// checkState judges the head of a state, a MessagePack map of Nodes (how many
// follow), UserStateLen (ours have none) and Join.
func checkState(b []byte) error {
	if b[0] != 0x83 {
		return errMessage
	}
	r := msgpack{b[1:]}
	nodes := uint64(0)
	for range 3 {
		switch key := r.text(); key {
		case "Nodes":
			nodes = r.number()
		case "UserStateLen":
			if r.number() != 0 {
				return errMessage
			}
		case "Join":
			r.number()
		default:
			return fmt.Errorf("%w: %.20q in a state", errMessage, key)
		}
	}
	if nodes > uint64(len(r.b)/leastStateOfANode) {
		return fmt.Errorf("%w: a state of %d nodes in %d bytes", errMessage, nodes, len(r.b))
	}
	return nil
}

// msgpack reads the few forms that a head is made of. What it cannot read is
// empty, or too large for any bound.
type msgpack struct{ b []byte }

func (m *msgpack) take(n int) []byte {
	if n > len(m.b) {
		m.b = nil
		return nil
	}
	out := m.b[:n]
	m.b = m.b[n:]
	return out
}

// text is a string of at most 31 bytes.
func (m *msgpack) text() string {
	h := m.take(1)
	if len(h) != 1 || h[0]>>5 != 0b101 {
		return ""
	}
	return string(m.take(int(h[0] & 31)))
}

// number is an unsigned integer, or a boolean.
func (m *msgpack) number() uint64 {
	const unreadable = 1<<64 - 1
	h := m.take(1)
	if len(h) != 1 {
		return unreadable
	}
	switch c := h[0]; {
	case c < 0x80:
		return uint64(c)
	case c == 0xc2, c == 0xc3:
		return uint64(c & 1)
	case c >= 0xcc && c <= 0xcf || c >= 0xd0 && c <= 0xd3:
		n := uint64(0)
		digits := m.take(1 << (c & 3))
		if len(digits) == 0 || c >= 0xd0 && digits[0] >= 0x80 {
			return unreadable
		}
		for _, d := range digits {
			n = n<<8 | uint64(d)
		}
		return n
	}
	return unreadable
}
