package node

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnAddressIsUsedForAWhileAfterItsPhoneWasMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at, its, other := netip.MustParseAddr("10.44.0.20"), net.HardwareAddr{2, 0, 0, 0, 0, 7}, net.HardwareAddr{2, 0, 0, 0, 0, 9}
		var kernel map[netip.Addr]net.HardwareAddr
		var failed error
		looks := 0
		s := newSightings(func(time.Duration) (map[netip.Addr]net.HardwareAddr, error) {
			looks++
			return kernel, failed
		}, slog.New(slog.DiscardHandler))
		is := func(when string, toOthers bool) {
			t.Helper()
			if s.used(at, other) != toOthers || s.used(at, nil) != toOthers || s.used(at, its) || s.met(at) != (toOthers || failed != nil) {
				t.Errorf("%s: %v for another, %v for anybody, %v for itself", when, s.used(at, other), s.used(at, nil), s.used(at, its))
			}
		}
		is("nobody is there", false)
		kernel = map[netip.Addr]net.HardwareAddr{at: its}
		is("it has just come", true)
		before := looks
		for range 1_000 {
			is("it is there", true)
			s.used(at.Next(), nil)
			s.met(at.Next().Next())
		}
		if looks-before > extraLooks {
			t.Errorf("%d looks at once", looks-before)
		}
		kernel = nil
		<-time.After(seenLately - time.Second)
		is("it sleeps", true)
		failed = errors.New("no")
		<-time.After(time.Second)
		is("it is gone, and the kernel tells nothing", false)
	})
}
