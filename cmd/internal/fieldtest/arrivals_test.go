package fieldtest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// Two hundred phones arrive within ten seconds: each gets an address, looks names up,
// is led to the page, stays, and posts. This runs before the scenarios that run
// beside each other.
func TestAStreetArrives(t *testing.T) {
	f := open(t)
	const (
		arriving  = 10 * time.Second
		pageBound = 300 * time.Millisecond
		postBound = time.Second
	)
	count := sized(200, 25)
	h, guests := f.crowdedHub(count)
	f.prepared(h, count)
	began := time.Now()
	f.ok(fieldtest.ArriveAll(f.ctx, arriving/200, guests...))
	f.Logf("%d phones have arrived and posted after %v", count, time.Since(began).Round(10*time.Millisecond))

	var leases, names, pages, posts []time.Duration
	for _, g := range guests {
		leases, posts = append(leases, g.Lease), append(posts, g.Post)
		names, pages = append(names, g.Names...), append(pages, g.Pages...)
	}
	for _, one := range []struct {
		what  string
		took  []time.Duration
		bound time.Duration
	}{
		{"of 100 leases 99 came", leases, 2 * time.Second},
		{"of 100 names 99 came", names, pageBound},
		{"of 100 pages 99 came", pages, pageBound},
		{"of 100 posts 99 were on the disk", posts, postBound},
	} {
		p99 := fieldtest.Percentile(one.took, 0.99)
		f.Logf("%s after %v (bound %v; half of them %v, the slowest %v)", one.what, p99.Round(time.Millisecond), one.bound,
			fieldtest.Percentile(one.took, 0.5).Round(time.Millisecond), slices.Max(one.took).Round(time.Millisecond))
		if p99 > one.bound {
			t.Errorf("%s after %v, not %v", one.what, p99, one.bound)
		}
	}
	s, err := h.Console().Status(f.ctx)
	f.ok(err)
	if s.Records() < uint64(count) {
		t.Errorf("%d records of %d people", s.Records(), count)
	}
}

// prepared waits until a hub has made what so many newcomers need, as it does by and by
// when it has been started.
func (f *field) prepared(h *fieldtest.Hub, count int) {
	f.Helper()
	took, err := fieldtest.Await(f.ctx, 5*time.Minute, time.Second, "newcomers are prepared for", func(ctx context.Context) (bool, error) {
		n, err := h.Prepared(ctx)
		return n >= count, err
	})
	f.ok(err)
	f.Logf("%d newcomers are prepared for after %v", count, took.Round(time.Second))
}

// crowdedHub is a hub with a Wi-Fi, and so many phones in reach.
func (f *field) crowdedHub(count int) (*fieldtest.Hub, []*fieldtest.Guest) {
	f.Helper()
	air := f.bridge("air")
	h := f.hub("Fire Station")
	wifi := f.plug(h, air)
	f.found(h)
	f.wifi[h] = wifi
	f.machine(h.Host).does(h.Program, f.portalUp(h)...)
	h.Flags = append(h.Flags, "--newcomers", "30") // as usual
	f.start(h)
	stations, end, err := f.net.Stations(f.ctx, "street", air, count)
	f.ok(err)
	f.Cleanup(func() {
		if err := end(); err != nil {
			f.Error(err)
		}
	})
	var guests []*fieldtest.Guest
	for _, s := range stations {
		g, err := fieldtest.NewGuest(s)
		f.ok(err)
		f.Cleanup(g.Done)
		guests = append(guests, g)
	}
	return h, guests
}

// portalUp is the command that prepares a hub's Wi-Fi.
func (f *field) portalUp(h *fieldtest.Hub) []string {
	up := []string{"portal", "up", "--data", h.Folder, "--interface", f.wifi[h].Dev, "--pages", "8080"}
	if f.address != "" {
		up = append(up, "--address", f.address)
	}
	return up
}
