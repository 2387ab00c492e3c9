package join

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/strict"
)

// Protocol is the name of the stream.
const Protocol = "/lamppost/join/1"

// version is the protocol's.
const version = 1

// Limits of what is said.
const (
	MaxMessage = 16 << 10 // bytes of a message
	MaxChain   = 32       // records in a welcome
	MaxAddrs   = 8        // addresses in a welcome
	maxAddr    = 64       // bytes of one
	maxNetwork = 32       // bytes of the membership's key
	maxNested  = 4
)

// ErrMessage is a message that is malformed, out of bounds or out of place.
var ErrMessage = errors.New("what the other hub says makes no sense")

// tag says which message it is.
type tag byte

const (
	tagAsk tag = iota + 1
	tagProof
	tagClaim
	tagWelcome
	tagRefusal
)

type ask struct {
	Version uint64 `cbor:"1,keyasint"`
	ID      []byte `cbor:"2,keyasint"`
	Nonce   []byte `cbor:"3,keyasint"`
}

type proof struct {
	Nonce []byte `cbor:"1,keyasint"`
	MAC   []byte `cbor:"2,keyasint"`
}

type claim struct {
	MAC   []byte `cbor:"1,keyasint"`
	Label string `cbor:"2,keyasint"`
}

// Welcome is what a hub gets that has joined. It has been bounded, not judged.
type Welcome struct {
	Founding []byte   `cbor:"1,keyasint"` // the founding statement
	Chain    [][]byte `cbor:"2,keyasint"` // encoded records of class 0 that certify the hub
	Network  []byte   `cbor:"3,keyasint"` // the membership's key; empty where there is none
	Addrs    []string `cbor:"4,keyasint"` // host:port at which the inviter may be reached
}

type refusal struct {
	Reason  uint64 `cbor:"1,keyasint"`
	Who     string `cbor:"2,keyasint"`
	Seconds uint64 `cbor:"3,keyasint"`
}

// maxSeconds bounds how long ago something is said to have been.
const maxSeconds = 200 * 365 * 86400

// bounded is a message that knows its limits.
type bounded interface{ check() error }

func (m *ask) check() error {
	return sized(len(m.ID) == len(ID{}) && len(m.Nonce) == len(nonce{}))
}

func (m *proof) check() error {
	return sized(len(m.Nonce) == len(nonce{}) && len(m.MAC) == len(Key{}))
}

func (m *claim) check() error {
	return sized(len(m.MAC) == len(Key{}) && len(m.Label) <= roster.MaxText)
}

func (m *refusal) check() error {
	return sized(len(m.Who) <= roster.MaxText && m.Seconds <= maxSeconds)
}

func (m *Welcome) check() error {
	for _, a := range m.Addrs {
		if len(a) > maxAddr {
			return sized(false)
		}
	}
	return sized(len(m.Founding) <= roster.MaxFounding && len(m.Chain) <= MaxChain &&
		len(m.Network) <= maxNetwork && len(m.Addrs) <= MaxAddrs)
}

func sized(ok bool) error {
	if !ok {
		return fmt.Errorf("%w: a part of it has a size that it cannot have", ErrMessage)
	}
	return nil
}

// codec reads and writes messages.
type codec struct{ form strict.Form }

func newCodec() (*codec, error) {
	f, err := strict.New(strict.Rules{Elements: MaxChain, Pairs: 16, Levels: maxNested, Closed: true})
	if err != nil {
		return nil, err
	}
	return &codec{f}, nil
}

// encode is a message as it travels, without its length.
func (c *codec) encode(t tag, m bounded) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	b, err := c.form.Message(byte(t), m)
	if err != nil {
		return nil, err
	}
	if len(b) > MaxMessage {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrMessage, len(b), MaxMessage)
	}
	return b, nil
}

// decode reads one message: all of b, canonical and within bounds.
func (c *codec) decode(b []byte, want tag, m bounded) error {
	if len(b) == 0 || len(b) > MaxMessage || tag(b[0]) != want {
		return fmt.Errorf("%w: not the message that was to come", ErrMessage)
	}
	if err := c.form.Unmarshal(b[1:], m); err != nil {
		return fmt.Errorf("%w: %w", ErrMessage, err)
	}
	canon, err := c.encode(want, m)
	if err != nil {
		return err
	}
	if !bytes.Equal(canon, b) {
		return fmt.Errorf("%w: not in canonical form", ErrMessage)
	}
	return nil
}

func (c *codec) write(w io.Writer, t tag, m bounded) error {
	b, err := c.encode(t, m)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
	return err
}

// read reads one message, or the refusal that stands in its place.
func (c *codec) read(r io.Reader, want tag, m bounded) error {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	n := int(binary.BigEndian.Uint16(head[:]))
	if n == 0 || n > MaxMessage {
		return fmt.Errorf("%w: it announces %d bytes, at most %d", ErrMessage, n, MaxMessage)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	if tag(b[0]) != tagRefusal || want != tagProof && want != tagWelcome {
		return c.decode(b, want, m)
	}
	var no refusal
	if err := c.decode(b, tagRefusal, &no); err != nil {
		return err
	}
	return no.told()
}
