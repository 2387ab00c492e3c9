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

func TestALinkSaysUpToWhereEachHasTheOthersLog(t *testing.T) {
	w := line(t, 11, 2)
	resident(t, w, 0, 1, "ana")
	post(t, w, 0, "ana", "town/1")
	ok(t, w.Settle(5*time.Second))
	ok(t, w.Run(5*time.Second))
	for i := range 2 {
		own, err := w.Hubs[i].Store.Moment(0)
		ok(t, err)
		theirs, err := w.Hubs[1-i].Store.Moment(0)
		ok(t, err)
		s := w.Hubs[i].Engine.Status()[0]
		if s.Taken != theirs.Position || s.PeerLog != theirs.Position || s.TakenByPeer != own.Position {
			t.Errorf("hub %d: %+v; its log ends at %v, the other's at %v", i, s, own.Position, theirs.Position)
		}
		if got := w.Hubs[i].Engine.Cursors()[s.Peer]; got != theirs.Position {
			t.Errorf("hub %d: cursor %v", i, got)
		}
		if back := w.Hubs[1-i].Engine.Status()[0]; s.Sent == 0 || s.Sent != back.Received {
			t.Errorf("hub %d sent %d bytes, the other received %d", i, s.Sent, back.Received)
		}
	}
}

func TestAnEngineIsQuietOnceAllIsSaid(t *testing.T) {
	w := line(t, 12, 3)
	ok(t, w.Settle(5*time.Second))
	quiet := func() (n int) {
		for _, h := range w.Hubs {
			if h.Engine.Quiet() {
				n++
			}
		}
		return n
	}
	ok(t, w.Run(5*time.Second))
	if n := quiet(); n != 3 {
		t.Fatalf("%d of 3 engines are quiet where all is equal", n)
	}
	resident(t, w, 0, 1, "ana")
	for i := range 20 {
		post(t, w, 0, "ana", fmt.Sprintf("town/%d", i))
	}
	ok(t, w.Run(simnet.Tick))
	if w.Hubs[0].Engine.Quiet() {
		t.Error("quiet with news to tell")
	}
	ok(t, w.Settle(5*time.Second))
	ok(t, w.Run(5*time.Second))
	if n := quiet(); n != 3 {
		t.Errorf("%d of 3 engines are quiet after the news", n)
	}
}

// A record that one peer offers and another is asked for has not been taken over
// from the first before it is here.
func TestWhatIsAwaitedFromAnotherIsNotTakenOver(t *testing.T) {
	v := newVictim(t)
	v.greet()
	const other = replica.LinkID(2)
	ok(t, v.engine.Up(v.now, other, simnet.Author("h2")))
	vouch, err := v.town.Vouch(simnet.Key("h0"), 1, record.At(v.now), simnet.Author("ana"), "ana")
	ok(t, err)
	id := vouch.ID()
	offer := replica.Frames(byte(record.Vouch), replica.KOffer, replica.Offer{Batch: 1, IDs: id[:8]})
	for _, f := range append(replica.Frames(replica.Control, replica.KState, v.state()), offer...) {
		ok(t, v.engine.Receive(v.now, other, f))
	}
	ok(t, v.hear(offer...))
	all := v.state()
	all.Arrival, all.Through = 5, 5
	all.Digests[record.Vouch].Count++ // it differs
	taken := func() store.Position {
		t.Helper()
		ok(t, v.hear(replica.Frames(replica.Control, replica.KState, all)...))
		ok(t, v.step(simnet.Tick))
		for _, s := range v.engine.Status() {
			if s.Peer == simnet.Author("h1") {
				return s.Taken
			}
		}
		t.Fatal("no link")
		return store.Position{}
	}
	if p := taken(); p.Arrival != 0 {
		t.Errorf("taken over up to %v while a record is awaited", p)
	}
	v.engine.Down(other)
	if p := taken(); p.Arrival != 0 {
		t.Errorf("taken over up to %v when it will not come", p)
	}
	ok(t, v.hear(replica.Frames(byte(record.Vouch), replica.KRecords, replica.Records{Encs: [][]byte{vouch.Encoding()}})...))
	if p := taken(); p != (store.Position{Epoch: 7, Arrival: 5}) {
		t.Errorf("taken over up to %v when it has come", p)
	}
}
