package mdns

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Bounds of a message.
const (
	MaxAddrs  = 8    // of one hub on one network
	maxPacket = 4096 // bytes that are read
	maxParts  = 64   // questions and resource records
	maxKnown  = 24   // that a question lists: it fits in 1,200 bytes
)

const (
	service = "_lamppost._tcp.local."
	local   = ".local."
	tagKey  = "c=" // in the TXT record

	life  = 2 * time.Minute // of what is announced
	flush = 1 << 15         // in the class: what was said before is void (RFC 6762 section 10.2)
)

// said is what a hub announces.
type said struct {
	name  string // the beginning of its key in hex
	tag   string // of its community
	port  uint16
	addrs []netip.Addr
	ttl   time.Duration // 0 = it leaves
}

// message is what a packet means here.
type message struct {
	asks  bool     // who is there
	known []string // of whom the asker need not hear
	said  []said
}

// encodeQuestion asks who is there, but the known ones.
func encodeQuestion(known []said) ([]byte, error) {
	m := new(dns.Msg)
	m.Question = []dns.Question{{Name: service, Qtype: dns.TypePTR, Qclass: dns.ClassINET}}
	for _, k := range known[:min(len(known), maxKnown)] {
		m.Answer = append(m.Answer, pointer(k))
	}
	m.Compress = true
	return m.Pack()
}

func pointer(s said) dns.RR {
	return &dns.PTR{Hdr: header(service, dns.TypePTR, 0, s.ttl), Ptr: s.name + "." + service}
}

func header(name string, kind uint16, class uint16, ttl time.Duration) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET | class, Ttl: uint32(ttl / time.Second)}
}

// encodeAnswer announces a hub.
func encodeAnswer(s said) ([]byte, error) {
	m := new(dns.Msg)
	m.Response, m.Authoritative, m.Compress = true, true, true
	m.Answer = []dns.RR{pointer(s)}
	instance, host := s.name+"."+service, s.name+local
	m.Extra = []dns.RR{
		&dns.SRV{Hdr: header(instance, dns.TypeSRV, flush, s.ttl), Port: s.port, Target: host},
		&dns.TXT{Hdr: header(instance, dns.TypeTXT, flush, s.ttl), Txt: []string{tagKey + s.tag}},
	}
	for _, a := range s.addrs {
		if a.Is4() {
			m.Extra = append(m.Extra, &dns.A{Hdr: header(host, dns.TypeA, flush, s.ttl), A: net.IP(a.AsSlice())})
		} else {
			m.Extra = append(m.Extra, &dns.AAAA{Hdr: header(host, dns.TypeAAAA, flush, s.ttl), AAAA: net.IP(a.AsSlice())})
		}
	}
	return m.Pack()
}

var errMessage = errors.New("not a message of multicast DNS")

// decode reads a packet. What it has besides hubs is left out, and so are hubs of
// which something is missing.
func decode(b []byte) (message, error) {
	if len(b) < 12 || len(b) > maxPacket {
		return message{}, fmt.Errorf("%w: %d bytes", errMessage, len(b))
	}
	parts := 0
	for at := 4; at < 12; at += 2 {
		parts += int(binary.BigEndian.Uint16(b[at:]))
	}
	if parts > maxParts {
		return message{}, fmt.Errorf("%w: %d parts", errMessage, parts)
	}
	var m dns.Msg
	if err := m.Unpack(b); err != nil {
		return message{}, fmt.Errorf("%w: %w", errMessage, err)
	}
	if m.Opcode != dns.OpcodeQuery || m.Rcode != dns.RcodeSuccess {
		return message{}, fmt.Errorf("%w: opcode %d, code %d", errMessage, m.Opcode, m.Rcode)
	}
	if !m.Response {
		return question(&m), nil
	}
	return message{said: announced(append(m.Answer, m.Extra...))}, nil
}

func question(m *dns.Msg) (out message) {
	for _, q := range m.Question {
		out.asks = out.asks || strings.EqualFold(q.Name, service) && (q.Qtype == dns.TypePTR || q.Qtype == dns.TypeANY)
	}
	for _, rr := range m.Answer {
		// Below half of its life it is asked for anew (RFC 6762 section 7.1).
		if name, ok := pointed(rr); ok && time.Duration(rr.Header().Ttl)*time.Second >= life/2 {
			out.known = append(out.known, name)
		}
	}
	return out
}

// pointed is the name of the hub that a PTR record points at.
func pointed(rr dns.RR) (string, bool) {
	p, ok := rr.(*dns.PTR)
	if !ok || !strings.EqualFold(p.Hdr.Name, service) {
		return "", false
	}
	name, ok := strings.CutSuffix(strings.ToLower(p.Ptr), "."+service)
	b, err := hex.DecodeString(name)
	return name, ok && err == nil && len(b) == len(Prefix{})
}

// announced gathers the hubs of which some records speak.
func announced(rrs []dns.RR) (out []said) {
	for _, rr := range rrs {
		name, ok := pointed(rr)
		if !ok {
			continue
		}
		s := said{name: name, ttl: min(time.Duration(rr.Header().Ttl)*time.Second, life)}
		if s.ttl > 0 && !s.fill(rrs) {
			continue
		}
		if s.ttl == 0 {
			s.fill(rrs)
		}
		out = append(out, s)
	}
	return out
}

// fill takes what the records say about a hub, and reports whether that is all
// that it takes.
func (s *said) fill(rrs []dns.RR) bool {
	instance, host := s.name+"."+service, ""
	for _, rr := range rrs {
		if !strings.EqualFold(rr.Header().Name, instance) {
			continue
		}
		switch rr := rr.(type) {
		case *dns.SRV:
			s.port, host = rr.Port, rr.Target
		case *dns.TXT:
			for _, t := range rr.Txt {
				if tag, ok := strings.CutPrefix(t, tagKey); ok {
					s.tag = tag
				}
			}
		}
	}
	for _, rr := range rrs {
		if host == "" || !strings.EqualFold(rr.Header().Name, host) || len(s.addrs) == MaxAddrs {
			continue
		}
		switch rr := rr.(type) {
		case *dns.A:
			s.add(rr.A)
		case *dns.AAAA:
			s.add(rr.AAAA)
		}
	}
	return s.port != 0 && s.tag != "" && len(s.addrs) > 0
}

func (s *said) add(ip net.IP) {
	if a, ok := netip.AddrFromSlice(ip); ok && dialable(a.Unmap()) {
		s.addrs = append(s.addrs, a.Unmap())
	}
}

// dialable reports whether an address can be that of another machine.
func dialable(a netip.Addr) bool {
	switch {
	case !a.IsValid(), a.IsUnspecified(), a.IsMulticast(), a.IsLoopback():
		return false
	case a.Is4():
		return a != netip.AddrFrom4([4]byte{255, 255, 255, 255}) && a.As4()[0] != 0
	}
	return true
}
