package replica_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// line is a world of hubs linked one after the other.
func line(t *testing.T, seed uint64, n int) *simnet.World {
	t.Helper()
	w := world(t, seed, n)
	for i := 1; i < n; i++ {
		w.Connect(i-1, i)
	}
	return w
}

func world(t *testing.T, seed uint64, n int) *simnet.World {
	t.Helper()
	w, err := simnet.New(seed, n, replica.Limits{})
	ok(t, err)
	return w
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// resident makes a hub vouch for a resident of that name.
func resident(t *testing.T, w *simnet.World, hub, place int, name string) {
	t.Helper()
	v, err := w.Town.Vouch(simnet.Key(simnet.HubName(hub)), place, record.At(w.Now), simnet.Author(name), name)
	ok(t, err)
	write(t, w, hub, v)
}

func write(t *testing.T, w *simnet.World, hub int, rs ...record.Record) {
	t.Helper()
	vs, err := w.Write(hub, rs...)
	ok(t, err)
	for _, v := range vs {
		if v.Outcome != store.Added {
			t.Fatalf("not added at hub %d: %+v", hub, v)
		}
	}
}

func post(t *testing.T, w *simnet.World, hub int, name, key string) record.Record {
	t.Helper()
	r, err := w.Town.Post(simnet.Key(name), w.Hubs[hub].Key.Via(), key, record.At(w.Now), 30, "text of "+key)
	ok(t, err)
	write(t, w, hub, r)
	return r
}

func has(t *testing.T, w *simnet.World, hub int, r record.Record) bool {
	t.Helper()
	at, err := w.Hubs[hub].Store.Find(r.ID())
	ok(t, err)
	return at[0] != 0
}

func TestAPostGoesDownTheLine(t *testing.T) {
	w := line(t, 1, 3)
	ok(t, w.Run(time.Second))
	resident(t, w, 0, 1, "ana")
	r := post(t, w, 0, "ana", "town/1")
	ok(t, w.Run(300*time.Millisecond))
	if !has(t, w, 2, r) {
		t.Fatal("not at hub 2 after 300 ms")
	}
}

func TestWhatWasWrittenApartComesTogether(t *testing.T) {
	w := line(t, 2, 3)
	ok(t, w.Run(2*time.Second))
	w.Cut(0, 1)
	resident(t, w, 0, 1, "ana")
	resident(t, w, 2, 1, "ben")
	for i := range 50 {
		post(t, w, 0, "ana", fmt.Sprintf("a/%d", i))
		post(t, w, 2, "ben", fmt.Sprintf("b/%d", i))
		ok(t, w.Run(simnet.Tick))
	}
	w.Connect(0, 1)
	ok(t, w.Settle(2*time.Second))
}

func TestAHubThatWasAwayAsksForWhatFollowed(t *testing.T) {
	w := line(t, 3, 2)
	for i := range 20 {
		resident(t, w, 0, 1+i, fmt.Sprint("r", i))
		for k := range 100 {
			post(t, w, 0, fmt.Sprint("r", i), fmt.Sprintf("k/%d", k))
		}
	}
	ok(t, w.Settle(10*time.Second))
	ok(t, w.Run(7*time.Second)) // places in logs are made durable now and then
	ok(t, w.Crash(1))
	for i := range 20 {
		post(t, w, 0, fmt.Sprint("r", i), "late")
	}
	ok(t, w.Start(1))
	before := w.Bytes
	ok(t, w.Settle(3*time.Second))
	if used := w.Bytes - before; used > 20*600 {
		t.Fatalf("20 records after a restart took %d bytes", used)
	}
}

func TestNobodyRepeatsThemselvesForEver(t *testing.T) {
	w := line(t, 4, 3)
	resident(t, w, 0, 1, "ana")
	post(t, w, 0, "ana", "town/1")
	ok(t, w.Settle(5*time.Second))
	ok(t, w.Run(5*time.Second))
	before := w.Bytes
	ok(t, w.Run(10*time.Minute))
	if perMinute := (w.Bytes - before) / 10 / 2; perMinute > 1000 {
		t.Fatalf("hubs that agree exchange %d bytes a minute on a link", perMinute)
	}
}
