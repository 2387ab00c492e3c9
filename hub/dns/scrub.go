package dns

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// errFiltered is told to clients with EDNS when something was left out.
const errFiltered = dns.ExtendedErrorCodeFiltered // 17

// scrubber takes out of other servers' answers what was not asked, and what would
// lead into a private network.
type scrubber struct {
	private []netip.Prefix
	allowed map[string]bool
}

// specialNets are those that no public name leads to, besides the ones that netip
// knows as such.
func specialNets() []netip.Prefix {
	var nets []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"240.0.0.0/4", "100::/64", "2001:db8::/32", "fec0::/10",
	} {
		nets = append(nets, netip.MustParsePrefix(s))
	}
	return nets
}

func newScrubber(own []netip.Prefix, allowed []string) (*scrubber, error) {
	s := &scrubber{private: slices.Concat(specialNets(), own), allowed: make(map[string]bool, len(allowed))}
	for _, text := range allowed {
		n, err := wireName(text)
		if err != nil {
			return nil, fmt.Errorf("the names that may lead to private addresses: %w", err)
		}
		s.allowed[string(n)] = true
	}
	return s, nil
}

var errUnusable = errors.New("an answer that cannot be kept")

// entry is what is to be remembered of an answer to k.
func (s *scrubber) entry(k key, m *dns.Msg, now time.Time) (*entry, error) {
	e := &entry{learned: now, missing: m.Rcode == dns.RcodeNameError}
	out := &dns.Msg{MsgHdr: dns.MsgHdr{Response: true, Rcode: m.Rcode}, Compress: true}
	out.Answer = inChain(name(k.name).text(), m.Answer)
	before := len(out.Answer)
	out.Answer = slices.DeleteFunc(out.Answer, isOwn)
	if !s.mayBePrivate(name(k.name)) {
		out.Answer = slices.DeleteFunc(out.Answer, s.leadsInside)
	}
	e.scrubbed = len(out.Answer) < before
	has := slices.ContainsFunc(out.Answer, func(rr dns.RR) bool { return rr.Header().Rrtype == k.kind })
	for _, rr := range m.Ns {
		switch rr.Header().Rrtype {
		case dns.TypeSOA:
			if !has {
				out.Ns = append(out.Ns, rr)
			}
		case dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3:
			if k.do {
				out.Ns = append(out.Ns, rr)
			}
		}
	}
	e.until = now.Add(holds(out, has))
	wire, err := out.Pack()
	if err != nil {
		return nil, errUnusable
	}
	e.wire = wire
	return e, nil
}

// holds is how long an answer does, by its shortest record. One without what was
// asked holds as long as its SOA record says, and not at all without one: RFC 2308.
func holds(m *dns.Msg, has bool) time.Duration {
	life := maxFresh
	soa := false
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		h := rr.Header()
		if h.Ttl > 1<<31-1 { // RFC 2181
			h.Ttl = 0
		}
		h.Ttl = min(h.Ttl, uint32(maxFresh/time.Second))
		life = min(life, time.Duration(h.Ttl)*time.Second)
		if one, ok := rr.(*dns.SOA); ok {
			soa = true
			life = min(life, time.Duration(one.Minttl)*time.Second)
			h.Ttl = min(h.Ttl, one.Minttl)
		}
	}
	switch {
	case has:
		return life
	case !soa:
		return 0
	default:
		return min(life, maxNegative)
	}
}

// maxAliases bounds how many aliases a name may have.
const maxAliases = 16

// inChain keeps the records of a name and of those that it is an alias of.
func inChain(asked string, answer []dns.RR) (kept []dns.RR) {
	owners := map[string]bool{strings.ToLower(asked): true}
	for range maxAliases { // they may come in any order
		before := len(owners)
		for _, rr := range answer {
			if alias, ok := rr.(*dns.CNAME); ok && owners[strings.ToLower(alias.Hdr.Name)] {
				owners[strings.ToLower(alias.Target)] = true
			}
		}
		if len(owners) == before {
			break
		}
	}
	for _, rr := range answer {
		if owners[strings.ToLower(rr.Header().Name)] {
			kept = append(kept, rr)
		}
	}
	return kept
}

// mayBePrivate reports whether the operator allows a name to lead anywhere.
func (s *scrubber) mayBePrivate(n name) bool {
	if len(s.allowed) == 0 {
		return false
	}
	for off := 0; n[off] != 0; off += 1 + int(n[off]) {
		if s.allowed[string(n[off:])] {
			return true
		}
	}
	return false
}

// privateTop is where the hub's own names are, of which nobody else has anything to say.
const privateTop = "internal."

// isOwn reports whether a record is of a name that may be the hub's, or leads to one.
func isOwn(rr dns.RR) bool {
	if dns.IsSubDomain(privateTop, rr.Header().Name) {
		return true
	}
	switch rr := rr.(type) {
	case *dns.CNAME:
		return dns.IsSubDomain(privateTop, rr.Target)
	case *dns.HTTPS:
		return dns.IsSubDomain(privateTop, rr.Target)
	case *dns.SVCB:
		return dns.IsSubDomain(privateTop, rr.Target)
	}
	return false
}

// leadsInside reports whether a record has an address that is not of the internet.
func (s *scrubber) leadsInside(rr dns.RR) bool {
	switch rr := rr.(type) {
	case *dns.A:
		a, ok := netip.AddrFromSlice(rr.A)
		return !ok || s.isInside(a)
	case *dns.AAAA:
		a, ok := netip.AddrFromSlice(rr.AAAA)
		return !ok || s.isInside(a)
	case *dns.HTTPS:
		return s.hintsInside(rr.Value)
	case *dns.SVCB:
		return s.hintsInside(rr.Value)
	default:
		return false
	}
}

func (s *scrubber) hintsInside(values []dns.SVCBKeyValue) bool {
	for _, v := range values {
		var hints string
		switch v := v.(type) {
		case *dns.SVCBIPv4Hint:
			hints = v.String()
		case *dns.SVCBIPv6Hint:
			hints = v.String()
		default:
			continue
		}
		for text := range strings.SplitSeq(hints, ",") {
			if a, err := netip.ParseAddr(text); err != nil || s.isInside(a) {
				return true
			}
		}
	}
	return false
}

// isInside reports whether an address, or one of IPv4 that it stands for, is not
// of the internet.
func (s *scrubber) isInside(a netip.Addr) bool {
	a = plain(a)
	if !a.IsGlobalUnicast() || a.IsPrivate() || slices.ContainsFunc(s.private, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return true
	}
	if a.Is4() {
		return false
	}
	b := a.As16()
	switch {
	case b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b: // NAT64, of all networks
		return s.isInside(netip.AddrFrom4([4]byte(b[12:])))
	case b[0] == 0x20 && b[1] == 0x02: // 6to4
		return s.isInside(netip.AddrFrom4([4]byte(b[2:6])))
	case [12]byte(b[:12]) == [12]byte{}: // IPv4-compatible
		return s.isInside(netip.AddrFrom4([4]byte(b[12:])))
	default:
		return false
	}
}
