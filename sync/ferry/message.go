package ferry

import (
	"encoding/binary"
	"fmt"
	"io"
)

// What is said on a stream: a byte that says which, and what belongs to it. Numbers are
// big-endian.
//
//	asks:    1 sum(32) size(8)       once, first: of this file
//	         2 from(8) count(2)      a piece, count bytes from there on
//	answers: 1                       to the first: it is here
//	         2 why(1)                it does not come, and nothing more
//	         3 from(8) count(2) …    a piece, just as it was asked for
const (
	kAsk   byte = 1
	kWant  byte = 2
	kHere  byte = 1
	kNo    byte = 2
	kPiece byte = 3
)

// Why something does not come.
const (
	noAbsent byte = 1
	noBusy   byte = 2
)

const (
	askBytes  = 1 + 32 + 8
	wantBytes = 1 + 8 + 2 // and of the head of a piece
	maxPiece  = 16 << 10  // bytes
	maxSize   = 1 << 40   // of a file
)

// ask names a file.
type ask struct {
	sum  [32]byte
	size int64
}

// want is a piece that is asked for, or the head of one that comes.
type want struct {
	from  int64
	count int
}

func (a ask) append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(append(append(b, kAsk), a.sum[:]...), uint64(a.size))
}

func (w want) append(b []byte, kind byte) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64(append(b, kind), uint64(w.from)), uint16(w.count))
}

// readAsk reads the first word of a stream.
func readAsk(r io.Reader) (a ask, _ error) {
	var b [askBytes]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return a, err
	}
	size := binary.BigEndian.Uint64(b[33:])
	if b[0] != kAsk || size == 0 || size > maxSize {
		return a, fmt.Errorf("%w: it begins with %d, for %d bytes", ErrProtocol, b[0], size)
	}
	return ask{[32]byte(b[1:33]), int64(size)}, nil
}

// readWant reads which piece of a file is asked for.
func readWant(r io.Reader, size int64) (w want, _ error) {
	var b [wantBytes]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return w, err
	}
	if b[0] != kWant {
		return w, fmt.Errorf("%w: it says %d where it should ask for a piece", ErrProtocol, b[0])
	}
	return wantOf(b[1:], size)
}

func wantOf(b []byte, size int64) (w want, _ error) {
	from, count := binary.BigEndian.Uint64(b), binary.BigEndian.Uint16(b[8:])
	if count == 0 || count > maxPiece || from >= uint64(size) || uint64(count) > uint64(size)-from {
		return w, fmt.Errorf("%w: %d bytes at %d of %d", ErrProtocol, count, from, size)
	}
	return want{int64(from), int(count)}, nil
}

// readHere reads the answer to an ask.
func readHere(r io.Reader) error {
	var kind [1]byte
	if _, err := io.ReadFull(r, kind[:]); err != nil {
		return err
	}
	if kind[0] == kHere {
		return nil
	}
	return refusal(r, kind[0])
}

// readPiece reads the piece that is due into b, which is returned as long as it is.
func readPiece(r io.Reader, due want, b []byte) ([]byte, error) {
	var head [wantBytes]byte
	if _, err := io.ReadFull(r, head[:1]); err != nil {
		return nil, err
	}
	if head[0] != kPiece {
		return nil, refusal(r, head[0])
	}
	if _, err := io.ReadFull(r, head[1:]); err != nil {
		return nil, err
	}
	if got, err := wantOf(head[1:], maxSize); err != nil || got != due {
		return nil, fmt.Errorf("%w: it sends another piece than was asked for", ErrProtocol)
	}
	_, err := io.ReadFull(r, b[:due.count])
	return b[:due.count], err
}

// refusal reads why nothing comes, after the byte that says that.
func refusal(r io.Reader, kind byte) error {
	if kind != kNo {
		return fmt.Errorf("%w: it answers with %d", ErrProtocol, kind)
	}
	var why [1]byte
	if _, err := io.ReadFull(r, why[:]); err != nil {
		return err
	}
	switch why[0] {
	case noAbsent:
		return ErrAbsent
	case noBusy:
		return ErrBusy
	}
	return fmt.Errorf("%w: it refuses for reason %d", ErrProtocol, why[0])
}
