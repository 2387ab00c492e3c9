// Package mdns finds hubs on the networks that the machine is in, with no address
// given: DNS-based service discovery (RFC 6763) over multicast DNS (RFC 6762).
//
// A hub announces _lamppost._tcp.local with the beginning of its key, its sync
// port and a hash of its community: not the community's name. Whoever is on the
// network can say so too. What is found is a hint and nothing more: sync/peer asks
// for a certificate.
//
// Packets go out on each interface by itself and need no route; each interface
// joins the groups by itself, and interfaces come and go. What comes in is bounded
// in size, in pace and in what is kept of it, and was sent on the link itself (its
// hop limit is still 255).
package mdns

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/iface"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// The pace on one interface.
const (
	firstAsk  = time.Second      // after the first question, which is asked at once
	quickAsks = 3                // so many come quickly, each after twice the time
	askAlone  = 10 * time.Second // between questions where nobody has been found
	askSeldom = time.Minute      // at most, where somebody has

	answerSoonest = 20 * time.Millisecond // RFC 6762 section 6: so that not all answer at once
	answerLatest  = 120 * time.Millisecond
	answerPause   = time.Second // between two answers

	reopen = 10 * time.Second // after the sockets failed
)

// Config is what a Finder is made of. Self, Community and Addrs are needed.
type Config struct {
	Self      record.Author
	Community record.Community

	// Addrs are where this hub can be dialled. Of them each network is told those
	// that its interface has, with one port.
	Addrs func() []netip.AddrPort
	// Changed is told that Seen is new. It must not block. nil = nobody.
	Changed func()

	Log *slog.Logger // nil = none
}

// Prefix is the beginning of a hub's key.
type Prefix [8]byte

// PrefixOf is that of a key.
func PrefixOf(key record.Author) Prefix { return Prefix(key[:8]) }

// Seen is a hub of the community, as somebody on a network says.
type Seen struct {
	Prefix Prefix
	Addrs  []netip.AddrPort // at most MaxAddrs; link-local IPv6 ones have their zone
	At     time.Time        // when it was heard last
}

// Finder announces this hub and listens for others.
type Finder struct {
	cfg  Config
	self string // this hub's name
	tag  string
	log  *slog.Logger
	open func(heard chan<- packet) (air, error)
	nets chan []iface.Interface // the latest

	mu   sync.Mutex
	seen seen
}

// air is how packets travel.
type air interface {
	use([]iface.Interface) // hears on these and no others
	send(b []byte, on iface.Interface)
	broken() <-chan struct{} // closed when it does not work any more
	close()
}

// packet is one that came in.
type packet struct {
	b     []byte
	from  netip.Addr
	index int // of the interface
}

// New makes a Finder that knows no interface yet: see Use.
func New(cfg Config) *Finder {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	p := PrefixOf(cfg.Self)
	return &Finder{
		cfg: cfg, self: hex.EncodeToString(p[:]), tag: tagOf(cfg.Community), log: cfg.Log,
		open: func(heard chan<- packet) (air, error) { return listen(heard, cfg.Log) },
		nets: make(chan []iface.Interface, 1), seen: newSeen(),
	}
}

// tagOf is by which hubs of one community know each other's announcements, and
// which tells others nothing.
func tagOf(c record.Community) string {
	h := hmac.New(sha256.New, c[:])
	h.Write([]byte("lamppost/mdns/1"))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Use has the Finder work on these interfaces and no others. Those that cannot do
// multicast are left out.
func (f *Finder) Use(is []iface.Interface) {
	var able []iface.Interface
	for _, i := range is {
		if i.Multicast && !i.Loopback {
			able = append(able, i)
		}
	}
	for {
		select {
		case f.nets <- able:
			return
		case <-f.nets: // what is not the latest any more
		}
	}
}

// Seen are the hubs that were heard on some network, at most MaxSeen.
func (f *Finder) Seen() []Seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.list()
}

// Run works until ctx ends. What the system refuses is logged and tried again.
func (f *Finder) Run(ctx context.Context) {
	var is []iface.Interface
	failed := false
	for ctx.Err() == nil {
		heard := make(chan packet, maxWaiting)
		a, err := f.open(heard)
		if err == nil {
			failed = false
			is = f.keep(ctx, a, heard, is)
			a.close()
		} else if !failed {
			failed = true
			f.log.Warn("hubs on the networks around are not found by themselves, only by their addresses", "err", err)
		}
		t := time.NewTimer(reopen)
		select {
		case <-ctx.Done():
		case is = <-f.nets:
		case <-t.C:
		}
		t.Stop()
	}
}

// ground is one interface.
type ground struct {
	iface.Interface
	asks     int
	ask      time.Time // when to ask next
	answer   time.Time // when to answer; zero = nobody asked
	answered time.Time
}

// keep works on one pair of sockets, and returns the interfaces of the end.
func (f *Finder) keep(ctx context.Context, a air, heard <-chan packet, is []iface.Interface) []iface.Interface {
	grounds := f.stand(nil, is, a)
	defer func() {
		for _, g := range grounds { // told to nobody in time: they will notice
			f.say(a, g, 0)
		}
	}()
	for {
		now := time.Now()
		wait := f.due(grounds, a, now)
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return is
		case <-a.broken():
			t.Stop()
			f.log.Warn("the sockets for finding hubs on the networks around failed and are opened again", "after", reopen)
			return is
		case is = <-f.nets:
			grounds = f.stand(grounds, is, a)
		case p := <-heard:
			if g := grounds[p.index]; g != nil {
				f.hear(g, p, time.Now())
			}
		case <-t.C:
		}
		t.Stop()
	}
}

// stand takes in the interfaces that are there now. One that is new or has other
// addresses begins anew.
func (f *Finder) stand(old map[int]*ground, is []iface.Interface, a air) map[int]*ground {
	now := time.Now()
	a.use(is)
	out := map[int]*ground{}
	for _, i := range is {
		if g := old[i.Index]; g != nil && g.Name == i.Name && slices.Equal(g.Addrs, i.Addrs) {
			out[i.Index] = g
			continue
		}
		out[i.Index] = &ground{Interface: i, ask: now, answer: now}
	}
	f.mu.Lock()
	gone := f.seen.only(out)
	f.mu.Unlock()
	if gone {
		f.cfg.Changed()
	}
	return out
}

// due asks and answers what is due, and says how long nothing is.
func (f *Finder) due(grounds map[int]*ground, a air, now time.Time) time.Duration {
	next := now.Add(askSeldom)
	soonest := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	f.mu.Lock()
	gone := f.seen.expire(now)
	if t, ok := f.seen.next(); ok {
		soonest(t)
	}
	f.mu.Unlock()
	if gone {
		f.cfg.Changed()
	}
	for _, g := range grounds {
		if !g.answer.IsZero() && !g.answer.After(now) {
			g.answer, g.answered = time.Time{}, now
			f.say(a, g, life)
		}
		if !g.ask.After(now) {
			f.mu.Lock()
			known := f.seen.known(g.Index, now)
			f.mu.Unlock()
			if b, err := encodeQuestion(known); err == nil {
				a.send(b, g.Interface)
			}
			g.ask = now.Add(varied(pause(g.asks, len(known) > 0)))
			g.asks++
		}
		soonest(g.ask)
		if !g.answer.IsZero() {
			soonest(g.answer)
		}
	}
	return max(0, next.Sub(now))
}

// pause is how long after so many questions the next one is asked.
func pause(asks int, found bool) time.Duration {
	switch {
	case asks < quickAsks:
		return firstAsk << asks
	case !found:
		return askAlone
	}
	return min(askSeldom, askAlone<<min(asks-quickAsks, 3))
}

// varied is d give or take a tenth, so that hubs that started together do not stay
// in step.
func varied(d time.Duration) time.Duration { return d*9/10 + rand.N(d/5) }

// say announces this hub on one network, for so long.
func (f *Finder) say(a air, g *ground, ttl time.Duration) {
	one := said{name: f.self, tag: f.tag, ttl: ttl}
	for _, at := range f.cfg.Addrs() {
		here := slices.ContainsFunc(g.Addrs, func(p netip.Prefix) bool { return p.Addr() == at.Addr().WithZone("") })
		if !here || len(one.addrs) == MaxAddrs || one.port != 0 && one.port != at.Port() {
			continue
		}
		one.port, one.addrs = at.Port(), append(one.addrs, at.Addr().WithZone(""))
	}
	if len(one.addrs) == 0 {
		return
	}
	if b, err := encodeAnswer(one); err == nil {
		a.send(b, g.Interface)
	}
}

// hear takes in one packet.
func (f *Finder) hear(g *ground, p packet, now time.Time) {
	m, err := decode(p.b)
	if err != nil {
		return // anybody may send anything here
	}
	if m.asks && g.answer.IsZero() && !slices.Contains(m.known, f.self) {
		g.answer = now.Add(answerSoonest + rand.N(answerLatest-answerSoonest))
		if first := g.answered.Add(answerPause); g.answer.Before(first) {
			g.answer = first
		}
	}
	changed := false
	f.mu.Lock()
	for _, s := range m.said {
		if s.tag == f.tag && s.name != f.self {
			changed = f.seen.note(g.Interface, s, p.from, now) || changed
		}
	}
	f.mu.Unlock()
	if changed {
		f.cfg.Changed()
	}
}
