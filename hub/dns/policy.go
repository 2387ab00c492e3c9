package dns

import (
	"fmt"
	"net/netip"

	"github.com/miekg/dns"
)

// kind is in which way a question is answered.
type kind uint8

const (
	refused   kind = iota // REFUSED: not a thing to ask here
	address               // with addresses
	pointer               // with the name of an address
	noData                // NOERROR without an answer: there is nothing of this type
	noName                // NXDOMAIN
	anything              // with one small record, whatever there may be: RFC 8482
	remember              // with what was learned before the internet went
	forward               // with what a server in the internet says
	loopback              // in the table of special names: with the asker's own address
	emptyZone             // there too: noData for the zone itself, noName below
)

// maxAnswers bounds the addresses of one own name in an answer.
const maxAnswers = 2

// verdict is how a question is answered.
type verdict struct {
	kind  kind
	addrs [maxAnswers]netip.Addr // for address, all of the type that was asked; the zero one is none
	host  name                   // for pointer
	probe bool                   // for forward: what it leads to depends on the client's state
	zone  int                    // for noData and noName: where in the question's name the zone begins that says so
}

// policy decides what a question is answered with. It is not changed once made.
type policy struct {
	virtual netip.Addr
	probes  map[string]bool
	fixed   map[string][]netip.Addr
	special map[string]special
}

func newPolicy(virtual netip.Addr, probes []string) (*policy, error) {
	p := &policy{
		virtual: virtual, probes: make(map[string]bool, len(probes)),
		fixed: map[string][]netip.Addr{}, special: map[string]special{},
	}
	for _, host := range probes {
		n, err := wireName(host)
		if err != nil {
			return nil, fmt.Errorf("the list of probes: %w", err)
		}
		p.probes[string(n)] = true
	}
	for _, f := range fixedProbes() {
		n, err := wireName(f.host)
		if err != nil {
			return nil, fmt.Errorf("the table of fixed probes: %w", err)
		}
		p.fixed[string(n)] = f.addrs
	}
	for _, s := range specials() {
		n, err := wireName(s.zone)
		if err != nil {
			return nil, fmt.Errorf("the table of special names: %w", err)
		}
		p.special[string(n)] = s
	}
	return p, nil
}

// asker is who asks, as far as it matters for the answer.
type asker struct {
	state  State
	subnet netip.Prefix // the served network that they are in
}

// decide tells how q is answered to a. It does not allocate.
func (p *policy) decide(q question, a asker, own *Zone) verdict {
	if q.class != dns.ClassINET || isMeta(q.kind) {
		return verdict{kind: refused}
	}
	if v, ok := own.decide(q, a.subnet); ok {
		return v
	}
	if v, ok := p.decideSpecial(q, a.state); ok {
		return v
	}
	if q.kind == dns.TypeANY {
		return verdict{kind: anything}
	}
	switch a.state {
	case Open:
		return verdict{kind: forward, probe: p.probes[string(q.name)] || p.fixed[string(q.name)] != nil}
	case Accepted, Listed:
		if addrs := p.fixed[string(q.name)]; addrs != nil {
			return choose(q.kind, addrs, netip.Prefix{})
		}
		if p.probes[string(q.name)] {
			break
		}
		if a.state == Listed {
			return verdict{kind: forward}
		}
		return verdict{kind: remember}
	}
	if q.kind == dns.TypeA {
		return verdict{kind: address, addrs: [maxAnswers]netip.Addr{p.virtual}}
	}
	return verdict{kind: noData}
}

// isMeta reports whether a type is none of data, but of the protocol: transfers,
// signatures, OPT.
func isMeta(kind uint16) bool {
	return kind == dns.TypeNone || kind == dns.TypeOPT || kind >= dns.TypeTKEY && kind < dns.TypeANY
}

func (p *policy) decideSpecial(q question, state State) (verdict, bool) {
	for off := 0; ; off += 1 + int(q.name[off]) {
		if s, ok := p.special[string(q.name[off:])]; ok && s.in.has(state) {
			return s.verdict(q, off), true
		}
		if q.name[off] == 0 {
			return verdict{}, false
		}
	}
}

// verdict answers a question for the special name that begins at off in its own.
func (s special) verdict(q question, off int) verdict {
	switch {
	case s.answer == loopback && q.kind == dns.TypeA:
		return verdict{kind: address, addrs: [maxAnswers]netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}}
	case s.answer == loopback && q.kind == dns.TypeAAAA:
		return verdict{kind: address, addrs: [maxAnswers]netip.Addr{netip.IPv6Loopback()}}
	case s.answer == loopback, s.answer == noData, s.answer == emptyZone && off == 0:
		return verdict{kind: noData, zone: off}
	case off == 0: // what is missing cannot say so itself
		return verdict{kind: noName, zone: q.name.parent()}
	default:
		return verdict{kind: noName, zone: off}
	}
}

// choose answers with those of addrs that are of the type asked for; if some are
// in subnet, with these alone: what is near can be reached.
func choose(kind uint16, addrs []netip.Addr, subnet netip.Prefix) verdict {
	switch kind {
	case dns.TypeA, dns.TypeAAAA:
	case dns.TypeANY:
		return verdict{kind: anything}
	default:
		return verdict{kind: noData}
	}
	near, n := false, 0
	v := verdict{kind: noData}
	for _, a := range addrs {
		if a.Is4() != (kind == dns.TypeA) {
			continue
		}
		if !near && subnet.Contains(a) {
			near, n, v.addrs = true, 0, [maxAnswers]netip.Addr{}
		}
		if n < maxAnswers && near == subnet.Contains(a) {
			v.kind, v.addrs[n] = address, a
			n++
		}
	}
	return v
}
