package reconcile

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// FingerprintSize is the length of a fingerprint in bytes.
const FingerprintSize = 16

// Sum adds ids modulo 2^256, each read as a 32-byte little-endian number
// (protocol V1, "Fingerprint Algorithm"). The words are in little-endian order
// too. The zero value is the sum of nothing, and a Sum may be compared with ==.
//
// Whoever may choose many ids can find two sets with the same sum and count
// (generalised birthday), so equal sums are no proof against an attacker.
type Sum [4]uint64

// Add adds an id.
func (s *Sum) Add(id *ID) { s.AddSum(load(id)) }

// Sub takes an id away that was added before.
func (s *Sum) Sub(id *ID) { s.SubSum(load(id)) }

// AddSum adds all that t sums.
func (s *Sum) AddSum(t Sum) {
	var c uint64
	s[0], c = bits.Add64(s[0], t[0], 0)
	s[1], c = bits.Add64(s[1], t[1], c)
	s[2], c = bits.Add64(s[2], t[2], c)
	s[3], _ = bits.Add64(s[3], t[3], c)
}

// SubSum takes away all that t sums.
func (s *Sum) SubSum(t Sum) {
	var b uint64
	s[0], b = bits.Sub64(s[0], t[0], 0)
	s[1], b = bits.Sub64(s[1], t[1], b)
	s[2], b = bits.Sub64(s[2], t[2], b)
	s[3], _ = bits.Sub64(s[3], t[3], b)
}

// Bytes returns the sum as a 32-byte little-endian number.
func (s Sum) Bytes() [32]byte {
	var b [32]byte
	for i, w := range s {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
	return b
}

// SumFromBytes is the inverse of Sum.Bytes.
func SumFromBytes(b [32]byte) Sum { return load(&b) }

// Fingerprint returns the fingerprint of a range whose ids, count of them, are
// summed in s: the first 16 bytes of SHA-256 over the sum and the count as a
// varint.
func (s Sum) Fingerprint(count int) [FingerprintSize]byte {
	var buf [32 + maxVarint]byte
	b := s.Bytes()
	in := appendVarint(append(buf[:0], b[:]...), uint64(count))
	h := sha256.Sum256(in)
	return [FingerprintSize]byte(h[:FingerprintSize])
}

func load(id *[32]byte) Sum {
	return Sum{
		binary.LittleEndian.Uint64(id[0:]),
		binary.LittleEndian.Uint64(id[8:]),
		binary.LittleEndian.Uint64(id[16:]),
		binary.LittleEndian.Uint64(id[24:]),
	}
}
