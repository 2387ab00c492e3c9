package roster

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Founding is the founding statement: what makes a community. Roots are in
// ascending order once encoded.
type Founding struct {
	Name      string          // 1–64 bytes of text in NFC
	Roots     []record.Author // 1–16, distinct
	Threshold int             // how many roots make an act: 1 to len(Roots)
	Time      record.Time     // before this no record of the community is written
	Nonce     [16]byte
}

// foundingVersion is the only version there is.
const foundingVersion = 1

type foundingWire struct {
	Version   uint64 `cbor:"1,keyasint"`
	Name      string `cbor:"2,keyasint"`
	Roots     []byte `cbor:"3,keyasint"` // the keys, one after the other
	Threshold uint64 `cbor:"4,keyasint"`
	Time      uint64 `cbor:"5,keyasint"`
	Nonce     []byte `cbor:"6,keyasint"`
}

// Encode is the statement in deterministic CBOR (RFC 8949 §4.2.1). It fails
// with ErrBody where a field is out of bounds.
func (f Founding) Encode() ([]byte, error) {
	if !readable(f.Name, MaxText) || f.Name == "" || !norm.NFC.IsNormalString(f.Name) {
		return nil, malformed("name: 1 to %d bytes of text in NFC without control characters", MaxText)
	}
	if f.Time >= record.MaxTime {
		return nil, malformed("time after the year 2100")
	}
	roots, err := encodeRoots(f.Roots, f.Threshold)
	if err != nil {
		return nil, err
	}
	return marshal(foundingWire{
		Version: foundingVersion, Name: f.Name, Roots: roots, Threshold: uint64(f.Threshold),
		Time: uint64(f.Time), Nonce: f.Nonce[:],
	})
}

// DecodeFounding reads a founding statement: all of it, canonical, within
// bounds, without unknown fields; else ErrBody.
func DecodeFounding(enc []byte) (Founding, error) {
	var w foundingWire
	if len(enc) > MaxFounding {
		return Founding{}, malformed("%d bytes, at most %d", len(enc), MaxFounding)
	}
	if err := unmarshal(enc, &w); err != nil {
		return Founding{}, err
	}
	if w.Version != foundingVersion {
		return Founding{}, malformed("unknown version")
	}
	roots, threshold, err := decodeRoots(w.Roots, w.Threshold)
	if err != nil {
		return Founding{}, err
	}
	f := Founding{Name: w.Name, Roots: roots, Threshold: threshold, Time: record.Time(w.Time)}
	copy(f.Nonce[:], w.Nonce)
	canon, err := f.Encode()
	if err != nil {
		return Founding{}, err
	}
	if !bytes.Equal(canon, enc) {
		return Founding{}, malformed("not in canonical form")
	}
	return f, nil
}

// Community is the first 16 bytes of SHA-256 over the encoding; zero for a
// statement that cannot be encoded.
func (f Founding) Community() record.Community {
	enc, err := f.Encode()
	if err != nil {
		return record.Community{}
	}
	sum := sha256.Sum256(enc)
	return record.Community(sum[:16])
}

// encodeRoots is the keys in ascending order, one after the other.
func encodeRoots(roots []record.Author, threshold int) ([]byte, error) {
	sorted := slices.Clone(roots)
	slices.SortFunc(sorted, compareAuthors)
	out := make([]byte, 0, 32*len(sorted))
	for _, r := range sorted {
		out = append(out, r[:]...)
	}
	if _, _, err := decodeRoots(out, uint64(max(threshold, 0))); err != nil {
		return nil, err
	}
	return out, nil
}

func decodeRoots(b []byte, threshold uint64) ([]record.Author, int, error) {
	n := len(b) / 32
	if len(b)%32 != 0 || n < 1 || n > MaxRoots {
		return nil, 0, malformed("1 to %d root keys of 32 bytes", MaxRoots)
	}
	if threshold < 1 || threshold > uint64(n) {
		return nil, 0, malformed("a threshold is 1 to the number of roots")
	}
	roots := make([]record.Author, n)
	for i := range roots {
		roots[i] = record.Author(b[32*i:])
		if i > 0 && compareAuthors(roots[i-1], roots[i]) >= 0 {
			return nil, 0, malformed("root keys are distinct and in ascending order")
		}
	}
	return roots, int(threshold), nil
}

func compareAuthors(a, b record.Author) int { return bytes.Compare(a[:], b[:]) }
