package portal

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How long a phone stays let through, and how many are known.
const (
	// Absence is how long a phone may be away and come back without being asked again.
	Absence = 24 * time.Hour
	// MaxClients bounds the phones that are known; beyond it the one seen longest ago
	// falls away and is asked again.
	MaxClients = 4096
	// Doze is how long a phone is taken to be still there of which the neighbor table knows
	// no more: the kernel may forget whoever has been silent for a minute.
	Doze = 10 * time.Minute
	// lookEvery is between two looks at who has which address.
	lookEvery = time.Second
	// noteEvery is between two notes of when a phone was seen.
	noteEvery = time.Hour
)

// Keep is where it is kept who was let through, across restarts. A client is a hardware
// address, or an IP address where none is known, as text of at most 45 bytes.
type Keep interface {
	// Accepted are those kept, and how long ago each was seen, as far as is known.
	Accepted() map[string]time.Duration
	// Accept keeps one, seen now; it is on disk on return. There is room for MaxClients.
	Accept(client string) error
	// SeenDevice notes that one was seen now; it may be lost in a crash.
	SeenDevice(client string)
	// ForgetDevice drops one.
	ForgetDevice(client string)
}

// Neighbors tells which hardware address an address of the phones' network has now.
type Neighbors func() (map[netip.Addr]net.HardwareAddr, error)

// Clients knows which phones have been let through. A phone is known by its hardware
// address where the neighbor table has one, since addresses pass from phone to phone.
type Clients struct {
	keep    Keep
	near    Neighbors
	elapsed func() time.Duration
	log     *slog.Logger

	accepting sync.Mutex // one after the other, so that there is room for each

	mu    sync.Mutex
	seen  map[string]sighting
	table map[netip.Addr]string // by the neighbor table
	gone  map[netip.Addr]absent // what it said of addresses that it has no more
	blind bool                  // it could not be read
	extra *rate.Limiter         // of looks at it besides those of Run
}

// How often the neighbor table is read for an address that is not in it yet: a phone
// that wakes up must not pass for a new one, and a flood of addresses must not cost.
const (
	extraLooks     = 50 // at once
	extraPerSecond = 20
)

// sighting is when a phone was seen, by the running time.
type sighting struct{ last, noted time.Duration }

// absent is who had an address, and since when the neighbor table does not have it, by
// the running time.
type absent struct {
	who   string
	since time.Duration
}

// NewClients loads who was let through. elapsed is the monotonic time since some
// moment; nil is since now. near may be nil where hardware addresses are not known.
func NewClients(keep Keep, near Neighbors, elapsed func() time.Duration, log *slog.Logger) *Clients {
	if elapsed == nil {
		begun := time.Now()
		elapsed = func() time.Duration { return time.Since(begun) }
	}
	c := &Clients{keep: keep, near: near, elapsed: elapsed, log: log, seen: map[string]sighting{}, gone: map[netip.Addr]absent{}, extra: rate.NewLimiter(extraPerSecond, extraLooks)}
	if err := c.look(); err != nil {
		c.near = nil
	}
	now := elapsed()
	for who, ago := range keep.Accepted() {
		if ago < Absence && len(c.seen) < MaxClients {
			c.seen[who] = sighting{now - ago, now}
		} else {
			keep.ForgetDevice(who)
		}
	}
	return c
}

// Remember has the phones known that had an address before, by their hardware addresses,
// as from leases: a phone that still knows the hub's hardware address is asked for its own
// only to be answered. Where the neighbor table knows an address, or has known it, that
// counts, and nobody is present by this. What is no hardware address is passed over.
func (c *Clients) Remember(had map[string]netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for who, at := range had {
		hw, err := net.ParseMAC(who)
		if err != nil || c.near == nil || len(c.gone) >= MaxClients {
			continue
		}
		if c.table[at] == "" && c.gone[at].who == "" {
			c.gone[at] = absent{hw.String(), c.elapsed() - Doze}
		}
	}
}

// Accepted reports whether the phone at an address was let through, and notes that
// it is there.
func (c *Clients) Accepted(at netip.Addr) bool {
	if c.mayHaveCome(at) {
		_ = c.look() // it is logged
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	who := c.who(at)
	s, ok := c.seen[who]
	now := c.elapsed()
	if !ok {
		return false
	}
	if now-s.last >= Absence {
		delete(c.seen, who)
		c.keep.ForgetDevice(who)
		return false
	}
	s.last = now
	if now-s.noted >= noteEvery {
		s.noted = now
		c.keep.SeenDevice(who)
	}
	c.seen[who] = s
	return true
}

// mayHaveCome reports whether the phone at an address may be one that was let through
// and has come since the neighbor table was read last.
func (c *Clients) mayHaveCome(at netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.table[at.Unmap().WithZone("")]; known || c.near == nil || c.blind || len(c.seen) == 0 {
		return false
	}
	return c.extra.AllowN(time.Time{}.Add(c.elapsed()), 1)
}

// Present are the phones that were let through and are there: by address, who it is. One
// that dozes is, at the address that it had last, until somebody else has that.
func (c *Clients) Present() map[netip.Addr]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.elapsed()
	accepted := func(who string) bool { s, ok := c.seen[who]; return ok && now-s.last < Absence }
	all, awake := map[netip.Addr]string{}, map[string]bool{}
	for at, who := range c.table {
		awake[who] = true
		if accepted(who) {
			all[at] = who
		}
	}
	dozing := map[string]netip.Addr{}
	for at, a := range c.gone {
		if now-a.since >= Doze || awake[a.who] || !accepted(a.who) {
			continue
		}
		// One address each: there is no end to those that a phone can go through.
		if last, ok := dozing[a.who]; !ok || c.gone[last].since < a.since || c.gone[last].since == a.since && at.Less(last) {
			dozing[a.who] = at
		}
	}
	for who, at := range dozing {
		all[at] = who
	}
	return all
}

// count counts those at some addresses by whether they were let through.
func (c *Clients) count(at func(netip.Addr) bool) (accepted, captive int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.elapsed()
	for addr, who := range c.table {
		if s, ok := c.seen[who]; !at(addr) {
			continue
		} else if ok && now-s.last < Absence {
			accepted++
		} else {
			captive++
		}
	}
	return accepted, captive
}

// Accept lets the phone at an address through, from now on and after a restart.
func (c *Clients) Accept(at netip.Addr) error {
	c.accepting.Lock()
	defer c.accepting.Unlock()
	if !c.knows(at) {
		_ = c.look() // it may have come within the last second; it is logged
	}
	c.mu.Lock()
	who, now := c.who(at), c.elapsed()
	s, ok := c.seen[who]
	if ok && now-s.last < Absence {
		c.mu.Unlock()
		return nil
	}
	if !ok && len(c.seen) >= MaxClients {
		c.drop()
	}
	c.mu.Unlock()
	if err := c.keep.Accept(who); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[who] = sighting{now, now}
	return nil
}

// drop forgets the phone that was seen longest ago.
func (c *Clients) drop() {
	oldest, found := "", false
	for k, s := range c.seen {
		if !found || s.last < c.seen[oldest].last {
			oldest, found = k, true
		}
	}
	delete(c.seen, oldest)
	c.keep.ForgetDevice(oldest)
}

// knows reports whether the hardware address at an address is known.
func (c *Clients) knows(at netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.table[at.Unmap().WithZone("")]
	return ok
}

// who is the phone at an address.
func (c *Clients) who(at netip.Addr) string {
	at = at.Unmap().WithZone("")
	if who, ok := c.table[at]; ok {
		return who
	}
	if a, ok := c.gone[at]; ok { // it sleeps, or has just woken up: the kernel asks whose address it is only to answer
		return a.who
	}
	return at.String()
}

// Run keeps the table of neighbors fresh until ctx ends.
func (c *Clients) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for c.near != nil {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := c.look(); err != nil {
			return nil // it is logged, and addresses do as well
		}
	}
	return nil
}

// look reads the table of neighbors.
func (c *Clients) look() error {
	if c.near == nil {
		return nil
	}
	near, err := c.near()
	if err != nil {
		c.log.Warn("the hardware addresses of phones are not known; they are told apart by their IP addresses", "err", err)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.blind = true
		return err
	}
	table := make(map[netip.Addr]string, len(near))
	for at, hw := range near {
		table[at] = hw.String()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.gone) > MaxClients {
		clear(c.gone)
	}
	now := c.elapsed()
	for at, who := range c.table {
		c.gone[at] = absent{who, now}
	}
	maps.DeleteFunc(c.gone, func(at netip.Addr, _ absent) bool { return table[at] != "" })
	c.table = table
	return nil
}
