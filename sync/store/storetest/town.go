package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// town is a community in a test: who says what, one second after the other.
// It has the root "root" and the hubs "h0", which may admit, and "h1".
type town struct {
	*simnet.Town
	t   testing.TB
	now record.Time
}

func found(t testing.TB) *town {
	t.Helper()
	w, err := simnet.Found(2)
	if err != nil {
		t.Fatal(err)
	}
	return &town{Town: w, t: t, now: w.Founding.Time}
}

const second = record.Time(1000 << 16)

func (w *town) tick() record.Time {
	w.now += second
	return w.now
}

func author(name string) record.Author { return simnet.Author(name) }

// say has somebody sign a statement.
func (w *town) say(who string, s simnet.Statement) record.Record {
	w.t.Helper()
	return w.must(w.Say(simnet.Key(who), w.tick(), s))
}

func (w *town) must(r record.Record, err error) record.Record {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// certify has somebody certify a hub.
func (w *town) certify(issuer, hub string, roles roster.Roles) record.Record {
	w.t.Helper()
	return w.say(issuer, roster.Certificate{Kind: roster.Hub, Subject: author(hub), Label: hub, Roles: roles})
}

func (w *town) coordinator(who string, roles roster.Roles, quota int) record.Record {
	w.t.Helper()
	return w.say("root", roster.Certificate{
		Kind: roster.Coordinator, Subject: author(who), Label: who, Roles: roles, Quota: quota,
	})
}

func (w *town) revoke(by, whom string, stays ...record.Record) record.Record {
	w.t.Helper()
	v := roster.Revocation{Subject: author(whom)}
	for _, r := range stays {
		id := r.ID()
		v.Stays = append(v.Stays, [8]byte(id[:8]))
	}
	return w.say(by, v)
}

// vouch has a hub vouch for somebody at a place.
func (w *town) vouch(hub string, place int, who string) record.Record {
	w.t.Helper()
	return w.must(w.Vouch(simnet.Key(hub), place, w.tick(), author(who), who))
}

// unvouch has h0 withdraw its vouch at place 0.
func (w *town) unvouch() record.Record {
	w.t.Helper()
	return w.write("h0", record.Record{App: record.Roster, Class: record.Vouch, Key: "v/0", Time: w.tick()})
}

// write signs a record.
func (w *town) write(who string, r record.Record) record.Record {
	w.t.Helper()
	r.Via = author("h0").Via()
	return w.must(w.Codec.Sign(r, simnet.Key(who)))
}

// postAt is a message; an empty text withdraws.
func (w *town) postAt(who, key string, at record.Time, ttl record.Days, text string) record.Record {
	w.t.Helper()
	return w.must(w.Post(simnet.Key(who), author("h0").Via(), key, at, ttl, text))
}

// post is a message of 30 days.
func (w *town) post(who, key, text string) record.Record {
	w.t.Helper()
	return w.postAt(who, key, w.tick(), 30, text)
}

// posts are messages in as many slots.
func (w *town) posts(who string, n int) (rs []record.Record) {
	w.t.Helper()
	for i := range n {
		rs = append(rs, w.post(who, fmt.Sprintf("%s/%d", strings.ReplaceAll(who, " ", ""), i), "hello"))
	}
	return rs
}

// day is a number of days after the founding.
func (w *town) day(n int) record.Day { return w.Founding.Time.Day() + record.Day(n) }

func days(n int) record.Time { return record.Time(n) * 86_400 * second }

func shuffled(seed uint64, rs []record.Record) []record.Record {
	r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test's order
	rs = append([]record.Record(nil), rs...)
	r.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
	return rs
}
