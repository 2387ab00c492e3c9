package node_test

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// signs has the root sign what a plan takes, and the hub take it in.
func signs(t *testing.T, n *node.Node, console *control.Client, root ed25519.PrivateKey, plan control.RootPlan) {
	t.Helper()
	var signed []record.Record
	for _, s := range plan.Statements {
		r, err := n.Store().Codec().Sign(record.Record{App: record.Roster, Class: record.Trust, Key: s.Key, Time: record.Time(s.Time), Body: s.Body}, root)
		ok(t, err)
		signed = append(signed, r)
	}
	taken, err := console.Records(t.Context(), signed...)
	ok(t, err)
	for _, one := range taken {
		if one.Outcome != control.Added {
			t.Fatalf("signed by the root, and %+v", one)
		}
	}
}

// appoint has the root do something about people.
func appoint(t *testing.T, n *node.Node, console *control.Client, root ed25519.PrivateKey, acts ...control.RoleAct) control.RolePlan {
	t.Helper()
	var plan control.RolePlan
	ok(t, console.Call(t.Context(), "appoint", control.RoleActs{Acts: acts}, &plan))
	signs(t, n, console, root, plan.RootPlan)
	return plan
}

func TestTheRootsMakeSomebodyACoordinator(t *testing.T) {
	root, paths := folders(t, 2)
	a, console := withConsole(t, paths[0])
	b, _ := start(t, paths[1], a.SyncAddrs()...)
	ok(t, b.Enroll(t.Context(), key("ana"), "Ana Ortiz"))
	until(t, a, "Ana", vouched(t, record.AuthorOf(key("ana"))))
	ana := idOf("ana")

	// Whom the operator means.
	for _, typed := range []string{"Ana Ortiz", "ana ortiz", "Ana Ortiz " + ana[:6], "ana  ortiz (" + strings.ToUpper(ana[:6]) + ")", ana[:5], ana} {
		var found control.People
		ok(t, console.Call(t.Context(), "who", control.Who{Who: typed}, &found))
		if len(found.People) != 1 || found.People[0].ID != ana || found.People[0].Name != "Ana Ortiz" || found.People[0].Home == "" || found.People[0].Certified {
			t.Errorf("%q means %+v", typed, found.People)
		}
	}
	var found control.People
	ok(t, console.Call(t.Context(), "who", control.Who{Who: "Ana Ortiz 000000"}, &found))
	if len(found.People) != 0 {
		t.Errorf("under another mark: %+v", found.People)
	}

	grant := control.RoleAct{Act: control.Grant, Who: ana, Roles: []string{"notices", "moderate"}, Area: "fire district", Until: 20_000}
	plan := appoint(t, a, console, root, grant)
	if len(plan.Labels) != 1 || plan.Labels[0] != "Ana Ortiz" {
		t.Errorf("%+v", plan.Labels)
	}
	until(t, b, "what she may", func(v *store.View) bool {
		c, certified := v.Roster().Coordinator(record.AuthorOf(key("ana")))
		return certified && c.Roles == roster.Notices|roster.Moderate && c.Area == "fire district" && c.Label == "Ana Ortiz"
	})
	var all register.Register
	ok(t, console.Call(t.Context(), "roster", control.Nothing{}, &all))
	if len(all.Coordinators) != 1 || all.Coordinators[0].Label != "Ana Ortiz" || len(all.Coordinators[0].By) != 1 || !all.Coordinators[0].Over || len(all.Hubs) != 2 {
		t.Errorf("%+v", all)
	}

	// What cannot be.
	for _, c := range []struct {
		act  control.RoleAct
		want string
	}{
		{grant, "may do just that already"},
		{control.RoleAct{Act: control.Grant, Who: ana, Roles: []string{"mayor"}}, `"mayor" is no role`},
		{control.RoleAct{Act: control.Grant, Who: ana, Roles: []string{"admit"}}, "only a hub lets other hubs in"},
		{control.RoleAct{Act: control.Grant, Who: ana, Roles: []string{"relay"}}, "say whose warnings"},
		{control.RoleAct{Act: control.Grant, Who: ana, Roles: []string{"maps"}, Senders: []string{"x@y"}}, "senders go with the role relay"},
		{control.RoleAct{Act: control.Grant, Who: idOf("stranger"), Roles: []string{"maps"}}, "say it with --name"},
		{control.RoleAct{Act: control.Grant, Who: idOf("stranger"), Label: "Zoe", Roles: []string{}}, "nothing to take back"},
		{control.RoleAct{Act: control.Grant, Who: idOf("stranger"), Label: "ana  ortiz", Roles: []string{"maps"}}, "another coordinator, Ana Ortiz"},
		{control.RoleAct{Act: control.Grant, Who: idOf("stranger"), Label: "place 1", Roles: []string{"maps"}}, "a place, Place 1"},
		{control.RoleAct{Act: control.Retire, Who: idOf("stranger")}, "is no coordinator"},
		{control.RoleAct{Act: control.Retire, Who: a.Host().ID().String()}, "lamppost hub retire"},
		{control.RoleAct{Act: control.Rename, Who: ana}, "nothing that can be decided"},
		{control.RoleAct{Act: control.Grant, Who: "abc", Roles: []string{"maps"}}, "64 hexadecimal digits"},
	} {
		err := console.Call(t.Context(), "appoint", control.RoleActs{Acts: []control.RoleAct{c.act}}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.act, err, c.want)
		}
	}

	ok(t, console.Call(t.Context(), "who", control.Who{Who: "Ana Ortiz"}, &found))
	if len(found.People) != 1 || found.People[0].Area != "fire district" {
		t.Errorf("what she speaks for: %+v", found.People)
	}

	// Other roles, none, and the same as in the beginning: the newest counts.
	for _, roles := range [][]string{{"maps"}, {}, {"notices", "moderate"}} {
		grant.Roles = roles
		appoint(t, a, console, root, grant)
		until(t, b, "other roles", func(v *store.View) bool {
			c, _ := v.Roster().Coordinator(record.AuthorOf(key("ana")))
			return strings.Join(register.Roles(c.Roles), ",") == strings.Join(roles, ",")
		})
	}

	post := write(t, b, key("ana"), "a/1", "hello")
	until(t, a, "her post", holds(post))
	appoint(t, a, console, root, control.RoleAct{Act: control.Revoke, Who: ana, Why: "stolen"})
	until(t, b, "her end", func(v *store.View) bool { return v.Roster().Revoked(record.AuthorOf(key("ana"))) })
	until(t, b, "her post gone", func(v *store.View) bool { return !holds(post)(v) })
	err := console.Call(t.Context(), "appoint", control.RoleActs{Acts: []control.RoleAct{grant}}, nil)
	if err == nil || !strings.Contains(err.Error(), "has been revoked, and that is for good") {
		t.Errorf("she is granted something: %v", err)
	}
	ok(t, console.Call(t.Context(), "roster", control.Nothing{}, &all))
	if len(all.Coordinators) != 0 || len(all.Ended) != 1 || all.Ended[0].Why != "stolen" || all.Ended[0].Label != "Ana Ortiz" || all.Ended[0].Kind != register.Coordinator || len(all.Ended[0].By) != 1 {
		t.Errorf("%+v", all.Ended)
	}
}

// mourner is an app in which others see something else without somebody.
type mourner struct{ notes }

func (mourner) Without(_ hub.Snapshot, _ hub.Request, who record.Author, roles roster.Roles) ([]hub.Effect, error) {
	if !roles.Has(roster.Notices) {
		return nil, nil
	}
	return []hub.Effect{{Says: "Gone:", Of: []string{who.Tag()}}}, nil
}

func TestWhoTakesARoleBackIsToldWhatTheAppsForesee(t *testing.T) {
	root, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	n, err := node.New(node.Config{
		Folder: f, Apps: []hub.App{mourner{}}, HTTP: "127.0.0.1:0", Listen: []string{"127.0.0.1:0"}, TrustClock: true, Control: true,
	})
	ok(t, err)
	console := control.NewClient(paths[0])
	runs(t, n)
	ok(t, n.Enroll(t.Context(), key("ana"), "Ana Ortiz"))
	told := func(act control.RoleAct) string {
		t.Helper()
		act.Who = idOf("ana")
		var plan control.RolePlan
		ok(t, console.Call(t.Context(), "appoint", control.RoleActs{Acts: []control.RoleAct{act}}, &plan))
		var all []string
		for _, e := range plan.Effects {
			all = append(all, e.Says+strings.Join(e.Of, ","))
		}
		return strings.Join(all, ";")
	}
	gone := "Gone:" + record.AuthorOf(key("ana")).Tag()
	if got := told(control.RoleAct{Act: control.Revoke}); got != "" {
		t.Errorf("the end of a neighbor: %s", got)
	}
	appoint(t, n, console, root, control.RoleAct{Act: control.Grant, Who: idOf("ana"), Roles: []string{"notices", "moderate"}})
	until(t, n, "her role", func(v *store.View) bool { return v.Roster().Certified(record.AuthorOf(key("ana"))) })
	for name, c := range map[string]struct {
		act  control.RoleAct
		want string
	}{
		"an end":        {control.RoleAct{Act: control.Revoke}, gone},
		"a retirement":  {control.RoleAct{Act: control.Retire}, ""},
		"nothing more":  {control.RoleAct{Act: control.Grant, Roles: []string{}}, gone},
		"another role":  {control.RoleAct{Act: control.Grant, Roles: []string{"maps"}}, gone},
		"one role less": {control.RoleAct{Act: control.Grant, Roles: []string{"notices"}}, ""},
		"one role more": {control.RoleAct{Act: control.Grant, Roles: []string{"notices", "moderate", "maps"}}, ""},
	} {
		if got := told(c.act); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	ok(t, n.Enroll(t.Context(), key("ann"), "Ann"))
	p := write(t, n, key("ann"), "a/1", "an insult")
	decides(t, n, "ana", moderation.Decision{Do: moderation.Hide, Post: moderation.Of(p), Seen: p.Time, Why: "rude"})
	const again = "Posts that are hidden and can be read again: 1"
	for act, want := range map[control.ActKind]bool{control.Revoke: true, control.Retire: false} {
		if got := told(control.RoleAct{Act: act}); strings.Contains(got, again) != want {
			t.Errorf("%s of a moderator: %q", act, got)
		}
	}
	if got := told(control.RoleAct{Act: control.Grant, Roles: []string{"notices"}}); !strings.HasSuffix(got, again) {
		t.Errorf("a moderator no more: %q", got)
	}
}

func TestAHubIsGivenWhoseWarningsItPassesOn(t *testing.T) {
	root, paths := folders(t, 1)
	a, console := withConsole(t, paths[0])
	self := a.Host().ID()
	grant := control.RoleAct{Act: control.Grant, Who: self.String(), Roles: []string{"relay"}, Senders: []string{"w-nws.webmaster@noaa.gov"}}
	appoint(t, a, console, root, grant)
	c, _ := a.Store().Roster().Hub(self)
	if c.Roles != roster.Relay|roster.Admit || len(c.Senders) != 1 || c.Label != "Place 1" {
		t.Errorf("%+v", c)
	}
	for _, role := range []string{"notices", "moderate", "maps"} { // what people sign with their names
		wrong := grant
		wrong.Roles = append([]string{role}, grant.Roles...)
		err := console.Call(t.Context(), "appoint", control.RoleActs{Acts: []control.RoleAct{wrong}}, nil)
		if err == nil || !strings.Contains(err.Error(), "give "+role+" to a person") {
			t.Errorf("a hub is given %s: %v", role, err)
		}
	}
	grant.Roles, grant.Senders = []string{}, nil
	appoint(t, a, console, root, grant)
	if c, _ = a.Store().Roster().Hub(self); c.Roles != roster.Admit || len(c.Senders) > 0 {
		t.Errorf("taken back: %+v", c)
	}
}

func TestSomebodyEndsTheirOwnKey(t *testing.T) {
	_, paths := folders(t, 1)
	a, console := withConsole(t, paths[0])
	if err := a.Renounce(t.Context(), key("ana")); err == nil || !strings.Contains(err.Error(), "nothing to end") {
		t.Errorf("nobody knows her: %v", err)
	}
	ok(t, a.Enroll(t.Context(), key("ana"), "Ana"))
	post := write(t, a, key("ana"), "a/1", "hello")
	ok(t, a.Renounce(t.Context(), key("ana")))
	until(t, a, "her post gone", func(v *store.View) bool { return !holds(post)(v) })
	_, err := a.Write(t.Context(), "notes", key("ana"), hub.Draft{Key: "a/2", Body: []byte("again")})
	if err == nil || !strings.Contains(err.Error(), "ended for good") {
		t.Errorf("she writes: %v", err)
	}
	ok(t, a.Renounce(t.Context(), key("ana"))) // the button pressed twice
	var all register.Register
	ok(t, console.Call(t.Context(), "roster", control.Nothing{}, &all))
	if len(all.Ended) != 1 || !all.Ended[0].Own || all.Ended[0].Label != "Ana" || all.Ended[0].Kind != register.Neighbor {
		t.Errorf("%+v", all.Ended)
	}
}

func TestTheRootsNameSuccessors(t *testing.T) {
	root, paths := folders(t, 1)
	a, console := withConsole(t, paths[0])
	next := control.Successors{Roots: []string{idOf("u, a root"), idOf("v, a root")}, Threshold: 2}
	var plan, rival control.RootPlan
	ok(t, console.Call(t.Context(), "succeed", next, &plan))
	ok(t, console.Call(t.Context(), "succeed", control.Successors{Roots: []string{idOf("w, a root")}, Threshold: 1}, &rival))
	if err := console.Call(t.Context(), "succeed", control.Successors{Roots: next.Roots, Threshold: 3}, nil); err == nil {
		t.Error("three of two roots are to decide")
	}
	signs(t, a, console, root, plan)
	var all register.Register
	ok(t, console.Call(t.Context(), "roster", control.Nothing{}, &all))
	if all.Lists != 2 || len(all.Roots) != 2 || all.Threshold != 2 || all.Rivals != 0 {
		t.Errorf("%+v", all)
	}
	signs(t, a, console, root, rival)
	ok(t, console.Call(t.Context(), "roster", control.Nothing{}, &all))
	if all.Lists != 1 || len(all.Roots) != 1 || all.Rivals != 2 {
		t.Errorf("with a rival: %+v", all)
	}
	err := console.Call(t.Context(), "succeed", next, nil)
	if err == nil || !strings.Contains(err.Error(), "2 different lists were signed") {
		t.Errorf("once more: %v", err)
	}
}
