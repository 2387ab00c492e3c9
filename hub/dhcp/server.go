package dhcp

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/server4"
	"github.com/insomniacslk/dhcp/iana"
	"golang.org/x/time/rate"
)

const (
	saveEvery  = 2 * time.Second // between two writes of what changed
	maxPacket  = 1500
	clientPort = 68
	// maxClientID bounds a client's identifier (option 61), of which others make do
	// with 7 bytes.
	maxClientID = 64
	// offersPerSecond bounds the offers to all: each is sent to everybody, which takes some
	// of the air's time. What is asked of those that were made is always answered.
	offersPerSecond = 200
	// declines at once, and declinesPerSecond, are believed, of all: phones hardly ever do so.
	declines, declinesPerSecond = 10, 1
	// refusing is how long it is told of a phone for which no address was left. Phones ask
	// again within it.
	refusing = 5 * time.Minute
	// discardPort is where a packet goes that is only to have the kernel ask whose an
	// address is.
	discardPort = 9
)

// Keep is where it is kept which client has which address, across restarts. A client
// is a name of at most 2 + 2 * 64 bytes.
type Keep interface {
	Leases() map[string]netip.Addr
	// SaveLeases writes what changed; the zero Addr is a lease that is gone.
	SaveLeases(changed map[string]netip.Addr) error
}

// Config is what a Server is made of.
type Config struct {
	Interface   string        // the phones'
	Self        netip.Addr    // the hub's address there
	Network     netip.Prefix  // the addresses that are there
	First, Last netip.Addr    // those to give out
	Domain      string        // in which phones look for short names, such as "internal"
	Portal      func() string // address of the RFC 8908 API now, over https; "" = none (RFC 8910)
	// Used reports whether a device other than this one was seen at an address lately,
	// with a nil one any device at all; nil where that is not known.
	Used func(at netip.Addr, by net.HardwareAddr) bool
	// Met reports whether any device was seen at an address lately; it is asked of many, and
	// often. nil where that is not known: all leases are of phones that were met then.
	Met  func(at netip.Addr) bool
	Keep Keep
	Log  *slog.Logger
}

// Server answers on the phones' interface. Run serves until its context ends.
type Server struct {
	cfg   Config
	pool  *Pool
	begun time.Time
	conn  net.PacketConn
	index int           // of the interface that conn is bound to
	full  bool          // the pool; said once
	pace  *rate.Limiter // of offers

	declined *rate.Limiter

	leased  atomic.Int64 // addresses, by the last look
	refused atomic.Int64 // when there was none for a phone last, by the running time; 0 = never
}

// New opens the interface's port 67, for which root or CAP_NET_BIND_SERVICE and
// CAP_NET_RAW are needed.
func New(cfg Config) (*Server, error) {
	s, err := newServer(cfg)
	if err != nil {
		return nil, err
	}
	err = s.open()
	return s, err
}

func newServer(cfg Config) (*Server, error) {
	if cfg.Used == nil {
		cfg.Used = func(netip.Addr, net.HardwareAddr) bool { return false }
	}
	if cfg.Met == nil {
		cfg.Met = func(netip.Addr) bool { return true }
	}
	if cfg.Portal == nil {
		cfg.Portal = func() string { return "" }
	}
	pool, err := NewPool(cfg.First, cfg.Last, cfg.Keep.Leases(), 0)
	return &Server{
		cfg: cfg, pool: pool, begun: time.Now(), pace: rate.NewLimiter(offersPerSecond, offersPerSecond),
		declined: rate.NewLimiter(declinesPerSecond, declines),
	}, err
}

// Run serves until ctx ends. One packet is answered after the other: what comes
// meanwhile waits in the socket's buffer, and phones ask again. An adapter that is
// pulled out and plugged in again is served again.
func (s *Server) Run(ctx context.Context) error {
	defer s.save()
	for {
		if err := s.listen(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		s.cfg.Log.Warn("the phones' interface is gone; it is waited for", "interface", s.cfg.Interface)
		for s.open() != nil {
			if !wait(ctx, saveEvery) {
				return nil
			}
		}
		s.cfg.Log.Info("the phones' interface is back", "interface", s.cfg.Interface)
	}
}

// open makes the socket, which is the interface's as it is now.
func (s *Server) open() (err error) {
	if s.index, err = indexOf(s.cfg.Interface); err != nil {
		return err
	}
	s.conn, err = server4.NewIPv4UDPConn(s.cfg.Interface, nil)
	return err
}

// listen answers until ctx ends or the interface is gone.
func (s *Server) listen(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	buf := make([]byte, maxPacket)
	looked := time.Now()
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(saveEvery)); err != nil && ctx.Err() == nil {
			return err
		}
		n, _, err := s.conn.ReadFrom(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err == nil:
			s.serve(buf[:n])
		case !errors.Is(err, os.ErrDeadlineExceeded): // the interface is down, say
			wait(ctx, time.Second)
		}
		if time.Since(looked) < saveEvery {
			continue
		}
		looked = time.Now()
		s.meet(time.Since(s.begun))
		s.leased.Store(int64(s.pool.size - s.pool.Free(time.Since(s.begun))))
		s.save()
		if now, err := indexOf(s.cfg.Interface); err != nil || now != s.index {
			return s.conn.Close()
		}
	}
}

// indexOf is an interface's number: one that was plugged in again has another.
func indexOf(name string) (int, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return 0, err
	}
	return i.Index, nil
}

// wait reports false if ctx ends before d is over.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Leased is how many addresses phones have, give or take those of the last seconds, and
// how many there are.
func (s *Server) Leased() (leased, all int) { return int(s.leased.Load()), s.pool.size }

// Refused reports whether within the last five minutes a phone came for which no address
// was left.
func (s *Server) Refused() bool { return s.refusedAt(time.Since(s.begun)) }

func (s *Server) refusedAt(now time.Duration) bool {
	at := s.refused.Load()
	return at != 0 && now-time.Duration(at) < refusing
}

// Close lets go of the port; it is for a server that does not run.
func (s *Server) Close() error { return s.conn.Close() }

// meet notes which phones are where they have their address.
func (s *Server) meet(now time.Duration) {
	for _, at := range s.pool.unmet() {
		if s.cfg.Met(at) {
			s.pool.Met(at, now)
		}
	}
}

// save writes the leases that changed. What the disk does not take is tried again.
func (s *Server) save() {
	changed := s.pool.Changes()
	if len(changed) == 0 {
		return
	}
	if err := s.cfg.Keep.SaveLeases(changed); err != nil {
		s.cfg.Log.Warn("the addresses of phones were not kept; it is tried again", "err", err)
		for client, at := range changed {
			if _, newer := s.pool.changed[client]; !newer {
				s.pool.changed[client] = at
			}
		}
	}
}

// serve answers one packet. What is no request of a client is passed over.
func (s *Server) serve(packet []byte) {
	m, err := dhcpv4.FromBytes(packet)
	if err != nil {
		return
	}
	now := time.Since(s.begun)
	r := s.answer(m, now)
	if r == nil {
		if at := address(m.RequestedIPAddress()); s.pool.declined(at, now) {
			s.ask(at)
		}
		return
	}
	to := &net.UDPAddr{IP: net.IPv4bcast, Port: clientPort}
	if r.MessageType() == dhcpv4.MessageTypeAck && !m.ClientIPAddr.IsUnspecified() {
		to.IP = m.ClientIPAddr // it has the address already
	}
	if _, err := s.conn.WriteTo(r.ToBytes(), to); err != nil {
		s.cfg.Log.Debug("a phone did not get its address", "err", err)
	}
}

// ask has the kernel find out whose an address is, of which Used tells then.
func (s *Server) ask(at netip.Addr) {
	if _, err := s.conn.WriteTo(nil, &net.UDPAddr{IP: at.AsSlice(), Port: discardPort}); err != nil {
		s.cfg.Log.Debug("it is not known who has an address that was declined", "err", err)
	}
}

// answer is what a client is told; nil for nothing (RFC 2131, section 4.3).
func (s *Server) answer(m *dhcpv4.DHCPv4, now time.Duration) *dhcpv4.DHCPv4 {
	hw := m.ClientHWAddr
	if m.OpCode != dhcpv4.OpcodeBootRequest || m.HWType != iana.HWTypeEthernet || len(hw) != 6 || hw[0]&1 != 0 || !m.GatewayIPAddr.IsUnspecified() {
		return nil
	}
	client, ok := clientOf(m)
	if !ok {
		return nil
	}
	named := client == hw.String() // nobody else can ask in this name with another hardware address
	taken := func(a netip.Addr) bool {
		// Who has a lease keeps it, whatever is seen there: that may be a repeater, which
		// answers for its phones, or somebody's lie.
		return a == s.cfg.Self || s.cfg.Used(a, hw) && !(named && s.pool.holds(client, a, now))
	}
	want, has := address(m.RequestedIPAddress()), address(m.ClientIPAddr)
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		if !s.pace.AllowN(s.begun.Add(now), 1) {
			return nil // phones ask again
		}
		at, err := s.pool.Offer(client, want, taken, now)
		if err != nil {
			if !s.full {
				s.cfg.Log.Warn("there is no address left for a phone that came", "addresses", s.pool.size)
			}
			s.full = true
			s.refused.Store(max(int64(now), 1))
			return nil
		}
		s.full = false
		return s.reply(m, dhcpv4.MessageTypeOffer, at, Term)
	case dhcpv4.MessageTypeRequest:
		if id := m.ServerIdentifier(); id != nil && address(id) != s.cfg.Self {
			return nil // it chose another server
		}
		if !want.IsValid() {
			want = has
		}
		return s.confirm(m, client, want, taken, now)
	case dhcpv4.MessageTypeDecline:
		if s.mayDecline(want, hw, named) && s.declined.AllowN(s.begun.Add(now), 1) {
			s.pool.Decline(client, want, s.cfg.Used(want, hw), now)
		}
	case dhcpv4.MessageTypeRelease:
		if !s.cfg.Used(has, nil) { // anybody can say that; a lease that is kept for too long costs less than one that is lost
			s.pool.Release(client, has, now)
		}
	case dhcpv4.MessageTypeInform:
		return s.reply(m, dhcpv4.MessageTypeAck, netip.Addr{}, 0)
	}
	return nil
}

// confirm answers who asks for an address.
func (s *Server) confirm(m *dhcpv4.DHCPv4, client string, want netip.Addr, taken func(netip.Addr) bool, now time.Duration) *dhcpv4.DHCPv4 {
	if err := s.pool.Confirm(client, want, taken, now); err != nil {
		return s.reply(m, dhcpv4.MessageTypeNak, netip.Addr{}, 0)
	}
	if s.cfg.Met(want) {
		s.pool.Met(want, now)
	}
	return s.reply(m, dhcpv4.MessageTypeAck, want, s.pool.left(want, now))
}

// mayDecline reports whether nobody is at an address, or somebody else than the client
// that declines it: if it is there itself, another speaks in its name.
func (s *Server) mayDecline(at netip.Addr, hw net.HardwareAddr, named bool) bool {
	return !s.cfg.Used(at, nil) || named && s.cfg.Used(at, hw)
}

// reply is an answer with what a client is to know of the network, and of its lease if it
// has one.
func (s *Server) reply(m *dhcpv4.DHCPv4, kind dhcpv4.MessageType, at netip.Addr, term time.Duration) *dhcpv4.DHCPv4 {
	self := net.IP(s.cfg.Self.AsSlice())
	with := []dhcpv4.Modifier{dhcpv4.WithMessageType(kind), dhcpv4.WithOption(dhcpv4.OptServerIdentifier(self))}
	if id := m.Options.Get(dhcpv4.OptionClientIdentifier); id != nil { // RFC 6842
		with = append(with, dhcpv4.WithGeneric(dhcpv4.OptionClientIdentifier, id))
	}
	if kind != dhcpv4.MessageTypeNak {
		with = append(
			with,
			dhcpv4.WithNetmask(net.CIDRMask(s.cfg.Network.Bits(), 32)), dhcpv4.WithRouter(self), dhcpv4.WithDNS(self),
			dhcpv4.WithOption(dhcpv4.OptDomainName(s.cfg.Domain)),
		)
		if url := s.cfg.Portal(); url != "" {
			with = append(with, dhcpv4.WithGeneric(dhcpv4.OptionURL, []byte(url)))
		}
	}
	if at.IsValid() {
		with = append(
			with, dhcpv4.WithYourIP(net.IP(at.AsSlice())), dhcpv4.WithOption(dhcpv4.OptIPAddressLeaseTime(term)),
			dhcpv4.WithOption(dhcpv4.OptRenewTimeValue(term/2)), dhcpv4.WithOption(dhcpv4.OptRebindingTimeValue(term*7/8)),
		)
	}
	r, err := dhcpv4.NewReplyFromRequest(m, with...)
	if err != nil {
		return nil
	}
	if kind == dhcpv4.MessageTypeNak {
		r.SetBroadcast()
	}
	return r
}

// clientOf names a client: by its identifier, or by its hardware address, which most
// identifiers hold.
func clientOf(m *dhcpv4.DHCPv4) (string, bool) {
	id := m.Options.Get(dhcpv4.OptionClientIdentifier)
	if len(id) > maxClientID {
		return "", false
	}
	if len(id) < 2 || len(id) == 7 && id[0] == byte(iana.HWTypeEthernet) && string(id[1:]) == string(m.ClientHWAddr) {
		return m.ClientHWAddr.String(), true
	}
	return "id" + hex.EncodeToString(id), true
}

// address is an IPv4 address; the zero Addr if there is none.
func address(ip net.IP) netip.Addr {
	a, ok := netip.AddrFromSlice(ip.To4())
	if !ok || a.IsUnspecified() {
		return netip.Addr{}
	}
	return a
}
