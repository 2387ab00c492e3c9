package peer

import (
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	lp "github.com/libp2p/go-libp2p/core/peer"
)

const (
	HelloProtocol = helloProtocol
	SyncProtocol  = syncProtocol
	MaxUnproven   = maxUnproven

	MaxPeerStreams = maxPeerStreams
)

// Hasten shortens the deadline of a hello and the pace of redialling.
func Hasten(c *Config, hello, redial time.Duration) {
	c.times.hello = hello
	c.times.redial = backoff{first: redial, brisk: redial, slow: redial}
	c.times.seek = c.times.redial
}

// LookOften shortens the time between looks at an address.
func LookOften(c *Config, look time.Duration) { c.times.look = look }

// FillLinks makes a host hold all the links it may, with nobody.
func (h *Host) FillLinks() {
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	for i := range MaxLinks {
		p := record.Author{0: 0xff, 1: byte(i)}
		h.book.links[p] = &link{session: &session{peer: p}, ctx: h.ctx, cancel: func() {}}
	}
}

// Redial is the wait at its longest after so many failures in so long a time.
func Redial(fails int, failing time.Duration) time.Duration {
	return times{}.orDefault().redial.after(fails, failing) * 6 / 5
}

// OutcastAfter is the wait after so many failures where one of two hubs has no certificate.
func OutcastAfter(fails int) time.Duration {
	return outcastAfter(times{}.orDefault().redial.slow, fails)
}

// Conns is how many connections libp2p holds.
func (h *Host) Conns() int { return len(h.node.swarm.Conns()) }

// Noted is of how many peers libp2p notes something, the hub itself included.
func (h *Host) Noted() int { return len(h.node.swarm.Peerstore().Peers()) }

// Unproven is how many connections the door counts.
func (h *Host) Unproven() int { return h.door.unproven() }

// Streams is how many streams are open on all connections.
func (h *Host) Streams() (n int) {
	for _, c := range h.node.swarm.Conns() {
		n += len(c.GetStreams())
	}
	return n
}

// LibP2P is the hub as a libp2p dialler needs it.
func (h *Host) LibP2P() lp.ID { return h.node.swarm.LocalPeer() }

func AuthorOf(id lp.ID) (record.Author, error) { return authorOf(id) }

func IDOf(a record.Author) (lp.ID, error) { return idOf(a) }

// Seeker is the plan by which wants are dialled, with a clock handed in.
type Seeker struct{ s *seeker }

func NewSeeker() Seeker { return Seeker{newSeeker(times{}.orDefault().seek)} }

func (s Seeker) Set(wants []Want, now time.Time) { s.s.set(wants, now) }

// Due are those to be dialled now; each is over at once, with err.
func (s Seeker) Due(now time.Time, linked map[record.Author]time.Time, err error) (out []Want) {
	ws, _ := s.s.due(now, func(p record.Author) (time.Time, bool) { t, ok := linked[p]; return t, ok })
	for _, w := range ws {
		out = append(out, w.Want)
		s.s.done(w, err, now)
	}
	return out
}

func (s Seeker) Hasten(now time.Time) { s.s.hasten(now) }

func NewLimits() (network.ResourceManager, error) { return newLimits() }

var testCodec = func() *helloCodec {
	c, err := newHelloCodec()
	if err != nil {
		panic(err)
	}
	return c
}()

func EncodeHello(h Hello) ([]byte, error) { return testCodec.encode(h) }
func DecodeHello(b []byte) (Hello, error) { return testCodec.decode(b) }

var (
	WriteFrame = writeFrame
	ReadFrame  = readFrame
)

// Tell is a verdict as it travels there and back.
func Tell(err error) error { return verdictOf(err).told() }

// TellCode is what a code received means.
func TellCode(c byte) error { return verdict(c).told() }

type Door struct{ d *door }

func NewDoor(total, perIP int, patience time.Duration) Door {
	return Door{newDoor(total, perIP, patience)}
}

func (d Door) Listen(l net.Listener) net.Listener {
	return &doorway{Listener: l, door: d.d, refuse: func(_, _ netip.Addr) bool { return false }}
}

func (d Door) Admit(c net.Conn) net.Conn { return d.d.admit(c) }
func (d Door) Prove(c net.Conn)          { d.d.prove(endpointsOf(c)) }
func (d Door) Unproven() int             { return d.d.unproven() }

// Inner is the connection within what a door admitted.
func Inner(c net.Conn) net.Conn { return c.(*guest).Conn }

// Quiet is the handler that libp2p's messages go through.
func Quiet(h slog.Handler) slog.Handler { return quiet{h} }

// HastenGuests shortens the time that a guest is served.
func HastenGuests(c *Config, d time.Duration) { c.times.guest = d }

// Mirrors is how many keys of the moment the host waits for.
func (h *Host) Mirrors() int {
	h.gate.mirror.mu.Lock()
	defer h.gate.mirror.mu.Unlock()
	return len(h.gate.mirror.keys) + len(h.gate.mirror.slots)
}
