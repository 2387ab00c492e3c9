package fieldtest_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// healing is how soon after the mend all have to hold the same.
const healing = 10 * time.Second

// apart is how long a partition lasts.
func apart() time.Duration { return sized(time.Minute, 15*time.Second) }

func TestAPartitionInABridgeHeals(t *testing.T) {
	t.Parallel()
	f := open(t)
	east, west := f.bridge("east"), f.bridge("west")
	cable, err := east.Cable(f.ctx, west)
	f.ok(err)
	a, b, c := f.hub("Ash"), f.hub("Birch"), f.hub("Cedar")
	f.plug(a, east, "10.1.0.1/24")
	f.plug(b, east, "10.1.0.2/24")
	f.plug(c, west, "10.1.0.3/24")
	f.found(a, b, c)
	knows(a, "10.1.0.2", "10.1.0.3")
	knows(b, "10.1.0.3")
	f.start(a, b, c)
	ana, cem := f.person(a, "Ana"), f.person(c, "Cem")
	f.post(ana, 1, "before")
	f.post(cem, 1, "before")
	f.agree("started,", 15*time.Second, 0, a, b, c)

	f.ok(cable.Cut(f.ctx))
	mine, theirs := f.post(ana, 20, "east"), f.post(cem, 20, "west")
	f.read("the other hub on the same side has the posts", 5*time.Second, b, mine...)
	f.pause(apart())
	if held, err := a.Holds(f.ctx, theirs...); held || err != nil {
		t.Fatalf("the cut cable carries: %v", err)
	}
	f.ok(cable.Mend(f.ctx))
	f.agree("mended,", healing, 40, a, b, c)
}

// From the second to the first nothing is lost, from the first to the second all
// is, and so they cannot talk: what they write goes by way of the third.
func TestAOneWayLinkIsGoneAround(t *testing.T) {
	t.Parallel()
	f := open(t)
	street := f.bridge("street")
	hubs, ports := f.street(street, 3)
	a, b, c := hubs[0], hubs[1], hubs[2]
	knows(a, "10.1.0.2", "10.1.0.3")
	knows(b, "10.1.0.1", "10.1.0.3")
	oneWay := func() {
		f.ok(street.Rules(f.ctx, "one-way", "from="+ports[0].Place, "to="+ports[1].Place))
	}
	oneWay()
	f.start(hubs...)
	ana, ben := f.person(a, "Ana"), f.person(b, "Ben")
	f.post(ana, 1, "from the start")
	f.post(ben, 1, "from the start")
	f.agree("one way from the start,", 15*time.Second, 2, hubs...)
	f.linked(time.Second, c, a, b)

	f.ok(street.NoRules(f.ctx))
	f.linked(15*time.Second, a, b, c)
	oneWay()
	mine, theirs := f.post(ana, 20, "one way"), f.post(ben, 20, "one way")
	f.read("the first's posts are at the second", 5*time.Second, b, mine...)
	f.read("the second's posts are at the first", 5*time.Second, a, theirs...)
	f.pause(sized(time.Minute, 10*time.Second))
	f.agree("still one way,", 5*time.Second, 42, hubs...)
	f.ok(street.NoRules(f.ctx))
	f.post(ana, 1, "both ways")
	f.agree("both ways again,", healing, 43, hubs...)
}

func TestAFlappingLinkDoesNotKeepHubsApart(t *testing.T) {
	t.Parallel()
	f := open(t)
	street := f.bridge("street")
	hubs, ports := f.street(street, 3)
	knows(hubs[0], "10.1.0.2", "10.1.0.3")
	knows(hubs[1], "10.1.0.3")
	f.start(hubs...)
	ana, ben := f.person(hubs[0], "Ana"), f.person(hubs[1], "Ben")
	f.post(ana, 1, "before")
	f.post(ben, 1, "before")
	f.agree("started,", 15*time.Second, 0, hubs...)
	for range 10 { // a second down, a second up
		f.ok(ports[0].Cut(f.ctx))
		f.post(ana, 5, "down")
		f.pause(time.Second)
		f.ok(ports[0].Mend(f.ctx))
		f.post(ben, 5, "up")
		f.pause(time.Second)
	}
	f.agree("steady again,", healing, 100, hubs...)
}

// An access point that keeps its clients apart lets each talk only with the one
// that is not isolated: what they write goes by way of that one.
func TestIsolatedClientsAgreeThroughTheHubThatSeesAll(t *testing.T) {
	t.Parallel()
	f := open(t)
	ap := f.bridge("ap")
	hubs, ports := f.street(ap, 5)
	sees := hubs[4]
	for i := range hubs[:4] {
		f.ok(ports[i].Isolate(f.ctx))
		knows(hubs[i], "10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4", "10.1.0.5")
	}
	f.start(hubs...)
	var keys []string
	for _, h := range hubs {
		keys = append(keys, f.post(f.person(h, "Somebody at "+h.Label), 1, "isolated")...)
	}
	f.agree("started,", 15*time.Second, len(keys), hubs...)
	f.linked(time.Second, sees, hubs[:4]...)
	f.linked(time.Second, hubs[0], sees)
	f.read("a post crosses the access point", 3*time.Second, hubs[1], f.post(f.person(hubs[0], "Ana"), 1, "across")...)
}

func TestHubsAgreeOverIPv6Alone(t *testing.T) {
	t.Parallel()
	f := open(t)
	street := f.bridge("street")
	a, b, c := f.hub("Ash"), f.hub("Birch"), f.hub("Cedar")
	f.plug(a, street, "fd00:1::1/64")
	f.plug(b, street, "fd00:1::2/64")
	f.plug(c, street, "fd00:1::3/64")
	f.found(a, b, c)
	knows(a, "fd00:1::2", "fd00:1::3")
	knows(b, "fd00:1::3")
	f.start(a, b, c)
	var n int
	for _, h := range []*fieldtest.Hub{a, b, c} {
		n += len(f.post(f.person(h, "Somebody at "+h.Label), 5, "six"))
	}
	f.agree("started,", 15*time.Second, n, a, b, c)
}
