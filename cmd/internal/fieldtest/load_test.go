package fieldtest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
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

// What waits for a slow link here is what a town has after years: the word of a hundred
// hubs for a thousand people each, and as many posts. What the roots say comes before it,
// and so does what coordinators say.
func TestANoticeOvertakesThePeopleAndPostsOfATownOnASlowLink(t *testing.T) {
	f := open(t)
	air := f.bridge("air")
	a, b := f.hub("Ash"), f.hub("Birch")
	slow := f.plug(a, air, "10.1.0.1/24")
	f.plug(b, air, "10.1.0.2/24")
	f.ok(slow.Rate(f.ctx, "64kbit"))
	sheets, err := fieldtest.FoundBySheets(filepath.Join(f.dir, "sheets.html"), 1, 1, a, b)
	f.ok(err)
	hubs, people, posts := 100, sized(1_000, 100), sized(100_000, 10_000)
	town, err := fieldtest.NewTown(a, posts)
	f.ok(err)
	residents, err := town.Vouches()
	f.ok(err)
	certificates, vouches, err := town.Hubs(sheets.Key, hubs, people)
	f.ok(err)
	texts, err := town.Posts(posts)
	f.ok(err)
	begun := time.Now()
	f.ok(fieldtest.Fill(f.ctx, a, slices.Concat(certificates, residents, vouches, texts)...))
	f.Logf("%d vouches of %d hubs and %d posts are in the store after %v", len(vouches), hubs, posts, time.Since(begun).Round(time.Second))
	knows(b, "10.1.0.1")
	f.start(a, b)

	held := func(h *fieldtest.Hub) map[string]uint64 {
		s, err := h.Console().Status(f.ctx)
		f.ok(err)
		n := map[string]uint64{}
		for _, c := range s.Set {
			n[c.Name] = c.Records
		}
		return n
	}
	if n := held(a); n["vouch"] < uint64(hubs*people) || n["talk"] < uint64(posts) {
		t.Fatalf("%v: not all of it waits", n)
	}
	took, err := fieldtest.Await(f.ctx, 2*time.Minute, 50*time.Millisecond, "the word for people comes over the link", func(context.Context) (bool, error) {
		return held(b)["vouch"] > 100, nil
	})
	f.ok(err)
	f.Logf("more than 100 of them have come after %v", took.Round(time.Millisecond))
	cards, err := a.Cards(f.ctx, sheets, 1, "notices")
	f.ok(err)
	writer, reader := f.browser(a), f.browser(b)
	f.ok(writer.Enter(f.ctx, cards[0], false))
	const bound = 5 * time.Second
	const n = 3
	var all []time.Duration
	for i := range n {
		before, sentence := held(b), fmt.Sprintf("Number %d of the notices.", i)
		_, released, err := writer.Write(f.ctx, sentence)
		f.ok(err)
		f.tops(reader, "/", sentence, time.Minute)
		all = append(all, time.Since(released))
		now := held(b)
		f.Logf("of %d vouches %d were there when it was released and %d when it came; of %d posts %d", hubs*people, before["vouch"], now["vouch"], posts, now["talk"])
		if int(now["vouch"]) > hubs*people/2 {
			t.Errorf("only %d vouches still waited: this shows nothing", hubs*people-int(now["vouch"]))
		}
	}
	f.hold("a notice behind all that tops the other hub's pages", all, bound)
	before := held(b)["vouch"]
	took, err = fieldtest.Await(f.ctx, 2*time.Minute, 100*time.Millisecond, "what had waited goes on", func(context.Context) (bool, error) {
		return held(b)["vouch"] > before+100, nil
	})
	f.ok(err)
	f.Logf("100 vouches more have come after %v", took.Round(time.Millisecond))
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
