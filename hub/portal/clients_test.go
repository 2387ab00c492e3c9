package portal_test

import (
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/portal"
)

// kept is a Keep in memory. Times are by the running time of the test.
type kept struct {
	at   map[string]time.Duration
	now  *time.Duration
	full bool
}

var errFull = errors.New("the disk is full")

func (k *kept) Accepted() map[string]time.Duration {
	all := map[string]time.Duration{}
	for who, at := range k.at {
		all[who] = *k.now - at
	}
	return all
}

func (k *kept) Accept(c string) error {
	if _, known := k.at[c]; k.full || !known && len(k.at) >= portal.MaxClients {
		return errFull
	}
	k.at[c] = *k.now
	return nil
}

func (k *kept) SeenDevice(c string)   { k.at[c] = *k.now }
func (k *kept) ForgetDevice(c string) { delete(k.at, c) }

// street is a Wi-Fi with phones.
type street struct {
	keep kept
	now  time.Duration
	near map[netip.Addr]net.HardwareAddr
}

func newStreet() *street {
	s := &street{near: map[netip.Addr]net.HardwareAddr{}}
	s.keep = kept{at: map[string]time.Duration{}, now: &s.now}
	return s
}

// start is what a hub knows when it starts.
func (s *street) start() *portal.Clients {
	return portal.NewClients(&s.keep, func() (map[netip.Addr]net.HardwareAddr, error) { return s.near, nil },
		func() time.Duration { return s.now }, slog.New(slog.DiscardHandler))
}

func mac(last byte) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, last} }

func TestRow39APhoneIsAskedAgainOnlyAfterADayWithoutIt(t *testing.T) {
	s := newStreet()
	s.near[phone] = mac(7)
	c := s.start()
	if c.Accepted(phone) {
		t.Error("a new phone is let through")
	}
	if err := c.Accept(phone); err != nil || !c.Accepted(phone) {
		t.Errorf("accepted: %v, %v", c.Accepted(phone), err)
	}
	for range 10 { // it asks now and then
		if s.now += 20 * time.Hour; !c.Accepted(phone) {
			t.Fatalf("asked again after %v", s.now)
		}
	}
	if s.now += portal.Absence; c.Accepted(phone) {
		t.Error("it was away for a day")
	}
}

func TestRow36AcceptingTwiceIsAcceptingOnce(t *testing.T) {
	s := newStreet()
	c := s.start()
	for range 2 {
		if err := c.Accept(phone); err != nil || !c.Accepted(phone) {
			t.Errorf("accepted: %v, %v", c.Accepted(phone), err)
		}
	}
	if len(s.keep.at) != 1 {
		t.Errorf("%d are kept", len(s.keep.at))
	}
}

func TestARestartAsksNobodyAgain(t *testing.T) {
	s := newStreet()
	for i := range byte(50) {
		s.near[netip.AddrFrom4([4]byte{10, 1, 0, i})] = mac(i)
	}
	c := s.start()
	for at := range s.near {
		if err := c.Accept(at); err != nil {
			t.Fatal(err)
		}
	}
	s.now += 5 * time.Hour
	again := s.start()
	for at := range s.near {
		if !again.Accepted(at) {
			t.Errorf("%v is asked again", at)
		}
	}
}

func TestAPhoneIsKnownByItsHardware(t *testing.T) {
	s := newStreet()
	s.near[phone] = mac(7)
	if err := s.start().Accept(phone); err != nil {
		t.Fatal(err)
	}
	other := netip.MustParseAddr("10.1.0.8")
	s.near = map[netip.Addr]net.HardwareAddr{other: mac(7), phone: mac(8)} // it has a new address, and somebody else its old one
	c := s.start()
	if !c.Accepted(other) {
		t.Error("with another address it is asked again")
	}
	if c.Accepted(phone) {
		t.Error("whoever has its old address passes for it")
	}
}

func TestAPhoneThatHasJustComeIsKnownByItsHardwareToo(t *testing.T) {
	s := newStreet()
	c := s.start()
	s.near[phone] = mac(7) // the table is looked at once a second
	if err := c.Accept(phone); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.keep.at[mac(7).String()]; !ok || !s.start().Accepted(phone) {
		t.Errorf("kept as %v", s.keep.at)
	}
}

func TestAPhoneThatWakesUpIsKnownAtOnce(t *testing.T) {
	s := newStreet()
	s.near[phone] = mac(7)
	if err := s.start().Accept(phone); err != nil {
		t.Fatal(err)
	}
	delete(s.near, phone)
	c := s.start() // the box was off, and nobody is there yet
	if c.Accepted(netip.MustParseAddr("10.1.0.8")) {
		t.Error("somebody else passes for it")
	}
	s.near[phone] = mac(7) // the table is looked at once a second
	if !c.Accepted(phone) {
		t.Error("it is asked again")
	}
	delete(s.near, phone) // it sleeps, and the kernel forgets it
	c.Accepted(netip.MustParseAddr("10.1.0.9"))
	if !c.Accepted(phone) {
		t.Error("when it wakes up it is asked again")
	}
	s.near[phone] = mac(8)
	c.Accepted(netip.MustParseAddr("10.1.0.9"))
	if c.Accepted(phone) {
		t.Error("whoever has its old address passes for it")
	}
}

// TestAPhoneThatDozesIsStillThere: in a busy street the kernel forgets who says nothing
// for a minute, and what such a phone has open is to go on.
func TestAPhoneThatDozesIsStillThere(t *testing.T) {
	s := newStreet()
	s.near[phone] = mac(7)
	c := s.start()
	if err := c.Accept(phone); err != nil {
		t.Fatal(err)
	}
	look := func() { c.Accepted(netip.MustParseAddr("10.1.0.9")) } // of somebody who is not in the table
	there := func(what string, want map[netip.Addr]string) {
		t.Helper()
		look()
		if got := c.Present(); !maps.Equal(got, want) {
			t.Errorf("%s: %v are there, not %v", what, got, want)
		}
	}
	other := netip.MustParseAddr("10.1.0.8")
	at := map[netip.Addr]string{phone: mac(7).String()}
	there("awake", at)
	delete(s.near, phone)
	there("it dozes", at)
	s.now += portal.Doze - time.Second
	there("it dozes still", at)
	s.now += time.Second
	there("it has gone", nil)

	s.near[phone] = mac(7)
	there("it is back", at)
	delete(s.near, phone)
	there("it dozes again", at)
	s.near[phone] = mac(8)
	look()
	if got := c.Present(); len(got) > 0 {
		t.Errorf("somebody else has its address, and %v are there", got)
	}
	s.near = map[netip.Addr]net.HardwareAddr{phone: mac(7)}
	c = s.start()
	delete(s.near, phone)
	look()
	s.near[other] = mac(7)
	there("it has another address", map[netip.Addr]string{other: mac(7).String()})
}

// TestAPhoneIsKnownAtOnceAfterARestart, when the kernel has not met it yet.
func TestAPhoneIsKnownAtOnceAfterARestart(t *testing.T) {
	s := newStreet()
	s.near[phone] = mac(7)
	if err := s.start().Accept(phone); err != nil {
		t.Fatal(err)
	}
	delete(s.near, phone)
	free := netip.MustParseAddr("10.1.0.8")
	leases := map[string]netip.Addr{mac(7).String(): phone, mac(8).String(): free, "id01ff": free}
	c := s.start()
	c.Remember(leases)
	if !c.Accepted(phone) || c.Accepted(free) {
		t.Errorf("by its lease: %v; who was not let through: %v", c.Accepted(phone), c.Accepted(free))
	}
	if there := c.Present(); len(there) != 0 {
		t.Errorf("by leases there are %v", there)
	}
	s.near[phone] = mac(9)
	if c.Accepted(phone) {
		t.Error("whoever has its old address passes for it when the kernel knows better")
	}
	c.Remember(leases)
	delete(s.near, phone)
	c.Accepted(free) // a look
	if c.Remember(leases); c.Accepted(phone) {
		t.Error("whoever has its old address passes for it when the kernel has known better")
	}
}

func TestAFloodOfAddressesIsNotLookedFor(t *testing.T) {
	s := newStreet()
	looks := 0
	c := portal.NewClients(&s.keep, func() (map[netip.Addr]net.HardwareAddr, error) { looks++; return s.near, nil },
		func() time.Duration { return s.now }, slog.New(slog.DiscardHandler))
	if err := c.Accept(phone); err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		s.now += 100 * time.Microsecond
		c.Accepted(netip.AddrFrom4([4]byte{10, 2, byte(i >> 8), byte(i)}))
	}
	if looks > 75 {
		t.Errorf("the table was read %d times in a second", looks)
	}
}

func TestWithoutHardwareAddressesTheIPAddressCounts(t *testing.T) {
	s := newStreet()
	c := portal.NewClients(&s.keep, func() (map[netip.Addr]net.HardwareAddr, error) { return nil, errFull },
		func() time.Duration { return s.now }, slog.New(slog.DiscardHandler))
	if err := c.Accept(netip.MustParseAddr("::ffff:10.1.0.7")); err != nil || !c.Accepted(phone) {
		t.Errorf("accepted: %v, %v", c.Accepted(phone), err)
	}
}

func TestWhatIsNotKeptIsNotAccepted(t *testing.T) {
	s := newStreet()
	s.keep.full = true
	c := s.start()
	if err := c.Accept(phone); !errors.Is(err, errFull) || c.Accepted(phone) {
		t.Errorf("%v, accepted: %v", err, c.Accepted(phone))
	}
}

func TestWhoWasAwayForADayMakesRoom(t *testing.T) {
	s := newStreet()
	if err := s.start().Accept(phone); err != nil {
		t.Fatal(err)
	}
	s.now += portal.Absence
	s.start()
	if len(s.keep.at) != 0 {
		t.Errorf("still kept: %v", s.keep.at)
	}
}

func TestAFloodOfPhonesIsBounded(t *testing.T) {
	s := newStreet()
	c := s.start()
	for i := range portal.MaxClients + 10 {
		s.now += time.Second
		if err := c.Accept(netip.AddrFrom4([4]byte{10, 2, byte(i >> 8), byte(i)})); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.keep.at); n > portal.MaxClients {
		t.Errorf("%d are kept", n)
	}
	if !c.Accepted(netip.AddrFrom4([4]byte{10, 2, byte((portal.MaxClients + 9) >> 8), byte((portal.MaxClients + 9) & 0xff)})) {
		t.Error("the latest is not among them")
	}
}
