package node_test

import (
	"bytes"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/doctor"
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

// An interface may come later, so that is no reason not to start.
func TestAnInterfaceOfPhonesThatIsMisspeltIsTold(t *testing.T) {
	_, paths := folders(t, 1)
	folder, err := node.ReadFolder(paths[0])
	ok(t, err)
	open := func(phones ...string) (warned []doctor.Finding, log string) {
		t.Helper()
		var said bytes.Buffer
		n, err := node.New(node.Config{
			Folder: folder, Listen: []string{"127.0.0.1:0"}, Nearby: node.Nearby{LeaveAlone: phones},
			Log: slog.New(slog.NewTextHandler(&said, nil)),
		})
		ok(t, err)
		s, err := n.Status()
		ok(t, err)
		ok(t, n.Close())
		return slices.DeleteFunc(s.Warnings, func(f doctor.Finding) bool { return f.Code != "phones" }), said.String()
	}
	warned, log := open("lo", "wlam1")
	if len(warned) != 1 || !strings.Contains(warned[0].Text, "wlam1,") || strings.Contains(warned[0].Text, "lo,") || warned[0].Todo == "" {
		t.Errorf("%+v", warned)
	}
	if strings.Count(log, "phones=[wlam1]") != 1 {
		t.Errorf("the log: %s", log)
	}
	if warned, log := open("lo"); len(warned) != 0 || strings.Contains(log, "phones=") {
		t.Errorf("of one that is there: %+v, %s", warned, log)
	}
}
