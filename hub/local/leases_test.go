package local

import (
	"maps"
	"net/netip"
	"testing"
)

func TestLeasesSurvive(t *testing.T) {
	b := newBox(t)
	if n := len(b.Leases()); n != 0 {
		t.Errorf("a new hub has %d", n)
	}
	one, two := netip.MustParseAddr("10.44.0.10"), netip.MustParseAddr("10.44.0.11")
	b.must(b.SaveLeases(map[string]netip.Addr{"02:00:00:00:00:01": one, "02:00:00:00:00:02": two}))
	b.crash()
	b.must(b.SaveLeases(map[string]netip.Addr{"02:00:00:00:00:01": {}, "id01": one}))
	b.restart()
	if got, want := b.Leases(), map[string]netip.Addr{"id01": one, "02:00:00:00:00:02": two}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if b.SaveLeases(map[string]netip.Addr{string(make([]byte, 200)): one}) == nil {
		t.Error("a name without end is kept")
	}
}
