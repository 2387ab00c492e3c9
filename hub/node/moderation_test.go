package node_test

import (
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// says puts a statement signed by a root into a hub's set.
func says(t testing.TB, n *node.Node, root ed25519.PrivateKey, s interface {
	Record(record.Time, record.Via) (record.Record, error)
},
) {
	t.Helper()
	r, err := s.Record(record.At(time.Now()), record.Via{})
	ok(t, err)
	r, err = n.Store().Codec().Sign(r, root)
	ok(t, err)
	_, err = n.Store().Apply(t.Context(), r)
	ok(t, err)
}

// moderators gives keys the role, and those that are named also that of notices.
func moderators(t testing.TB, n *node.Node, root ed25519.PrivateKey, names ...string) {
	t.Helper()
	for _, name := range names {
		says(t, n, root, roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(key(name)), Label: name, Roles: roster.Moderate | roster.Notices})
	}
}

// decides has a moderator decide something at a hub.
func decides(t testing.TB, n *node.Node, by string, d moderation.Decision) record.Record {
	t.Helper()
	dr, err := d.Draft()
	ok(t, err)
	rs, err := n.Write(t.Context(), moderation.App, key(by), dr)
	ok(t, err)
	return rs[0]
}

// hiddenFor is why a hub hides a note; empty if it does not.
func hiddenFor(t testing.TB, n *node.Node, r record.Record) (why string) {
	t.Helper()
	ok(t, n.Read(t.Context(), "notes", func(s hub.Snapshot) error {
		for it, err := range s.Slots(r.Key) {
			if err != nil {
				return err
			}
			if it.Author == r.Author {
				why = it.Hidden
			}
		}
		return nil
	}))
	return why
}

// twoHubs are linked; ann is at home at the first, where maria and john are moderators.
func twoHubs(t *testing.T) (root ed25519.PrivateKey, a, b *node.Node) {
	t.Helper()
	root, paths := folders(t, 2)
	b, _ = start(t, paths[1])
	a, _ = start(t, paths[0], b.SyncAddrs()...)
	ok(t, a.Enroll(t.Context(), key("ann"), "Ann"))
	moderators(t, a, root, "maria", "john")
	return root, a, b
}

func TestWhatIsHiddenAtOneHubIsHiddenAtTheOther(t *testing.T) {
	root, a, b := twoHubs(t)
	p := write(t, a, key("ann"), "a/1", "an insult")
	other := write(t, a, key("ann"), "a/2", "water at the school")
	until(t, b, "the notes", holds(other))
	hide := moderation.Decision{Do: moderation.Hide, Post: moderation.Of(p), Seen: p.Time, Why: "rude"}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	told := b.Feed().Watch(ctx, server.Topic{App: "notes", Term: "all"})
	d := decides(t, a, "maria", hide)
	if why := hiddenFor(t, a, p); why != "rude" {
		t.Errorf("where it was decided it is hidden for %q", why)
	}
	until(t, b, "the decision", holds(d))
	if why := hiddenFor(t, b, p); why != "rude" || hiddenFor(t, b, other) != "" {
		t.Errorf("at the other hub it is hidden for %q", why)
	}
	select {
	case <-told:
	case <-ctx.Done():
		t.Fatal("an open page is not told")
	}
	p = write(t, a, key("ann"), "a/1", "an insult, changed")
	until(t, b, "the change", holds(p))
	if why := hiddenFor(t, b, p); why != "rude" {
		t.Errorf("a change is hidden for %q", why)
	}
	hide.Do, hide.Why = moderation.Show, ""
	d = decides(t, b, "john", hide)
	until(t, a, "the second decision", holds(d))
	if why := hiddenFor(t, a, p); why != "" {
		t.Errorf("what is shown again is hidden for %q", why)
	}
	says(t, a, root, roster.Revocation{Subject: record.AuthorOf(key("john"))})
	if why := hiddenFor(t, a, p); why != "rude" {
		t.Errorf("what a revoked moderator decided still counts: %q", why)
	}
	until(t, b, "the revocation", func(v *store.View) bool { return v.Roster().Revoked(record.AuthorOf(key("john"))) })
	if why := hiddenFor(t, b, p); why != "rude" {
		t.Errorf("at the other hub it still counts: %q", why)
	}
	dr, err := hide.Draft()
	ok(t, err)
	if _, err := b.Write(t.Context(), moderation.App, key("john"), dr); err == nil {
		t.Error("a revoked moderator decides")
	}
	if _, err := b.Write(t.Context(), moderation.App, key("ann"), dr); err == nil {
		t.Error("a neighbor decides")
	}
}

func TestWhoIsMutedIsReadWhenItIsOver(t *testing.T) {
	_, a, _ := twoHubs(t)
	before := write(t, a, key("ann"), "a/1", "first")
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	mute := moderation.Decision{
		Do: moderation.Mute, Post: moderation.Post{Author: before.Author}, Why: "spam", Until: time.Now().Add(time.Second),
	}
	decides(t, a, "maria", mute)
	during := write(t, a, key("ann"), "a/2", "second")
	if hiddenFor(t, a, before) != "" || hiddenFor(t, a, during) != string(moderation.ByMuted) {
		t.Errorf("hidden for %q and %q", hiddenFor(t, a, before), hiddenFor(t, a, during))
	}
	told := a.Feed().Watch(ctx, server.Topic{App: "notes", Term: "all"})
	for hiddenFor(t, a, during) != "" {
		select {
		case <-told: // at first perhaps of what was before
		case <-ctx.Done():
			t.Fatal("an open page is not told that it is over")
		}
	}
}

func TestNoticesAreNotHidden(t *testing.T) {
	_, a, _ := twoHubs(t)
	rs, err := a.Write(t.Context(), "notes", key("maria"), hub.Draft{Key: "n/1", Class: record.Notice, Body: []byte("boil water")})
	ok(t, err)
	decides(t, a, "john", moderation.Decision{Do: moderation.Hide, Post: moderation.Of(rs[0]), Seen: rs[0].Time, Why: "I do not like it"})
	decides(t, a, "john", moderation.Decision{
		Do: moderation.Mute, Post: moderation.Post{Author: rs[0].Author}, Since: 1, Why: "nor her", Until: time.Now().Add(time.Hour),
	})
	if why := hiddenFor(t, a, rs[0]); why != "" {
		t.Errorf("a notice is hidden for %q", why)
	}
}

func TestTwoModeratorsAtDifferentHubsRemoveAPostForGood(t *testing.T) {
	_, a, b := twoHubs(t)
	p := write(t, a, key("ann"), "a/1", "where she lives")
	until(t, b, "the note", holds(p))
	rm, err := moderation.Remove(p)
	ok(t, err)
	signs := func(n *node.Node, by string, rm moderation.Removal) record.Record {
		t.Helper()
		rs, err := n.Write(t.Context(), record.Roster, key(by), rm.Draft())
		ok(t, err)
		return rs[0]
	}
	first := signs(a, "maria", rm)
	until(t, b, "the first signature", holds(first))
	if !stands(t, a, p) || !stands(t, b, p) {
		t.Fatal("one signature is enough")
	}
	waiting := removals(t, b)
	if len(waiting) != 1 || waiting[0].Done || len(waiting[0].Signs) != 1 {
		t.Fatalf("at the other hub wait %+v", waiting)
	}
	second := signs(b, "john", waiting[0])
	if stands(t, b, p) {
		t.Error("it is still there where the second signed")
	}
	until(t, a, "the second signature", holds(second))
	if stands(t, a, p) {
		t.Error("it is still there where the first signed")
	}
	if done := removals(t, a); len(done) != 1 || !done[0].Done || len(done[0].Signs) != 2 {
		t.Errorf("%+v", done)
	}
	if _, err := a.Write(t.Context(), "notes", key("ann"), hub.Draft{Key: "a/1", Body: []byte("again")}); err == nil {
		t.Error("it is written once more")
	}
	if _, err := a.Write(t.Context(), record.Roster, key("ann"), rm.Draft()); err == nil {
		t.Error("a neighbor signs")
	}
}

func stands(t testing.TB, n *node.Node, r record.Record) (yes bool) {
	t.Helper()
	ok(t, n.Store().Read(func(v *store.View) error {
		yes = holds(r)(v)
		return nil
	}))
	return yes
}

// removals are those that a hub knows of, as its pages read them.
func removals(t testing.TB, n *node.Node) (all []moderation.Removal) {
	t.Helper()
	ok(t, n.Read(t.Context(), record.Roster, func(s hub.Snapshot) (err error) {
		all, err = moderation.ReadRemovals(s)
		return err
	}))
	return all
}
