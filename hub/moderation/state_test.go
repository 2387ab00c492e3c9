package moderation_test

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// fataler is what testing.T and rapid.T have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

// bench is a community with two moderators, maria and john, and whatever was decided.
type bench struct {
	t    fataler
	town *simnet.Town
	said []record.Record
	now  time.Time
	sure bool
}

func (b *bench) Now() (time.Time, bool) { return b.now, b.sure }

func (b *bench) Ahead(t record.Time) bool { return b.sure && t.Wall().Sub(b.now) > 5*time.Minute }

func open(t fataler) *bench {
	t.Helper()
	town, err := simnet.Found(1)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, town: town, now: simnet.Born.Add(time.Hour), sure: true}
	for _, name := range []string{"maria", "john"} {
		b.trust("root", roster.Certificate{Kind: roster.Coordinator, Subject: simnet.Author(name), Label: name, Roles: roster.Moderate})
	}
	return b
}

func (b *bench) trust(by string, s simnet.Statement) {
	b.t.Helper()
	b.now = b.now.Add(time.Second)
	r, err := b.town.Say(simnet.Key(by), record.At(b.now), s)
	if err != nil {
		b.t.Fatal(err)
	}
	b.town.Trust = append(b.town.Trust, r)
}

func (b *bench) roster() *roster.State { return roster.Compute(b.town.Founding, b.town.Trust) }

func (b *bench) state() *moderation.State { return moderation.Fold(b.said, b.roster()) }

// sign makes a record of somebody's, at a moment.
func (b *bench) sign(by string, at time.Time, r record.Record) record.Record {
	b.t.Helper()
	r.Time = cmp.Or(r.Time, record.At(at))
	r, err := b.town.Codec.Sign(r, simnet.Key(by))
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// decide has somebody decide something so much after the moment.
func (b *bench) decide(by string, after time.Duration, d moderation.Decision) record.Record {
	b.t.Helper()
	dr, err := d.Draft()
	if err != nil {
		b.t.Fatal(err)
	}
	r := b.sign(by, b.now.Add(after), record.Record{App: moderation.App, Class: record.Trust, TTL: moderation.TTL, Key: dr.Key, Body: dr.Body})
	b.said = append(b.said, r)
	return r
}

// post is what somebody wrote.
func (b *bench) post(by, key string, after time.Duration) record.Record {
	b.t.Helper()
	return b.sign(by, b.now.Add(after), record.Record{App: "messages", Class: record.Talk, TTL: 30, Key: key, Body: []byte("a")})
}

func about(r record.Record, do moderation.Do, why string) moderation.Decision {
	return moderation.Decision{Do: do, Post: moderation.Of(r), Seen: r.Time, Why: why}
}

func (b *bench) holds(name string, do moderation.Do, until time.Duration, why string) moderation.Decision {
	d := moderation.Decision{Do: do, Post: moderation.Post{Author: simnet.Author(name)}, Why: why}
	if until != 0 {
		d.Until = b.now.Add(until).Truncate(time.Millisecond)
	}
	return d
}

func TestAPostIsHiddenUntilAModeratorShowsItAgain(t *testing.T) {
	b := open(t)
	p := b.post("ann", "a/1", 0)
	other := b.post("ann", "a/2", 0)
	hidden := func(want string) {
		t.Helper()
		if got := b.state().Hidden(p, b); got != want {
			t.Errorf("hidden for %q, want %q", got, want)
		}
	}
	hidden("")
	b.decide("maria", time.Second, about(p, moderation.Hide, "an insult"))
	hidden("an insult")
	if got := b.state().Hidden(other, b); got != "" {
		t.Errorf("another post is hidden for %q", got)
	}
	p = b.post("ann", "a/1", time.Minute) // is changed
	hidden("an insult")
	b.decide("ann", 2*time.Second, about(p, moderation.Show, "it is mine"))
	hidden("an insult") // whoever has no role decides nothing
	b.decide("john", 2*time.Second, about(p, moderation.Show, ""))
	hidden("")
	b.decide("maria", time.Second/2, about(p, moderation.Hide, "older than what john said"))
	hidden("")
	b.decide("maria", 3*time.Second, about(p, moderation.Hide, "again"))
	hidden("again")
	b.decide("john", time.Hour, about(p, moderation.Show, "")) // by a clock that runs ahead
	hidden("again")
	b.now = b.now.Add(time.Hour)
	hidden("")
}

func TestWhatARevokedModeratorDecidedCountsNoMore(t *testing.T) {
	b := open(t)
	p := b.post("ann", "a/1", 0)
	b.decide("john", time.Second, about(p, moderation.Hide, "because"))
	b.decide("maria", 2*time.Second, about(p, moderation.Show, ""))
	b.decide("maria", 2*time.Second, b.holds("ann", moderation.Mute, time.Hour, "because"))
	if got := b.state().Hidden(p, b); got != "" {
		t.Fatalf("hidden for %q", got)
	}
	b.trust("root", roster.Revocation{Subject: simnet.Author("maria")})
	if got := b.state().Hidden(p, b); got != "because" {
		t.Errorf("hidden for %q", got)
	}
	if _, held := b.state().Holds(simnet.Author("ann"), b); held {
		t.Error("a revoked moderator still mutes somebody")
	}
	if acts := b.state().Acts(b); len(acts) != 1 || acts[0].By != simnet.Author("john") {
		t.Errorf("%+v", acts)
	}
}

func TestSomebodyIsMutedForATime(t *testing.T) {
	b := open(t)
	before, during := b.post("ann", "a/1", -time.Minute), b.post("ann", "a/2", time.Minute)
	b.decide("maria", 0, b.holds("ann", moderation.Mute, time.Hour, "spam"))
	s := b.state()
	if s.Hidden(before, b) != "" || s.Hidden(during, b) != string(moderation.ByMuted) || s.Hidden(b.post("bob", "a/3", time.Minute), b) != "" {
		t.Errorf("%q %q", s.Hidden(before, b), s.Hidden(during, b))
	}
	end := b.now.Add(time.Hour).Truncate(time.Millisecond)
	if held := s.Held(b); len(held) != 1 || held[0].Do != moderation.Mute || !held[0].Until.Equal(end) {
		t.Errorf("held are %+v", held)
	}
	b.now, b.sure = end, false
	if s.Hidden(during, b) == "" {
		t.Error("it ends by a clock that is not plausible")
	}
	b.sure = true
	if s.Hidden(during, b) != "" || len(s.Held(b)) != 0 {
		t.Error("it does not end")
	}
	renewed := b.holds("ann", moderation.Mute, time.Hour, "spam again")
	renewed.Since = before.Time - 1
	b.decide("john", 0, renewed)
	if s = b.state(); s.Hidden(before, b) == "" {
		t.Error("a longer one does not reach back to where the first began")
	}
	b.decide("maria", time.Second, b.holds("ann", moderation.Free, 0, ""))
	if s = b.state(); s.Hidden(before, b) != "" {
		t.Error("somebody who is free is muted")
	}
	b.decide("maria", 2*time.Second, b.holds("ann", moderation.Slow, time.Hour, "too much"))
	s = b.state()
	if a, ok := s.Holds(simnet.Author("ann"), b); !ok || a.Do != moderation.Slow || s.Hidden(b.post("ann", "a/4", time.Minute), b) != "" {
		t.Errorf("%+v %v", a, ok)
	}
}

func TestOfficialWordIsNeverHidden(t *testing.T) {
	b := open(t)
	for class := range record.Class(record.Classes) {
		app := record.App("notices")
		r := b.sign("ann", b.now.Add(time.Minute), record.Record{App: app, Class: class, TTL: 30, Key: "n/1", Body: []byte("a")})
		b.decide("maria", time.Second, about(r, moderation.Hide, "I do not like it"))
		b.decide("maria", time.Second, b.holds("ann", moderation.Mute, time.Hour, "I do not like it"))
		if hidden := b.state().Hidden(r, b) != ""; hidden != (class >= record.People) {
			t.Errorf("%v is hidden: %v", class, hidden)
		}
	}
}

func TestWhatIsNoDecisionIsRefused(t *testing.T) {
	b := open(t)
	p := b.post("ann", "a/1", 0)
	for name, d := range map[string]moderation.Decision{
		"nothing":          about(p, 0, "why"),
		"unknown":          about(p, 9, "why"),
		"no reason":        about(p, moderation.Hide, " \u200b"),
		"a long reason":    about(p, moderation.Hide, strings.Repeat("a", 257)),
		"no post":          {Do: moderation.Hide, Post: moderation.Post{Author: p.Author}, Why: "why"},
		"a bad key":        {Do: moderation.Hide, Post: moderation.Post{App: "messages", Key: "a b", Author: p.Author}, Why: "why"},
		"muted for no end": b.holds("ann", moderation.Mute, 0, "why"),
		"free for a time":  b.holds("ann", moderation.Free, time.Hour, "why"),
	} {
		if _, err := d.Draft(); !errors.Is(err, moderation.ErrBody) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := b.decide("maria", 0, about(p, moderation.Hide, "why"))
	for name, change := range map[string]func(*record.Record){
		"talk":          func(r *record.Record) { r.Class = record.Talk },
		"another app's": func(r *record.Record) { r.App = "messages" },
		"another's key": func(r *record.Record) { r.Key = "p/0123" },
		"withdrawn":     func(r *record.Record) { r.Body = nil },
		"no CBOR":       func(r *record.Record) { r.Body = []byte("no") },
		"held for long": func(r *record.Record) {
			*r = b.decide("maria", 0, b.holds("ann", moderation.Mute, 32*24*time.Hour, "why"))
		},
	} {
		r := record.Record{App: good.App, Class: good.Class, TTL: good.TTL, Key: good.Key, Time: good.Time, Body: good.Body}
		if change(&r); r.ID() == (record.ID{}) {
			r = b.sign("maria", b.now, r)
		}
		if _, err := moderation.Decode(r); !errors.Is(err, moderation.ErrBody) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTheOrderMakesNoDifference has moderators, and others, decide at random, with
// clocks that disagree; whatever the order and repetition in which it comes, the same
// follows, and the newest word of somebody who may is what stands.
func TestTheOrderMakesNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := open(t)
		names := []string{"ann", "bob"}
		var posts []record.Record
		for _, name := range names {
			posts = append(posts, b.post(name, "a/1", -time.Minute), b.post(name, "a/2", 90*time.Second))
		}
		for range rapid.IntRange(0, 12).Draw(t, "decisions") {
			by := rapid.SampledFrom([]string{"maria", "john", "ann", "h0"}).Draw(t, "by")
			after := time.Duration(rapid.IntRange(-3, 3).Draw(t, "after")) * time.Second
			if do := moderation.Do(rapid.IntRange(1, 5).Draw(t, "do")); do.AboutPost() {
				b.decide(by, after, about(rapid.SampledFrom(posts).Draw(t, "post"), do, "because of "+by))
			} else {
				until := time.Duration(0)
				if do != moderation.Free {
					until = time.Duration(rapid.IntRange(-1, 2).Draw(t, "until")) * time.Minute
				}
				if until == 0 && do != moderation.Free {
					until = time.Second
				}
				b.decide(by, after, b.holds(rapid.SampledFrom(names).Draw(t, "who"), do, until, "because of "+by))
			}
		}
		if rapid.Bool().Draw(t, "john is revoked") {
			b.trust("root", roster.Revocation{Subject: simnet.Author("john")})
		}
		said := slices.Clone(b.said)
		want := b.state()
		b.said = rapid.Permutation(append(said, said[:len(said)/2]...)).Draw(t, "order")
		got := b.state()
		if p, a := moderation.Differ(want, got); len(p)+len(a) != 0 {
			t.Fatalf("differ about %v %v", p, a)
		}
		for _, p := range posts {
			if g, w := got.Hidden(p, b), want.Hidden(p, b); g != w || g != b.model(p) {
				t.Fatalf("hidden for %q and %q, by the model for %q", g, w, b.model(p))
			}
		}
		moderators := map[record.Author]bool{}
		for _, a := range got.Acts(b) {
			moderators[a.By] = true
		}
		if moderators[simnet.Author("ann")] || moderators[simnet.Author("h0")] || moderators[simnet.Author("john")] && b.roster().Revoked(simnet.Author("john")) {
			t.Fatalf("somebody decides who may not: %v", moderators)
		}
	})
}

// model is why a post is hidden, told in the plainest way.
func (b *bench) model(p record.Record) string {
	var post, author record.Record
	for _, r := range b.said {
		d, err := moderation.Decode(r)
		if err != nil || !b.roster().Has(r.Author, roster.Moderate) {
			continue
		}
		newest := &author
		if d.Do.AboutPost() {
			newest = &post
		}
		about := d.Post == moderation.Of(p) || !d.Do.AboutPost() && d.Post.Author == p.Author
		if about && (newest.Time == 0 || record.Supersedes(&r, newest)) {
			*newest = r
		}
	}
	if d, err := moderation.Decode(post); err == nil && d.Do == moderation.Hide {
		return d.Why
	}
	if d, err := moderation.Decode(author); err == nil && d.Do == moderation.Mute && b.now.Before(d.Until) && p.Time > author.Time {
		return string(moderation.ByMuted)
	}
	return ""
}
