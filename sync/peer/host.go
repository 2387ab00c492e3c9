// Package peer is the libp2p host of a hub: who may connect, the hello by which
// hubs prove to be of one community, and one link to each of them.
//
// Two stream protocols are served. /lamppost/hello/1 is opened by who dialled:
// both sides send a hello and then a verdict on the other's. /lamppost/sync/2 is
// the link, or /lamppost/sync/1 where one side knows no blobs; it is opened by the
// hub with the smaller key, on a connection whose hello went well on both sides, and
// on no other. Config.Guests adds protocols for
// those who have no hello to show yet.
//
// Trusting the hello is for the caller (Config.Admit), and so is what goes over
// a link (Config.Serve).
package peer

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// MaxLinks is how many links a host keeps at most.
const MaxLinks = 64

// Bounds on connections that have come in and proven nothing yet.
const (
	maxUnproven      = 64
	maxUnprovenPerIP = 16 // per IPv4 address or IPv6 /64
)

// Config is what a Host is made of. Key, Hello, Admit and Serve are needed.
type Config struct {
	Key    ed25519.PrivateKey
	Listen []string // "host:port"; an empty host is every address, port 0 any port
	Peers  []string // see AddPeer

	// The three are called for several peers at once.

	// Hello is what the hub shows at this moment.
	Hello func() Hello
	// Admit judges what a peer showed. Its error is logged here and told to the
	// peer as a code: ErrForeign, ErrNoCertificate, ErrRevoked, or any other.
	Admit func(ctx context.Context, peer record.Author, h Hello) error
	// Serve runs for as long as a link lives, at most once at a time for a peer.
	// Its return closes the link, and what was written last may not arrive then.
	// When ctx ends the link is closed and Serve must return.
	Serve func(ctx context.Context, l Link)

	// Guests serve stream protocols to peers that have not shown a hello, by the
	// protocols' names: one stream a connection, which is closed when they return.
	Guests map[string]func(context.Context, Guest)

	// Members serve stream protocols to hubs that there is a link with, by the protocols'
	// names: any number of streams on the link's connection, each until its function
	// returns or the link ends, with which the context ends.
	Members map[string]func(context.Context, record.Author, Stream)

	// Refuse says which connections there are not to be, by their two ends: those
	// that come in are not let in before a byte of them is read, addresses are not
	// dialled (local is zero then), and links end at the next Lost. Peers are
	// dialled all the same: who names them asks for it. nil = none.
	Refuse func(local, remote netip.Addr) bool

	// Shared reports whether two hubs that are there use a peer's key. Their links
	// then take turns of 10 s, since each lasts only until the other's. nil = no.
	Shared func(peer record.Author) bool

	Log *slog.Logger // nil = none

	Blobs bool // links carry blobs as well, where the other hub does too

	times times
}

// speaks is which protocols a link may have, the best first.
func (c *Config) speaks() []protocol.ID {
	if !c.Blobs {
		return []protocol.ID{syncBefore}
	}
	return []protocol.ID{syncProtocol, syncBefore}
}

// times are the host's deadlines.
type times struct {
	hello  time.Duration // from a connection's start to both verdicts
	settle time.Duration // from there to the link
	guest  time.Duration // that a guest is served
	turn   time.Duration // that a link stands before another hub with the same key gets its place
	look   time.Duration // between looks at an address whose hub is linked by another way
	redial backoff       // of addresses that an operator gave
	seek   backoff       // of hubs that are wanted
}

func (t times) orDefault() times {
	if t.hello == 0 {
		t.hello = 10 * time.Second
	}
	if t.settle == 0 {
		t.settle = 10 * time.Second
	}
	if t.guest == 0 {
		t.guest = guestTime
	}
	if t.turn == 0 {
		t.turn = 10 * time.Second
	}
	if t.look == 0 {
		t.look = 5 * time.Minute
	}
	if t.redial == (backoff{}) {
		t.redial = backoff{first: time.Second, brisk: 1250 * time.Millisecond, briskFor: 5 * time.Minute, slow: 5 * time.Second}
	}
	if t.seek == (backoff{}) {
		t.seek = backoff{
			first: time.Second, brisk: 2500 * time.Millisecond, briskFor: 5 * time.Minute,
			slow: 5 * time.Second, slowFor: time.Hour, seldom: 5 * time.Minute,
		}
	}
	return t
}

// Host keeps one link with every hub that it reaches or that reaches it.
type Host struct {
	cfg     Config
	self    record.Author
	node    *node
	tcp     *tcp
	gate    *gate
	door    *door
	codec   *helloCodec
	counter *counter
	log     *slog.Logger

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running chan struct{} // closed by Run
	tasks   tasks
	book    book
	peers   addressBook
	seeker  *seeker
}

// New starts listening. A port in use or forbidden is an error that names it; an
// address the machine does not have yet is tried again while Run runs.
// A Host that New returned is ended by Run's context or by Close.
func New(cfg Config) (*Host, error) {
	if cfg.Hello == nil || cfg.Admit == nil || cfg.Serve == nil {
		return nil, errors.New("peer: Hello, Admit and Serve are needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Refuse == nil {
		cfg.Refuse = func(_, _ netip.Addr) bool { return false }
	}
	if cfg.Shared == nil {
		cfg.Shared = func(record.Author) bool { return false }
	}
	cfg.times = cfg.times.orDefault()
	codec, err := newHelloCodec()
	if err != nil {
		return nil, err
	}
	if len(cfg.Key) != ed25519.PrivateKeySize {
		return nil, errKeyType
	}
	self := record.AuthorOf(cfg.Key)
	g := newGate(self)
	counter := newCounter()
	node, t, err := newNode(cfg.Key, g, counter)
	if err != nil {
		return nil, err
	}
	t.refuse = cfg.Refuse
	ctx, cancel := context.WithCancel(context.Background())
	h := &Host{
		cfg: cfg, self: self, node: node, tcp: t, gate: g, codec: codec, counter: counter, log: cfg.Log,
		door: newDoor(maxUnproven, maxUnprovenPerIP, cfg.times.hello),
		ctx:  ctx, cancel: cancel, running: make(chan struct{}),
		book: newBook(), peers: newAddressBook(), seeker: newSeeker(cfg.times.seek),
	}
	node.swarm.Notify(&network.NotifyBundle{
		ConnectedF: func(_ network.Network, c network.Conn) { h.connected(c) },
		DisconnectedF: func(_ network.Network, c network.Conn) {
			h.disconnected(c)
			node.forget(c.RemotePeer())
		},
	})
	node.handle(helloProtocol, h.onHello)
	for _, p := range cfg.speaks() {
		node.handle(p, h.onSync)
	}
	for name, serve := range cfg.Guests {
		node.handle(protocol.ID(name), func(st network.Stream) { h.onGuest(st, serve) })
	}
	for name, serve := range cfg.Members {
		node.handle(protocol.ID(name), func(st network.Stream) { h.onMember(st, serve) })
	}
	if err := h.open(); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// open starts all listeners and takes in the configured addresses.
func (h *Host) open() error {
	name, err := h.tcp.offer(h.tcp.dialed)
	if err != nil {
		return err
	}
	if err := h.node.swarm.Listen(name); err != nil {
		return err
	}
	for _, addr := range h.cfg.Listen {
		switch err := h.listen(addr); {
		case errors.Is(err, errNotYet):
			h.log.Warn("cannot listen yet", "addr", addr, "err", err)
			h.book.addPending(addr)
		case err != nil:
			return err
		}
	}
	for _, addr := range h.cfg.Peers {
		if err := h.AddPeer(addr); err != nil {
			return err
		}
	}
	return nil
}

// Run dials and serves until ctx ends, then closes everything. It runs once.
func (h *Host) Run(ctx context.Context) error {
	close(h.running)
	h.tasks.start(h.listenLater)
	h.tasks.start(h.seek)
	select {
	case <-ctx.Done():
	case <-h.ctx.Done():
	}
	return h.Close()
}

// Close ends all links and listeners and waits for what the Host started. It may
// be called more than once.
func (h *Host) Close() error {
	h.cancel()
	h.tasks.close()
	h.book.closeAll()
	err := h.node.Close()
	h.tasks.wait()
	return err
}

// Changed is closed at the next change of links.
func (h *Host) Changed() <-chan struct{} { return h.book.watch() }

// ID is the hub's own key.
func (h *Host) ID() record.Author { return h.self }

// Addrs are the addresses listened on, as "host:port".
func (h *Host) Addrs() []string { return h.book.listening() }

// Block cuts the link with a peer and keeps it from coming back until Unblock.
func (h *Host) Block(p record.Author) {
	h.gate.block(p)
	h.Drop(p)
}

// Unblock ends what Block began. Addresses of the peer are dialled at once.
func (h *Host) Unblock(p record.Author) {
	h.gate.unblock(p)
	h.Redial()
}

// Drop closes every connection with a peer now. It may come back at once; Admit
// is asked again then.
func (h *Host) Drop(p record.Author) { h.book.drop(p) }

// tasks are the goroutines a Host owns.
type tasks struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// start runs f unless the host is closing.
func (t *tasks) start(f func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.wg.Go(f)
	return true
}

func (t *tasks) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}

func (t *tasks) wait() { t.wg.Wait() }
