package dns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// Times of resolving.
const (
	attemptTime = 1200 * time.Millisecond // for one server to answer
	resolveTime = 4 * time.Second         // for all attempts at one question
	// staleAfter is how long a client waits while there is an old answer for it,
	// and recheckAfter how long old answers are given at once after servers failed:
	// RFC 8767.
	staleAfter   = 1800 * time.Millisecond
	recheckAfter = 30 * time.Second
	// deadFor is how long a name that nobody answered is not asked for again: RFC 9520.
	deadFor = 5 * time.Second
	// DefaultMaxStale is how long after its end an answer may be given.
	DefaultMaxStale = 3 * 24 * time.Hour
)

// Bounds of a Forwarder.
const (
	MaxUpstreams      = 8
	DefaultCacheBytes = 4 << 20
	deadBytes         = 128 << 10
	maxFlights        = 512 // questions that are being asked at a time
	rounds            = 2   // in which the servers are asked
)

// ForwardConfig is what a Forwarder is built from.
type ForwardConfig struct {
	// Upstreams are resolvers in the internet, MaxUpstreams at most; two at least to
	// be safe from one that fails. Without any nothing is resolved until
	// SetUpstreams names some.
	Upstreams []netip.AddrPort
	// Own are the networks of the hub and of its phones. No public name may lead
	// there, nor to any private address: a page from outside would reach them. SetOwn
	// replaces them.
	Own []netip.Prefix
	// AllowPrivate are names that may, with all below them.
	AllowPrivate []string
	// Check is the host name that health checks ask for; "" is the root.
	Check string
	// MixedCase asks for names in random case and wants it back (0x20), which makes
	// answers harder to forge. A few old servers do not give it back.
	MixedCase bool
	// CacheBytes bounds what is remembered; 0 is DefaultCacheBytes.
	CacheBytes int
	// MaxStale is how long after its end an answer may be given when there is no
	// newer one; 0 is DefaultMaxStale. Between one and three days makes sense.
	MaxStale time.Duration
	Log      *slog.Logger
}

// exchange asks one server: packet, answer. The answer is to that question.
type exchange func(ctx context.Context, server netip.AddrPort, packet []byte) ([]byte, error)

// Forwarder resolves names by resolvers in the internet, and remembers them for
// when there is none. It forwards nothing of who asked: no address, no option.
type Forwarder struct {
	cfg      ForwardConfig
	check    key // what health checks ask
	scrub    atomic.Pointer[scrubber]
	cache    *cache
	dead     *cache // what nobody answered lately; it takes no room from what is known
	exchange exchange
	doubt    chan struct{} // of 1: a check is wanted

	mu        sync.Mutex
	upstreams []*upstream
	flights   map[key]*flight
	recovered time.Time       // when a server last came back
	running   context.Context // nil unless Run runs
	tasks     sync.WaitGroup  // the flights
	began     chan struct{}   // closed as soon as Run runs
}

// NewForwarder checks the configuration. Nothing is resolved before Run.
func NewForwarder(cfg ForwardConfig) (*Forwarder, error) {
	if cfg.Log == nil {
		return nil, errors.New("a forwarder needs to know where to log")
	}
	if cfg.CacheBytes == 0 {
		cfg.CacheBytes = DefaultCacheBytes
	}
	if cfg.MaxStale == 0 {
		cfg.MaxStale = DefaultMaxStale
	}
	if cfg.CacheBytes < 0 || cfg.MaxStale < 0 {
		return nil, fmt.Errorf("a cache of %d bytes for %v: neither may be negative", cfg.CacheBytes, cfg.MaxStale)
	}
	f := &Forwarder{
		cfg: cfg, check: key{name: "\x00", kind: dns.TypeNS}, doubt: make(chan struct{}, 1),
		cache: newCache(cfg.CacheBytes, cfg.MaxStale), dead: newCache(deadBytes, 0), exchange: overNetwork, flights: make(map[key]*flight),
		began: make(chan struct{}),
	}
	if err := f.SetOwn(cfg.Own); err != nil {
		return nil, err
	}
	if cfg.Check != "" {
		n, err := wireName(cfg.Check)
		if err != nil {
			return nil, fmt.Errorf("the name for health checks: %w", err)
		}
		f.check = key{name: string(n), kind: dns.TypeA}
	}
	if err := f.SetUpstreams(cfg.Upstreams); err != nil {
		return nil, err
	}
	return f, nil
}

// SetOwn replaces the networks of the hub and of its phones, as interfaces come and go.
// It may be called while the forwarder runs.
func (f *Forwarder) SetOwn(networks []netip.Prefix) error {
	scrub, err := newScrubber(networks, f.cfg.AllowPrivate)
	if err == nil {
		f.scrub.Store(scrub)
	}
	return err
}

// SetUpstreams replaces the servers that are asked. What is known of the health of
// those that stay is kept. It may be called while the forwarder runs.
func (f *Forwarder) SetUpstreams(servers []netip.AddrPort) error {
	if len(servers) > MaxUpstreams {
		return fmt.Errorf("%d name servers to ask are more than %d", len(servers), MaxUpstreams)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var next []*upstream
	for _, at := range servers {
		if !at.IsValid() || at.Port() == 0 || at.Addr().IsUnspecified() || at.Addr().IsMulticast() {
			return fmt.Errorf("%v is no address of a name server: give one such as 9.9.9.9:53", at)
		}
		same := func(u *upstream) bool { return u.at == at }
		switch i := slices.IndexFunc(f.upstreams, same); {
		case slices.ContainsFunc(next, same):
		case i >= 0:
			next = append(next, f.upstreams[i])
		default:
			next = append(next, &upstream{at: at})
		}
	}
	f.upstreams = next
	return nil
}

// Servers are those that are asked, and whether each is up.
func (f *Forwarder) Servers() map[netip.AddrPort]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[netip.AddrPort]bool, len(f.upstreams))
	for _, u := range f.upstreams {
		all[u.at] = !u.down
	}
	return all
}

// Remembered is how many answers are remembered, and what they take in bytes.
func (f *Forwarder) Remembered() (answers, bytes int) {
	f.cache.mu.Lock()
	defer f.cache.mu.Unlock()
	return len(f.cache.of), f.cache.used
}

// Run checks the servers' health and lets names be resolved until ctx ends. It
// returns when all questions have come to an end. It may be called once.
func (f *Forwarder) Run(ctx context.Context) error {
	f.mu.Lock()
	f.running = ctx
	f.mu.Unlock()
	close(f.began)
	defer f.tasks.Wait()
	f.keepChecking(ctx)
	f.mu.Lock()
	f.running = nil
	f.mu.Unlock()
	return nil
}

// resolve answers a query of an Open client, by what is known or by asking.
func (f *Forwarder) resolve(ctx context.Context, dst []byte, a *ask) []byte {
	k, now := keyOf(a), time.Now()
	e := f.cache.get(k, now)
	if e != nil && e.fresh(now) {
		return a.tell(dst, e, now)
	}
	e = e.old()
	healthy, recovered := f.health()
	if !healthy || e != nil && e.failed.After(recovered) && now.Before(e.failed.Add(recheckAfter)) {
		return a.tellOr(dst, e, now)
	}
	if e == nil && !a.probe && f.dead.get(k, now) != nil {
		return a.failure(dst)
	}
	wait := resolveTime
	if e != nil || a.probe { // there is something to say without it
		wait = staleAfter
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-f.began: // else the first phones at a start would be told of a failure
	case <-timer.C:
		return a.tellOr(dst, e, time.Now())
	case <-ctx.Done():
		return nil
	}
	flight := f.fly(k)
	select {
	case <-flight.done:
		if flight.got != nil {
			return a.tell(dst, flight.got, flight.got.learned)
		}
	case <-timer.C: // the question stays on its way, for the next who asks
	case <-ctx.Done():
		return nil
	}
	return a.tellOr(dst, e, time.Now())
}

// remembered answers a query of an Accepted client, by what is known alone. That a
// name does not exist is not said: it would be kept for longer than it is true.
func (f *Forwarder) remembered(dst []byte, a *ask) []byte {
	now := time.Now()
	return a.tellOr(dst, f.cache.get(keyOf(a), now).old(), now)
}

// tellOr answers with an old entry, or with a failure if it is nil. An old answer to a
// probe leads to where nothing may answer any more.
func (a *ask) tellOr(dst []byte, e *entry, now time.Time) []byte {
	if e == nil || a.probe {
		return a.failure(dst)
	}
	return a.tell(dst, e, now)
}

// tell answers with an entry as old as it is by now.
func (a *ask) tell(dst []byte, e *entry, now time.Time) []byte {
	var known dns.Msg
	if err := known.Unpack(e.wire); err != nil { // it was packed here
		return a.failure(dst)
	}
	m := a.reply(known.Rcode)
	m.Answer, m.Ns = known.Answer, known.Ns
	asked := m.Question[0].Name
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		h := rr.Header()
		h.Ttl = min(e.left(h.Ttl, now), a.longest)
		if strings.EqualFold(h.Name, asked) {
			h.Name = asked // in this client's case, not in that of whoever asked first
		}
	}
	if e.stale(now) {
		explain(m, errStale)
	}
	if e.scrubbed {
		explain(m, errFiltered)
	}
	return a.pack(dst, m, dns.MaxMsgSize)
}

// flight is one question on its way, whoever waits for it.
type flight struct {
	done chan struct{}
	got  *entry // nil for none
}

// fly asks a question, unless it is being asked already.
func (f *Forwarder) fly(k key) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one := f.flights[k]; one != nil {
		return one
	}
	one := &flight{done: make(chan struct{})}
	if f.running == nil || f.running.Err() != nil || len(f.flights) >= maxFlights {
		close(one.done)
		return one
	}
	f.flights[k] = one
	ctx := f.running
	f.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, resolveTime)
		defer cancel()
		got := f.askAll(ctx, k)
		if now := time.Now(); got == nil {
			f.cache.failed(k, now)
			f.dead.put(k, &entry{learned: now, until: now.Add(deadFor)})
		} else {
			f.cache.put(k, got)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		one.got = got
		delete(f.flights, k)
		close(one.done)
	})
	return one
}

// askAll asks one server after the other until one knows. nil is that none does.
func (f *Forwarder) askAll(ctx context.Context, k key) (got *entry) {
	for range rounds {
		for _, u := range f.inOrder() {
			m, err := f.askOne(ctx, u, k)
			switch {
			case ctx.Err() != nil:
				return nil
			case err != nil:
				continue
			case m.Rcode == dns.RcodeSuccess || m.Rcode == dns.RcodeNameError:
				if got, err = f.scrub.Load().entry(k, m, time.Now()); err == nil {
					return got
				}
			}
		}
	}
	return nil
}
