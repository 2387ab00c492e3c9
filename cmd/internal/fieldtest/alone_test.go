package fieldtest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// TestNoHubIsSpokenWithWhereThePhonesAre: a hub was met on the network that is the phones'
// now. It is there and dials; this one sends nothing to it, whether the interface has its
// address from the start or gets it later.
func TestNoHubIsSpokenWithWhereThePhonesAre(t *testing.T) {
	t.Parallel()
	f := open(t)
	cable, air := f.bridge("cable"), f.bridge("air")
	a, b, c := f.hub("Ash"), f.hub("Birch"), f.hub("Cedar")
	f.plug(a, cable, "10.1.0.1/24")
	wifi := f.plug(a, air, "10.44.0.1/24")
	f.plug(b, cable, "10.1.0.2/24")
	f.plug(c, air, "10.44.0.3/24")
	f.found(a, b, c)
	f.met(a, c, "10.44.0.3")
	knows(c, "10.44.0.1")
	f.ok(a.Host.Rules(f.ctx, "dials", "dev="+wifi.Dev))

	a.Flags = []string{"--phones", wifi.Dev}
	f.start(a, b, c)
	ana, cem := f.person(a, "Ana"), f.person(c, "Cem")
	theirs := f.post(cem, 1, "among the phones")
	f.read("on the cable they are linked", 15*time.Second, b, f.post(ana, 1, "on the cable")...)
	silent := func(when string) {
		f.Helper()
		if n := f.sent(a); n != 0 {
			f.Errorf("%s, %d packets went to a hub among the phones", when, n)
		}
		if held, err := a.Holds(f.ctx, theirs...); held || err != nil {
			f.Errorf("%s, what was posted at a hub among the phones has come (%v)", when, err)
		}
		f.linked(time.Second, a, b)
		f.linked(time.Second, c)
	}
	f.pause(sized(time.Minute, 15*time.Second))
	silent("with the interface up before")

	f.stop(a)
	f.ok(wifi.Renumber(f.ctx))
	f.start(a)
	for range sized(20, 6) {
		f.pause(time.Second)
		f.ok(wifi.Renumber(f.ctx, "10.44.0.1/24"))
		f.pause(2 * time.Second)
		silent("with the address come later")
		f.ok(wifi.Renumber(f.ctx))
	}
	f.ok(wifi.Renumber(f.ctx, "10.44.0.1/24"))
	f.pause(10 * time.Second)
	silent("a while after")
	f.stop(a)

	const asked = "it is dialled because it was asked for"
	knows(a, "10.44.0.3")
	f.start(a)
	f.linked(15*time.Second, a, b, c)
	if n := strings.Count(a.Said(), asked); n != 1 {
		f.Errorf("%q is said %d times", asked, n)
	}
	f.stop(a)

	a.Flags = nil
	before := f.sent(a)
	f.start(a)
	f.linked(15*time.Second, a, b, c)
	if f.sent(a) == before {
		f.Error("nothing is counted where hubs are spoken with")
	}
}

// met has a hub that does not run remember another at an address, as when they were
// linked there and members of each other.
func (f *field) met(h, other *fieldtest.Hub, ip string) {
	f.Helper()
	folder, err := node.ReadFolder(other.Folder)
	f.ok(err)
	l, err := local.Open(filepath.Join(h.Folder, "local.db"), local.Options{})
	f.ok(err)
	who := record.AuthorOf(folder.Key)
	f.ok(l.Met(who, local.SyncAddress, ip+":4680"), l.Met(who, local.MemberAddress, ip+":4681"), l.Close())
}

// sent is how many packets a machine has sent to the ports of hubs, by the interface at
// which they are counted.
func (f *field) sent(h *fieldtest.Hub) (packets int) {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.ctx, 30*time.Second)
	defer cancel()
	out, err := h.Host.Command(ctx, "nft", "list", "counter", "inet", "dials", "sent").Output()
	f.ok(err)
	_, after, found := strings.Cut(string(out), "packets ")
	if _, err := fmt.Sscan(after, &packets); err != nil || !found {
		f.Fatalf("%v: %s", err, out)
	}
	return packets
}
