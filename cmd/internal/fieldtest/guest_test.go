package fieldtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/miekg/dns"
)

// TestAGuestHubFollowsItsNetwork: a hub on somebody's network answers names there; that
// network gets other addresses, the hub's adapter is pulled out and comes back.
func TestAGuestHubFollowsItsNetwork(t *testing.T) {
	t.Parallel()
	f := open(t)
	lan := f.bridge("lan")
	h := f.hub("School")
	port := f.plug(h, lan, "10.1.0.1/24")
	f.found(h)
	h.Flags = append(h.Flags, "--portal", "--dns", ":53")
	f.start(h)
	host, err := f.net.Host(f.ctx, "phone")
	f.ok(err)
	its, err := host.Plug(f.ctx, lan, "10.1.0.7/24")
	f.ok(err)
	phone := f.machine(host)
	leads := func(when, to string) {
		t.Helper()
		for _, name := range []string{"captive.apple.com", "www.example.org", "lamppost.internal"} {
			last := ""
			took, err := fieldtest.Await(f.ctx, 20*time.Second, 100*time.Millisecond, when, func(context.Context) (bool, error) {
				got, err := phone.lookUpAt(to+":53", name, dns.TypeA)
				last = got
				return err == nil && got == "NOERROR "+to, nil // no answer is one to wait for
			})
			if err != nil {
				t.Errorf("%s leads to %q: %v", name, last, err)
			}
			f.figure(when+", "+name, took, 15*time.Second)
		}
	}
	leads("at the start", "10.1.0.1")
	f.ok(port.Renumber(f.ctx, "10.2.0.1/24"), its.Renumber(f.ctx, "10.2.0.7/24"))
	leads("with other addresses", "10.2.0.1")
	f.ok(port.Vanish(f.ctx))
	f.pause(12 * time.Second) // longer than the hub takes to see it
	f.ok(port.Return(f.ctx))
	leads("after the adapter was away", "10.2.0.1")
}
