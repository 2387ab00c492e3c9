package fieldtest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

func TestThirtyPercentLossDelaysAndLosesNothing(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, ports := f.street(f.bridge("air"), 3)
	knows(hubs[0], "10.1.0.2", "10.1.0.3")
	knows(hubs[1], "10.1.0.3")
	for i, h := range hubs {
		f.ok(h.Host.Rules(f.ctx, "loss", "dev="+ports[i].Dev))
	}
	f.start(hubs...)
	begun := time.Now()
	for _, h := range hubs[:2] {
		f.post(f.person(h, "Somebody at "+h.Label), 100, "lossy")
	}
	const bound = 2 * time.Minute
	f.agree("200 posts written,", bound-time.Since(begun), 200, hubs...)
	f.figure("since the first of them", time.Since(begun), bound)
}

func TestANoticeOvertakesTenThousandPostsOnASlowLink(t *testing.T) {
	t.Parallel()
	f := open(t)
	air := f.bridge("air")
	a, b := f.hub("Ash"), f.hub("Birch")
	slow := f.plug(a, air, "10.1.0.1/24")
	f.plug(b, air, "10.1.0.2/24")
	f.ok(slow.Rate(f.ctx, "64kbit"))
	root := f.found(a, b)
	const queued = 10_000
	town, err := fieldtest.NewTown(a, queued)
	f.ok(err)
	vouches, err := town.Vouches()
	f.ok(err)
	posts, err := town.Posts(queued)
	f.ok(err)
	f.ok(fieldtest.Fill(f.ctx, a, append(vouches, posts...)...))
	knows(b, "10.1.0.1")
	f.start(a, b)

	held := func(h *fieldtest.Hub, class string) (n uint64) {
		s, err := h.Console().Status(f.ctx)
		f.ok(err)
		for _, c := range s.Set {
			if c.Name == class {
				n = c.Records
			}
		}
		return n
	}
	_, err = fieldtest.Await(f.ctx, time.Minute, 50*time.Millisecond, "posts come over the link", func(context.Context) (bool, error) {
		return held(b, "talk") > 100, nil
	})
	f.ok(err)
	granted, notice, err := town.Notices(root, "The water is safe again.")
	f.ok(err)
	begun := held(b, "talk")
	f.send(a, granted, notice)
	const bound = 5 * time.Second
	took, err := fieldtest.Await(f.ctx, bound, 20*time.Millisecond, "the notice is at the other hub", func(context.Context) (bool, error) {
		return held(b, "notice") == 1, nil
	})
	now := held(b, "talk")
	f.Logf("%d posts of %d were there when it was written, %d when it came", begun, queued, now)
	f.ok(err)
	f.figure("a notice behind 10,000 posts came", took, bound)
	if now > queued/2 {
		t.Errorf("only %d posts were still queued: this shows nothing", queued-now)
	}
}

func TestAnInterfaceThatVanishesDuringATransferReturns(t *testing.T) {
	t.Parallel()
	f := open(t)
	street := f.bridge("street")
	hubs, ports := f.street(street, 2)
	a, b := hubs[0], hubs[1]
	const posts = 4_000
	town, err := fieldtest.NewTown(a, posts)
	f.ok(err)
	vouches, err := town.Vouches()
	f.ok(err)
	made, err := town.Posts(posts)
	f.ok(err)
	f.ok(fieldtest.Fill(f.ctx, a, append(vouches, made...)...))
	knows(b, "10.1.0.1")
	f.ok(ports[0].Rate(f.ctx, "3mbit"))
	f.start(hubs...)
	records := func(h *fieldtest.Hub) uint64 {
		s, err := h.Console().Status(f.ctx)
		f.ok(err)
		return s.Records()
	}
	_, err = fieldtest.Await(f.ctx, time.Minute, 20*time.Millisecond, "the transfer is under way", func(context.Context) (bool, error) {
		return records(b) > posts/10, nil
	})
	f.ok(err)
	f.ok(ports[1].Vanish(f.ctx))
	there := records(b)
	if there > posts*9/10 {
		t.Fatalf("%d of %d posts had come before the interface vanished: this shows nothing", there, posts)
	}
	f.pause(sized(time.Minute, 5*time.Second))
	f.ok(ports[1].Return(f.ctx))
	f.agree(fmt.Sprintf("returned with %d of %d,", there, posts), 20*time.Second, posts, a, b)
}
