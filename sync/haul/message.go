package haul

import (
	"encoding/binary"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/strict"
)

// kind is a message's first byte. A CBOR array follows; behind a piece its head.
type kind byte

const (
	kGet   kind = iota + 1 // send me so many bytes of it, from there on
	kNo                    // it is not here; you are told when it is
	kHave                  // these are here now
	kPiece                 // a load: sum(32) offset(8) bytes
)

// get asks for part of a blob, at most a chunk.
type get struct {
	_           struct{} `cbor:",toarray"`
	Blob        record.Blob
	From, Count uint64
}

type no struct {
	_     struct{} `cbor:",toarray"`
	Blob  record.Blob
	Count uint64 // of what was asked for, so much does not come
}

type have struct {
	_     struct{} `cbor:",toarray"`
	Blobs []record.Blob
}

// maxHave is how many blobs one message tells of.
const maxHave = 64

func (g get) check() error {
	size := g.Blob.Size
	if g.Count == 0 || g.Count > chunk || g.From >= size || g.Count > size-g.From {
		return violation("it asks for %d bytes at %d of %d", g.Count, g.From, size)
	}
	return nil
}

const pieceHead = 1 + 32 + 8

// pieceBytes is how much of a blob goes into one piece.
const pieceBytes = replica.MaxCargo - pieceHead

func piece(sum blob.Sum, at uint64, n int) (message, data []byte) {
	m := make([]byte, pieceHead+n)
	m[0] = byte(kPiece)
	copy(m[1:], sum[:])
	binary.BigEndian.PutUint64(m[33:], at)
	return m, m[pieceHead:]
}

// readPiece takes a piece apart. Its bytes are the message's.
func readPiece(m []byte) (sum blob.Sum, at uint64, data []byte, err error) {
	if len(m) <= pieceHead {
		return sum, 0, nil, violation("a piece of %d bytes", len(m))
	}
	return blob.Sum(m[1:33]), binary.BigEndian.Uint64(m[33:]), m[pieceHead:], nil
}

func violation(format string, args ...any) error {
	return fmt.Errorf("%w: %s", replica.ErrProtocol, fmt.Sprintf(format, args...))
}

// coding is how words are written and read; strict, because peers are not trusted.
type coding struct{ strict.Form }

func newCoding() (coding, error) {
	f, err := strict.New(strict.Rules{Elements: maxHave, Pairs: 16, Levels: 4})
	return coding{f}, err
}

func (c coding) marshal(k kind, v any) ([]byte, error) { return c.Message(byte(k), v) }

func (c coding) unmarshal(m []byte, v any) error {
	if err := c.Unmarshal(m[1:], v); err != nil {
		return violation("word %d does not read: %v", m[0], err)
	}
	return nil
}
