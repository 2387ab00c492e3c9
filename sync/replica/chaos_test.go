package replica_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

var oneSeed = flag.Uint64("seed", 0, "run TestFiveHubsThroughTheWorstWeek with this seed alone")

func TestFiveHubsThroughTheWorstWeek(t *testing.T) {
	if *oneSeed != 0 {
		worstWeek(t, *oneSeed)
		return
	}
	for seed := range uint64(simnet.Count(1000)) {
		worstWeek(t, seed+1)
		if t.Failed() {
			t.Fatalf("replay with: go test ./sync/replica -run TestFiveHubsThroughTheWorstWeek -seed=%d", seed+1)
		}
	}
}

// week is a run of a seed and what has to hold at its end.
type week struct {
	t      *testing.T
	w      *simnet.World
	r      *rand.Rand
	last   map[record.Slot]record.Record // the newest acknowledged in each slot
	at     map[record.ID]int             // the hub that acknowledged it
	stamps []record.Time                 // by hub: its clock never stands still
	backup map[int]*store.Store
	doubt  map[int]bool // hubs that were set back: what only they held may be gone
	cloned bool
}

func worstWeek(t *testing.T, seed uint64) {
	t.Helper()
	limits := replica.DefaultLimits()
	limits.Patience, limits.Unchanged = 3*time.Second, 5*time.Second
	w, err := simnet.New(seed, 5, limits)
	ok(t, err)
	k := &week{
		t: t, w: w, r: w.Rand(), last: map[record.Slot]record.Record{}, at: map[record.ID]int{},
		stamps: make([]record.Time, 6), backup: map[int]*store.Store{}, doubt: map[int]bool{},
	}
	w.Faults = simnet.Faults{Lose: 0.01, Repeat: 0.03, Swap: 0.03, Delay: 80 * time.Millisecond}
	w.Hubs[1].Skew = -56 * 365 * 24 * time.Hour // about 1970
	w.Hubs[2].Skew = -10 * 24 * time.Hour
	w.Hubs[3].Skew = 10 * 365 * 24 * time.Hour
	for i := range 5 {
		w.Connect(i, (i+1)%5)
		for n := range 3 {
			k.vouch(i, n+1, fmt.Sprintf("r%d-%d", i, n))
		}
	}
	for range 40 {
		k.misfortune()
		ok(t, w.Run(time.Duration(k.r.IntN(500))*time.Millisecond))
	}
	k.heal()
	if err := w.Settle(90 * time.Second); err != nil {
		for i, h := range w.Hubs {
			m, err := h.Store.Moment(0)
			t.Logf("hub %d: at %d, horizon %d, talk %+v (%v)", i, m.Arrival, m.Horizon, m.Digests[record.Talk], err)
		}
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	k.check()
	quiet := w.Bytes
	ok(t, w.Run(time.Minute))
	if got := w.Bytes - quiet; got > 100_000 {
		t.Errorf("seed %d: hubs that agree went on to exchange %d bytes in a minute", seed, got)
	}
}

// stamp is the hub's clock: never below the founding, never twice the same.
func (k *week) stamp(i int) record.Time {
	now := max(record.At(k.w.Wall(i)), record.At(simnet.Born))
	k.stamps[i] = max(k.stamps[i]+1, now)
	return k.stamps[i]
}

func (k *week) vouch(hub, place int, name string) {
	v, err := k.w.Town.Vouch(simnet.Key(simnet.HubName(hub)), place, k.stamp(hub), simnet.Author(name), name)
	ok(k.t, err)
	_, err = k.w.Write(hub, v)
	ok(k.t, err)
}

func (k *week) misfortune() {
	i := k.r.IntN(len(k.w.Hubs))
	switch k.r.IntN(20) {
	case 0, 1:
		k.w.Connect(i, k.r.IntN(5))
	case 2, 3, 4:
		k.w.Cut(i, k.r.IntN(5))
	case 5:
		ok(k.t, k.w.Crash(i))
	case 6, 7:
		if !k.w.Up(i) {
			ok(k.t, k.w.Start(i))
		}
	case 8:
		b, err := k.w.Backup(i)
		ok(k.t, err)
		k.backup[i] = b
	case 9:
		if b := k.backup[i]; b != nil && i != 0 {
			ok(k.t, k.w.Restore(i, b))
			ok(k.t, k.w.Start(i))
			k.doubt[i] = true
		}
	case 10:
		if !k.cloned && i == 4 {
			n, err := k.w.Clone(i)
			ok(k.t, err)
			k.w.Connect(n, 0)
			k.cloned = true
		}
	case 11:
		if k.r.IntN(4) == 0 {
			k.w.Skip(time.Duration(k.r.IntN(20*24)) * time.Hour)
		}
		if h := k.w.Hubs[i]; h.Skew == 0 { // others do not trust their clocks
			ok(k.t, h.Store.Collect(record.DayOf(k.w.Now)))
		}
	default:
		for range 1 + k.r.IntN(5) {
			k.post(i)
		}
	}
}

// post writes, edits or withdraws: residents go from hub to hub.
func (k *week) post(hub int) {
	if !k.w.Up(hub) {
		return
	}
	name := fmt.Sprintf("r%d-%d", k.r.IntN(5), k.r.IntN(3))
	body := fmt.Sprintf("text %d", k.r.IntN(1000))
	if k.r.IntN(5) == 0 {
		body = ""
	}
	r, err := k.w.Town.Post(simnet.Key(name), k.w.Hubs[hub].Key.Via(), fmt.Sprintf("town/%d", k.r.IntN(12)),
		k.stamp(hub), record.Days(1+k.r.IntN(2)*29), body)
	ok(k.t, err)
	vs, err := k.w.Write(hub, r)
	ok(k.t, err)
	if vs[0].Outcome != store.Added { // the vouch is not here yet, a newer version is, or it has expired
		return
	}
	if old, had := k.last[r.Slot()]; !had || record.Supersedes(&r, &old) {
		k.last[r.Slot()], k.at[r.ID()] = r, hub
	}
}

func (k *week) heal() {
	k.w.Faults = simnet.Faults{Delay: 40 * time.Millisecond}
	for i := range k.w.Hubs {
		if !k.w.Up(i) {
			ok(k.t, k.w.Start(i))
		}
		k.w.Connect(i, (i+1)%5)
	}
}

// check: what was acknowledged is at every hub, in its newest version; nothing
// that was withdrawn has come back.
func (k *week) check() {
	k.t.Helper()
	var horizon record.Day
	for _, h := range k.w.Hubs {
		d, err := h.Store.Horizon()
		ok(k.t, err)
		horizon = max(horizon, d)
	}
	for slot, want := range k.last {
		if len(k.doubt) > 0 || want.Expires() < horizon {
			continue
		}
		for i, h := range k.w.Hubs {
			ok(k.t, h.Store.Read(func(v *store.View) error {
				got, held, err := v.InSlot(slot)
				switch {
				case err != nil:
					return err
				case !held || got.ID() != want.ID():
					k.t.Errorf("hub %d has %q of %v in %s, want %q of %v from hub %d",
						i, got.Body, got.Time, slot.Key, want.Body, want.Time, k.at[want.ID()])
				}
				return nil
			}))
		}
	}
}
