package notices_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
)

// drained is a town in which some notices hold, one of them to leave.
func drained(t *testing.T) *moment {
	m := newMoment(t)
	m.do(maria, "new", "t", "boil-water", "client_id", "boil")
	m.do(maria, "new", "t", "evacuate", "text", "The dam gives way.", "area", "Below Mill Road", "client_id", "leave")
	m.do(tom, at(maria, "leave"), "signs", view[notices.OneView](m, m.ask(tom, at(maria, "leave"))).Signed.Hash)
	m.do(tom, "new", "t", "other", "head", "Bridge shut", "text", "Do not cross.", "severity", "Moderate", "client_id", "bridge")
	m.now = m.now.Add(time.Hour)
	return m
}

func TestAnAllClearEndsWhatItsWriterTicks(t *testing.T) {
	m := drained(t)
	form := m.ask(tom, "new")
	form.Query.Set("t", "all-clear")
	var offered []string
	for _, c := range view[notices.ComposeView](m, form).Clears {
		offered = append(offered, c.Number+" "+c.Head+" "+c.Where())
	}
	if got := strings.Join(offered, "; "); got != "FS4-2 Leave this area now Below Mill Road; FS4-1 Boil your water ; FS4-3 Bridge shut " {
		t.Errorf("it offers %s", got)
	}
	q := m.ask(tom, "new", "t", "all-clear", "text", "Come home.", "text_es", "Vuelvan a casa.", "client_id", "over")
	q.Form["ends"] = []string{id(maria, "leave"), id(tom, "bridge")}
	rs, err := m.act(q)
	if err != nil || len(rs) != 3 {
		t.Fatalf("%d records, %v", len(rs), err)
	}
	if again, err := m.act(q); err != nil || len(again) > 0 {
		t.Errorf("the same form again writes %d, %v", len(again), err)
	}
	const want = "FS4-4 All clear; FS4-1 Boil your water; FS4-5 Cancelled: Leave this area now; FS4-6 Bridge shut"
	if got := m.active(); got != want {
		t.Errorf("now there holds %s\nwant %s", got, want)
	}
	l := m.list(ann)
	if l.Active[0].Ends() != "FS4-2, FS4-3" || l.Active[2].Ends() != "FS4-2" || l.Active[2].Text != "Come home." || l.Active[2].Kind != notices.Cancel {
		t.Errorf("%q, %q, %q", l.Active[0].Ends(), l.Active[2].Ends(), l.Active[2].Text)
	}
	es := m.ask(ann, "")
	es.Lang = "es"
	if n := view[notices.ListView](m, es).Active[2]; n.Text != "Vuelvan a casa." {
		t.Errorf("in Spanish the cancellation says %q", n.Text)
	}
	page := view[notices.OneView](m, m.ask(ann, at(tom, "over")))
	if len(page.Chain) != 2 || len(page.Holding) != 1 || page.Holding[0].Number != "FS4-1" {
		t.Errorf("its page names %d that it ends, and that these hold: %+v", len(page.Chain), page.Holding)
	}
	m.do(maria, "new", "t", "road", "text", "Elm Street", "client_id", "next")
	if n := m.list(ann).Active; !slices.ContainsFunc(n, func(n notices.Shown) bool { return n.Number == "FS4-7" }) {
		t.Error("a number was given twice")
	}
	m.now = m.now.Add(4 * time.Hour)
	if got := m.active(); !strings.HasPrefix(got, "FS4-1 Boil your water") {
		t.Errorf("hours later the all clear is still on top: %s", got)
	}
}

func TestAnAllClearThatEndsNothingSaysWhatHolds(t *testing.T) {
	m := drained(t)
	m.refused(hub.Invalid, "Say what this ends", m.ask(tom, "new", "t", "all-clear", "text", "Come home.", "client_id", "over"))
	both := m.ask(tom, "new", "t", "all-clear", "text", "Come home.", "client_id", "over")
	both.Form["ends"] = []string{id(maria, "leave"), "none"}
	m.refused(hub.Invalid, "Tick either", both)
	m.do(tom, "new", "t", "all-clear", "text", "Come home.", "ends", "none", "client_id", "over")
	var still []string
	for _, n := range view[notices.OneView](m, m.ask(ann, at(tom, "over"))).Holding {
		still = append(still, n.Number)
	}
	if got := strings.Join(still, " "); got != "FS4-2 FS4-1 FS4-3" {
		t.Errorf("these hold: %s", got)
	}
	if got := m.list(ann).Active[0].Number; got != "FS4-2" {
		t.Errorf("on top is %s", got)
	}
	m.refused(hub.Invalid, "Only an all clear", m.ask(tom, "new", "t", "road", "text", "Elm Street", "ends", id(maria, "leave"), "client_id", "x"))
	m.refused(hub.NotFound, "not here", m.ask(tom, "new", "t", "all-clear", "ends", "nonsense", "client_id", "y"))
}

func TestAnUpdatedAllClearStillSaysWhatItEnded(t *testing.T) {
	m := drained(t)
	m.do(tom, "new", "t", "all-clear", "text", "Come home.", "ends", id(maria, "leave"), "client_id", "over")
	m.do(tom, "new", "updates", id(tom, "over"), "text", "Come home by Mill Road.", "client_id", "over2")
	if l := m.list(ann).Active; l[0].Text != "Come home by Mill Road." || l[0].Ends() != "FS4-2" {
		t.Errorf("%q ends %q", l[0].Text, l[0].Ends())
	}
	m.now = m.now.Add(time.Minute)
	m.do(maria, "new", "t", "other", "head", "Road flooded", "text", "Go round it.", "severity", "Moderate", "client_id", "flood")
	m.now = m.now.Add(time.Minute)
	m.do(tom, "new", "updates", id(tom, "over2"), "text", "Come home by Elm Street.", "client_id", "over3")
	if got := m.active(); !strings.Contains(got, "Road flooded; ") || strings.Index(got, "Road flooded") > strings.Index(got, "All clear") {
		t.Errorf("an update of it comes before what came since: %s", got)
	}
	if page := view[notices.OneView](m, m.ask(ann, at(tom, "over2"))); len(page.Clears) != 1 {
		t.Errorf("its page names %v", page.Clears)
	}
	if got := m.active(); strings.Contains(got, "Leave this area now;") {
		t.Errorf("there holds %s", got)
	}
}

// An all clear is as grave as what it has ended only until there is news of a danger.
func TestAWarningAfterAnAllClearComesBeforeIt(t *testing.T) {
	for name, c := range map[string]struct{ severity, want string }{
		"graver than all that holds": {"Extreme", "FS4-6 Gas leak; FS4-4 All clear; FS4-1 Boil your water"},
		"graver than some":           {"Severe", "FS4-6 Gas leak; FS4-1 Boil your water; FS4-4 All clear"},
		"of less weight":             {"Moderate", "FS4-1 Boil your water; FS4-6 Gas leak; FS4-3 Bridge shut; FS4-4 All clear"},
		"of unknown weight":          {"Unknown", "FS4-1 Boil your water; FS4-6 Gas leak; FS4-3 Bridge shut; FS4-4 All clear"},
		"no warning":                 {"Minor", "FS4-4 All clear; FS4-1 Boil your water; FS4-3 Bridge shut"},
	} {
		t.Run(name, func(t *testing.T) {
			m := drained(t)
			m.do(tom, "new", "t", "all-clear", "text", "Come home.", "ends", id(maria, "leave"), "client_id", "over")
			if got := m.active(); !strings.HasPrefix(got, "FS4-4 All clear; FS4-1 Boil your water") {
				t.Errorf("at first there holds %s", got)
			}
			m.now = m.now.Add(time.Minute)
			m.do(tom, "new", "t", "other", "head", "Gas leak", "text", "Stay inside.", "severity", c.severity, "urgency", "Expected", "client_id", "gas")
			if got := m.active(); !strings.HasPrefix(got, c.want) {
				t.Errorf("then there holds %s\nwant %s", got, c.want)
			}
		})
	}
}

// A draft names what it is about, and where that has changed it is not released by one tap.
func TestADraftNamesWhatItIsAbout(t *testing.T) {
	m := drained(t)
	plain := func(who byte, path string, form ...string) string {
		t.Helper()
		q := m.ask(who, path, form...)
		q.Official = false
		rs, err := m.act(q)
		if err != nil || len(rs) != 1 {
			t.Fatalf("%d, %v", len(rs), err)
		}
		return rs[0].ID().String()
	}
	over := plain(maria, "new", "t", "all-clear", "ends", id(maria, "leave"), "client_id", "d1")
	cancel := plain(maria, at(maria, "boil"), "cancels", id(maria, "boil"), "client_id", "d2")
	update := plain(maria, "new", "updates", id(maria, "boil"), "text", "Also Elm Street.", "client_id", "d3")
	about := func() string {
		var all []string
		for _, d := range view[notices.DraftsView](m, m.ask(maria, "drafts")).Drafts {
			if s := d.State(); s != "" {
				t.Errorf("nobody has released it, and it says %q", s)
			}
			for _, o := range d.About {
				line := o.Number + " " + o.Head
				if d.Stale {
					line += " (stale)"
				}
				all = append(all, line)
			}
		}
		return strings.Join(all, "; ")
	}
	if got := about(); got != "FS4-1 Boil your water; FS4-1 Boil your water; FS4-2 Leave this area now" {
		t.Errorf("they are about %s", got)
	}
	m.do(tom, "d/"+author(maria).String()[:16]+"/d1", "releases", over)
	m.do(maria, "d/"+author(maria).String()[:16]+"/d2", "releases", cancel)
	if got := m.active(); !strings.HasPrefix(got, "FS4-4 All clear; FS4-3 Bridge shut") {
		t.Errorf("then there holds %s", got)
	}
	if got := about(); got != "FS4-1 Boil your water (stale)" {
		t.Errorf("what is left is about %s", got)
	}
	m.refused(hub.Conflict, "does not hold any more", m.ask(maria, "d/"+author(maria).String()[:16]+"/d3", "releases", update))
}

// What was written anew while the form was open does not go unseen.
func TestAnAllClearOfWhatWasReplacedIsLookedAtAgain(t *testing.T) {
	m := drained(t)
	m.do(maria, "new", "updates", id(maria, "boil"), "text", "All of the town.", "client_id", "boil2")
	m.refused(hub.Conflict, "does not hold any more", m.ask(tom, "new", "t", "all-clear", "ends", id(maria, "boil"), "client_id", "over"))
	m.do(maria, at(maria, "boil2"), "cancels", id(maria, "boil2"), "client_id", "c")
	rs, err := m.act(m.ask(tom, "new", "t", "all-clear", "ends", id(maria, "boil2"), "client_id", "over"))
	if err != nil || len(rs) != 1 {
		t.Errorf("what somebody has cancelled meanwhile: %d records, %v", len(rs), err)
	}
}
