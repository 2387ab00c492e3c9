package moderation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// signs has somebody sign a removal.
func (b *bench) signs(by string, after time.Duration, rm moderation.Removal) {
	b.t.Helper()
	d := rm.Draft()
	b.town.Trust = append(b.town.Trust, b.sign(by, b.now.Add(after), record.Record{App: record.Roster, Class: d.Class, Key: d.Key, Body: d.Body}))
}

func TestAPostGoesForGoodWhenTwoModeratorsSign(t *testing.T) {
	b := open(t)
	p := b.post("ann", "a/1", 0)
	rm, err := moderation.Remove(p)
	if err != nil {
		t.Fatal(err)
	}
	b.signs("ann", 0, rm)
	if all := moderation.RemovalsOf(b.town.Trust, b.roster()); len(all) != 0 {
		t.Fatalf("whoever has no role calls for it: %+v", all)
	}
	b.signs("john", time.Minute, rm)
	all := moderation.RemovalsOf(b.town.Trust, b.roster())
	if len(all) != 1 || all[0].Done || all[0].Post != moderation.Of(p) || all[0].ID != p.ID() || !all[0].By(simnet.Author("john")) || all[0].By(simnet.Author("maria")) {
		t.Fatalf("%+v", all)
	}
	if b.roster().Admits(p, true) != nil {
		t.Fatal("one is enough")
	}
	b.signs("maria", time.Second, all[0]) // as it was read
	slices.Reverse(b.town.Trust)
	all = moderation.RemovalsOf(b.town.Trust, b.roster())
	if len(all) != 1 || !all[0].Done || len(all[0].Signs) != 2 || all[0].Signs[0].By != simnet.Author("maria") {
		t.Fatalf("%+v", all)
	}
	if b.roster().Admits(p, true) == nil {
		t.Error("it is still let in")
	}
	if changed := b.post("ann", "a/1", 24*time.Hour); b.roster().Admits(changed, true) == nil {
		t.Error("what its author made of it since is let in")
	}
	if later := b.post("ann", "a/1", 32*24*time.Hour); b.roster().Admits(later, true) != nil {
		t.Error("the place stays closed for ever")
	}
}

// Who ends a moderator's word is told what comes back, and it does.
func TestWhatAModeratorDecidedComesBackAndIsForeseen(t *testing.T) {
	b := open(t)
	spam, shared, gone := b.post("ann", "a/1", 0), b.post("ann", "a/2", 0), b.post("ann", "a/3", 0)
	decide := b.decide
	decide("maria", time.Minute, moderation.Decision{Do: moderation.Hide, Post: moderation.Of(spam), Seen: spam.Time, Why: "spam"})
	for i, by := range []string{"john", "maria"} {
		decide(by, time.Duration(i+1)*time.Minute, moderation.Decision{Do: moderation.Hide, Post: moderation.Of(shared), Seen: shared.Time, Why: "spam"})
	}
	decide("maria", time.Minute, moderation.Decision{Do: moderation.Mute, Post: moderation.Post{Author: simnet.Author("bob")}, Until: b.now.Add(24 * time.Hour), Why: "spam"})
	rm, err := moderation.Remove(gone)
	if err != nil {
		t.Fatal(err)
	}
	b.signs("john", 0, rm)
	b.signs("maria", time.Second, rm)
	m := moderation.Moment{State: b.state()}
	told := func(who string) string {
		all := moderation.Without(hub.Request{}, m, moderation.RemovalsOf(b.town.Trust, b.roster()), b.roster(), simnet.Author(who))
		if len(all) == 0 {
			return ""
		}
		return strings.Join(all[0].Of, "; ")
	}
	const back = "Posts that were removed for good, and are not kept away any more where somebody still has them: 1"
	if got := told("maria"); got != "Posts that are hidden and can be read again: 1; People who were held back and write again: 1; "+back {
		t.Errorf("of hers: %s", got)
	}
	if got := told("john"); got != back {
		t.Errorf("of his: %s", got)
	}
	if got := told("ann"); got != "" {
		t.Errorf("of a neighbor's: %s", got)
	}
}

func TestOfficialWordIsNotRemoved(t *testing.T) {
	b := open(t)
	for class := range record.Class(record.Classes) {
		r := b.sign("ann", b.now, record.Record{App: "notices", Class: class, TTL: 30, Key: "n/1", Body: []byte("a")})
		if _, err := moderation.Remove(r); (err == nil) != (class >= record.People) {
			t.Errorf("%v: %v", class, err)
		}
	}
	if _, err := moderation.Remove(b.town.Trust[0]); err == nil {
		t.Error("a certificate can be removed")
	}
	if all := moderation.RemovalsOf([]record.Record{{App: record.Roster, Key: "p/1", Author: simnet.Author("maria")}}, b.roster()); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}
