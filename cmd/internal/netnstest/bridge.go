package netnstest

import (
	"context"
	"sync"
)

// Bridge is a switch, or the air of one access point: a bridge in a namespace of
// its own.
type Bridge struct {
	Space
	net *Net

	mu    sync.Mutex
	ports int
}

// br is the bridge's name in its namespace.
const br = "br0"

// Bridge adds a switch. The name is at most 11 letters and digits, unique in the
// network.
func (n *Net) Bridge(ctx context.Context, name string) (*Bridge, error) {
	s, err := n.space(ctx, name)
	if err != nil {
		return nil, err
	}
	b := &Bridge{Space: s, net: n}
	if err := b.ip(ctx, "link", "add", br, "type", "bridge"); err != nil {
		return nil, err
	}
	return b, b.ip(ctx, "link", "set", br, "up")
}

// port is a name for the next port.
func (b *Bridge) port(of string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ports++
	return device(of, b.ports)
}

// Cable joins two switches into one network.
type Cable struct {
	at   *Bridge
	port string
}

// Cable lays a cable to another switch.
func (b *Bridge) Cable(ctx context.Context, to *Bridge) (*Cable, error) {
	here, there := b.port("cable"), to.port("cable")
	if err := b.ip(ctx, "link", "add", here, "type", "veth", "peer", "name", there, "netns", to.Name); err != nil {
		return nil, err
	}
	for _, end := range []struct {
		at   *Bridge
		port string
	}{{b, here}, {to, there}} {
		if err := end.at.ip(ctx, "link", "set", end.port, "master", br, "up"); err != nil {
			return nil, err
		}
	}
	return &Cable{b, here}, nil
}

// Cut cuts the cable. Nobody on either side is told.
func (c *Cable) Cut(ctx context.Context) error { return c.at.ip(ctx, "link", "set", c.port, "down") }

// Mend mends it.
func (c *Cable) Mend(ctx context.Context) error { return c.at.ip(ctx, "link", "set", c.port, "up") }
