package fieldtest_test

import (
	"testing"
	"time"
)

// The middle of three places is on two networks, and the outer two meet nowhere:
// what one of them writes comes to the other through the middle or not at all.
func TestAPartitionInALineHeals(t *testing.T) {
	t.Parallel()
	f := open(t)
	north, south := f.bridge("north"), f.bridge("south")
	a, b, c := f.hub("Ash"), f.hub("Birch"), f.hub("Cedar")
	f.plug(a, north, "10.1.0.1/24")
	f.plug(b, north, "10.1.0.2/24")
	cable := f.plug(b, south, "10.2.0.2/24")
	f.plug(c, south, "10.2.0.3/24")
	f.found(a, b, c)
	knows(a, "10.1.0.2")
	knows(c, "10.2.0.2")
	f.start(a, b, c)
	ana, cem := f.person(a, "Ana"), f.person(c, "Cem")
	f.post(ana, 1, "before")
	f.post(cem, 1, "before")
	f.agree("started,", 15*time.Second, 0, a, b, c)
	f.linked(time.Second, b, a, c)
	f.linked(time.Second, a, b)
	f.read("a post goes the whole line", 3*time.Second, c, f.post(ana, 1, "across")...)

	f.ok(cable.Cut(f.ctx))
	mine, theirs := f.post(ana, 20, "north"), f.post(cem, 20, "south")
	f.read("the middle has what its side wrote", 5*time.Second, b, mine...)
	f.pause(apart())
	if held, err := b.Holds(f.ctx, theirs...); held || err != nil {
		t.Fatalf("the cut cable carries: %v", err)
	}
	f.ok(cable.Mend(f.ctx))
	f.agree("mended,", healing, 43, a, b, c)
}
