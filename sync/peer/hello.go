package peer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/lamppost-hub/lamppost/sync/strict"
)

// Limits of a hello.
const (
	MaxHello = 16 << 10 // bytes encoded
	maxChain = 32       // records
)

// Hello is what a hub shows before anything else is served to it.
type Hello struct {
	Founding []byte   `cbor:"1,keyasint"` // the founding statement
	Chain    [][]byte `cbor:"2,keyasint"` // encoded records of class 0 that certify the hub
	Now      uint64   `cbor:"3,keyasint"` // milliseconds since 1970 UTC by the sender's clock; a hint
}

// helloCodec reads and writes hellos: deterministic CBOR (RFC 8949 §4.2.1), a
// map with the integer keys above, all present.
type helloCodec struct{ form strict.Form }

func newHelloCodec() (*helloCodec, error) {
	f, err := strict.New(strict.Rules{Elements: maxChain, Pairs: 16, Levels: 4, Closed: true})
	if err != nil {
		return nil, err
	}
	return &helloCodec{f}, nil
}

// encode is the hello as it travels. It fails on more than a peer would take.
func (c *helloCodec) encode(h Hello) ([]byte, error) {
	if len(h.Chain) > maxChain {
		return nil, fmt.Errorf("%w: a chain of %d records, at most %d", ErrHello, len(h.Chain), maxChain)
	}
	b, err := c.form.Marshal(h)
	if err != nil {
		return nil, err
	}
	if len(b) > MaxHello {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrHello, len(b), MaxHello)
	}
	return b, nil
}

// decode reads one hello: all of b, canonical and within bounds. What it holds
// is for the caller to judge.
func (c *helloCodec) decode(b []byte) (Hello, error) {
	if len(b) > MaxHello {
		return Hello{}, fmt.Errorf("%w: %d bytes, at most %d", ErrHello, len(b), MaxHello)
	}
	var h Hello
	if err := c.form.Unmarshal(b, &h); err != nil {
		return Hello{}, fmt.Errorf("%w: %w", ErrHello, err)
	}
	canon, err := c.encode(h)
	if err != nil {
		return Hello{}, err
	}
	if !bytes.Equal(canon, b) {
		return Hello{}, fmt.Errorf("%w: not in canonical form", ErrHello)
	}
	return h, nil
}

// writeFrame sends a hello behind its length in two bytes, big-endian.
func writeFrame(w io.Writer, b []byte) error {
	if len(b) > MaxHello {
		return errors.New("hello frame too large")
	}
	_, err := w.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
	return err
}

// readFrame reads what writeFrame wrote. A length out of bounds is ErrHello;
// nothing is set aside for it.
func readFrame(r io.Reader) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(head[:]))
	if n == 0 || n > MaxHello {
		return nil, fmt.Errorf("%w: it announces %d bytes, at most %d", ErrHello, n, MaxHello)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}
