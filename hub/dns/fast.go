package dns

import (
	"encoding/binary"

	"github.com/miekg/dns"
)

const (
	// life is the TTL of what is said here, in seconds: it may be another thing
	// as soon as a client's state changes, or the phone is carried to another hub.
	life = 5
	// amplification is how many times as long as the query an answer that is made
	// here may be over UDP, so that nobody gains by forging whose query it is.
	amplification = 3

	plainOPT = 11     // bytes of an OPT record without options
	pointTo  = 0xC000 // marks a compression pointer
	bitDO    = 0x80   // of the third byte of an OPT record's TTL
)

// quick answers the plain query that phones send in bursts: one question for a
// host, with nothing else or with an OPT record without options. It does not
// allocate. ok is false for what it leaves to the library, from the query alone
// or because of what the answer would be; for what it takes, the two say the same,
// byte for byte.
func (s *Server) quick(dst, msg []byte, a asker) (reply []byte, ok bool) {
	const rare = bitQR | 0x78 | 0x04 | bitTC // an answer, opcodes, AA, TC
	if len(msg) < headerLen || msg[flagsAt]&rare != 0 || msg[codesAt]&0xCF != 0 ||
		count(msg, 0) != 1 || count(msg, 1) != 0 || count(msg, 2) != 0 || count(msg, 3) > 1 {
		return nil, false
	}
	var buf [maxName]byte
	n, next, ok := appendName(buf[:0], msg, headerLen)
	if !ok || len(msg) < next+4 || !n.isHost() {
		return nil, false
	}
	q := question{name: n, kind: binary.BigEndian.Uint16(msg[next:]), class: binary.BigEndian.Uint16(msg[next+2:])}
	next += 4
	opt := msg[next:]
	if len(opt) != plainOPT*count(msg, 3) || len(opt) > 0 && !isPlainOPT(opt) {
		return nil, false
	}
	v := s.policy.Load().decide(q, a, s.zone.Load())
	if v.kind != address && v.kind != noData {
		return nil, false
	}
	dst = append(dst, msg[:next]...)
	dst[flagsAt] = bitQR | msg[flagsAt]&bitRD
	dst[codesAt] = bitRA | msg[codesAt]&bitCD
	if v.kind == noData {
		dst[countsAt+5] = 1
		dst = appendSOA(dst, v.zone)
	} else {
		for _, a := range v.addrs {
			if a.IsValid() {
				dst[countsAt+3]++
				dst = appendHead(dst, 0, q.kind)
				dst = binary.BigEndian.AppendUint16(dst, uint16(a.BitLen()/8))
				if a.Is4() {
					b := a.As4()
					dst = append(dst, b[:]...)
				} else {
					b := a.As16()
					dst = append(dst, b[:]...)
				}
			}
		}
	}
	if len(opt) > 0 {
		dst = append(dst, 0, 0, byte(dns.TypeOPT), maxUDP>>8, maxUDP&0xFF, 0, 0, opt[7]&bitDO, 0, 0, 0)
	}
	return dst, len(dst) <= amplification*len(msg) && len(dst) <= plainUDP
}

// isPlainOPT reports whether eleven bytes are an OPT record of version 0 without
// options, with no flag but DO.
func isPlainOPT(b []byte) bool {
	return b[0] == 0 && b[1] == 0 && b[2] == byte(dns.TypeOPT) && b[5] == 0 && b[6] == 0 &&
		b[7]&^bitDO == 0 && b[8] == 0 && b[9] == 0 && b[10] == 0
}

// appendHead appends what a record has before its data's length. Its owner is the
// part of the question's name that begins at off.
func appendHead(dst []byte, off int, kind uint16) []byte {
	dst = binary.BigEndian.AppendUint16(dst, pointTo|uint16(headerLen+off))
	dst = binary.BigEndian.AppendUint16(dst, kind)
	dst = binary.BigEndian.AppendUint16(dst, dns.ClassINET)
	return binary.BigEndian.AppendUint32(dst, life)
}

// Times of the SOA record, in seconds. There is no second server that would go by
// them; only the minimum matters, for how long "there is none" holds.
const (
	soaSerial  = 1
	soaRefresh = 3600
	soaRetry   = 600
	soaExpire  = 86400
)

// appendSOA appends the record by which a client knows how long there is nothing.
// Its names are the root, so that a short query stays a short answer.
func appendSOA(dst []byte, off int) []byte {
	dst = appendHead(dst, off, dns.TypeSOA)
	dst = append(dst, 0, 22, 0, 0)
	for _, n := range [...]uint32{soaSerial, soaRefresh, soaRetry, soaExpire, life} {
		dst = binary.BigEndian.AppendUint32(dst, n)
	}
	return dst
}
