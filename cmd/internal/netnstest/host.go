package netnstest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strings"
	"sync"
)

// Host is a machine: a namespace with the interfaces that were plugged in.
type Host struct {
	Space
	name string

	mu    sync.Mutex
	ports int
}

// Host adds a machine with nothing but loopback. The name is at most 11 letters
// and digits, unique in the network.
func (n *Net) Host(ctx context.Context, name string) (*Host, error) {
	s, err := n.space(ctx, name)
	return &Host{Space: s, name: name}, err
}

// Port is an interface of a machine, and the place in a switch at the other end
// of its cable.
type Port struct {
	host   *Host
	bridge *Bridge
	Dev    string // in the machine
	Place  string // in the switch
	mac    string
	addrs  []string
}

// Plug gives the machine an interface with addresses, such as 10.1.0.1/24 or
// fd00:1::1/64, on a cable to a switch. IPv6 addresses can be used at once.
func (h *Host) Plug(ctx context.Context, b *Bridge, addrs ...string) (*Port, error) {
	var id [5]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	h.mu.Lock()
	p := &Port{
		host: h, bridge: b, Dev: fmt.Sprintf("eth%d", h.ports), Place: b.port(h.name), addrs: addrs,
		mac: net.HardwareAddr(append([]byte{2}, id[:]...)).String(), // 2: locally administered
	}
	h.ports++
	h.mu.Unlock()
	err := p.Return(ctx)
	return p, err
}

// Vanish takes the interface from the machine, as when its adapter is pulled out.
func (p *Port) Vanish(ctx context.Context) error { return p.host.ip(ctx, "link", "delete", p.Dev) }

// Return puts it back, with its addresses, the hardware's too.
func (p *Port) Return(ctx context.Context) error {
	if err := p.bridge.ip(ctx, "link", "add", p.Place, "type", "veth", "peer", "name", p.Dev, "address", p.mac, "netns", p.host.Name); err != nil {
		return err
	}
	if err := p.bridge.ip(ctx, "link", "set", p.Place, "master", br, "up"); err != nil {
		return err
	}
	if err := p.host.ip(ctx, "link", "set", p.Dev, "up"); err != nil {
		return err
	}
	return p.add(ctx)
}

func (p *Port) add(ctx context.Context) error {
	for _, a := range p.addrs {
		args := []string{"address", "add", a, "dev", p.Dev}
		if strings.Contains(a, ":") {
			args = append(args, "nodad")
		}
		if err := p.host.ip(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// Renumber gives the interface other addresses in place of those it has.
func (p *Port) Renumber(ctx context.Context, addrs ...string) error {
	for _, a := range p.addrs {
		if err := p.host.ip(ctx, "address", "delete", a, "dev", p.Dev); err != nil {
			return err
		}
	}
	p.addrs = addrs
	return p.add(ctx)
}

// Cut pulls the cable: the machine sees no carrier.
func (p *Port) Cut(ctx context.Context) error {
	return p.bridge.ip(ctx, "link", "set", p.Place, "down")
}

// Mend plugs it in again.
func (p *Port) Mend(ctx context.Context) error {
	return p.bridge.ip(ctx, "link", "set", p.Place, "up")
}

// Isolate keeps the machine from all others that are isolated at the switch, as
// an access point that lets its clients talk to the uplink only.
func (p *Port) Isolate(ctx context.Context) error {
	return p.bridge.in(ctx, "bridge", "link", "set", "dev", p.Place, "isolated", "on")
}

// Rate bounds what passes in each direction, such as "64kbit"; what waits longer
// than 400 ms is lost.
func (p *Port) Rate(ctx context.Context, rate string) error {
	shape := []string{"root", "tbf", "rate", rate, "burst", "1600", "latency", "400ms"}
	if err := p.host.in(ctx, "tc", append([]string{"qdisc", "add", "dev", p.Dev}, shape...)...); err != nil {
		return err
	}
	return p.bridge.in(ctx, "tc", append([]string{"qdisc", "add", "dev", p.Place}, shape...)...)
}
