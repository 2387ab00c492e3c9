package accesspoint

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// What phones may reach of the internet once they are let through.
const (
	Everything = "everything"
	Listed     = "listed" // the networks in Plan.Allowed alone
	Nothing    = "nothing"
)

const (
	maxAllowed = 1024 // networks in Plan.Allowed
	minBits    = 16   // of the phones' network: at most 65,534 phones
	maxBits    = 29   // at least 6
)

// Ports that are treated in ways of their own.
const (
	portDNS      = 53
	portDHCP     = 67
	portHTTP     = 80
	portHTTPS    = 443
	portSMTP     = 25  // one infected phone would have the uplink's address blocked
	portDiscard  = 9   // RFC 863
	portDNSovTLS = 853 // refused, a phone asks in the open; dropped, it waits
)

// Plan is what a hub's Wi-Fi is to be. All addresses are IPv4: phones get no others.
type Plan struct {
	Interface string       `json:"interface"`     // the phones'
	Uplink    string       `json:"uplink"`        // the way to the internet; "" if there is none
	Address   netip.Prefix `json:"address"`       // the hub's address on the phones' network, with its length
	Virtual   netip.Addr   `json:"virtual"`       // to which captured names lead; outside all networks
	HTTP      uint16       `json:"http"`          // the hub's port of pages
	DNS       uint16       `json:"dns"`           // and of its name server, over UDP and TCP
	API       uint16       `json:"api,omitempty"` // its port of HTTPS, by which phones learn where the page is; 0 = none
	Isolate   bool         `json:"isolate"`       // phones do not reach each other

	Passes  string         `json:"passes"`            // Everything, Listed or Nothing
	Allowed []netip.Prefix `json:"allowed,omitempty"` // what is listed, at most 1024

	Wifi *Wifi `json:"wifi,omitempty"` // what hostapd makes of the interface; nil = somebody else makes it
}

// NewPlan is a plan with the usual values: the hub at 10.44.0.1 in a network of 4,094
// addresses, pages at port 80, names at 53, phones kept from each other, and all of
// the internet for those who are let through, if there is an uplink.
//
// The virtual address is of TEST-NET-1 (RFC 5737): phones take private addresses of
// probes for a broken network.
func NewPlan(iface, uplink string) Plan {
	return Plan{
		Interface: iface,
		Uplink:    uplink,
		Address:   netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 44, 0, 1}), 20),
		Virtual:   netip.AddrFrom4([4]byte{192, 0, 2, 1}),
		HTTP:      80,
		DNS:       53,
		Isolate:   true,
		Passes:    Everything,
	}
}

// Network is the phones'.
func (p Plan) Network() netip.Prefix { return p.Address.Masked() }

// radio is the plan's Wi-Fi on its interface.
func (p Plan) radio() Radio {
	return Radio{Interface: p.Interface, Isolate: p.Isolate, Wifi: *p.Wifi}
}

// passes reports whether anything passes to the internet.
func (p Plan) passes() bool { return p.Uplink != "" && p.Passes != Nothing }

// Interface is a network device of the machine.
type Interface struct {
	Name     string
	Index    int
	Up       bool
	Loopback bool
	Default  bool   // a default route leads over it
	Master   string // the bridge or bond that it is part of
	Addrs    []netip.Prefix
}

// check says what keeps a plan from being carried out on a machine with these
// interfaces; each line says what to do.
func (p Plan) check(all []Interface) error {
	return errors.Join(append([]error{p.checkInterfaces(all), p.checkPasses(), p.checkAllowed(all), p.checkWifi()}, p.checkAddresses(all)...)...)
}

func (p Plan) checkWifi() error {
	if p.Wifi == nil {
		return nil
	}
	return p.radio().check()
}

func (p Plan) checkInterfaces(all []Interface) error {
	phones, ok := find(all, p.Interface)
	switch {
	case p.Interface == "":
		return errors.New("no interface was named for the phones: give the one of the Wi-Fi, such as wlan0")
	case !ok:
		return fmt.Errorf("there is no interface %q: there is %s. Plug its adapter in, or name another", p.Interface, names(all))
	case phones.Loopback:
		return fmt.Errorf("%s is this machine's way to itself; give the interface of the Wi-Fi", p.Interface)
	case p.Interface == p.Uplink:
		return fmt.Errorf("%s cannot be both the phones' interface and the way to the internet; it takes two", p.Interface)
	case phones.Default:
		return fmt.Errorf("%s is this machine's own way to the internet (it has the default route); give the phones another interface, or disconnect this one first", p.Interface)
	case phones.Master != "":
		return fmt.Errorf("%s is part of %s; give %s as the phones' interface", p.Interface, phones.Master, phones.Master)
	}
	uplink, ok := find(all, p.Uplink)
	switch {
	case p.Uplink == "":
		return nil
	case !ok:
		return fmt.Errorf("there is no interface %q to lead to the internet: there is %s. Plug it in, name another, or do without", p.Uplink, names(all))
	case uplink.Loopback:
		return fmt.Errorf("%s is this machine's way to itself and leads nowhere else", p.Uplink)
	}
	return nil
}

// forPrivateUse reports whether an address is nobody's in the internet (RFC 1918, and
// RFC 6598 behind a provider).
func forPrivateUse(a netip.Addr) bool {
	return a.IsPrivate() || netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10).Contains(a)
}

func (p Plan) checkAddresses(all []Interface) (wrong []error) {
	self, network := p.Address.Addr(), p.Address.Masked()
	switch {
	case self.Is4() && p.Address.Bits() > maxBits:
		return []error{fmt.Errorf("in %s there is no room for phones: take a length from %d to %d, such as 10.44.0.1/20", p.Address, minBits, maxBits)}
	case !p.Address.IsValid() || !self.Is4() || p.Address.Bits() < minBits || p.Address.Bits() > maxBits:
		return []error{fmt.Errorf("%s is no address with a length from %d to %d, such as 10.44.0.1/20", p.Address, minBits, maxBits)}
	case self.IsLinkLocalUnicast():
		return []error{fmt.Errorf("%s is link-local: devices give themselves such an address where nobody gives them one. Take an address for private use, such as 10.44.0.1/20", p.Address)}
	case self.IsMulticast():
		return []error{fmt.Errorf("%s is multicast: it stands for many machines, and none can have it. Take an address for private use, such as 10.44.0.1/20", p.Address)}
	case self.IsLoopback():
		return []error{fmt.Errorf("%s is loopback: it leads every machine to itself. Take an address for private use, such as 10.44.0.1/20", p.Address)}
	case !forPrivateUse(self):
		return []error{fmt.Errorf("%s belongs to somebody in the internet, whom phones would no longer reach: take an address for private use, such as 10.44.0.1/20", p.Address)}
	case self == network.Addr() || self == last(network):
		wrong = append(wrong, fmt.Errorf("%s is the first or the last address of its network, which no machine can have; take %s", self, network.Addr().Next()))
	}
	if !p.Virtual.Is4() || !p.Virtual.IsGlobalUnicast() || network.Contains(p.Virtual) {
		wrong = append(wrong, fmt.Errorf("the virtual address %s has to be an IPv4 address outside the phones' network, such as 192.0.2.1", p.Virtual))
	}
	for _, i := range all {
		for _, a := range i.Addrs {
			ours := i.Name == p.Interface && (a == p.Address || a == netip.PrefixFrom(p.Virtual, 32))
			if ours || !a.Addr().Is4() {
				continue
			}
			if a.Overlaps(network) {
				wrong = append(wrong, fmt.Errorf("the network %s overlaps with that of %s, which has %s; take another, such as 10.45.0.1/20", network, i.Name, a))
			}
			if p.Virtual.Is4() && a.Contains(p.Virtual) {
				wrong = append(wrong, fmt.Errorf("the virtual address %s is of the network of %s, which has %s; take another, such as 198.51.100.1", p.Virtual, i.Name, a))
			}
		}
	}
	return wrong
}

func (p Plan) checkPasses() error {
	if p.HTTP == 0 || p.DNS == 0 || p.HTTP == p.DNS {
		return errors.New("pages and names need two different ports, such as 80 and 53")
	}
	if p.API == p.HTTP || p.API == p.DNS {
		return errors.New("HTTPS needs a port of its own, such as 443")
	}
	if !slices.Contains([]string{Everything, Listed, Nothing}, p.Passes) {
		return fmt.Errorf("what passes to the internet is %s, %s or %s, not %q", Everything, Listed, Nothing, p.Passes)
	}
	if p.Passes != Listed && len(p.Allowed) > 0 {
		return fmt.Errorf("networks were listed, but what passes is %s; make that %s, or list none", p.Passes, Listed)
	}
	if p.Passes == Listed && len(p.Allowed) == 0 {
		return fmt.Errorf("what passes is %s, but no network is: list one, such as 9.9.9.0/24, or make that %s", Listed, Nothing)
	}
	if len(p.Allowed) > maxAllowed {
		return fmt.Errorf("%d networks are listed; at most %d can be", len(p.Allowed), maxAllowed)
	}
	for _, n := range p.Allowed {
		if !n.IsValid() || !n.Addr().Is4() {
			return fmt.Errorf("%s is no IPv4 network, such as 9.9.9.0/24", n)
		}
	}
	return nil
}

// checkAllowed says what is listed although it is closed to phones in any case.
func (p Plan) checkAllowed(all []Interface) error {
	var wrong []error
	for _, n := range p.Allowed {
		for _, c := range append(closed(), beside(all, p.Uplink)...) {
			if n.IsValid() && c.Bits() <= n.Bits() && c.Contains(n.Addr()) {
				wrong = append(wrong, fmt.Errorf("%s is listed, but %s is closed to phones, as a private or a special network or the one that the uplink is part of: list networks of the internet alone", n, c))
				break
			}
		}
	}
	return errors.Join(wrong...)
}

// closed are the destinations no phone gets to: what is private or of this network
// alone, the uplink's with it (RFC 6890), documentation, where the virtual address
// is, and multicast.
func closed() []netip.Prefix {
	var out []netip.Prefix
	for _, n := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/3",
	} {
		out = append(out, netip.MustParsePrefix(n))
	}
	return out
}

// beside are the networks that an uplink is part of: its LAN, which is closed to
// phones also where its addresses are public ones.
func beside(all []Interface, uplink string) (out []netip.Prefix) {
	i, _ := find(all, uplink)
	for _, a := range i.Addrs {
		if a.Addr().Is4() && !a.IsSingleIP() {
			out = append(out, a.Masked())
		}
	}
	return out
}

func find(all []Interface, name string) (Interface, bool) {
	i := slices.IndexFunc(all, func(i Interface) bool { return i.Name == name })
	if i < 0 {
		return Interface{}, false
	}
	return all[i], true
}

// names lists the interfaces that somebody may have meant.
func names(all []Interface) string {
	var out []string
	for _, i := range all {
		if !i.Loopback {
			out = append(out, i.Name)
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// last is the last address of an IPv4 network: its broadcast address.
func last(n netip.Prefix) netip.Addr {
	b := n.Masked().Addr().As4()
	for bit := n.Bits(); bit < 32; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(b)
}
