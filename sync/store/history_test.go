package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// history is what a community's members have signed, in no order.
type history struct {
	t         *rapid.T
	town      *simnet.Town
	all       []record.Record
	posts     []record.Record
	vouches   []record.Record
	withdrawn []record.Record
	flood     []record.Record // of one author, more than its quota
}

var (
	hubNames  = []string{"h0", "h1", "h2", "h3"} // h0 may admit; h2 and h3 have no certificate yet
	moderator = []string{"m1", "m2"}
	residents = []string{"ann", "bob", "cem", "dee"}
	everybody = append(append(append([]string{"root"}, hubNames...), moderator...), residents...)
)

const flooder = "dee"

// drawHistory is a town in which most may do what they do: the hubs are
// certified, and most residents vouched for.
func drawHistory(t *rapid.T) *history {
	town, err := simnet.Found(2)
	if err != nil {
		t.Fatal(err)
	}
	h := &history{t: t, town: town, all: town.Trust}
	for _, m := range moderator {
		h.say("root", roster.Certificate{Kind: roster.Coordinator, Subject: simnet.Author(m), Label: m, Roles: roster.Moderate | roster.Notices})
	}
	for i, who := range residents {
		if rapid.IntRange(0, 4).Draw(t, "welcome") > 0 {
			h.vouch(hubNames[i%2], i/2, who)
		}
	}
	for range rapid.IntRange(3, 40).Draw(t, "records") {
		h.draw()
	}
	if rapid.IntRange(0, 9).Draw(t, "flood") == 0 {
		h.flood = floodOf500()
		h.all = append(h.all, h.flood...)
	}
	return h
}

func (h *history) draw() {
	t := h.t
	who := rapid.SampledFrom(everybody).Draw(t, "who")
	whom := rapid.SampledFrom(everybody).Draw(t, "whom")
	hub := rapid.SampledFrom(hubNames).Draw(t, "hub")
	switch rapid.SampledFrom([]string{
		"post", "post", "post", "post", "post", "edit", "edit", "withdraw", "withdraw", "vouch", "vouch", "unvouch",
		"certify", "coordinate", "revoke", "revoke itself", "retire", "purge", "purge",
	}).Draw(t, "what") {
	case "post":
		h.post(rapid.SampledFrom(append(residents, who)).Draw(t, "author"))
	case "edit":
		h.edit("edited")
	case "withdraw":
		h.edit("")
	case "vouch":
		h.vouch(hub, rapid.IntRange(0, 2).Draw(t, "place"), whom)
	case "unvouch":
		h.sign(hub, record.Record{
			App: record.Roster, Class: record.Vouch, Key: fmt.Sprintf("v/%d", rapid.IntRange(0, 2).Draw(t, "place")), Time: h.time(),
		})
	case "certify":
		by := rapid.SampledFrom([]string{"root", "root", "h0", "h1"}).Draw(t, "issuer")
		roles := rapid.SampledFrom([]roster.Roles{0, 0, roster.Admit, roster.Moderate}).Draw(t, "roles")
		h.say(by, roster.Certificate{Kind: roster.Hub, Subject: simnet.Author(hub), Label: "a hub", Roles: roles})
	case "coordinate":
		roles := rapid.SampledFrom([]roster.Roles{0, roster.Notices, roster.Moderate, roster.Maps}).Draw(t, "roles")
		quota := rapid.SampledFrom([]int{0, 0, 520}).Draw(t, "quota")
		h.say("root", roster.Certificate{Kind: roster.Coordinator, Subject: simnet.Author(whom), Label: "somebody", Roles: roles, Quota: quota})
	case "revoke":
		h.revoke(rapid.SampledFrom([]string{"root", "h0", who}).Draw(t, "by"), whom)
	case "revoke itself":
		h.revoke(who, who)
	case "retire":
		h.say(who, roster.Revocation{Subject: simnet.Author(whom), Retired: true})
	case "purge":
		h.purge()
	}
}

// time is one of few, so that many are equal: within 40 days, and now and then
// as early or as late as can be.
func (h *history) time() record.Time {
	switch rapid.IntRange(0, 15).Draw(h.t, "when") {
	case 0:
		return h.town.Founding.Time
	case 1:
		return record.MaxTime - 1
	}
	day := rapid.IntRange(0, 40).Draw(h.t, "day")
	ms := rapid.IntRange(0, 3).Draw(h.t, "ms")
	return record.At(simnet.Born.Add(time.Duration(day)*24*time.Hour + time.Duration(1000+ms)*time.Millisecond))
}

func (h *history) sign(who string, r record.Record) record.Record {
	r.Via = simnet.Author("h0").Via()
	r, err := h.town.Codec.Sign(r, simnet.Key(who))
	if err != nil {
		h.t.Fatal(err)
	}
	h.add(r)
	return r
}

func (h *history) add(r record.Record) {
	h.all = append(h.all, r)
	if r.Withdrawn() {
		h.withdrawn = append(h.withdrawn, r)
	}
}

func (h *history) say(who string, s simnet.Statement) {
	r, err := h.town.Say(simnet.Key(who), h.time(), s)
	if err != nil {
		h.t.Fatal(err)
	}
	h.add(r)
}

func (h *history) vouch(hub string, place int, whom string) {
	r, err := h.town.Vouch(simnet.Key(hub), place, h.time(), simnet.Author(whom), "")
	if err != nil {
		h.t.Fatal(err)
	}
	h.vouches = append(h.vouches, r)
	h.add(r)
}

func (h *history) post(who string) {
	class := rapid.SampledFrom([]record.Class{record.Talk, record.Talk, record.Talk, record.People, record.Notice, record.Place}).Draw(h.t, "class")
	var blobs []record.Blob
	if class != record.Talk {
		blobs = []record.Blob{{Size: 5}}
	}
	r := h.sign(who, record.Record{
		App: "messages", Class: class, Blobs: blobs, Key: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(h.t, "key"), Time: h.time(),
		TTL: rapid.SampledFrom([]record.Days{1, 3, 30, 400}).Draw(h.t, "ttl"), Body: []byte("x"),
	})
	h.posts = append(h.posts, r)
}

// edit writes to a slot that is taken, earlier or later.
func (h *history) edit(text string) {
	if len(h.posts) == 0 {
		return
	}
	old := h.onePost()
	for _, who := range everybody {
		if simnet.Author(who) == old.Author {
			r := h.sign(who, record.Record{
				App: old.App, Class: old.Class, Key: old.Key, TTL: old.TTL, Time: h.time(), Body: []byte(text),
			})
			h.posts = append(h.posts, r)
			return
		}
	}
}

func (h *history) onePost() record.Record {
	return h.posts[rapid.IntRange(0, len(h.posts)-1).Draw(h.t, "of")]
}

func (h *history) pick(at []int) (rs []record.Record) {
	for _, i := range at {
		rs = append(rs, h.all[i])
	}
	return rs
}

func shuffled(seed uint64, rs []record.Record) []record.Record {
	rs = slices.Clone(rs)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
	return rs
}

func (h *history) revoke(by, whom string) {
	v := roster.Revocation{Subject: simnet.Author(whom)}
	for _, r := range h.vouches {
		if r.Author == simnet.Author(whom) && rapid.Bool().Draw(h.t, "stays") {
			id := r.ID()
			v.Stays = append(v.Stays, [8]byte(id[:8]))
		}
	}
	h.say(by, v)
}

func (h *history) purge() {
	if len(h.posts) == 0 {
		return
	}
	r := h.onePost()
	p := roster.Purge{Slot: r.Slot(), Time: r.Time, ID: r.ID()}
	for _, m := range moderator {
		if rapid.IntRange(0, 3).Draw(h.t, "moderates") > 0 {
			h.say(m, p)
		}
	}
}

// floodOf500 is more than one author's quota, of different age and life, signed
// once.
var floodOf500 = sync.OnceValue(func() (rs []record.Record) {
	town, err := simnet.Found(2)
	if err != nil {
		return nil
	}
	for i := range 540 {
		at := record.At(simnet.Born.Add(time.Duration(i%20)*24*time.Hour + time.Hour))
		ttl := []record.Days{1, 10, 30}[i%3]
		r, err := town.Post(simnet.Key(flooder), record.Via{}, fmt.Sprintf("f/%d", i), at, ttl, "x")
		if err != nil {
			return nil
		}
		rs = append(rs, r)
	}
	return rs
})

// flooded reports whether an author may have been over its quota.
func (h *history) flooded(a record.Author) bool {
	return len(h.flood) > 0 && a == simnet.Author(flooder)
}

func nameOf(a record.Author) string {
	for _, n := range everybody {
		if simnet.Author(n) == a {
			return n
		}
	}
	return a.Tag()
}

// describe is a record in a failing law's words.
func describe(r record.Record) string {
	s := fmt.Sprintf("%s by %s %s/%.12s t=%s ttl=%d body=%d", r.ID().String()[:6], nameOf(r.Author), r.App, r.Key, r.Time.Wall().Format("01-02 15:04:05.000"), r.TTL, len(r.Body))
	if _, v, ok := roster.VouchOf(r); ok {
		s += " vouch for " + nameOf(v.Subject)
	}
	if v, err := roster.DecodeRevocation(r.Body); err == nil && strings.HasPrefix(r.Key, "r/") {
		s += fmt.Sprintf(" revokes %s stays %x", nameOf(v.Subject), v.Stays)
	}
	if v, err := roster.DecodeCertificate(r.Body); err == nil && strings.HasPrefix(r.Key, "c/") {
		s += fmt.Sprintf(" certifies %s %v %s", nameOf(v.Subject), v.Kind, v.Roles)
	}
	if v, err := roster.DecodePurge(r.Body); err == nil && strings.HasPrefix(r.Key, "p/") {
		s += fmt.Sprintf(" purges %s/%s ttl %d until %s", nameOf(v.Slot.Author), v.Slot.Key, v.Slot.TTL, v.Time.Wall().Format("01-02 15:04:05.000"))
	}
	return s
}
