package replica_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// coordinator has the root certify a person who may write notices.
func coordinator(t *testing.T, w *simnet.World, hub int, name string) {
	t.Helper()
	r, err := w.Town.Say(simnet.Key("root"), record.At(w.Now), roster.Certificate{
		Kind: roster.Coordinator, Subject: simnet.Author(name), Label: name, Roles: roster.Notices,
	})
	ok(t, err)
	write(t, w, hub, r)
}

// notice is one by a coordinator.
func notice(t *testing.T, w *simnet.World, hub int, name, key string) record.Record {
	t.Helper()
	r, err := w.Town.Codec.Sign(record.Record{
		Via: w.Hubs[hub].Key.Via(), App: "notices", Class: record.Notice, Key: key, Time: record.At(w.Now), TTL: 30, Body: []byte{0xa0},
	}, simnet.Key(name))
	ok(t, err)
	return r
}

// revoke is the root's word against a key, with what stays of it.
func revoke(t *testing.T, w *simnet.World, who record.Author, stay ...record.Record) record.Record {
	t.Helper()
	end := roster.Revocation{Subject: who}
	for _, r := range stay {
		id := r.ID()
		end.Stays = append(end.Stays, [8]byte(id[:8]))
	}
	r, err := w.Town.Say(simnet.Key("root"), record.At(w.Now), end)
	ok(t, err)
	return r
}

// by are a key's records in a hub's set.
func by(t *testing.T, w *simnet.World, hub int, who record.Author) (rs []record.Record) {
	t.Helper()
	ok(t, w.Hubs[hub].Store.Read(func(v *store.View) error {
		for r, err := range v.By(who) {
			if err != nil {
				return err
			}
			rs = append(rs, r)
		}
		return nil
	}))
	return rs
}

// A ring of hubs of which one does not keep to the rules, and a coordinator who tells
// lies: when the roots put both out at one end, each hub drops what they said the
// moment it hears of it, and what others said stays.
func TestARogueHubAndARogueCoordinatorLoseTheirStanding(t *testing.T) {
	const hubs, rogueHub = 8, 3
	for seed := range uint64(simnet.Count(100)) {
		w := world(t, seed+1, hubs)
		w.Strict = true
		for i := range hubs {
			w.Connect(i, (i+1)%hubs)
			w.Connect(i, (i+3)%hubs)
		}
		coordinator(t, w, 0, "maria")
		coordinator(t, w, 0, "omar")
		v, err := w.Town.Vouch(simnet.Key(simnet.HubName(rogueHub)), 999, record.At(w.Now), simnet.Author("ann"), "ann")
		ok(t, err)
		write(t, w, rogueHub, v)
		ok(t, w.Settle(5*time.Second))
		post(t, w, rogueHub, "ann", "m/1")
		good := notice(t, w, 0, "omar", "n/good")
		write(t, w, 0, good)
		ok(t, w.Settle(5*time.Second))

		g, err := newRogue(w, rogueHub, 300, 100)
		ok(t, err)
		g.drawNature()
		g.has[crowding], g.has[flooding] = true, true
		w.Disguise(rogueHub, g)
		lies := 0
		lie := func() { // maria writes at the far end, as long as that hub takes it
			n := notice(t, w, 5, "maria", fmt.Sprint("n/", lies))
			vs, err := w.Write(5, n)
			ok(t, err)
			if vs[0].Outcome == store.Added {
				lies++
			}
		}
		for range 20 {
			lie()
			ok(t, w.Run(100*time.Millisecond))
		}
		write(t, w, 0, revoke(t, w, simnet.Author("maria")), revoke(t, w, w.Hubs[rogueHub].Key, v))

		deadline := w.Now.Add(5 * time.Second)
		for knows := 0; knows < hubs-1; {
			if w.Now.After(deadline) {
				t.Fatalf("seed %d: only %d hubs have heard of it after 5 s", seed+1, knows)
			}
			lie()
			ok(t, w.Run(simnet.Tick))
			knows = 0
			for i := range hubs {
				if i == rogueHub {
					continue
				}
				s := w.Hubs[i].Store.Roster()
				if s.Revoked(simnet.Author("maria")) {
					if left := by(t, w, i, simnet.Author("maria")); len(left) > 0 {
						t.Fatalf("seed %d: hub %d knows, and still has %d of her records", seed+1, i, len(left))
					}
				}
				if s.Revoked(w.Hubs[rogueHub].Key) {
					if left := by(t, w, i, w.Hubs[rogueHub].Key); len(left) > 1 || len(left) == 1 && left[0].ID() != v.ID() {
						t.Fatalf("seed %d: hub %d has put the rogue out, and has %d of its vouches", seed+1, i, len(left))
					}
					for n := range g.places {
						if left := by(t, w, i, simnet.Author(g.puppet(n))); len(left) > 0 {
							t.Fatalf("seed %d: hub %d has put the rogue out, and has what its puppets wrote", seed+1, i)
						}
					}
				}
				if s.Revoked(simnet.Author("maria")) && s.Revoked(w.Hubs[rogueHub].Key) {
					knows++
				}
			}
		}
		if lies < 20 {
			t.Fatalf("seed %d: the coordinator could tell %d lies while she was one", seed+1, lies)
		}
		ok(t, w.Run(3*time.Second))
		for i := range hubs {
			if i == rogueHub {
				continue
			}
			if !has(t, w, i, good) || len(by(t, w, i, simnet.Author("ann"))) != 1 {
				t.Errorf("seed %d: hub %d lost what others said", seed+1, i)
			}
			if left := by(t, w, i, simnet.Author("maria")); len(left) > 0 {
				t.Errorf("seed %d: hub %d took %d of her records again", seed+1, i, len(left))
			}
			if w.Linked(i, rogueHub) {
				t.Errorf("seed %d: hub %d speaks with the rogue", seed+1, i)
			}
		}
	}
}

// A hub that was cut off hears of a revocation before it hears of anything else, however
// much waits and however much newer that is.
func TestAHubThatWasCutOffHearsOfARevocationFirst(t *testing.T) {
	for seed := range uint64(simnet.Count(100)) {
		w := line(t, seed+1, 3)
		coordinator(t, w, 0, "maria")
		coordinator(t, w, 0, "omar")
		ok(t, w.Settle(5*time.Second))
		write(t, w, 2, notice(t, w, 2, "maria", "n/lie"))
		ok(t, w.Settle(5*time.Second))
		w.Cut(1, 2)
		write(t, w, 0, revoke(t, w, simnet.Author("maria")))
		for i := range 10 {
			name := fmt.Sprint("r", i)
			resident(t, w, 0, i+1, name)
			for n := range 30 {
				post(t, w, 0, name, fmt.Sprint("m/", n))
			}
			ok(t, w.Run(simnet.Tick))
		}
		write(t, w, 0, notice(t, w, 0, "omar", "n/true"))
		ok(t, w.Run(2*time.Second))
		moment := func() store.Moment {
			m, err := w.Hubs[2].Store.Moment(0)
			ok(t, err)
			return m
		}
		before := moment()
		w.Connect(1, 2)
		heard := false
		for range 500 {
			ok(t, w.Run(simnet.Tick))
			now := moment()
			for class := record.Notice; class < record.Classes; class++ {
				if now.Digests[class] != before.Digests[class] && !w.Hubs[2].Store.Roster().Revoked(simnet.Author("maria")) {
					t.Fatalf("seed %d: of class %s something came before the revocation", seed+1, class)
				}
			}
			if heard = w.Hubs[2].Store.Roster().Revoked(simnet.Author("maria")); heard {
				break
			}
		}
		if !heard || len(by(t, w, 2, simnet.Author("maria"))) > 0 {
			t.Fatalf("seed %d: heard of the revocation: %v", seed+1, heard)
		}
		ok(t, w.Settle(20*time.Second))
		if len(by(t, w, 2, simnet.Author("omar"))) != 1 {
			t.Errorf("seed %d: the true notice did not come", seed+1)
		}
	}
}
