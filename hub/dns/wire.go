package dns

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// Bounds of a message, in bytes.
const (
	headerLen = 12
	maxQuery  = 4096 // that is read; more is not a question
	plainUDP  = 512  // to a client without EDNS
	maxUDP    = 1232 // to one with it: passes every network unfragmented
	maxName   = 255  // on the wire, with the lengths and the root
	maxLabel  = 63
)

// Where things are in the header.
const (
	flagsAt, codesAt = 2, 3
	countsAt         = 4

	bitQR = 0x80 // of the byte at flagsAt
	bitTC = 0x02
	bitRD = 0x01
	bitRA = 0x80 // of the byte at codesAt
	bitCD = 0x10
)

// name is a domain name as it goes over the wire, uncompressed and in lower case,
// with the empty label of the root at its end.
type name []byte

// appendName appends the name at msg[off:] to dst in lower case and returns where
// what follows it begins. ok is false for what is no uncompressed name.
func appendName(dst name, msg []byte, off int) (n name, next int, ok bool) {
	begin := len(dst)
	for off < len(msg) {
		size := int(msg[off])
		if size > maxLabel || off+1+size > len(msg) || len(dst)-begin+1+size > maxName {
			return nil, 0, false
		}
		if size == 0 {
			return append(dst, 0), off + 1, true
		}
		dst = append(dst, byte(size))
		for _, c := range msg[off+1 : off+1+size] {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
		}
		off += 1 + size
	}
	return nil, 0, false
}

// wireName is the name that a text stands for, with or without a dot at its end.
func wireName(text string) (name, error) {
	buf := make([]byte, maxName+1)
	n, err := dns.PackDomainName(dns.Fqdn(strings.ToLower(text)), buf, 0, nil, false)
	if err != nil || n > maxName {
		return nil, fmt.Errorf("%q is no host name", text)
	}
	return buf[:n], nil
}

// parent is where in the name that which is above its first label begins.
func (n name) parent() int {
	if n[0] == 0 {
		return 0
	}
	return 1 + int(n[0])
}

// isHost reports whether the name is of letters, digits, hyphens and underscores
// only, and not the root: what a host is looked up by.
func (n name) isHost() bool {
	for off := 0; n[off] != 0; off += 1 + int(n[off]) {
		for _, c := range n[off+1 : off+1+int(n[off])] {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return n[0] != 0
}

// question is what a query asks.
type question struct {
	name  name
	kind  uint16 // QTYPE
	class uint16
}

// count is one of the four counts of a header: questions, answers, authorities,
// additional records.
func count(msg []byte, section int) int {
	return int(binary.BigEndian.Uint16(msg[countsAt+2*section:]))
}

// isQuery reports whether msg may be answered at all: what is shorter than a
// header cannot be, and what is itself an answer would begin a loop.
func isQuery(msg []byte) bool { return len(msg) >= headerLen && msg[flagsAt]&bitQR == 0 }

// refusal is an answer of nothing but a header.
func refusal(dst, msg []byte, code int) []byte {
	dst = append(dst, msg[:flagsAt]...)
	dst = append(dst, bitQR|msg[flagsAt]&^(bitTC|0x04), bitRA|byte(code), 0, 0, 0, 0, 0, 0, 0, 0)
	return dst
}

// slip is an answer that says nothing but to ask again over TCP: a client whose
// address somebody else forges is let through that way. It is never longer than
// the query. It returns nil if that is no query with one question.
func slip(dst, msg []byte) []byte {
	if count(msg, 0) != 1 {
		return nil
	}
	end := headerLen
	for end < len(msg) && msg[end] != 0 && msg[end] <= maxLabel {
		end += 1 + int(msg[end])
	}
	if end += 5; end > len(msg) || msg[end-5] != 0 {
		return nil
	}
	dst = append(dst, msg[:flagsAt]...)
	dst = append(dst, bitQR|bitTC|msg[flagsAt]&bitRD, bitRA, 0, 1, 0, 0, 0, 0, 0, 0)
	return append(dst, msg[headerLen:end]...)
}
