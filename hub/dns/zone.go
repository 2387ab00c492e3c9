package dns

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
)

// Bounds of a zone.
const (
	MaxHosts = 4096 // names
	MaxAddrs = 16   // of one name
)

// Host is a name of this hub or of another.
type Host struct {
	Name  string       // such as "lamppost.internal"
	Addrs []netip.Addr // those in the asker's network go first
}

// Zone is the names that the hub knows by itself. It is not changed once made.
type Zone struct {
	hosts map[string][]netip.Addr
	names map[string]name // of addresses, by the name in the reverse tree
}

// NewZone makes a zone. An address that several names have leads back to the
// first of them.
func NewZone(hosts ...Host) (*Zone, error) {
	if len(hosts) > MaxHosts {
		return nil, fmt.Errorf("%d names are more than %d", len(hosts), MaxHosts)
	}
	z := &Zone{hosts: make(map[string][]netip.Addr, len(hosts)), names: make(map[string]name)}
	for _, h := range hosts {
		n, err := wireName(h.Name)
		switch {
		case err != nil:
			return nil, err
		case !n.isHost():
			return nil, fmt.Errorf("%q is no host name", h.Name)
		case len(h.Addrs) > MaxAddrs:
			return nil, fmt.Errorf("%s has %d addresses, more than %d", h.Name, len(h.Addrs), MaxAddrs)
		}
		addrs := make([]netip.Addr, 0, len(h.Addrs))
		for _, a := range h.Addrs {
			if !a.IsValid() {
				return nil, fmt.Errorf("%s has an address that is none", h.Name)
			}
			addrs = append(addrs, plain(a))
		}
		z.hosts[string(n)] = slices.Concat(z.hosts[string(n)], addrs)
		for _, a := range addrs {
			back, err := wireName(reverse(a))
			if err != nil {
				return nil, err
			}
			if _, taken := z.names[string(back)]; !taken {
				z.names[string(back)] = n
			}
		}
	}
	return z, nil
}

// decide answers a question about an own name, or says that it is about none.
func (z *Zone) decide(q question, subnet netip.Prefix) (verdict, bool) {
	if addrs, ok := z.hosts[string(q.name)]; ok {
		return choose(q.kind, addrs, subnet), true
	}
	host, ok := z.names[string(q.name)]
	switch {
	case !ok:
		return verdict{}, false
	case q.kind == dns.TypePTR:
		return verdict{kind: pointer, host: host}, true
	case q.kind == dns.TypeANY:
		return verdict{kind: anything}, true
	default:
		return verdict{kind: noData}, true
	}
}

// reverse is the name under which the name of an address is looked up.
func reverse(a netip.Addr) string {
	const hex = "0123456789abcdef"
	if a.Is4() {
		b := a.As4()
		return fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0])
	}
	var out []byte
	for _, c := range slices.Backward(a.AsSlice()) {
		out = append(out, hex[c&15], '.', hex[c>>4], '.')
	}
	return string(out) + "ip6.arpa"
}
