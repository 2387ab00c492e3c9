package replica_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func TestALongRecordWaitsForAMessageOfItsOwn(t *testing.T) {
	w := line(t, 5, 2)
	resident(t, w, 0, 1, "ana")
	ok(t, w.Settle(5*time.Second))
	rs := []record.Record{text(t, w, "ana", "long", 4000)}
	for i := range 10 { // newer, so first, and not quite a frame
		rs = append(rs, text(t, w, "ana", fmt.Sprint("short/", i), 100))
	}
	write(t, w, 0, rs...)
	ok(t, w.Settle(2*time.Second))
}

// text is a post with a body of so many bytes.
func text(t *testing.T, w *simnet.World, name, key string, size int) record.Record {
	t.Helper()
	r, err := w.Town.Post(simnet.Key(name), w.Hubs[0].Key.Via(), key, record.At(w.Now), 30, strings.Repeat("x", size))
	ok(t, err)
	return r
}

// residents are vouched for at the victim, and the posts of each.
func (v *victim) residents(n, each int) (posts []record.Record) {
	v.t.Helper()
	for i := range n {
		name := fmt.Sprint("resident ", i)
		vouch, err := v.town.Vouch(simnet.Key("h0"), i+1, record.At(v.now), simnet.Author(name), name)
		ok(v.t, err)
		_, err = v.store.Apply(context.Background(), vouch)
		ok(v.t, err)
		for k := range each {
			p, err := v.town.Post(simnet.Key(name), simnet.Author("h0").Via(), fmt.Sprint("k/", k), record.At(v.now), 30, "text")
			ok(v.t, err)
			posts = append(posts, p)
		}
	}
	return posts
}

func (v *victim) waiting() int {
	v.t.Helper()
	return v.engine.Status()[0].Waiting
}

func TestWhatIsWrittenWhileTheLogIsReadIsOfferedToo(t *testing.T) {
	v := newVictim(t)
	posts := v.residents(1, 400)
	ok(t, v.engine.Changed(v.now))
	before := v.waiting()
	wrote := make(chan error, 1)
	go func() {
		for _, p := range posts {
			if _, err := v.store.Apply(t.Context(), p); err != nil {
				wrote <- err
				return
			}
		}
		wrote <- nil
	}()
	for done := false; !done; {
		select {
		case err := <-wrote:
			ok(t, err)
			done = true
		default:
		}
		ok(t, v.engine.Changed(v.now))
	}
	if n := v.waiting() - before; n != len(posts) {
		t.Fatalf("%d of %d posts are offered", n, len(posts))
	}
}

func TestWhatCameFromAPeerIsNotOfferedBackHoweverMuch(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes thousands of signatures")
	}
	v := newVictim(t)
	v.greet()
	const people, each = 20, 430 // more than a link remembers of what its peer has shown
	posts := v.residents(people, each)
	ok(t, v.engine.Changed(v.now))
	before := v.waiting()
	for len(posts) > 0 {
		var encs [][]byte
		for _, p := range posts[:40] {
			encs = append(encs, p.Encoding())
		}
		posts = posts[40:]
		ok(t, v.hear(replica.Frames(byte(record.Talk), replica.KRecords, replica.Records{Encs: encs})...))
	}
	for range 10 {
		if err := v.step(simnet.Tick); err != nil {
			t.Fatal(err)
		}
	}
	m, err := v.store.Moment(0)
	ok(t, err)
	if n := m.Digests[record.Talk].Count; n != people*each {
		t.Fatalf("%d posts were taken", n)
	}
	if n := v.waiting() - before; n != 0 {
		t.Fatalf("%d of them wait to be sent back", n)
	}
}

func TestThePlacesInAllPeersLogsAreMadeDurable(t *testing.T) {
	w := line(t, 6, 3)
	ok(t, w.Settle(5*time.Second))
	ok(t, w.Run(10*time.Second))
	for _, peer := range []int{0, 2} {
		p, err := w.Hubs[1].Store.Cursor(w.Hubs[peer].Key)
		ok(t, err)
		if p == (store.Position{}) {
			t.Errorf("hub 1 would not know hub %d's log after a restart", peer)
		}
	}
}

func TestHubsOfDifferentHorizonsCompareAtOnce(t *testing.T) {
	w := world(t, 7, 2)
	ok(t, w.Hubs[0].Store.Collect(record.DayOf(w.Now)+10))
	w.Connect(0, 1)
	ok(t, w.Run(4*time.Second))
	for i := range 2 {
		p, err := w.Hubs[i].Store.Cursor(w.Hubs[1-i].Key)
		ok(t, err)
		if !w.Hubs[i].Engine.Status()[0].Equal || p == (store.Position{}) {
			t.Errorf("hub %d has not compared", i)
		}
	}
}

// TestNobodyForwardsOnAnothersAccount: records that name a hub which does not
// know their author use up nothing of that hub's.
func TestNobodyForwardsOnAnothersAccount(t *testing.T) {
	limits := replica.DefaultLimits()
	limits.ViaBurst, limits.ViaRate, limits.Unsettled = 20, 0.01, time.Hour
	w, err := simnet.New(11, 3, limits)
	ok(t, err)
	w.Connect(0, 1)
	w.Connect(1, 2)
	ok(t, w.Run(2*time.Second))
	resident(t, w, 0, 1, "ana")
	resident(t, w, 2, 1, "eve")
	ok(t, w.Run(2*time.Second))
	for i := range 50 {
		r, err := w.Town.Post(simnet.Key("eve"), w.Hubs[0].Key.Via(), fmt.Sprint("k/", i), record.At(w.Now), 30, "as if from hub 0")
		ok(t, err)
		write(t, w, 2, r)
	}
	ok(t, w.Run(2*time.Second))
	r := post(t, w, 0, "ana", "town/1")
	ok(t, w.Run(time.Second))
	if !has(t, w, 2, r) {
		t.Fatal("a neighbor's post waits because somebody else used up what was their hub's")
	}
}
