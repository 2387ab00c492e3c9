package peer

import (
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// door bounds the connections that have come in and not proven to be a hub of
// this community. Who floods pushes out its own older connections, not those of
// others, so that an honest hub finds a place among any number of hostile ones
// from other addresses.
type door struct {
	total, perIP int
	patience     time.Duration

	mu     sync.Mutex
	guests map[endpoints]*guest
	byIP   map[netip.Prefix][]*guest // oldest first
}

// endpoints tells a TCP connection from all others that are open.
type endpoints struct{ local, remote netip.AddrPort }

func endpointsOf(c net.Conn) endpoints {
	return endpoints{local: addrPortOf(c.LocalAddr()), remote: addrPortOf(c.RemoteAddr())}
}

func addrPortOf(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := t.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

type guest struct {
	net.Conn
	door  *door
	at    endpoints
	from  netip.Prefix
	timer *time.Timer
}

func newDoor(total, perIP int, patience time.Duration) *door {
	return &door{
		total: total, perIP: perIP, patience: patience,
		guests: make(map[endpoints]*guest), byIP: make(map[netip.Prefix][]*guest),
	}
}

// originOf is whom a connection counts against: an IPv4 address, or an IPv6 /64
// because one machine has as many addresses there as it likes.
func originOf(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// admit counts a connection until it is proven or closed, and closes it when
// its patience ends or it is pushed out.
func (d *door) admit(c net.Conn) net.Conn {
	g := &guest{Conn: c, door: d, at: endpointsOf(c)}
	g.from = originOf(g.at.remote.Addr())
	d.mu.Lock()
	out := d.pushOut(g.from)
	d.guests[g.at] = g
	d.byIP[g.from] = append(d.byIP[g.from], g)
	g.timer = time.AfterFunc(d.patience, func() { _ = g.Close() })
	d.mu.Unlock()
	if out != nil {
		_ = out.Conn.Close()
	}
	return g
}

// pushOut makes room for one more from there, if there is none.
func (d *door) pushOut(from netip.Prefix) *guest {
	if len(d.byIP[from]) < d.perIP {
		if len(d.guests) < d.total {
			return nil
		}
		for p, gs := range d.byIP {
			if len(gs) > len(d.byIP[from]) {
				from = p
			}
		}
	}
	out := d.byIP[from][0]
	d.forget(out)
	return out
}

// prove ends the counting: the connection is a hub's.
func (d *door) prove(at endpoints) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.guests[at]; g != nil {
		d.forget(g)
	}
}

// stay lets a connection that has not proven anything stay for so long from now.
func (d *door) stay(at endpoints, long time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.guests[at]; g != nil {
		g.timer.Reset(long)
	}
}

// unproven is how many connections are being counted.
func (d *door) unproven() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.guests)
}

func (d *door) forget(g *guest) {
	if d.guests[g.at] != g {
		return
	}
	g.timer.Stop()
	delete(d.guests, g.at)
	gs := d.byIP[g.from]
	for i := range gs {
		if gs[i] == g {
			gs = append(gs[:i], gs[i+1:]...)
			break
		}
	}
	if len(gs) == 0 {
		delete(d.byIP, g.from)
		return
	}
	d.byIP[g.from] = gs
}

func (g *guest) Close() error {
	g.door.mu.Lock()
	g.door.forget(g)
	g.door.mu.Unlock()
	return g.Conn.Close()
}

// doorway is a listener behind a door.
type doorway struct {
	net.Listener
	door   *door
	refuse func(local, remote netip.Addr) bool
}

func (l *doorway) Accept() (net.Conn, error) {
	c, err := l.accept()
	if err != nil {
		return nil, err
	}
	if raw, err := rawConn(c); err == nil {
		_ = socketOptions("", "", raw) // a connection without them is as good
	}
	return l.door.admit(c), nil
}

// accept is the next connection that is not refused.
func (l *doorway) accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if at := endpointsOf(c); !l.refuse(at.local.Addr(), at.remote.Addr()) {
			return c, nil
		}
		_ = c.Close()
	}
}

func rawConn(c net.Conn) (syscall.RawConn, error) {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil, syscall.EINVAL
	}
	return sc.SyscallConn()
}
