package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/dhcp"
	"github.com/lamppost-hub/lamppost/hub/dns"
	"github.com/lamppost-hub/lamppost/hub/httpserve"
	"github.com/lamppost-hub/lamppost/hub/portal"
	"github.com/lamppost-hub/lamppost/sync/iface"
)

// Wifi is what a hub does for phones that have joined its Wi-Fi.
type Wifi struct {
	Portal    bool             // answers what phones ask to find out whether they are on the internet
	DNS       string           // host:port of the name server; "" = none
	Virtual   netip.Addr       // where captured names lead; zero = this machine's address
	Upstreams []netip.AddrPort // name servers of the internet; empty = names are not passed on
	// AllowPrivate are names of the internet that may lead to private addresses, with all below them.
	AllowPrivate []string
	Unslowed     []netip.Prefix // networks that may ask for names as much as they like, for measurements

	Certificate Certificate // by which phones are told over HTTPS

	Lease  Lease
	Reach  Reach
	Gate   Gate   // to the internet; nil = none, or what is in front of the hub decides
	Budget uint64 // bytes that a phone may use of it in a day; 0 = no end
}

// Lease is what the hub gives phones their addresses of.
type Lease struct {
	Interface string       // "" = somebody else does
	Address   netip.Prefix // the hub's own there
}

// leases are the addresses to give out: all but the first few, which are for what has
// a fixed one: nine, in a small network one in eight.
func (l Lease) leases() (first, last netip.Addr) {
	const fixed, part, most = 9, 8, 8192
	network := l.Address.Masked()
	skipped := min(fixed, 1<<(32-network.Bits())/part)
	first = network.Addr()
	for range skipped + 1 {
		first = first.Next()
	}
	last = first
	for n := 1; n < most && network.Contains(last.Next().Next()); n++ { // the last of all is for broadcasts
		last = last.Next()
	}
	return first, last
}

// PortalName is the name under which people find the hub they have joined.
const PortalName = "lamppost.internal"

// zoneEvery is how often it is looked which names and addresses there are.
const zoneEvery = 10 * time.Second

// wifi is the part of a node that phones meet before they see a page.
type wifi struct {
	clients *portal.Clients
	portal  *portal.Portal
	api     *captiveAPI
	renamed chan struct{} // the hub has another name
	names   *dns.Server
	forward *dns.Forwarder
	at      net.Addr    // of names
	sockets []io.Closer // of names
	leases  *dhcp.Server
	seen    *sightings
	gate    *doorkeeper
}

// close is for a node that does not run.
func (w *wifi) close() error {
	var errs []error
	for _, c := range w.sockets {
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// openWifi makes what the configuration wants.
func (n *Node) openWifi() error {
	c := n.conf.Wifi
	if !c.Portal && c.DNS == "" {
		return nil
	}
	served, phones, err := n.networks()
	if err != nil {
		return err
	}
	if err := n.measure.TellWifi(n.figures); err != nil {
		return err
	}
	n.wifi.clients = portal.NewClients(n.local, portal.KernelNeighbors, nil, n.log)
	if c.Portal {
		n.wifi.portal = portal.New(n.wifi.clients, n.portalHome(), phones...)
	}
	n.wifi.renamed = make(chan struct{}, 1)
	n.openAPI()
	if err := n.openLeases(); err != nil {
		return err
	}
	if c.Gate != nil {
		begun := time.Now()
		n.wifi.gate = &doorkeeper{
			gate: c.Gate, clients: n.wifi.clients, budget: c.Budget, log: n.log,
			up: n.online, elapsed: func() time.Duration { return time.Since(begun) },
		}
	}
	if c.DNS == "" {
		return nil
	}
	virtual := c.Virtual
	if !virtual.IsValid() {
		if virtual, err = firstIPv4(served); err != nil {
			return err
		}
	}
	if len(c.Upstreams) > 0 {
		n.wifi.forward, err = dns.NewForwarder(dns.ForwardConfig{Upstreams: c.Upstreams, Own: served, AllowPrivate: c.AllowPrivate, Log: n.log})
		if err != nil {
			return err
		}
	}
	packets, streams, err := dns.Listen(context.Background(), c.DNS)
	if err != nil {
		return listening("names", c.DNS, err)
	}
	n.wifi.at, n.wifi.sockets = packets.LocalAddr(), append(n.wifi.sockets, packets, streams)
	n.wifi.names, err = dns.New(dns.Config{
		UDP: []*net.UDPConn{packets}, TCP: []net.Listener{streams}, Served: served, Clients: n.clientStates(),
		Virtual: virtual, Probes: portal.Hosts(), Forwarder: n.wifi.forward,
		Limit: dns.Limit{Exempt: c.Unslowed}, Log: n.log,
	})
	return err
}

// openLeases makes the server that gives phones their addresses.
func (n *Node) openLeases() (err error) {
	l := n.conf.Wifi.Lease
	if l.Interface == "" {
		return nil
	}
	first, last := l.leases()
	n.wifi.clients.Remember(n.local.Leases())
	n.wifi.seen = newSightings(portal.ConfirmedNeighbors, n.log)
	n.wifi.leases, err = dhcp.New(dhcp.Config{
		Interface: l.Interface, Self: l.Address.Addr(), Network: l.Address.Masked(), First: first, Last: last, Domain: "internal",
		Portal: n.apiURL, Used: n.wifi.seen.used, Met: n.wifi.seen.met, Keep: n.local, Log: n.log,
	})
	if err != nil && os.Geteuid() != 0 {
		return fmt.Errorf("phones on %s cannot be given addresses: it takes root, or CAP_NET_BIND_SERVICE and CAP_NET_RAW, and CAP_NET_ADMIN with an uplink; start with sudo: %w", l.Interface, err)
	}
	if err != nil {
		return fmt.Errorf("phones on %s cannot be given addresses: %w", l.Interface, err)
	}
	n.wifi.sockets = append(n.wifi.sockets, n.wifi.leases)
	return nil
}

// networks are those whose names are answered, and those of phones: where no
// interface is for phones alone, whoever asks is taken for one.
func (n *Node) networks() (served, phones []netip.Prefix, err error) {
	return networksOf(n.conf.Nearby.LeaveAlone)
}

func networksOf(alone []string) (served, phones []netip.Prefix, err error) {
	all, err := iface.List()
	if err != nil {
		return nil, nil, err
	}
	for _, i := range all {
		if len(alone) == 0 {
			served = append(served, i.Addrs...)
		} else if slices.Contains(alone, i.Name) {
			served, phones = append(served, i.Addrs...), append(phones, i.Addrs...)
		}
	}
	if len(served) == 0 {
		return nil, nil, fmt.Errorf("the interface of phones (%s) is not up, or has no address", strings.Join(alone, ", "))
	}
	for i, p := range served {
		served[i] = p.Masked()
	}
	return served, phones, nil
}

func firstIPv4(networks []netip.Prefix) (netip.Addr, error) {
	all, err := iface.List()
	if err != nil {
		return netip.Addr{}, err
	}
	for _, i := range all {
		for _, p := range i.Addrs {
			if p.Addr().Is4() && !i.Loopback && slices.Contains(networks, p.Masked()) {
				return p.Addr(), nil
			}
		}
	}
	return netip.MustParseAddr("127.0.0.1"), nil // nobody but this machine asks
}

// portalHome is where phones are sent.
func (n *Node) portalHome() string {
	home := "http://" + PortalName
	if n.web == nil || n.conf.Wifi.Lease.Interface != "" { // port 80 leads to the pages
		return home + "/"
	}
	if _, port, err := net.SplitHostPort(n.web.Addr().String()); err == nil && port != "80" {
		home += ":" + port
	}
	return home + "/"
}

// runWifi serves phones until ctx ends.
func (n *Node) runWifi(start func(name string, run func(context.Context) error)) {
	if n.wifi.clients != nil {
		start("phones", n.wifi.clients.Run)
	}
	if n.wifi.api != nil {
		start("captive API", n.wifi.api.run)
	}
	if n.wifi.portal != nil {
		start("newcomers", n.pages.PrepareForMany)
	}
	if n.wifi.names != nil {
		start("names", n.wifi.names.Run)
		start("zone", n.keepZone)
	}
	if n.wifi.leases != nil {
		start("addresses", n.wifi.leases.Run)
		start("addresses in use", n.wifi.seen.run)
	}
	if n.wifi.gate != nil {
		start("gate", n.wifi.gate.run)
	}
	if n.wifi.forward != nil {
		start("forwarder", n.wifi.forward.Run)
	}
}

// keepZone has the name server know the hubs of the community, and the networks that it
// is for.
func (n *Node) keepZone(ctx context.Context) error {
	tick := time.NewTicker(zoneEvery)
	defer tick.Stop()
	for {
		n.followInterfaces()
		hosts := n.hosts()
		zone, err := dns.NewZone(hosts...)
		if err != nil {
			n.log.Warn("the names of hubs are not known", "err", err)
		} else {
			n.wifi.names.SetZone(zone)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-n.wifi.renamed:
		}
	}
}

// followInterfaces has phones met on the networks that there are now. While there are
// none, those of before stay: what is unplugged may come back.
func (n *Node) followInterfaces() {
	served, phones, err := n.networks()
	if err != nil {
		n.log.Debug("the networks of phones are as they were", "err", err)
		return
	}
	n.wifi.names.SetServed(served)
	if f := n.wifi.forward; f != nil {
		if err := f.SetOwn(served); err != nil {
			n.log.Debug("the networks that no name leads to are as they were", "err", err)
		}
	}
	if n.wifi.portal != nil {
		n.wifi.portal.SetNetworks(phones)
	}
	if n.conf.Wifi.Virtual.IsValid() {
		return
	}
	if virtual, err := firstIPv4(served); err == nil {
		n.wifi.names.SetVirtual(virtual)
	}
}

// hosts are the names of this hub and of those that are linked with it.
func (n *Node) hosts() []dns.Host {
	all, err := iface.List()
	if err != nil {
		n.log.Debug("interfaces are not known", "err", err)
	}
	own := ownAddrs(all, n.conf.Nearby.LeaveAlone, n.conf.Wifi.Virtual)
	if len(own) == 0 {
		own = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	}
	hosts := []dns.Host{{Name: PortalName, Addrs: own}, {Name: "hub.internal", Addrs: own}}
	if n.wifi.api != nil {
		if name := n.wifi.api.host(); name != "" {
			hosts = append(hosts, dns.Host{Name: name, Addrs: own})
		}
	}
	taken := map[string]bool{PortalName: true, "hub.internal": true, "www.internal": true, "localhost.internal": true}
	add := func(label string, addrs []netip.Addr) {
		if name := httpserve.LabelHost(label); name != "" && !taken[name] && len(hosts) < dns.MaxHosts {
			taken[name] = true
			hosts = append(hosts, dns.Host{Name: name, Addrs: addrs})
		}
	}
	state := n.store.Roster()
	if c, ok := state.Hub(n.self); ok {
		add(c.Label, own)
	}
	for _, l := range n.host.Status() {
		at, err := netip.ParseAddrPort(l.Addr)
		if c, ok := state.Hub(l.Peer); ok && l.Linked() && err == nil && at.Addr().Unmap().Is4() {
			add(c.Label, []netip.Addr{at.Addr().Unmap()})
		}
	}
	return hosts
}

// ownAddrs are the addresses at which phones find the hub: of IPv4, as phones may have no
// other way to it, and where some interfaces are for phones alone, those there.
func ownAddrs(all []iface.Interface, alone []string, virtual netip.Addr) (own []netip.Addr) {
	for _, i := range all {
		if i.Loopback || len(alone) > 0 && !slices.Contains(alone, i.Name) {
			continue
		}
		for _, p := range i.Addrs {
			if a := p.Addr(); a.Is4() && a != virtual && !a.IsLinkLocalUnicast() && len(own) < dns.MaxAddrs {
				own = append(own, a)
			}
		}
	}
	return own
}
