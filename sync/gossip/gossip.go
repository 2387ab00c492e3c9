// Package gossip knows which hubs are there: hashicorp/memberlist reduced to
// "a member is up, is down, says something else".
//
// Members run SWIM (Das, Gupta, Motivala 2002) with memberlist's additions over
// UDP and TCP, sealed with a key that all hubs of a community hold; who holds
// another key is of another network and is not heard at all. Everything here is
// a hint: whoever has the key can invent members, revive or bury them. What a
// hint is worth is found out by sync/peer, which asks for a certificate.
//
// Around memberlist lies what it does not do itself:
//
//   - The address to advertise is chosen here, from the addresses of the machine,
//     and the instance is made anew when that address goes away. Until there is an
//     address there is no instance, and that is no error.
//   - A parted network is joined again by trying all known addresses: every 5 s,
//     for those missing for an hour every 5 min. memberlist alone does not heal.
//   - A guard stands between memberlist and the network. It opens each message
//     first and drops what would make memberlist crash or allocate without bound,
//     bounds streams from strangers, and reaches a hub that is on several networks
//     at the address that lies on one of ours.
//   - Members are bounded in number, in what they may say, in the pace at which
//     they appear and at which they are passed on.
//
// A member's name is a prefix of its key and a random number for each start, so
// that a restarted hub is not taken for its former self, and two live hubs with
// one key (a cloned card) are told apart: see Twins.
package gossip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// KeySize is the length of a network key.
const KeySize = 32

// MaxMembers bounds the members that are kept.
const MaxMembers = 1000

// Config is what a Gossip is made of. Key, Network and Bind are needed. Its
// functions, but Heard, are called by Run and keep it waiting.
type Config struct {
	Key     record.Author // this hub's
	Network []byte        // KeySize bytes, the same at all hubs of a community

	// Bind is "host:port" for UDP and TCP. An empty host is every address, port 0
	// any port, which is then kept.
	Bind string
	// Interfaces are the machine's addresses on which hubs may reach it, with
	// their networks; not those of an access point for phones. nil asks the
	// machine for all. They may come, go and change.
	Interfaces func() []netip.Prefix

	// Refuse says what is not to pass between two addresses, as with an access point's
	// phones: nothing is taken from there and nothing sent there. It is called for
	// each packet and stream; local is zero where it is not known. nil = nothing.
	Refuse func(local, remote netip.Addr) bool

	// Says is what this hub tells the others at this moment; asked every 5 s.
	Says func() Says
	// Known are addresses ("host:port") at which members have been met, the best
	// first: Member.Addr of all time. At most MaxKnown are tried.
	Known func() []string
	// Heard is told of changes, one after the other. While it does not return they
	// wait, several of one member become one, and Run does not return either.
	Heard func(Member, Event)

	// Transport makes what replaces UDP and TCP, for tests. nil is the network.
	Transport func(advertise netip.Addr) (memberlist.Transport, error)

	Log *slog.Logger // nil = none
}

// Gossip is one hub among its members.
type Gossip struct {
	cfg  Config
	bind netip.AddrPort // an invalid address is every address
	log  *slog.Logger
	roll *roll
	heal *heal
	look chan struct{}
	port uint16 // kept where Bind leaves it open; Run's

	running   atomic.Bool
	strangers atomic.Uint64
	malformed atomic.Uint64

	mu    sync.Mutex
	name  string
	addr  netip.AddrPort
	fault error
}

// Status is how a Gossip stands.
type Status struct {
	Name    string         // of this start; empty while not on the network
	Addr    netip.AddrPort // advertised; invalid while not on the network
	Err     error          // why it is not; nil while it is
	Members int            // other hubs that are up
	Missing int            // known addresses that no member answers at
	Twins   []Member       // see Twins

	Strangers uint64 // messages that another key sealed, or none
	Malformed uint64 // messages of our key that no hub sends
	Refused   uint64 // members that were malformed or too many
}

// New checks the configuration. Nothing is opened before Run.
func New(cfg Config) (*Gossip, error) {
	if cfg.Key == (record.Author{}) {
		return nil, errors.New("gossip: Key is needed")
	}
	if len(cfg.Network) != KeySize {
		return nil, fmt.Errorf("gossip: a network key has %d bytes, not %d", KeySize, len(cfg.Network))
	}
	bind, err := parseBind(cfg.Bind)
	if err != nil {
		return nil, err
	}
	cfg.Network = slices.Clone(cfg.Network)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Interfaces == nil {
		cfg.Interfaces = machine
	}
	if cfg.Refuse == nil {
		cfg.Refuse = func(_, _ netip.Addr) bool { return false }
	}
	if cfg.Says == nil {
		cfg.Says = func() Says { return Says{} }
	}
	if cfg.Known == nil {
		cfg.Known = func() []string { return nil }
	}
	if cfg.Heard == nil {
		cfg.Heard = func(Member, Event) {}
	}
	return &Gossip{
		cfg: cfg, bind: bind, log: cfg.Log,
		roll: newRoll(cfg.Key), heal: newHeal(cfg.Refuse), look: make(chan struct{}, 1),
		port: bind.Port(), fault: errNotRunning,
	}, nil
}

var (
	errNotRunning = errors.New("not running")
	errNoAddress  = errors.New("no address yet that other hubs could be told (link-local IPv6 is not one); waiting for a network")
)

// Run is a member until ctx ends, and then takes leave, which lasts less than a
// second. A network that is missing or goes away is waited for. It runs once.
func (g *Gossip) Run(ctx context.Context) error {
	if !g.running.CompareAndSwap(false, true) {
		return errors.New("gossip: it has run already")
	}
	var tasks sync.WaitGroup
	defer tasks.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tasks.Go(func() { g.tell(ctx) })

	pause := firstPause
	for ctx.Err() == nil {
		in, err := g.open()
		g.stand(in, err)
		if err != nil {
			g.wait(ctx, pause)
			pause = min(2*pause, lastPause)
			continue
		}
		pause = firstPause
		g.keep(ctx, in)
		g.stand(nil, errNotRunning)
		in.close()
	}
	return nil
}

// How long an attempt to get on the network waits for the next one.
const (
	firstPause = time.Second
	lastPause  = 10 * time.Second
)

// wait is what Run does while there is no network.
func (g *Gossip) wait(ctx context.Context, d time.Duration) {
	g.roll.sweep(time.Now())
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-g.look:
	}
}

// stand notes whether we are on the network, and logs what is new.
func (g *Gossip) stand(in *instance, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		if !errors.Is(err, errNotRunning) && (g.fault == nil || g.fault.Error() != err.Error()) {
			g.log.Warn("not among the members yet", "err", err)
		}
		g.name, g.addr, g.fault = "", netip.AddrPort{}, err
		return
	}
	g.name, g.addr, g.fault = in.name, in.addr, nil
	g.log.Info("among the members", "addr", in.addr, "name", in.name)
}

// Refresh has Run look at once for addresses, for what to say and for members
// that are missing: an interface came up, or the address book grew.
func (g *Gossip) Refresh() {
	select {
	case g.look <- struct{}{}:
	default:
	}
}

// Members are the other hubs that are up, ordered by name. One key may have
// several names: see Doubt.
func (g *Gossip) Members() []Member { return g.roll.members() }

// Twins are live members with this hub's own key: another box uses its identity,
// or somebody with the network key says so. Nothing is done against them.
func (g *Gossip) Twins() []Member { return g.roll.twins() }

// Status is how it stands now.
func (g *Gossip) Status() Status {
	g.mu.Lock()
	s := Status{Name: g.name, Addr: g.addr, Err: g.fault}
	g.mu.Unlock()
	s.Members = len(g.roll.members())
	s.Twins = g.roll.twins()
	s.Missing = g.heal.missing()
	s.Strangers = g.strangers.Load()
	s.Malformed = g.malformed.Load()
	s.Refused = g.roll.refused.Load()
	return s
}
