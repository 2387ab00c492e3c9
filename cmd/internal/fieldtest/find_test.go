package fieldtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// finding is how soon hubs that were told no address have to have found each other.
const finding = 10 * time.Second

func TestHubsFindEachOtherByMulticast(t *testing.T) {
	t.Parallel()
	for _, net := range []struct{ name, addr string }{{"IPv4", "10.1.0.%d/24"}, {"IPv6 alone", "fd00:1::%d/64"}} {
		t.Run(net.name, func(t *testing.T) {
			t.Parallel()
			f := open(t)
			street := f.bridge("street")
			var hubs []*fieldtest.Hub
			for i := range 3 {
				h := f.hub(fmt.Sprintf("Place %d", i+1))
				f.plug(h, street, fmt.Sprintf(net.addr, i+1))
				hubs = append(hubs, h)
			}
			f.found(hubs...)
			begun := time.Now()
			f.start(hubs...)
			for _, h := range hubs {
				f.post(f.person(h, "Somebody at "+h.Label), 1, "found")
			}
			f.agree("told no address,", finding-time.Since(begun), 3, hubs...)
			f.figure("since they were started", time.Since(begun), finding)
		})
	}
}
