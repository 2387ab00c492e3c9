package fieldtest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// Twenty hubs share the machine with nobody: this runs before the scenarios that
// run beside each other.
func TestTwentyHubs(t *testing.T) {
	f := open(t)
	lamppost, err := program()
	f.ok(err)
	const n = 20
	c, err := fieldtest.NewCrowd(f.ctx, f.net, lamppost, f.dir, n)
	f.ok(err)
	f.hubs = c.Hubs
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})

	const knowing = 10 * time.Second
	took, err := c.Acquaint(f.ctx, knowing)
	f.ok(err)
	f.figure("started, all know all", took, knowing)
	f.ok(c.Welcome(f.ctx))
	took, err = c.Agree(f.ctx, 15*time.Second)
	f.ok(err)
	f.figure("then all hold the same", took, 15*time.Second)

	spread, err := c.Spread(f.ctx, sized(200, 50), 200*time.Millisecond)
	f.ok(err)
	const reaching = time.Second
	p99 := fieldtest.Percentile(spread, 0.99)
	f.figure("half of the posts are at all hubs", fieldtest.Percentile(spread, 0.5), reaching)
	f.figure("99 of 100 posts are at all hubs", p99, reaching)
	if p99 > reaching {
		t.Errorf("a post takes too long to all: %v", slices.Sorted(slices.Values(spread)))
	}

	settled(f, c)
	rests(f, c, 20*time.Second, 0.01) // hubs still ask around for each other, ever less often
	took, err = c.Split(f.ctx, 1_000, apart(), 15*time.Second)
	f.ok(err)
	f.figure("split in two, 1,000 posts on each side, mended, all hold the same", took, 15*time.Second)
	if !full() {
		return
	}
	settled(f, c)
	rests(f, c, time.Minute, 0.005)
}

// settled waits until the hubs have come to rest.
func settled(f *field, c *fieldtest.Crowd) {
	f.Helper()
	took, err := c.Settle(f.ctx)
	f.ok(err)
	f.figure("then all come to rest", took, 6*time.Minute)
}

// rests holds the hubs to what they may take while nothing happens, of the
// processor so much of one core.
func rests(f *field, c *fieldtest.Crowd, lasting time.Duration, maxCPU float64) {
	f.Helper()
	all, err := c.Idle(f.ctx, lasting)
	f.ok(err)
	const maxRSS, maxTold = 45e6, 1_000 // what is told is told once a minute, so no part of one has more
	for i, r := range all {
		told := r.Ours / uint64(max(1, r.Links))
		f.Logf("%s idle for %v: %.1f MB, %.2f %% of a core, %d bytes on the network, on %d links %d bytes each of our own",
			c.Hubs[i].Label, lasting, float64(r.RSS)/1e6, 100*r.CPU, r.Network, r.Links, told)
		if r.RSS > maxRSS || r.CPU > maxCPU || told > maxTold {
			f.Errorf("%s takes more while nothing happens than 45 MB, %.1f %% of a core and 1,000 bytes a link", c.Hubs[i].Label, 100*maxCPU)
		}
	}
}
