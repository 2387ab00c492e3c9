package reconcile

import (
	"bytes"
	"slices"
)

// version1 is the first byte of a message of protocol version 1.
const version1 = 0x61

type mode uint64

const (
	modeSkip        mode = 0
	modeFingerprint mode = 1
	modeIDList      mode = 2
)

// piece is one range of a message: from the upper bound of the piece before it
// (or zero) to below upper.
type piece struct {
	upper       Bound
	mode        mode
	fingerprint [FingerprintSize]byte
	ids         []byte // IDSize bytes each, part of the message
}

// decoder reads the ranges of a message one by one. Its memory is bounded by
// the longest id list of the message.
type decoder struct {
	version byte
	rest    []byte
	lower   Bound // upper bound of the piece before
	// sorted holds the ids of the last list read.
	sorted []ID
}

// newDecoder reads the version byte. If the version is another one, there is
// nothing more to read.
func newDecoder(msg []byte) (*decoder, error) {
	switch {
	case len(msg) == 0:
		return nil, malformed("empty")
	case len(msg) > MaxMessage:
		return nil, malformed("%d bytes long, at most %d", len(msg), MaxMessage)
	case msg[0]&0xf0 != 0x60:
		return nil, malformed("version byte 0x%02x", msg[0])
	case msg[0] != version1:
		return &decoder{version: msg[0]}, nil
	}
	return &decoder{version: version1, rest: msg[1:]}, nil
}

// next returns the next range, or false at the end of the message.
func (d *decoder) next() (p piece, ok bool, err error) {
	if len(d.rest) == 0 {
		return piece{}, false, nil
	}
	if p.upper, err = d.bound(); err != nil {
		return piece{}, false, err
	}
	m, err := d.varint()
	if err != nil {
		return piece{}, false, err
	}
	p.mode = mode(m)
	if d.lower.IsInfinity() {
		return d.closing(p)
	}
	if p.upper.Compare(d.lower) <= 0 {
		return piece{}, false, malformed("bounds do not ascend")
	}
	switch p.mode {
	case modeSkip:
	case modeFingerprint:
		p.fingerprint, err = d.fingerprint()
	case modeIDList:
		p.ids, err = d.idList(p.upper)
	default:
		err = malformed("range of mode %d", m)
	}
	if err != nil {
		return piece{}, false, err
	}
	d.lower = p.upper
	return p, true, nil
}

// closing allows what the reference implementations send when an id list up to
// infinity just exceeds their frame limit: the fingerprint of the nothing that
// remains. It must be the end of the message.
func (d *decoder) closing(p piece) (piece, bool, error) {
	if p.mode == modeFingerprint {
		fp, err := d.fingerprint()
		if err != nil {
			return piece{}, false, err
		}
		if fp == (Sum{}).Fingerprint(0) && len(d.rest) == 0 {
			return piece{}, false, nil
		}
	}
	return piece{}, false, malformed("range after infinity")
}

func (d *decoder) fingerprint() (fp [FingerprintSize]byte, err error) {
	if len(d.rest) < FingerprintSize {
		return fp, malformed("truncated fingerprint")
	}
	copy(fp[:], d.take(FingerprintSize))
	return fp, nil
}

func (d *decoder) bound() (Bound, error) {
	delta, err := d.varint()
	if err != nil {
		return Bound{}, err
	}
	n, err := d.varint()
	if err != nil {
		return Bound{}, err
	}
	if n > IDSize {
		return Bound{}, malformed("id prefix of %d bytes", n)
	}
	if n > uint64(len(d.rest)) {
		return Bound{}, malformed("truncated id prefix")
	}
	if delta == 0 {
		if n != 0 {
			return Bound{}, malformed("infinity with an id prefix")
		}
		return Infinity(), nil
	}
	if d.lower.IsInfinity() {
		return Bound{}, malformed("range after infinity")
	}
	if delta-1 > MaxTime-d.lower.Time {
		return Bound{}, malformed("time exceeds 48 bits")
	}
	b := Bound{Time: d.lower.Time + delta - 1}
	copy(b.ID[:], d.take(int(n)))
	return b, nil
}

// idList reads the ids of the range from d.lower to upper. Ids carry no time:
// whether one lies in its range can be seen only where the range has a single
// time, and there the list must ascend within the bounds.
func (d *decoder) idList(upper Bound) ([]byte, error) {
	n, err := d.varint()
	if err != nil {
		return nil, err
	}
	if n > uint64(len(d.rest)/IDSize) {
		return nil, malformed("list of %d ids in %d bytes", n, len(d.rest))
	}
	d.sorted = slices.Grow(d.sorted[:0], int(n))
	ids := d.take(int(n) * IDSize)
	oneTime := upper.Time == d.lower.Time || (upper.Time == d.lower.Time+1 && upper.ID == ID{})
	prev := Item{Time: d.lower.Time}
	for i := range int(n) {
		id := idAt(ids, i)
		if oneTime {
			it := Item{Time: d.lower.Time, ID: id}
			if d.lower.Above(it) || !upper.Above(it) {
				return nil, malformed("id outside its range")
			}
			if i > 0 && it.Compare(prev) < 0 {
				return nil, malformed("unsorted id list")
			}
			prev = it
		}
		d.sorted = append(d.sorted, id)
	}
	slices.SortFunc(d.sorted, compareIDs)
	for i := 1; i < len(d.sorted); i++ {
		if d.sorted[i-1] == d.sorted[i] {
			return nil, malformed("duplicate id in a list")
		}
	}
	return ids, nil
}

func (d *decoder) varint() (v uint64, err error) {
	v, d.rest, err = readVarint(d.rest)
	return v, err
}

func (d *decoder) take(n int) []byte {
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func compareIDs(a, b ID) int { return bytes.Compare(a[:], b[:]) }

// idAt returns id i of a list as it stands in a message.
func idAt(ids []byte, i int) ID { return ID(ids[i*IDSize:]) }
