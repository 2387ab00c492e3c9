package local

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

func TestAnAddressGetsSoManyNewcomersAnHour(t *testing.T) {
	c := NewNewcomers(3)
	allow := func(addr netip.Addr, at time.Duration, want bool) {
		t.Helper()
		err := c.Allow(addr, noon.Add(at))
		var e *hub.Error
		if (err == nil) != want || err != nil && (!errors.As(err, &e) || e.Code != hub.TooMany) {
			t.Fatalf("%v after %v: %v", addr, at, err)
		}
	}
	for i := range 3 {
		allow(phone, time.Duration(i)*10*time.Minute, true)
	}
	err := c.Allow(phone, noon.Add(30*time.Minute))
	if err == nil || !strings.Contains(err.Error(), "in 31 minutes") {
		t.Fatalf("says %v", err)
	}
	allow(phone, 59*time.Minute, false)
	allow(netip.MustParseAddr("::ffff:10.0.0.17"), 59*time.Minute, false)
	allow(other, 59*time.Minute, true)
	allow(phone, 60*time.Minute, true)
	allow(phone, 61*time.Minute, false)
	allow(phone, 70*time.Minute, true)
}

func TestIPv6CountsByNetwork(t *testing.T) {
	c := NewNewcomers(2)
	addr := netip.MustParseAddr("fd00:1::1")
	for range 2 * sharedBy {
		if err := c.Allow(addr, noon); err != nil {
			t.Fatal(err)
		}
		addr = addr.Next()
	}
	if err := c.Allow(addr, noon); err == nil {
		t.Fatal("a device with many addresses is not limited")
	}
	if err := c.Allow(netip.MustParseAddr("fd00:1:0:1::1"), noon); err != nil {
		t.Fatal(err)
	}
}

func TestAJumpOfTheClockLocksNobodyOut(t *testing.T) {
	for _, jump := range []time.Duration{-3650 * day, -2 * time.Hour, 3650 * day} {
		c := NewNewcomers(1)
		if err := c.Allow(phone, noon); err != nil {
			t.Fatal(err)
		}
		if err := c.Allow(phone, noon.Add(jump)); err != nil {
			t.Fatalf("after %v: %v", jump, err)
		}
	}
}

func TestManyAddressesTakeBoundedRoom(t *testing.T) {
	c := NewNewcomers(1)
	addr := netip.MustParseAddr("10.0.0.0")
	first := addr
	for i := range 2 * maxAddresses {
		if err := c.Allow(addr, noon.Add(time.Duration(i)*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		addr = addr.Next()
		if len(c.seen) > maxAddresses {
			t.Fatalf("%d addresses", len(c.seen))
		}
	}
	late := noon.Add(time.Minute)
	if err := c.Allow(first, late); err != nil { // the oldest were forgotten
		t.Fatal(err)
	}
	if err := c.Allow(addr.Prev(), late); err == nil { // the latest were not
		t.Fatal("the latest address was forgotten")
	}

	c = NewNewcomers(1)
	for range maxAddresses {
		addr = addr.Next()
		if err := c.Allow(addr, noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Allow(first, noon.Add(time.Hour)); err != nil || len(c.seen) != 1 {
		t.Fatalf("%d addresses after an hour, %v", len(c.seen), err)
	}
}

func TestTheLimitHasBounds(t *testing.T) {
	for given, want := range map[int]int{-5: 1, 0: 1, 7: 7, 1 << 30: maxPerHour} {
		if got := NewNewcomers(given).perHour; got != want {
			t.Errorf("%d became %d", given, got)
		}
	}
}
