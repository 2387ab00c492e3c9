package dns

import (
	"math"
	"net"

	"github.com/miekg/dns"
)

// maxRecords bounds what a query may have besides its question: OPT, a signature.
const maxRecords = 8

// Extended error codes that are told to clients with EDNS: RFC 8914.
const (
	errStale   = dns.ExtendedErrorCodeStaleAnswer  // 3
	errNetwork = dns.ExtendedErrorCodeNetworkError // 23
)

// ask is a query that has been read.
type ask struct {
	size int // of the query in bytes
	req  *dns.Msg
	q    question
	opt  *dns.OPT // nil without EDNS
	udp  bool
	// longest is for how many seconds an answer may hold.
	longest uint32
	// probe is set where a system looks whether it is online; then instead is said
	// where nobody can be asked now.
	probe   bool
	instead verdict
}

// parse reads a query with the library. What is wrong with it is answered with a
// header and a code; then the ask is nil.
func parse(dst, msg []byte, udp bool) (*ask, []byte) {
	sections := [4]int{count(msg, 0), count(msg, 1), count(msg, 2), count(msg, 3)}
	switch {
	case msg[flagsAt]&0x78 != 0:
		return nil, refusal(dst, msg, dns.RcodeNotImplemented)
	case msg[flagsAt]&bitTC != 0, len(msg) > maxQuery, sections[0] != 1, sections[1] != 0, sections[2]+sections[3] > maxRecords:
		return nil, refusal(dst, msg, dns.RcodeFormatError)
	}
	// A question's name has nothing before it that a pointer could mean.
	n, next, ok := appendName(nil, msg, headerLen)
	if !ok || len(msg) < next+4 {
		return nil, refusal(dst, msg, dns.RcodeFormatError)
	}
	req := new(dns.Msg)
	if err := req.Unpack(msg); err != nil || len(req.Question) != 1 || len(req.Ns) != sections[2] || len(req.Extra) != sections[3] {
		return nil, refusal(dst, msg, dns.RcodeFormatError)
	}
	a := &ask{size: len(msg), req: req, udp: udp, longest: math.MaxInt32, q: question{name: n, kind: req.Question[0].Qtype, class: req.Question[0].Qclass}}
	for _, rr := range req.Extra {
		opt, ok := rr.(*dns.OPT)
		if !ok {
			continue
		}
		if a.opt != nil || opt.Hdr.Name != "." {
			return nil, refusal(dst, msg, dns.RcodeFormatError)
		}
		a.opt = opt
	}
	return a, nil
}

// reply begins an answer.
func (a *ask) reply(code int) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(a.req)
	m.Rcode, m.RecursionAvailable, m.Compress = code, true, true
	if a.opt != nil {
		m.SetEdns0(maxUDP, a.opt.Do())
	}
	return m
}

// explain adds an extended error, if the client understands EDNS.
func explain(m *dns.Msg, code uint16) {
	if opt := m.IsEdns0(); opt != nil {
		opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: code})
	}
}

// limit is how many bytes the client takes at once.
func (a *ask) limit() int {
	switch {
	case !a.udp:
		return dns.MaxMsgSize
	case a.opt == nil:
		return plainUDP
	default:
		return min(max(int(a.opt.UDPSize()), plainUDP), maxUDP)
	}
}

// pack is the answer as it goes over the wire: shortened to at most limit bytes,
// and marked so, if it is longer. nil is none at all.
func (a *ask) pack(dst []byte, m *dns.Msg, limit int) []byte {
	m.Truncate(a.limit())
	m.Compress = true
	out, err := m.PackBuffer(dst[:cap(dst)])
	if err == nil && len(out) > limit {
		m.Answer, m.Ns, m.Truncated = nil, nil, true
		out, err = m.PackBuffer(dst[:cap(dst)])
	}
	if err != nil || len(out) > limit {
		return nil
	}
	return out
}

// local is the answer to what is decided here. nil is none at all.
func (a *ask) local(dst []byte, v verdict) []byte {
	m := a.reply(dns.RcodeSuccess)
	head := func(kind uint16) dns.RR_Header {
		return dns.RR_Header{Name: a.req.Question[0].Name, Rrtype: kind, Class: dns.ClassINET, Ttl: life}
	}
	switch v.kind {
	case address:
		for _, addr := range v.addrs {
			switch {
			case addr.Is4():
				m.Answer = append(m.Answer, &dns.A{Hdr: head(dns.TypeA), A: net.IP(addr.AsSlice())})
			case addr.Is6():
				m.Answer = append(m.Answer, &dns.AAAA{Hdr: head(dns.TypeAAAA), AAAA: net.IP(addr.AsSlice())})
			}
		}
	case pointer:
		m.Answer = []dns.RR{&dns.PTR{Hdr: head(dns.TypePTR), Ptr: v.host.text()}}
	case anything:
		m.Answer = []dns.RR{&dns.HINFO{Hdr: head(dns.TypeHINFO), Cpu: "RFC8482"}}
	case noData, noName:
		if v.kind == noName {
			m.Rcode = dns.RcodeNameError
		}
		soa := &dns.SOA{
			Hdr: head(dns.TypeSOA), Ns: ".", Mbox: ".",
			Serial: soaSerial, Refresh: soaRefresh, Retry: soaRetry, Expire: soaExpire, Minttl: life,
		}
		soa.Hdr.Name = a.above(v.zone)
		m.Ns = []dns.RR{soa}
	default:
		m.Rcode = dns.RcodeRefused
	}
	return a.pack(dst, m, a.fair())
}

// above is the part of the question's name that begins at off, as it was written.
func (a *ask) above(off int) string {
	text, at := a.req.Question[0].Name, 0
	for n := a.q.name; at < off && n[at] != 0; at += 1 + int(n[at]) {
		next, end := dns.NextLabel(text, 0)
		if end {
			return "."
		}
		text = text[next:]
	}
	return text
}

// fair is how long an answer that is made here may be, in bytes.
func (a *ask) fair() int {
	if a.udp {
		return amplification * a.size
	}
	return dns.MaxMsgSize
}

// failure says that nobody could be asked: SERVFAIL, which clients hardly
// remember. Never NXDOMAIN. A probe is led to the hub, as without internet.
func (a *ask) failure(dst []byte) []byte {
	if a.probe {
		return a.local(dst, a.instead)
	}
	m := a.reply(dns.RcodeServerFailure)
	explain(m, errNetwork)
	return a.pack(dst, m, a.fair())
}

// text is the name as people write it, with what is unusual in it escaped.
func (n name) text() string {
	s, _, err := dns.UnpackDomainName(n, 0)
	if err != nil {
		return "."
	}
	return s
}

// slow answers with the library's help what quick leaves over. later is what has
// to be asked elsewhere: then there is no reply yet.
func (s *Server) slow(dst, msg []byte, c client, udp bool) (reply []byte, later *ask) {
	a, wrong := parse(dst, msg, udp)
	if a == nil {
		return wrong, nil
	}
	if a.opt != nil && a.opt.Version() != 0 {
		m := a.reply(dns.RcodeBadVers)
		return a.pack(dst, m, a.fair()), nil
	}
	policy, zone := s.policy.Load(), s.zone.Load()
	v := policy.decide(a.q, c.asker, zone)
	switch v.kind {
	case forward:
		if !a.req.RecursionDesired { // what others asked is nobody's business
			return a.local(dst, verdict{kind: refused}), nil
		}
		if v.probe {
			a.longest, a.probe = life, true
			a.instead = policy.decide(a.q, asker{Accepted, c.subnet}, zone)
		}
		return nil, a
	case remember:
		return s.remembered(dst, a), nil
	default:
		return a.local(dst, v), nil
	}
}
