package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/sync/reconcile"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// maxRounds bounds how often every pair exchanges all it has until nothing
// changes: once along a chain of certificate, vouch and post for each pair would
// do, since trust goes first.
const maxRounds = 6

// lawHub is a store with a clock in a law.
type lawHub struct {
	*store.Store
	clock string
	conf  store.Config
	taken map[record.ID]bool // at any of the hubs, at some time
}

// Whatever the order, repetition, batches, restarts and clocks: once each has
// been offered what the others have, the sets are equal over the latest horizon,
// and nothing is sent again.
func TestExchangeEndsInEqualSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		hubs := drawHubs(t, h)
		for i := range hubs {
			drawDelivery(t, &hubs[i], h)
			if err := store.Audit(hubs[i].Store); err != nil {
				t.Fatalf("hub %d on its own: %v", i, err)
			}
		}
		rounds := 0
		for ; sweep(t, hubs); rounds++ {
			if rounds == maxRounds {
				t.Fatalf("records are still sent in round %d", rounds)
			}
		}
		wantEqual(t, hubs)
		for i := range hubs {
			if err := store.Audit(hubs[i].Store); err != nil {
				t.Fatalf("hub %d: %v", i, err)
			}
			wantWithdrawn(t, &hubs[i], h, latest(t, hubs))
			hubs[i].restart(t)
		}
		if sweep(t, hubs) {
			t.Fatal("records are sent again after a restart")
		}
		wantEqual(t, hubs)
	})
}

// One store that is offered the same records again and again ends in the same
// set, whatever the order.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		conf := store.Config{Founding: h.town.Founding}
		hubs := []lawHub{{conf: conf, taken: map[record.ID]bool{}}, {conf: conf, taken: map[record.ID]bool{}}}
		for i := range hubs {
			hubs[i].Store = must(t)(store.Memory(conf))
			for round := 0; ; round++ {
				before := hubs[i].moment(t, 0)
				order := shuffled(rapid.Uint64().Draw(t, "order"), h.all)
				for part := range slices.Chunk(order, rapid.IntRange(1, len(order)).Draw(t, "batch")) {
					hubs[i].apply(t, part)
				}
				if hubs[i].moment(t, 0).Digests == before.Digests {
					break
				}
				if round == maxRounds {
					t.Fatal("the set still changes")
				}
			}
			if err := store.Audit(hubs[i].Store); err != nil {
				t.Fatal(err)
			}
		}
		wantEqual(t, hubs)
	})
}

func drawHubs(t *rapid.T, h *history) []lawHub {
	hubs := make([]lawHub, rapid.IntRange(3, 5).Draw(t, "hubs"))
	taken := map[record.ID]bool{}
	for i := range hubs {
		hubs[i].conf = store.Config{
			Founding: h.town.Founding,
			Index: store.Index{
				Terms: byChannel, Versions: map[record.App]int{"messages": 1},
				Counted: func(record.App, string) bool { return true },
			},
		}
		hubs[i].Store = must(t)(store.Memory(hubs[i].conf))
		hubs[i].taken = taken
		hubs[i].clock = rapid.SampledFrom([]string{"right", "right", "1970", "10 days behind", "10 years ahead"}).Draw(t, "clock")
	}
	return hubs
}

// today is the day a hub collects by; false if its clock is known not to be
// right, so that it does not collect.
func (b *lawHub) today(day record.Day) (record.Day, bool) {
	switch b.clock {
	case "1970":
		return record.Day(3), true // nobody calls Collect then, and it does nothing
	case "10 days behind":
		return day - 10, true
	case "10 years ahead":
		return 0, false
	}
	return day, true
}

// drawDelivery gives a hub some of the records, some of them more than once, in
// batches, with restarts and days that end in between.
func drawDelivery(t *rapid.T, b *lawHub, h *history) {
	day := h.town.Founding.Time.Day()
	for range rapid.IntRange(1, 12).Draw(t, "deliveries") {
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			b.restart(t)
		case 1:
			day += record.Day(rapid.IntRange(0, 25).Draw(t, "days"))
			if today, ok := b.today(day); ok {
				if err := b.Collect(today); err != nil {
					t.Fatal(err)
				}
			}
		default:
			if len(h.flood) > 0 && rapid.IntRange(0, 3).Draw(t, "flood") == 0 {
				from := rapid.IntRange(0, len(h.flood)).Draw(t, "from")
				b.apply(t, slices.Concat(h.flood[from:], h.flood[:from]))
				continue
			}
			b.apply(t, h.pick(rapid.SliceOfN(rapid.IntRange(0, len(h.all)-1), 1, 40).Draw(t, "batch")))
		}
	}
}

func (b *lawHub) apply(t *rapid.T, rs []record.Record) (added int) {
	t.Helper()
	vs, err := b.Apply(context.Background(), rs...)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range vs {
		if v.Outcome == store.Added {
			added++
			b.taken[rs[i].ID()] = true
		}
	}
	return added
}

func (b *lawHub) restart(t *rapid.T) {
	t.Helper()
	old := b.Store
	b.Store = must(t)(old.Fork(b.conf))
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
}

func (b *lawHub) moment(t *rapid.T, h record.Day) store.Moment {
	t.Helper()
	m, err := b.Moment(h)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// latest is the latest horizon.
func latest(t *rapid.T, hubs []lawHub) (h record.Day) {
	for i := range hubs {
		h = max(h, hubs[i].moment(t, 0).Horizon)
	}
	return h
}

func wantEqual(t *rapid.T, hubs []lawHub) {
	t.Helper()
	over := latest(t, hubs)
	for i := range hubs[1:] {
		if a, b := hubs[0].moment(t, over), hubs[i+1].moment(t, over); a.Digests != b.Digests {
			t.Fatalf("hubs 0 and %d differ from day %d:\n%v\n%v", i+1, over, a.Digests, b.Digests)
		}
	}
}

// sweep has every pair of hubs exchange, class by class, what one has and the
// other has not, over the later of their horizons. It reports whether anything
// was taken.
func sweep(t *rapid.T, hubs []lawHub) (moved bool) {
	for i := range hubs {
		for j := range hubs {
			if i != j && offer(t, &hubs[i], &hubs[j]) > 0 {
				moved = true
			}
		}
	}
	return moved
}

func offer(t *rapid.T, from, to *lawHub) (added int) {
	over := max(from.moment(t, 0).Horizon, to.moment(t, 0).Horizon)
	for c := range record.Class(record.Classes) {
		a, err := from.Set(c, over)
		if err != nil {
			t.Fatal(err)
		}
		b, err := to.Set(c, over)
		if err != nil {
			t.Fatal(err)
		}
		added += to.apply(t, from.records(t, missing(a, b)))
	}
	return added
}

// missing is the ids of what a has and b has not.
func missing(a, b reconcile.Set) (ids []record.ID) {
	have := make(map[reconcile.ID]bool, b.Len())
	for i := range b.Len() {
		have[b.At(i).ID] = true
	}
	for i := range a.Len() {
		if id := a.At(i).ID; !have[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// records reads records as they would travel.
func (b *lawHub) records(t *rapid.T, ids []record.ID) (rs []record.Record) {
	t.Helper()
	ns, err := b.Find(ids...)
	if err != nil {
		t.Fatal(err)
	}
	encs, err := b.Load(ns...)
	if err != nil {
		t.Fatal(err)
	}
	for _, enc := range encs {
		r, err := b.Codec().Decode(enc)
		if err != nil {
			t.Fatal(err)
		}
		rs = append(rs, r)
	}
	return rs
}

// wantWithdrawn: where a withdrawal was ever taken in, no older version stands.
// What fell to the quota or to a horizon is forgotten, withdrawals too, so that
// is not looked at.
func wantWithdrawn(t *rapid.T, b *lawHub, h *history, over record.Day) {
	t.Helper()
	err := b.Read(func(v *store.View) error {
		for _, w := range h.withdrawn {
			if w.Class == record.Notice || w.App == record.Roster || h.flooded(w.Author) || w.Expires() < over {
				continue
			}
			r, ok, err := v.InSlot(w.Slot())
			if err != nil {
				return err
			}
			if ok && !record.Supersedes(&r.Record, &w) && r.ID() != w.ID() && b.taken[w.ID()] {
				return fmt.Errorf("%s came back, withdrawn by %s", describe(r.Record), describe(w))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func must(t *rapid.T) func(*store.Store, error) *store.Store {
	return func(s *store.Store, err error) *store.Store {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}
