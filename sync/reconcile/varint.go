package reconcile

import "math"

// maxVarint is the length of the longest varint: 64 bits, 7 a byte.
const maxVarint = 10

// appendVarint appends v in base 128, most significant digit first, with the
// high bit set on every byte but the last (protocol V1, "Varint").
func appendVarint(b []byte, v uint64) []byte {
	for n := varintLen(v) - 1; n > 0; n-- {
		b = append(b, byte(v>>(7*n))|0x80)
	}
	return append(b, byte(v)&0x7f)
}

func varintLen(v uint64) int {
	n := 1
	for v >>= 7; v > 0; v >>= 7 {
		n++
	}
	return n
}

// readVarint reads a varint and returns what follows it.
func readVarint(b []byte) (v uint64, rest []byte, err error) {
	for i, c := range b {
		if i == 0 && c == 0x80 {
			return 0, nil, malformed("varint with a leading zero")
		}
		if v > math.MaxUint64>>7 {
			return 0, nil, malformed("varint exceeds 64 bits")
		}
		v = v<<7 | uint64(c&0x7f)
		if c < 0x80 {
			return v, b[i+1:], nil
		}
	}
	return 0, nil, malformed("truncated varint")
}
