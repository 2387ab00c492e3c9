package roster_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var (
	rootNames = words("root1 root2 root3 new1 new2")
	keyNames  = append(words("h1 h2 h3 h4 c1 c2 c3 ann bob root1 new1"), "zed")
)

// drawTown is a community in which anybody says anything, more often than not
// with enough signatures to matter.
func drawTown(t *rapid.T) *town {
	w := found(t, 2, rootNames[:3]...)
	if rapid.Bool().Draw(t, "settled") { // else most of what follows confers nothing
		w.say(hubCert("h1", roster.Admit), "root1", "root2")
		w.say(hubCert("h2", roster.Admit|roster.Moderate), "root1", "root3")
		w.say(coordinatorCert("c1", roster.Moderate|roster.Notices), "root2", "root3")
		w.say(hubCert("h3", 0), "h1")
	}
	for range rapid.IntRange(0, 25).Draw(t, "statements") {
		drawSaying(t, w)
	}
	return w
}

func drawSaying(t *rapid.T, w *town) {
	by := rapid.SampledFrom([]string{"roots", "keys", "itself"}).Draw(t, "by")
	name := rapid.SampledFrom(keyNames).Draw(t, "subject")
	var signers []string
	switch by {
	case "roots":
		signers = rapid.SliceOfNDistinct(rapid.SampledFrom(rootNames), 1, 3, rapid.ID).Draw(t, "signers")
	case "keys":
		signers = rapid.SliceOfNDistinct(rapid.SampledFrom(keyNames), 1, 2, rapid.ID).Draw(t, "signers")
	case "itself":
		signers = []string{name}
	}
	slot := record.Slot{App: "app", Key: fmt.Sprint("k", rapid.IntRange(0, 1).Draw(t, "k")), Author: author(name), TTL: 30}
	w.tick = record.Time(rapid.IntRange(0, 1).Draw(t, "tick")) << 16
	w.now += record.Time(rapid.IntRange(-5, 20).Draw(t, "later")) << 16 // clocks disagree
	w.now = max(w.now, founded)
	switch rapid.SampledFrom(words("cert cert cert revoke stay retire purge succeed vouch post junk")).Draw(t, "what") {
	case "cert":
		c := hubCert(name, rapid.SampledFrom([]roster.Roles{0, 0, 0, roster.Admit, roster.Moderate, roster.Notices}).Draw(t, "roles"))
		c.Kind = rapid.SampledFrom([]roster.Kind{roster.Hub, roster.Hub, roster.Coordinator}).Draw(t, "kind")
		c.Quota = rapid.SampledFrom([]int{0, 0, 3000}).Draw(t, "quota")
		w.say(c, signers...)
	case "revoke":
		w.say(revoke(name), signers...)
	case "stay":
		vouches := keep(w.seen, func(r record.Record) bool { return r.Class == record.Vouch && r.Author == author(name) })
		w.say(revoke(name, vouches...), signers...)
	case "retire":
		w.say(roster.Revocation{Subject: author(name), Retired: true}, signers...)
	case "purge":
		w.say(roster.Purge{Slot: slot, Time: w.now}, signers...)
	case "succeed":
		list, _, _ := w.state().Roots()
		next := rapid.SliceOfNDistinct(rapid.SampledFrom(rootNames), 1, 3, rapid.ID).Draw(t, "next")
		w.say(roster.Succession{Follows: list, Roots: authors(next...), Threshold: len(next)}, signers...)
	case "vouch":
		w.vouch(signers[0], rapid.IntRange(0, 2).Draw(t, "place"), name)
	case "post":
		w.post(signers[0], rapid.SampledFrom([]record.Class{record.Notice, record.Place, record.Talk}).Draw(t, "class"), slot.Key)
	case "junk":
		form := rapid.SampledFrom(words("c r t p s x")).Draw(t, "form")
		for _, who := range signers {
			w.write(who, bound(form, author(name).String(), []byte{0xff, form[0]}))
		}
	}
}

// shuffled is rs in another order, some of them repeatedly.
func shuffled(t *rapid.T, rs []record.Record) []record.Record {
	if len(rs) == 0 {
		return nil
	}
	more := rapid.SliceOfN(rapid.SampledFrom(rs), 0, 10).Draw(t, "again")
	return rapid.Permutation(slices.Concat(rs, more)).Draw(t, "order")
}

func TestStateIsAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		a, b := w.state(), roster.Compute(w.f, shuffled(t, w.seen))
		if !a.Equal(b) || len(roster.Changed(a, b)) != 0 {
			t.Fatal("order or repetition made another state")
		}
	})
}

func TestWhatIsNotAdmittedChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		some := make(map[record.Author]bool)
		for _, n := range rapid.SliceOf(rapid.SampledFrom(keyNames)).Draw(t, "vouched") {
			some[author(n)] = true
		}
		s := w.state()
		// What keys say of themselves that nobody knows is for the caller to leave out.
		seen := keep(w.seen, func(r record.Record) bool {
			return !ofItself(r) || knows(s, r.Author, some[r.Author])
		})
		s = roster.Compute(w.f, seen)
		kept := keep(seen, func(r record.Record) bool { return s.Admits(r, some[r.Author]) == nil })
		filtered := roster.Compute(w.f, kept)
		if !filtered.Equal(s) {
			t.Fatalf("%d of %d records admitted, and they make another state", len(kept), len(seen))
		}
		partly := keep(seen, func(r record.Record) bool {
			return s.Admits(r, some[r.Author]) == nil || rapid.Bool().Draw(t, "with")
		})
		if !roster.Compute(w.f, partly).Equal(s) {
			t.Fatal("some of the records that are not admitted make another state")
		}
	})
}

// A hub that forgets at once what it may not keep comes to the same set, in
// whatever order records reach it, as long as they reach it again.
func TestForgetfulHubsComeToTheSameSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		want := w.accepted()
		have := make(map[record.ID]record.Record)
		for range 12 {
			before := maps.Clone(have)
			for rs := range slices.Chunk(shuffled(t, w.seen), 3) {
				have = accept(w.f, append(slices.Collect(maps.Values(have)), rs...))
			}
			if maps.EqualFunc(before, have, func(a, b record.Record) bool { return true }) {
				break
			}
		}
		if !maps.EqualFunc(want, have, func(a, b record.Record) bool { return true }) {
			t.Fatalf("a hub came to %d records, another to %d", len(have), len(want))
		}
	})
}

// ofItself reports whether a trust record is about its author.
func ofItself(r record.Record) bool {
	return r.Class == record.Trust && r.App == record.Roster && strings.Contains(r.Key, r.Author.String())
}

// knows reports whether a key may speak of itself.
func knows(s *roster.State, a record.Author, vouched bool) bool {
	probe := bound("r", a.String(), []byte{0xa0})
	probe.Author = a
	return s.Admits(probe, vouched) == nil
}

// inTheHandOf signs the trust records of rs as somebody else's.
func (w *town) inTheHandOf(who string, rs []record.Record) {
	for _, r := range rs {
		if r.Class == record.Trust && r.App == record.Roster {
			w.write(who, record.Record{App: r.App, Class: r.Class, Key: r.Key, Time: r.Time, Body: r.Body})
		}
	}
}

func TestWithoutAuthorityNothingChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		before := w.state()
		n := len(w.seen)
		for range 3 {
			drawSaying(t, w)
		}
		deeds := slices.Clone(w.seen)
		w.seen = w.seen[:n]
		hands := append(words("stranger1 stranger2"), keyNames...)
		for _, who := range rapid.SliceOfNDistinct(rapid.SampledFrom(hands), 1, 3, rapid.ID).Draw(t, "hands") {
			a := author(who)
			if before.Root(a) || before.Has(a, roster.Admit) || before.Has(a, roster.Moderate) {
				continue
			}
			w.inTheHandOf(who, keep(deeds, func(r record.Record) bool { return !strings.Contains(r.Key, a.String()) }))
		}
		if !w.state().Equal(before) {
			t.Fatal("whoever may not write trust records changed the state")
		}
	})
}

// However much one key other than a root writes, with k = 2 or more, it takes
// nothing from a key that it did not itself certify.
func TestAuthorityNeverFlowsSideways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		before, set := w.state(), w.accepted()
		rogue := rapid.SampledFrom(keyNames[:9]).Draw(t, "rogue") // no root
		if before.Root(author(rogue)) {
			t.Skip("is a root")
		}
		n := len(w.seen)
		issued := make(map[string]bool)
		for _, name := range keyNames {
			issued[name] = certifiedBy(w, author(name), author(rogue))
		}
		for range rapid.IntRange(1, 8).Draw(t, "deeds") {
			drawSaying(t, w)
		}
		// All of it in the rogue's hand, but for the second word of a purge.
		deeds := keep(w.seen, func(r record.Record) bool { return !strings.HasPrefix(r.Key, "p/") })
		w.seen = w.seen[:n]
		w.inTheHandOf(rogue, deeds)
		after, now := w.state(), w.accepted()
		for _, name := range keyNames {
			a := author(name)
			if name == rogue || issued[name] {
				continue
			}
			if before.Certified(a) && !after.Certified(a) || before.Revoked(a) != after.Revoked(a) {
				t.Fatalf("%s took the standing of %s", rogue, name)
			}
			for _, role := range []roster.Role{roster.Admit, roster.Notices, roster.Moderate} {
				if before.Has(a, role) != after.Has(a, role) {
					t.Fatalf("%s changed the roles of %s", rogue, name)
				}
			}
			for id, r := range set {
				if _, ok := now[id]; !ok && r.Author == a && r.Class == record.Vouch && r.App == record.Roster {
					t.Fatalf("%s took a vouch of %s", rogue, name)
				}
			}
		}
	})
}

// certifiedBy reports whether issuer has signed a certificate of a.
func certifiedBy(w *town, a, issuer record.Author) bool {
	return slices.ContainsFunc(w.seen, func(r record.Record) bool {
		return r.Author == issuer && strings.HasPrefix(r.Key, "c/"+a.String())
	})
}

// One root of two or more adds nothing and takes nothing with statements that
// no other root has signed.
func TestOneRootAloneChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		probe := w.say(hubCert("probe", 0), "root1")[0]
		if w.state().Certified(author("probe")) || w.state().Certified(probe.Author) {
			t.Skip("one root is enough in this town, or has a certificate besides")
		}
		before, said, n := w.state(), make(map[string]bool), len(w.seen)
		for _, r := range w.seen {
			said[r.Key] = true
		}
		for range 5 {
			drawSaying(t, w)
		}
		fresh := keep(w.seen[n:], func(r record.Record) bool {
			return !said[r.Key] && !strings.Contains(r.Key, probe.Author.String())
		})
		w.seen = w.seen[:n]
		w.inTheHandOf("root1", fresh)
		if !w.state().Equal(before) {
			t.Fatal("one root acted alone")
		}
	})
}

func TestOnlyThoseWhoChangedAreRuledAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		old := w.state()
		for range rapid.IntRange(1, 4).Draw(t, "more") {
			drawSaying(t, w)
		}
		next := w.state()
		changed := roster.Changed(old, next)
		if len(changed) > 0 && next.Equal(old) {
			t.Fatal("equal, yet changed")
		}
		for _, r := range w.seen {
			if slices.Contains(changed, r.Author) {
				continue
			}
			for _, vouched := range []bool{false, true} {
				if a, b := old.Admits(r, vouched), next.Admits(r, vouched); !errors.Is(a, b) {
					t.Fatalf("%s %s by one who did not change: %v, then %v", r.Class, r.Key, a, b)
				}
			}
			if old.Quota(r.Author) != next.Quota(r.Author) || old.Retired(r.Author) != next.Retired(r.Author) {
				t.Fatal("quota or retirement of one who did not change")
			}
		}
	})
}

func TestAChainProvesItsCertificate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		s := w.state()
		for _, name := range keyNames {
			a := author(name)
			ids := s.Chain(a)
			if (len(ids) > 0) != s.Certified(a) {
				t.Fatalf("%s: a chain of %d", name, len(ids))
			}
			chain := keep(w.seen, func(r record.Record) bool { return slices.Contains(ids, r.ID()) })
			if len(chain) < len(ids) {
				t.Fatal("a record of the chain is not there")
			}
			alone := roster.Compute(w.f, chain)
			h1, ok1 := s.Hub(a)
			h2, ok2 := alone.Hub(a)
			c1, _ := s.Coordinator(a)
			c2, _ := alone.Coordinator(a)
			if ok1 != ok2 || fmt.Sprint(h1, c1) != fmt.Sprint(h2, c2) {
				t.Fatalf("%s: %+v by its chain, %+v by all", name, h2, h1)
			}
		}
	})
}

// What one issuer says of a hub that another has certified costs it no vouch.
func TestAnIssuerTakesNoVouchOfAnothersHub(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := found(t, 1, "root1")
		w.say(hubCert("h1", roster.Admit), "root1")
		w.say(hubCert("rogue", roster.Admit), "root1")
		vouches := []record.Record{w.vouch("h3", 0, "ann"), w.vouch("h3", 1, "bob"), w.vouch("h3", 2, "cat")}
		say := func(signers []string) {
			who := rapid.SampledFrom(signers).Draw(t, "who")
			if who != "h3" && rapid.Bool().Draw(t, "certifies") {
				w.say(hubCert("h3", 0), who)
				return
			}
			i := rapid.IntRange(0, 3).Draw(t, "stay")
			w.say(revoke("h3", vouches[i/2:(i+1)/2]...), who)
		}
		for range rapid.IntRange(0, 4).Draw(t, "before") {
			say(words("h1 h1 h1 h3 root1"))
		}
		set := w.accepted()
		for range rapid.IntRange(1, 3).Draw(t, "rogue") {
			say(words("rogue"))
		}
		now := w.accepted()
		for _, v := range vouches {
			if _, in := set[v.ID()]; in && now[v.ID()].Author != v.Author {
				t.Fatalf("the vouch at %s fell", v.Key)
			}
		}
	})
}
