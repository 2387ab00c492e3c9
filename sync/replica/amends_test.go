package replica_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

var amendsSeed = flag.Uint64("amends", 0, "run TestWhoeverFallsTheHubsAgree with this seed alone")

// certify has the root certify a coordinator with roles.
func certify(t *testing.T, w *simnet.World, name string, roles roster.Roles) record.Record {
	t.Helper()
	r, err := w.Town.Say(simnet.Key("root"), record.At(w.Now), roster.Certificate{
		Kind: roster.Coordinator, Subject: simnet.Author(name), Label: name, Roles: roles,
	})
	ok(t, err)
	return r
}

// purge is one moderator's word against a record.
func purge(t *testing.T, w *simnet.World, r record.Record, by string) record.Record {
	t.Helper()
	p, err := w.Town.Say(simnet.Key(by), record.At(w.Now), roster.Purge{Slot: r.Slot(), Time: r.Time, ID: r.ID()})
	ok(t, err)
	return p
}

// A post is removed for good while a hub is cut off, and then the removal falls with one
// who signed it. The hub that was cut off still has the post, so all have it again, on the
// links they had, wherever it was written. When another signs, it is gone everywhere.
func TestWhatComesBackComesBackEverywhere(t *testing.T) {
	// In each order: of the two ends of a link the one with the smaller key compares.
	for n, hub := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		for at := range 3 {
			t.Run(fmt.Sprint(hub, hub[at]), func(t *testing.T) {
				w := world(t, uint64(n+1), 3)
				w.Connect(hub[0], hub[1])
				w.Connect(hub[1], hub[2])
				resident(t, w, hub[0], 1, "ann")
				for _, name := range []string{"maria", "thief", "omar"} {
					write(t, w, hub[0], certify(t, w, name, roster.Moderate))
				}
				ok(t, w.Settle(5*time.Second))
				r := post(t, w, hub[at], "ann", "town/1")
				ok(t, w.Settle(5*time.Second))

				w.Cut(hub[1], hub[2])
				write(t, w, hub[0], purge(t, w, r, "maria"), purge(t, w, r, "thief"))
				ok(t, w.Run(2*time.Second))
				if has(t, w, hub[0], r) || has(t, w, hub[1], r) || !has(t, w, hub[2], r) {
					t.Fatal("it is not gone where the removal came, and there alone")
				}
				write(t, w, hub[0], revoke(t, w, simnet.Author("thief")))
				ok(t, w.Run(2*time.Second))
				w.Connect(hub[1], hub[2])
				ok(t, w.Settle(time.Second)) // as news: nothing needs to be compared
				for i := range 3 {
					if !has(t, w, i, r) {
						t.Errorf("hub %d has not got back what no two remove", i)
					}
				}

				write(t, w, hub[2], purge(t, w, r, "omar"))
				ok(t, w.Settle(5*time.Second))
				for i := range 3 {
					if has(t, w, i, r) {
						t.Errorf("hub %d has what two removed", i)
					}
				}
			})
		}
	}
}

// forgetful is a peer that sends what it writes, loses it, and says so when asked.
type forgetful struct {
	*victim
	in    replica.Messages
	heard uint64
}

// newForgetful is one at whose link the other end compares, and a post that it sent.
func newForgetful(t *testing.T) (*forgetful, record.Record) {
	t.Helper()
	a, b := simnet.Author("h0"), simnet.Author("h1")
	p := &forgetful{victim: newVictimAs(t, "h0", "h1", nil)}
	if bytes.Compare(a[:], b[:]) > 0 {
		p.victim = newVictimAs(t, "h1", "h0", nil)
	}
	p.residents(1, 1)
	ok(t, p.hear(replica.Frames(replica.Control, replica.KState, p.lacks())...))
	r := p.post("resident 0", "lost/1")
	ok(t, p.hear(replica.Frames(byte(record.Talk), replica.KRecords, replica.Records{Encs: [][]byte{r.Encoding()}})...))
	ok(t, p.step(time.Second))
	return p, r
}

// lacks is its state: all that the other end has but the talk.
func (p *forgetful) lacks() *replica.State {
	m, err := p.store.Moment(0)
	ok(p.t, err)
	s := &replica.State{Epoch: 7, Nonce: make([]byte, 16)}
	for _, d := range m.Digests {
		s.Digests = append(s.Digests, replica.Digest{Fingerprint: d.Fingerprint[:], Count: d.Count})
	}
	s.Digests[record.Talk] = replica.Digest{Fingerprint: make([]byte, 16)}
	return s
}

// second passes. It answers what is compared with that it has nothing, and reports whether
// anything was, and the records that came.
func (p *forgetful) second() (compared bool, came [][]byte) {
	p.t.Helper()
	ok(p.t, p.step(time.Second))
	ok(p.t, p.hear(replica.Frames(replica.Control, replica.KState, p.lacks())...))
	for {
		f, err := p.engine.Next(p.now, theLink)
		ok(p.t, err)
		if f == nil {
			return compared, came
		}
		where, m := p.in.Add(f)
		if where != replica.Control {
			p.heard += uint64(len(f))
			ok(p.t, p.hear(replica.Frames(replica.Control, replica.KAck, replica.Ack{Bytes: p.heard})...))
		}
		switch {
		case m == nil:
		case replica.Kind(m[0]) == replica.KReconcile:
			compared = true
			var v replica.ReconcileMsg
			replica.Unmarshal(m, &v)
			nothing := replica.ReconcileMsg{Session: v.Session, Reply: true, Over: v.Over, Message: []byte{0x61, 0, 0, 2, 0}}
			ok(p.t, p.hear(replica.Frames(where, replica.KReconcile, nothing)...))
		case replica.Kind(m[0]) == replica.KRecords:
			var v replica.Records
			replica.Unmarshal(m, &v)
			came = append(came, v.Encs...)
		}
	}
}

// What a comparison says counts for more than what a peer has shown before: it gets again
// what it sent itself.
func TestWhoLostWhatTheyOnceSentGetsItAgain(t *testing.T) {
	p, r := newForgetful(t)
	for range 60 {
		if _, came := p.second(); slices.ContainsFunc(came, func(enc []byte) bool { return record.Sum(enc) == r.ID() }) {
			return
		}
	}
	t.Fatal("what the peer lost was not sent to it within a minute")
}

// Comparisons that end in vain wait ever longer for the next, until the roster changes:
// what was refused may be taken now.
func TestAnotherRosterIsReasonToCompareAgain(t *testing.T) {
	p, _ := newForgetful(t)
	for vain := 0; vain < 100; { // seconds
		if vain++; p.now.Sub(simnet.Born) > 3*time.Hour {
			t.Fatal("comparisons never became rare")
		}
		if compared, _ := p.second(); compared {
			vain = 0
		}
	}
	c, err := p.town.Say(simnet.Key("root"), record.At(p.now), roster.Certificate{
		Kind: roster.Coordinator, Subject: simnet.Author("maria"), Label: "Maria", Roles: roster.Moderate,
	})
	ok(t, err)
	_, err = p.store.Apply(t.Context(), c)
	ok(t, err)
	for range 5 {
		if compared, _ := p.second(); compared {
			return
		}
	}
	t.Fatal("nothing was compared within 5 s of a change of the roster")
}

// TestWhoeverFallsTheHubsAgree: purges, and the ends of those who signed them, of people, of
// hubs and of roles, come to hubs in any order, with some cut off. All hubs hold equal sets
// soon after the last has come back, and none had to be restarted.
func TestWhoeverFallsTheHubsAgree(t *testing.T) {
	if *amendsSeed != 0 {
		amends(t, *amendsSeed)
		return
	}
	for seed := range uint64(simnet.Count(500)) {
		amends(t, seed+1)
		if t.Failed() {
			t.Fatalf("replay with: go test ./sync/replica -run TestWhoeverFallsTheHubsAgree -amends=%d", seed+1)
		}
	}
}

// hearing is a run of a seed.
type hearing struct {
	t     *testing.T
	w     *simnet.World
	r     *rand.Rand
	posts []record.Record
	vouch map[int]record.Record // the latest by place
	heads int                   // moderators so far
	stamp record.Time
}

const (
	hearingHubs   = 5
	hearingPeople = 4
)

func amends(t *testing.T, seed uint64) {
	t.Helper()
	w, err := simnet.New(seed, hearingHubs, replica.DefaultLimits())
	ok(t, err)
	h := &hearing{t: t, w: w, r: w.Rand(), vouch: map[int]record.Record{}, stamp: record.At(w.Now)}
	for i := 1; i < hearingHubs; i++ { // a tree: nothing comes by another way
		w.Connect(h.r.IntN(i), i)
	}
	for range 4 {
		h.promote(0)
	}
	for n := range hearingPeople {
		h.admit(0, n)
	}
	ok(t, w.Settle(10*time.Second))
	for range 12 {
		h.post(h.r.IntN(hearingHubs))
	}
	ok(t, w.Settle(10*time.Second))
	tree := h.links()
	for range 40 {
		h.happen(tree)
		ok(t, w.Run(time.Duration(h.r.IntN(600))*time.Millisecond))
	}
	for _, e := range tree {
		w.Connect(e[0], e[1])
	}
	if err := w.Settle(45 * time.Second); err != nil {
		h.explain()
		t.Errorf("seed %d: %v", seed, err)
	}
}

func (h *hearing) links() (es [][2]int) {
	for i := range hearingHubs {
		for j := range i {
			if h.w.Linked(i, j) {
				es = append(es, [2]int{j, i})
			}
		}
	}
	return es
}

// at is a time like no other.
func (h *hearing) at() record.Time {
	h.stamp = max(h.stamp+1<<16, record.At(h.w.Now))
	return h.stamp
}

// say writes what a hub may refuse.
func (h *hearing) say(hub int, name string, s simnet.Statement) {
	r, err := h.w.Town.Say(simnet.Key(name), h.at(), s)
	ok(h.t, err)
	h.put(hub, r)
}

func (h *hearing) put(hub int, r record.Record) bool {
	vs, err := h.w.Write(hub, r)
	ok(h.t, err)
	return vs[0].Outcome == store.Added
}

func head(n int) string { return fmt.Sprint("moderator ", n) }
func folk(n int) string { return fmt.Sprint("person ", n) }

// promote makes another moderator.
func (h *hearing) promote(hub int) {
	h.certify(hub, h.heads, roster.Moderate)
	h.heads++
}

func (h *hearing) certify(hub, n int, roles roster.Roles) {
	h.say(hub, "root", roster.Certificate{Kind: roster.Coordinator, Subject: simnet.Author(head(n)), Label: head(n), Roles: roles})
}

func (h *hearing) admit(hub, person int) {
	r, err := h.w.Town.Vouch(simnet.Key(simnet.HubName(hub)), person+1, h.at(), simnet.Author(folk(person)), folk(person))
	ok(h.t, err)
	h.put(hub, r)
	h.vouch[hub*hearingPeople+person] = r
}

// dismiss takes a hub's word for somebody back.
func (h *hearing) dismiss(hub, person int) {
	key := simnet.HubName(hub)
	r, err := h.w.Town.Codec.Sign(record.Record{
		Via: simnet.Author(key).Via(), App: record.Roster, Class: record.Vouch, Key: fmt.Sprint("v/", person+1), Time: h.at(),
	}, simnet.Key(key))
	ok(h.t, err)
	h.put(hub, r)
}

func (h *hearing) post(hub int) {
	name, key := folk(h.r.IntN(hearingPeople)), fmt.Sprint("town/", h.r.IntN(20))
	r, err := h.w.Town.Post(simnet.Key(name), h.w.Hubs[hub].Key.Via(), key, h.at(), 30, "text")
	ok(h.t, err)
	if h.put(hub, r) {
		h.posts = append(h.posts, r)
	}
}

// remove has two moderators sign a removal, each where they are.
func (h *hearing) remove(hub int) {
	r := h.posts[h.r.IntN(len(h.posts))]
	for range 2 {
		n := h.r.IntN(h.heads)
		h.say(hub, head(n), roster.Purge{Slot: r.Slot(), Time: r.Time, ID: r.ID()})
		if h.r.IntN(4) == 0 {
			hub = h.r.IntN(hearingHubs)
		}
	}
}

func (h *hearing) happen(tree [][2]int) {
	hub, e := h.r.IntN(hearingHubs), tree[h.r.IntN(len(tree))]
	switch h.r.IntN(24) {
	case 0, 1, 2:
		h.w.Cut(e[0], e[1])
	case 3, 4, 5:
		h.w.Connect(e[0], e[1])
	case 6, 7, 8, 9, 10:
		h.post(hub)
	case 11, 12, 13, 14:
		h.remove(hub)
	case 15, 16: // the end of one who may have removed something
		h.say(hub, "root", roster.Revocation{Subject: simnet.Author(head(h.r.IntN(h.heads)))})
		h.promote(hub)
	case 17: // another role, and what it let in goes or comes again
		h.certify(hub, h.r.IntN(h.heads), []roster.Roles{roster.Moderate, roster.Notices, roster.Moderate | roster.Notices}[h.r.IntN(3)])
	case 18:
		name := head(h.r.IntN(h.heads))
		r, err := h.w.Town.Codec.Sign(record.Record{
			Via: h.w.Hubs[hub].Key.Via(), App: "notices", Class: record.Notice, Key: fmt.Sprint("n/", h.r.IntN(5)), Time: h.at(), TTL: 30, Body: []byte{0xa0},
		}, simnet.Key(name))
		ok(h.t, err)
		h.put(hub, r)
	case 19:
		h.dismiss(h.r.IntN(2), h.r.IntN(hearingPeople))
	case 20, 21:
		h.admit(h.r.IntN(2), h.r.IntN(hearingPeople))
	case 22: // the end of a hub that let people in; some of its word may stay
		end := roster.Revocation{Subject: simnet.Author(simnet.HubName(h.r.IntN(2)))}
		for _, r := range h.vouch {
			if id := r.ID(); r.Author == end.Subject && h.r.IntN(2) == 0 {
				end.Stays = append(end.Stays, [8]byte(id[:8]))
			}
		}
		h.say(hub, "root", end)
	case 23: // who ends themselves
		h.say(hub, folk(0), roster.Revocation{Subject: simnet.Author(folk(0))})
	}
}

func (h *hearing) explain() {
	for i, x := range h.w.Hubs {
		m, err := x.Store.Moment(0)
		h.t.Logf("hub %d: %+v (%v)", i, m.Digests, err)
		for _, line := range x.Engine.Explain(h.w.Now) {
			h.t.Logf("  %s", line)
		}
	}
}
