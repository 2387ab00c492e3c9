package node_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/iface"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Hubs were met at addresses of an interface before that became the phones'.
func TestNoHubIsLookedForWhereThePhonesAre(t *testing.T) {
	_, paths := folders(t, 2)
	folder, err := node.ReadFolder(paths[0])
	ok(t, err)
	other, err := node.ReadFolder(paths[1])
	ok(t, err)
	n, err := node.New(node.Config{
		Folder: folder, Apps: nil, Listen: []string{"127.0.0.1:0"},
		Nearby: node.Nearby{LeaveAlone: []string{"wlan0"}},
	})
	ok(t, err)
	t.Cleanup(func() { ok(t, n.Close()) })
	for _, addr := range []string{"10.44.0.7:4680", "[fe80::7%wlan0]:4680", "192.168.1.7:4680", "[fe80::7%eth0]:4680"} {
		ok(t, n.MetAt(record.AuthorOf(other.Key), addr))
	}
	got := n.Dials([]iface.Interface{
		{Name: "eth0", Addrs: []netip.Prefix{netip.MustParsePrefix("192.168.1.2/24")}},
		{Name: "wlan0", Addrs: []netip.Prefix{netip.MustParsePrefix("10.44.0.1/20")}},
	})
	slices.Sort(got)
	if want := []string{"192.168.1.7:4680", "[fe80::7%eth0]:4680"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
