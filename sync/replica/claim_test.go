package replica_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// claimer says again and again that it holds records, sends none of them, and
// shows now and then that it sends others.
type claimer struct {
	t      *testing.T
	w      *simnet.World
	id     replica.LinkID
	queue  [][]byte
	claims []byte
	others []record.Record
	steps  int
	got    uint64
}

func (c *claimer) Up(_ time.Time, id replica.LinkID, _ record.Author) error {
	c.id, c.got = id, 0
	s := &replica.State{Nonce: make([]byte, 16), Epoch: 9, Arrival: 1000}
	for range record.Classes {
		s.Digests = append(s.Digests, replica.Digest{Fingerprint: make([]byte, 16), Count: 1})
	}
	c.say(replica.Control, replica.KState, s)
	return nil
}

func (c *claimer) Down(replica.LinkID) { c.queue = nil }

func (c *claimer) say(where byte, k replica.Kind, v any) {
	c.queue = append(c.queue, replica.Frames(where, k, v)...)
}

func (c *claimer) Receive(_ time.Time, _ replica.LinkID, frame []byte) error {
	if frame[0]&0x7f != replica.Control {
		c.got += uint64(len(frame))
		c.say(replica.Control, replica.KAck, replica.Ack{Bytes: c.got})
	}
	if kind := replica.Kind(frame[1]); kind == replica.KTail { // it is being answered
		c.say(byte(record.Talk), replica.KOffer, replica.Offer{IDs: c.claims})
	}
	return nil
}

func (c *claimer) Next(time.Time, replica.LinkID) ([]byte, error) {
	if len(c.queue) == 0 {
		return nil, nil
	}
	f := c.queue[0]
	c.queue = c.queue[1:]
	return f, nil
}

func (c *claimer) Step(time.Time) error {
	switch c.steps++; {
	case c.steps%50 == 0:
		c.say(byte(record.Talk), replica.KOffer, replica.Offer{IDs: c.claims})
	case c.steps%250 == 1 && len(c.others) > 0:
		id := c.others[0].ID()
		c.say(byte(record.Talk), replica.KOffer, replica.Offer{IDs: id[:8]})
		c.say(byte(record.Talk), replica.KRecords, replica.Records{Encs: [][]byte{c.others[0].Encoding()}})
		c.others = c.others[1:]
	}
	return nil
}

// TestWhoClaimsAndDoesNotSendHoldsNothingUpForLong: what a peer says it holds is
// not asked of others for a while: half a minute, and once five minutes if it
// sends other things.
func TestWhoClaimsAndDoesNotSendHoldsNothingUpForLong(t *testing.T) {
	for name, c := range map[string]struct {
		others int
		within time.Duration
	}{"silent": {0, 30 * time.Second}, "sending others": {500, 330 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			w := world(t, 12, 3)
			w.Strict = true
			w.Connect(0, 1)
			resident(t, w, 0, 1, "ana")
			resident(t, w, 0, 2, "eve")
			ok(t, w.Run(10*time.Second))
			w.Cut(0, 1)
			g := &claimer{t: t, w: w}
			w.Disguise(2, g)
			for i := range c.others {
				r, err := w.Town.Post(simnet.Key("eve"), w.Hubs[2].Key.Via(), fmt.Sprint("o/", i), record.At(w.Now), 30, "text")
				ok(t, err)
				g.others = append(g.others, r)
			}
			for round := range 2 {
				w.Cut(0, 1)
				var posts []record.Record
				for i := range 20 {
					r := post(t, w, 0, "ana", fmt.Sprintf("%d/%d", round, i))
					id := r.ID()
					posts, g.claims = append(posts, r), append(g.claims, id[:8]...)
				}
				w.Connect(1, 2)
				ok(t, w.Run(2*time.Second))
				w.Connect(0, 1)
				begun, limit := w.Now, c.within
				if round > 0 {
					limit = 30 * time.Second
				}
				for !has(t, w, 1, posts[0]) && w.Now.Sub(begun) < 30*time.Minute {
					ok(t, w.Run(100*time.Millisecond))
				}
				if d := w.Now.Sub(begun); d > limit {
					t.Errorf("round %d: a post was held up for %v", round, d)
				}
			}
		})
	}
}

// TestEndlessClaimsAreBounded: a peer may say that it holds ever more; no more
// than a quarter of a million of that is kept in mind, whatever it says besides.
func TestEndlessClaimsAreBounded(t *testing.T) {
	v := newVictim(t)
	v.greet()
	r := rand.New(rand.NewPCG(1, 1))
	for n := range uint64(1000) {
		ids := make([]byte, 8*500)
		_, err := noise{r}.Read(ids)
		ok(t, err)
		ok(t, v.hear(replica.Frames(byte(record.Talk), replica.KOffer, replica.Offer{Batch: n, IDs: ids})...))
		if n%100 == 0 { // "that was all"
			s := v.state()
			s.Arrival, s.Through = n, n
			ok(t, v.hear(replica.Frames(replica.Control, replica.KState, s)...))
			v.now = v.now.Add(time.Second)
		}
		v.says()
	}
	if n := v.engine.Sizes().Wanted; n > replica.MaxWanted {
		t.Fatalf("%d claims are kept in mind", n)
	}
}
