package dhcp

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// book is a Keep in memory.
type book map[string]netip.Addr

func (b book) Leases() map[string]netip.Addr { return b }

func (b book) SaveLeases(changed map[string]netip.Addr) error {
	for client, at := range changed {
		if b[client] = at; !at.IsValid() {
			delete(b, client)
		}
	}
	return nil
}

var (
	self  = netip.MustParseAddr("10.44.0.1")
	hub   = net.IPv4(10, 44, 0, 1)
	phone = net.HardwareAddr{2, 0, 0, 0, 0, 7}
)

func serves(t testing.TB, b book) *Server {
	t.Helper()
	s, err := newServer(Config{
		Self: self, Network: netip.MustParsePrefix("10.44.0.0/20"), Domain: "internal",
		First: netip.MustParseAddr("10.44.0.10"), Last: netip.MustParseAddr("10.44.0.59"),
		Keep: b, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// says is a client's message.
func says(t testing.TB, kind dhcpv4.MessageType, with ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
	t.Helper()
	m, err := dhcpv4.New(append([]dhcpv4.Modifier{dhcpv4.WithHwAddr(phone), dhcpv4.WithMessageType(kind)}, with...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func requested(ip net.IP) dhcpv4.Modifier { return dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(ip)) }
func fromServer(ip net.IP) dhcpv4.Modifier {
	return dhcpv4.WithOption(dhcpv4.OptServerIdentifier(ip))
}

// joins goes through discover and request.
func joins(t testing.TB, s *Server, with ...dhcpv4.Modifier) net.IP {
	t.Helper()
	offer := s.answer(says(t, dhcpv4.MessageTypeDiscover, with...), 0)
	if offer == nil || offer.MessageType() != dhcpv4.MessageTypeOffer {
		t.Fatalf("no offer: %v", offer)
	}
	ack := s.answer(says(t, dhcpv4.MessageTypeRequest, append(with, requested(offer.YourIPAddr), fromServer(hub))...), 0)
	if ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck || !ack.YourIPAddr.Equal(offer.YourIPAddr) {
		t.Fatalf("no address: %v", ack)
	}
	return ack.YourIPAddr
}

func kindOf(m *dhcpv4.DHCPv4) string {
	if m == nil {
		return "nothing"
	}
	return m.MessageType().String()
}

func TestAPhoneIsToldItsNetwork(t *testing.T) {
	s := serves(t, book{})
	m := s.answer(says(t, dhcpv4.MessageTypeDiscover), 0)
	if got := m.Router(); len(got) != 1 || !got[0].Equal(hub) {
		t.Errorf("the way out is by %v", got)
	}
	if got := m.DNS(); len(got) != 1 || !got[0].Equal(hub) {
		t.Errorf("names are asked of %v", got)
	}
	if ones, _ := m.SubnetMask().Size(); ones != 20 {
		t.Errorf("the network has %d bits", ones)
	}
	if m.IPAddressLeaseTime(0) != Term || m.DomainName() != "internal" || !m.ServerIdentifier().Equal(hub) {
		t.Errorf("for %v, in %s, by %v", m.IPAddressLeaseTime(0), m.DomainName(), m.ServerIdentifier())
	}
}

func TestRow35NoPortalAddressWithoutACertificate(t *testing.T) {
	s := serves(t, book{})
	if m := s.answer(says(t, dhcpv4.MessageTypeDiscover), 0); m.Options.Has(dhcpv4.OptionURL) {
		t.Error("option 114 is there")
	}
	const url = "https://millbrook.example.org/captive-portal/api"
	s.cfg.Portal = func() string { return url }
	if m := s.answer(says(t, dhcpv4.MessageTypeDiscover), 0); string(m.Options.Get(dhcpv4.OptionURL)) != url {
		t.Error("option 114 is missing")
	}
}

func TestAPhoneComesBack(t *testing.T) {
	b := book{}
	s := serves(t, b)
	at := joins(t, s)
	s.save()
	s = serves(t, b)
	for what, m := range map[string]*dhcpv4.DHCPv4{
		"after a restart of the phone": says(t, dhcpv4.MessageTypeRequest, requested(at)),
		"after half of its lease":      says(t, dhcpv4.MessageTypeRequest, dhcpv4.WithClientIP(at)),
	} {
		if r := s.answer(m, time.Minute); kindOf(r) != "ACK" || !r.YourIPAddr.Equal(at) {
			t.Errorf("%s: %s", what, kindOf(r))
		}
	}
	if r := s.answer(says(t, dhcpv4.MessageTypeRequest, requested(net.IPv4(192, 168, 1, 7))), 0); kindOf(r) != "NAK" || !r.IsBroadcast() {
		t.Errorf("with an address of another network: %s", kindOf(r))
	}
}

func TestWhatIsForOthersIsLeftAlone(t *testing.T) {
	s := serves(t, book{})
	offer := s.answer(says(t, dhcpv4.MessageTypeDiscover), 0)
	for what, m := range map[string]*dhcpv4.DHCPv4{
		"it chose another server": says(t, dhcpv4.MessageTypeRequest, requested(offer.YourIPAddr), fromServer(net.IPv4(10, 44, 0, 2))),
		"another server's answer": says(t, dhcpv4.MessageTypeOffer),
		"from a relay":            says(t, dhcpv4.MessageTypeDiscover, dhcpv4.WithRelay(net.IPv4(10, 9, 9, 9))),
		"from a group":            says(t, dhcpv4.MessageTypeDiscover, dhcpv4.WithHwAddr(net.HardwareAddr{3, 0, 0, 0, 0, 7})),
		"no hardware address":     says(t, dhcpv4.MessageTypeDiscover, dhcpv4.WithHwAddr(nil)),
		"an endless identifier":   says(t, dhcpv4.MessageTypeDiscover, dhcpv4.WithOption(dhcpv4.OptClientIdentifier(make([]byte, 65)))),
		"it gives back":           says(t, dhcpv4.MessageTypeRelease, dhcpv4.WithClientIP(offer.YourIPAddr)),
	} {
		if r := s.answer(m, 0); r != nil {
			t.Errorf("%s: %s", what, kindOf(r))
		}
	}
	if r := s.answer(says(t, dhcpv4.MessageTypeInform, dhcpv4.WithClientIP(net.IPv4(10, 44, 9, 9))), 0); kindOf(r) != "ACK" || r.IPAddressLeaseTime(0) != 0 {
		t.Errorf("with an address of its own it asks for the rest: %s", kindOf(r))
	}
}

func TestAnAddressThatIsUsedIsNotGiven(t *testing.T) {
	s := serves(t, book{})
	at := joins(t, s)
	s.answer(says(t, dhcpv4.MessageTypeDecline, requested(at), fromServer(hub)), 0)
	if again := joins(t, s); again.Equal(at) {
		t.Error("the phone found somebody there, and gets it again")
	}
	if s = serves(t, book{}); joins(t, s).String() != at.String() {
		t.Fatal("it is another address by itself")
	}
	s = serves(t, book{})
	s.cfg.Used = seen{address(at): stranger}.used
	if again := joins(t, s); again.Equal(at) {
		t.Error("somebody is there, and a phone that comes gets it")
	}
	if r := s.answer(says(t, dhcpv4.MessageTypeRequest, requested(at)), 0); kindOf(r) != "NAK" {
		t.Errorf("a phone remembers it: %s", kindOf(r))
	}
}

// TestAnAddressThatNobodyOfferedIsLentBriefly until its phone was met.
func TestAnAddressThatNobodyOfferedIsLentBriefly(t *testing.T) {
	s := serves(t, book{})
	at := net.IPv4(10, 44, 0, 20)
	there := seen{}
	s.cfg.Met = func(at netip.Addr) bool { return there[at] != nil }
	for _, one := range []struct {
		when string
		term time.Duration
	}{{"nobody was met there", trial}, {"it was met", Term}, {"it was met before", Term}} {
		if r := s.answer(says(t, dhcpv4.MessageTypeRequest, requested(at)), 0); kindOf(r) != "ACK" || r.IPAddressLeaseTime(0) != one.term {
			t.Errorf("%s: %s, for %v", one.when, kindOf(r), r.IPAddressLeaseTime(0))
		}
		if there[address(at)] = phone; one.term == Term {
			delete(there, address(at))
		}
	}
	its := address(joins(t, s, dhcpv4.WithHwAddr(stranger)))
	if left := s.pool.left(its, 0); left != Term {
		t.Errorf("what was offered is lent for %v", left)
	}
	for _, kept := range []int{1, 2} {
		s.meet(0)
		if s.save(); len(s.cfg.Keep.Leases()) != kept {
			t.Errorf("kept are %v, not %d", s.cfg.Keep.Leases(), kept)
		}
		there[its] = stranger
	}
}

func TestDeclinesArePaced(t *testing.T) {
	s := serves(t, book{})
	for i := range 40 {
		hw := dhcpv4.WithHwAddr(net.HardwareAddr{6, 0, 0, 0, 0, byte(i)})
		at := joins(t, s, hw)
		s.answer(says(t, dhcpv4.MessageTypeDecline, hw, requested(at), fromServer(hub)), 0)
	}
	lost := 0
	for _, l := range s.pool.at {
		if l.state == shun {
			lost++
		}
	}
	if lost != declines {
		t.Errorf("%d are shunned at once", lost)
	}
}

// seen are the devices at some addresses, as the hub sees them.
type seen map[netip.Addr]net.HardwareAddr

func (s seen) used(at netip.Addr, by net.HardwareAddr) bool {
	hw, ok := s[at]
	return ok && !slices.Equal(hw, by)
}

var stranger = net.HardwareAddr{2, 0, 0, 0, 0, 9}

func TestOffersArePacedAndRequestsAreNot(t *testing.T) {
	s := serves(t, book{})
	at := joins(t, s)
	offers := 0
	for i := range 5_000 {
		hw := net.HardwareAddr{6, 0, 0, 0, byte(i >> 8), byte(i)}
		if s.answer(says(t, dhcpv4.MessageTypeDiscover, dhcpv4.WithHwAddr(hw)), time.Second) != nil {
			offers++
		}
	}
	if offers != offersPerSecond {
		t.Errorf("%d offers at once", offers)
	}
	if r := s.answer(says(t, dhcpv4.MessageTypeRequest, dhcpv4.WithClientIP(at)), time.Second); kindOf(r) != "ACK" {
		t.Errorf("a phone renews: %s", kindOf(r))
	}
	r := s.answer(says(t, dhcpv4.MessageTypeDiscover, dhcpv4.WithHwAddr(stranger)), time.Second+time.Second/offersPerSecond)
	if kindOf(r) != "OFFER" {
		t.Errorf("a phone comes afterwards: %s", kindOf(r))
	}
}

// TestNobodyTakesTheAddressOfAPhoneThatIsThere by speaking in its name.
func TestNobodyTakesTheAddressOfAPhoneThatIsThere(t *testing.T) {
	own := dhcpv4.WithOption(dhcpv4.OptClientIdentifier([]byte{255, 1, 2, 3, 4, 0, 2}))
	as := dhcpv4.WithHwAddr
	for name, its := range map[string][]dhcpv4.Modifier{"by its hardware address": nil, "by an identifier": {own}} {
		for what, lie := range map[string]func(at net.IP, hw net.HardwareAddr) *dhcpv4.DHCPv4{
			"gives it back": func(at net.IP, hw net.HardwareAddr) *dhcpv4.DHCPv4 {
				return says(t, dhcpv4.MessageTypeRelease, append(its, as(hw), dhcpv4.WithClientIP(at))...)
			},
			"declines it": func(at net.IP, hw net.HardwareAddr) *dhcpv4.DHCPv4 {
				return says(t, dhcpv4.MessageTypeDecline, append(its, as(hw), requested(at), fromServer(hub))...)
			},
			"takes another": func(_ net.IP, hw net.HardwareAddr) *dhcpv4.DHCPv4 {
				return says(t, dhcpv4.MessageTypeRequest, append(its, as(hw), requested(net.IPv4(10, 44, 0, 50)))...)
			},
		} {
			for _, hw := range []net.HardwareAddr{phone, stranger} {
				s := serves(t, book{})
				at := joins(t, s, its...)
				s.cfg.Used = seen{address(at): phone}.used
				s.answer(lie(at, hw), time.Minute)
				s.answer(says(t, dhcpv4.MessageTypeDiscover, as(stranger), requested(at)), time.Minute)
				if r := s.answer(says(t, dhcpv4.MessageTypeRequest, as(stranger), requested(at), fromServer(hub)), time.Minute); kindOf(r) != "NAK" {
					t.Errorf("known %s, %v %s, and a stranger wants it: %s", name, hw, what, kindOf(r))
				}
				if r := s.answer(says(t, dhcpv4.MessageTypeRequest, append(its, dhcpv4.WithClientIP(at))...), time.Hour); kindOf(r) != "ACK" {
					t.Errorf("known %s, %v %s, and the phone renews: %s", name, hw, what, kindOf(r))
				}
			}
		}
	}
}

func TestAPhoneKeepsItsAddressBehindARepeater(t *testing.T) {
	s := serves(t, book{})
	at := joins(t, s)
	s.cfg.Used = seen{address(at): stranger}.used
	if r := s.answer(says(t, dhcpv4.MessageTypeRequest, dhcpv4.WithClientIP(at)), time.Hour); kindOf(r) != "ACK" {
		t.Errorf("it renews: %s", kindOf(r))
	}
	// But if it has found somebody there itself, it gets another.
	s.answer(says(t, dhcpv4.MessageTypeDecline, requested(at), fromServer(hub)), time.Hour)
	if r := s.answer(says(t, dhcpv4.MessageTypeDiscover), time.Hour); kindOf(r) != "OFFER" || r.YourIPAddr.Equal(at) {
		t.Errorf("it declines: %s", kindOf(r))
	}
}

func TestAPhoneWhoseLeaseIsOverKeepsItsAddressWhileItIsThere(t *testing.T) {
	s := serves(t, book{})
	there := seen{}
	for i := range 49 {
		hw := net.HardwareAddr{2, 0, 0, 0, 1, byte(i)}
		there[address(joins(t, s, dhcpv4.WithHwAddr(hw)))] = hw
	}
	last := joins(t, s)
	s.cfg.Used = there.used
	r := s.answer(says(t, dhcpv4.MessageTypeDiscover, dhcpv4.WithHwAddr(stranger)), 2*Term)
	if kindOf(r) != "OFFER" || !r.YourIPAddr.Equal(last) {
		t.Errorf("of 50 one is not there, and who comes gets: %v", r)
	}
}

func TestAPoolOfNoAddressLeft(t *testing.T) {
	s := serves(t, book{})
	for i := range 50 {
		joins(t, s, dhcpv4.WithHwAddr(net.HardwareAddr{2, 0, 0, 0, 1, byte(i)}))
	}
	if s.refusedAt(0) {
		t.Error("all have got one, and somebody was refused")
	}
	if r := s.answer(says(t, dhcpv4.MessageTypeDiscover), 0); r != nil {
		t.Errorf("the 51st gets %v", r.YourIPAddr)
	}
	if !s.refusedAt(refusing) || s.refusedAt(refusing+1) {
		t.Error("it is not told for five minutes that one was refused")
	}
	if r := s.answer(says(t, dhcpv4.MessageTypeDiscover), Term); kindOf(r) != "OFFER" {
		t.Errorf("when theirs are over: %s", kindOf(r))
	}
}

func TestAPhoneWithAnIdentifierOfItsOwn(t *testing.T) {
	b := book{}
	s := serves(t, b)
	usual := dhcpv4.WithOption(dhcpv4.OptClientIdentifier(append([]byte{1}, phone...)))
	if a, c := joins(t, s), joins(t, s, usual); !a.Equal(c) {
		t.Error("the usual identifier makes another phone of it")
	}
	own := dhcpv4.WithOption(dhcpv4.OptClientIdentifier([]byte{255, 1, 2, 3, 4, 0, 2}))
	if a, c := joins(t, s), joins(t, s, own); a.Equal(c) {
		t.Error("two systems of one machine have one address")
	}
	r := s.answer(says(t, dhcpv4.MessageTypeDiscover, own), 0)
	if len(r.Options.Get(dhcpv4.OptionClientIdentifier)) != 7 {
		t.Error("the identifier does not come back (RFC 6842)")
	}
}

// FuzzServer: no packet makes the server fail, answer what is no request, or give
// an address that is not its own to give.
func FuzzServer(f *testing.F) {
	f.Add(says(f, dhcpv4.MessageTypeDiscover).ToBytes())
	f.Add(says(f, dhcpv4.MessageTypeRequest, requested(net.IPv4(10, 44, 0, 10))).ToBytes())
	f.Add(says(f, dhcpv4.MessageTypeDecline, requested(net.IPv4(10, 44, 0, 10))).ToBytes())
	f.Fuzz(func(t *testing.T, packet []byte) {
		s := serves(t, book{})
		m, err := dhcpv4.FromBytes(packet)
		if err != nil {
			return
		}
		for range 2 {
			r := s.answer(m, 0)
			if r == nil {
				continue
			}
			if b := r.ToBytes(); len(b) > maxPacket {
				t.Errorf("an answer of %d bytes", len(b))
			}
			if at := address(r.YourIPAddr); at.IsValid() && !s.pool.has(at) {
				t.Errorf("%v is given", at)
			}
		}
	})
}
