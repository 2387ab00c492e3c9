package node_test

import (
	"crypto/ed25519"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// letIn makes the data folder of a hub that the hub of another folder has let in.
func letIn(t *testing.T, by, label string) string {
	t.Helper()
	f, err := node.ReadFolder(by)
	ok(t, err)
	codec, err := record.NewCodec(f.Founding.Community(), f.Founding.Time)
	ok(t, err)
	var trust []record.Record
	for _, enc := range f.Trust {
		r, err := codec.Decode(enc)
		ok(t, err)
		trust = append(trust, r)
	}
	r, err := roster.Certificate{Kind: roster.Hub, Subject: record.AuthorOf(key(label)), Label: label}.Record(record.At(time.Now()), f.ID().Via())
	ok(t, err)
	r, err = codec.Sign(r, f.Key)
	ok(t, err)
	path := filepath.Join(t.TempDir(), "hub")
	ok(t, node.MakeFolder(path, f.Founding, key(label), f.Network, append(trust, r)))
	return path
}

// decide has an act decided at a console, by the root where it takes that.
func decide(t *testing.T, n *node.Node, console *control.Client, root ed25519.PrivateKey, act control.HubAct) control.HubPlan {
	t.Helper()
	var plan control.HubPlan
	ok(t, console.Call(t.Context(), "hub", act, &plan))
	if len(plan.Roots) == 0 {
		act.Sign = true
		ok(t, console.Call(t.Context(), "hub", act, &plan))
		return plan
	}
	signs(t, n, console, root, plan.RootPlan)
	return plan
}

func idOf(label string) string { return record.AuthorOf(key(label)).String() }

func labelled(who, label string) func(*store.View) bool {
	return func(v *store.View) bool {
		for a, c := range v.Roster().Hubs() {
			if a.String() == who {
				return c.Label == label
			}
		}
		return label == ""
	}
}

func TestAHubRenamesThoseItLetIn(t *testing.T) {
	root, paths := folders(t, 1)
	library := letIn(t, paths[0], "Library")
	a, console := withConsole(t, paths[0])
	b, stop := start(t, library, a.SyncAddrs()...)
	until(t, a, "the library", labelled(idOf("Library"), "Library"))
	for _, label := range []string{"Town Hall", "Library", "Town Hall"} { // and back again
		if plan := decide(t, a, console, root, control.HubAct{Act: control.Rename, Hub: idOf("Library"), Label: " " + label}); len(plan.Roots) > 0 {
			t.Errorf("it takes the roots: %+v", plan)
		}
		until(t, b, "the name "+label, labelled(idOf("Library"), label))
	}
	err := console.Call(t.Context(), "hub", control.HubAct{Act: control.Rename, Hub: idOf("Library"), Label: "place 1"}, nil)
	if err == nil || !strings.Contains(err.Error(), `the hub "Place 1", whose key begins with `) {
		t.Errorf("a name that is taken: %v", err)
	}
	err = console.Call(t.Context(), "hub", control.HubAct{Act: control.Rename, Hub: a.Host().ID().String(), Label: "School", Sign: true}, nil)
	if err == nil || !strings.Contains(err.Error(), "root sheets") {
		t.Errorf("the first hub renames itself: %v", err)
	}
	decide(t, a, console, root, control.HubAct{Act: control.Rename, Hub: a.Host().ID().String(), Label: "School"})
	until(t, b, "the first hub's name", labelled(a.Host().ID().String(), "School"))
	if c, _ := b.Store().Roster().Hub(a.Host().ID()); !c.Roles.Has(roster.Admit) {
		t.Error("with its name it has lost its role")
	}
	await(t, b, "the name in its folder", func(control.Status) bool {
		f, err := node.ReadFolder(library)
		return err == nil && f.Label() == "Town Hall"
	})
	stop()
	ok(t, os.Remove(filepath.Join(library, "records.db")))
	b, _ = start(t, library)
	if name := b.About().Place; name != "Town Hall" {
		t.Errorf("without its records the library is called %q", name)
	}
}

func TestNobodyMissesAHubThatIsNoLongerInUse(t *testing.T) {
	root, paths := folders(t, 1)
	library := letIn(t, paths[0], "Library")
	a, console := withConsole(t, paths[0])
	_, stop := start(t, library, a.SyncAddrs()...)
	until(t, a, "the library", labelled(idOf("Library"), "Library"))
	stop()
	await(t, a, "it is missed", func(s control.Status) bool { return level(s, "neighbors") == "bad" })
	decide(t, a, console, root, control.HubAct{Act: control.Retire, Hub: idOf("Library")})
	await(t, a, "it is not missed", func(s control.Status) bool { return level(s, "neighbors") == "ok" && s.Hubs[0].Retired })
	if label, err := node.Label(a.Store().Roster(), "library", record.Author{}); err != nil || label != "library" {
		t.Errorf("its name: %q, %v", label, err)
	}
	if len(a.About().Neighbors) > 0 {
		t.Error("the pages miss it")
	}
}

func TestARevokedHubLosesItsLinksAndItsPeopleStay(t *testing.T) {
	root, paths := folders(t, 1)
	library, school := letIn(t, paths[0], "Library"), letIn(t, paths[0], "School")
	a, console := withConsole(t, paths[0])
	c, _ := start(t, school, a.SyncAddrs()...)
	b, _ := start(t, library, a.SyncAddrs()[0], c.SyncAddrs()[0])
	ok(t, b.Enroll(t.Context(), key("ana"), "Ana"))
	ok(t, b.Enroll(t.Context(), key("zoe"), "Zoe"))
	post := write(t, b, key("ana"), "a/1", "hello")
	until(t, a, "Ana's post", holds(post))
	until(t, c, "Ana's post", holds(post))
	plan := decide(t, a, console, root, control.HubAct{Act: control.Revoke, Hub: idOf("Library"), Why: "stolen"})
	if plan.Stay != 2 || plan.Go != 0 || len(plan.Roots) > 0 {
		t.Errorf("%+v", plan)
	}
	for _, n := range []*node.Node{a, c} {
		s := await(t, n, "the link gone", func(s control.Status) bool {
			return !slices.ContainsFunc(s.Links, func(l control.Link) bool { return l.Up() && l.Peer == idOf("Library") })
		})
		until(t, n, "the post still", holds(post))
		if len(s.Hubs) != 1 {
			t.Errorf("the hubs that are left: %+v", s.Hubs)
		}
	}
	await(t, b, "what became of it", func(s control.Status) bool { // the news of it may come too late to reach it
		return slices.ContainsFunc(s.Warnings, func(f doctor.Finding) bool { return strings.Contains(f.Text+f.Todo, "revoke") })
	})
	until(t, c, "the hub gone", labelled(idOf("Library"), ""))
	if about := b.About(); about.Place != "Library" || len(about.Neighbors) > 0 && about.CutOff {
		t.Errorf("its pages say %+v", about)
	}
	late := write(t, b, key("ana"), "a/2", "from the thief")
	newer := write(t, a, key("ana"), "a/3", "from Ana at another place")
	until(t, c, "what Ana writes elsewhere", holds(newer))
	until(t, a, "nothing from the thief", func(v *store.View) bool { return !holds(late)(v) })
}

func TestARevocationByTheRootsTakesOverWhomItLetIn(t *testing.T) {
	root, paths := folders(t, 2)
	library := letIn(t, paths[0], "Library")
	first, stop := start(t, paths[0])
	a, console := withConsole(t, paths[1])
	c, _ := start(t, library, first.SyncAddrs()[0], a.SyncAddrs()[0])
	until(t, a, "the library", labelled(idOf("Library"), "Library"))
	ok(t, first.Enroll(t.Context(), key("ana"), "Ana"))
	post := write(t, first, key("ana"), "a/1", "hello")
	until(t, a, "the post", holds(post))
	stop()
	act := control.HubAct{Act: control.Revoke, Hub: first.Host().ID().String(), None: true}
	plan := decide(t, a, console, root, act)
	if plan.Go != 1 || !slices.Equal(plan.Kept, []string{"Library"}) || plan.Threshold != 1 || len(plan.Roots) != 1 {
		t.Errorf("%+v", plan)
	}
	until(t, c, "the first hub gone", labelled(first.Host().ID().String(), ""))
	until(t, c, "the library still", labelled(idOf("Library"), "Library"))
	until(t, a, "Ana gone", func(v *store.View) bool { return !holds(post)(v) })
	if len(a.Store().Roster().Chain(record.AuthorOf(key("Library")))) == 0 {
		t.Error("the library has no certificate")
	}
}

// What a hub has put out stays out, and whom it let stay stays, where the roots put
// an end to that hub or to its right.
func TestTheRootsTakeOverWhomAHubHasPutOut(t *testing.T) {
	for _, act := range []control.ActKind{control.Revoke, control.Ungrant} {
		t.Run(string(act), func(t *testing.T) {
			root, paths := folders(t, 2)
			library, school, mill := letIn(t, paths[0], "Library"), letIn(t, paths[0], "School"), letIn(t, paths[0], "Mill")
			first, console := withConsole(t, paths[0])
			_, stopMill := start(t, mill, first.SyncAddrs()[0])
			until(t, first, "the mill", labelled(idOf("Mill"), "Mill"))
			stopMill()
			decide(t, first, console, root, control.HubAct{Act: control.Retire, Hub: idOf("Mill")})
			b, stop := start(t, library, first.SyncAddrs()[0])
			c, _ := start(t, school, first.SyncAddrs()[0])
			until(t, first, "the school", labelled(idOf("School"), "School"))
			ok(t, b.Enroll(t.Context(), key("ana"), "Ana"))
			post := write(t, b, key("ana"), "a/1", "hello")
			until(t, first, "the post", holds(post))
			decide(t, first, console, root, control.HubAct{Act: control.Revoke, Hub: idOf("Library")})
			stop()

			plan := decide(t, first, console, root, control.HubAct{Act: act, Hub: first.Host().ID().String(), Roots: true})
			slices.Sort(plan.Kept)
			if !slices.Equal(plan.Out, []string{"Library"}) || !slices.Equal(plan.Kept, []string{"Mill", "School"}) || !slices.Equal(plan.Idle, []string{"Mill"}) {
				t.Errorf("%+v", plan)
			}
			state := first.Store().Roster()
			if label, err := node.Label(state, "mill", record.Author{}); !state.Retired(record.AuthorOf(key("Mill"))) || err != nil {
				t.Errorf("the mill is in use again, and its name taken: %q, %v", label, err)
			}
			var all control.Hubs
			ok(t, console.Call(t.Context(), "hubs", control.Nothing{}, &all))
			if at := slices.IndexFunc(all.Hubs, func(h control.CertifiedHub) bool { return h.ID == idOf("Library") }); at < 0 || all.Hubs[at].Label != "Library" || all.Hubs[at].Revoked == nil {
				t.Errorf("the library is not among those revoked: %+v", all.Hubs)
			}
			if _, member := state.Hub(record.AuthorOf(key("Library"))); member || !state.Revoked(record.AuthorOf(key("Library"))) {
				t.Error("the library is not out any more")
			}
			if _, member := state.Hub(record.AuthorOf(key("School"))); !member || state.Has(first.Host().ID(), roster.Admit) {
				t.Error("the school is out, or the first hub may still invite")
			}
			until(t, first, "Ana's post still", holds(post))
			if act == control.Ungrant {
				until(t, c, "the first hub's right gone", func(v *store.View) bool { return !v.Roster().Has(first.Host().ID(), roster.Admit) })
				until(t, c, "Ana's post still", holds(post))
				err := console.Call(t.Context(), "invite", control.Invite{Label: "Barn", Seconds: 60}, nil)
				if err == nil || !strings.Contains(err.Error(), "may not let others join") {
					t.Errorf("it invites: %v", err)
				}
				err = console.Call(t.Context(), "hub", control.HubAct{Act: act, Hub: first.Host().ID().String()}, nil)
				if err == nil || !strings.Contains(err.Error(), "nothing to take back") {
					t.Errorf("it is taken back again: %v", err)
				}
				decide(t, first, console, root, control.HubAct{Act: control.Grant, Hub: first.Host().ID().String()})
				until(t, c, "the right again", func(v *store.View) bool { return v.Roster().Has(first.Host().ID(), roster.Admit) })
			}
		})
	}
}

// Between the admission of a hub and the beginning of its link its certificate may
// be taken back.
func TestALinkWithAHubThatIsNoneAnyMoreIsNotServed(t *testing.T) {
	_, paths := folders(t, 1)
	a, _ := start(t, paths[0])
	here, there := net.Pipe()
	defer there.Close()
	done := make(chan struct{})
	go func() {
		a.ServeLink(t.Context(), peer.Link{Peer: record.AuthorOf(key("stranger")), Stream: here})
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("it is served")
	}
}

func TestAHubInvitesWhenTheRootsLetIt(t *testing.T) {
	root, paths := folders(t, 1)
	library := letIn(t, paths[0], "Library")
	b, console := withConsole(t, library)
	a, _ := start(t, paths[0], b.SyncAddrs()...)
	grant := control.HubAct{Act: control.Grant, Hub: idOf("Library")}
	if plan := decide(t, b, console, root, grant); plan.Threshold != 1 {
		t.Errorf("%+v", plan)
	}
	until(t, a, "its right", func(v *store.View) bool { return v.Roster().Has(record.AuthorOf(key("Library")), roster.Admit) })
	until(t, a, "its name still", labelled(idOf("Library"), "Library"))
	var made control.Invited
	ok(t, console.Call(t.Context(), "invite", control.Invite{Label: "Barn", Seconds: 60}, &made))
	code, err := join.Parse(made.Code)
	ok(t, err)
	barn := newcomer(t)
	_, err = node.Join(t.Context(), node.JoinConfig{Folder: barn, Code: code, At: b.SyncAddrs()[0]})
	ok(t, err)
	f, err := node.ReadFolder(barn)
	ok(t, err)
	until(t, a, "whom it let in", labelled(f.ID().String(), "Barn"))
}

// Who was revoked by the roots is remembered by name, also when the hub is revoked
// that had given the certificate; who was retired stays so under another name.
func TestTheRootsTakeOverWhatTheyHaveNotIssued(t *testing.T) {
	root, paths := folders(t, 2)
	library, mill := letIn(t, paths[0], "Library"), letIn(t, paths[0], "Mill")
	first, firstConsole := withConsole(t, paths[0])
	a, console := withConsole(t, paths[1])
	for _, path := range []string{library, mill} {
		_, stop := start(t, path, first.SyncAddrs()[0], a.SyncAddrs()[0])
		f, err := node.ReadFolder(path)
		ok(t, err)
		until(t, first, f.Label(), labelled(f.ID().String(), f.Label()))
		until(t, a, f.Label(), labelled(f.ID().String(), f.Label()))
		stop()
	}
	decide(t, first, firstConsole, root, control.HubAct{Act: control.Retire, Hub: idOf("Mill")})
	decide(t, first, firstConsole, root, control.HubAct{Act: control.Rename, Hub: idOf("Mill"), Label: "Old Mill", Roots: true})
	if !first.Store().Roster().Retired(record.AuthorOf(key("Mill"))) {
		t.Error("the mill is in use again under its new name")
	}
	decide(t, a, console, root, control.HubAct{Act: control.Revoke, Hub: idOf("Library")})
	decide(t, a, console, root, control.HubAct{Act: control.Revoke, Hub: first.Host().ID().String()})
	var all control.Hubs
	ok(t, console.Call(t.Context(), "hubs", control.Nothing{}, &all))
	if !slices.ContainsFunc(all.Hubs, func(h control.CertifiedHub) bool { return h.Label == "Library" && h.Revoked != nil }) {
		t.Errorf("the library is not among those revoked: %+v", all.Hubs)
	}
}

// Who sends what is no frame at all waits like others who break the protocol.
func TestAPeerThatSendsTooLargeAFrameWaits(t *testing.T) {
	_, paths := folders(t, 2)
	a, _ := start(t, paths[0])
	f, err := node.ReadFolder(paths[1])
	ok(t, err)
	b, stop := start(t, paths[1], a.SyncAddrs()[0])
	until(t, a, f.Label(), labelled(f.ID().String(), f.Label()))
	await(t, b, "the link", func(s control.Status) bool { return len(s.Links) > 0 && s.Links[0].Up() })
	stop()
	for _, least := range []time.Duration{0, 900 * time.Millisecond, 1800 * time.Millisecond} {
		here, there := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			a.ServeLink(t.Context(), peer.Link{Peer: f.ID(), Stream: here})
			_ = here.Close()
		}()
		go func() { _, _ = io.Copy(io.Discard, there) }()
		begun := time.Now()
		_, err := there.Write([]byte{0xff, 0xff})
		ok(t, err)
		if waited := time.Since(begun); waited < least {
			t.Errorf("it is heard after %v, before %v", waited, least)
		}
		<-done
		ok(t, there.Close())
	}
}
