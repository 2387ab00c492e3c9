package notices_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func (m *moment) paper() notices.PaperView {
	m.t.Helper()
	p, err := notices.New().Print(m, hub.Request{Lang: "en"})
	if err != nil {
		m.t.Fatal(err)
	}
	return p.Model.(notices.PaperView)
}

func TestThePageForADoorSaysHowManyNoticesHaveNoRoomOnIt(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "meeting", "text", "At the school.", "client_id", "m")
	m.do(maria, "new", "t", "storm", "text", "Stay inside tonight.", "client_id", "s")
	m.do(maria, "new", "t", "boil-water", "text", "The whole town.", "client_id", "b")
	few := m.paper()
	var heads []string
	for _, n := range few.Notices {
		heads = append(heads, n.Head)
	}
	if few.More != 0 || len(heads) != 3 || heads[2] != "Meeting" || !few.Notices[0].Whole || few.Notices[2].Whole {
		t.Errorf("%q and %d more", heads, few.More)
	}
	for i := range 12 {
		m.do(tom, "new", "t", "road", "text", fmt.Sprintf("Elm Street %d, at the bridge, for as long as the water stands there.", i), "client_id", fmt.Sprint(i))
	}
	many := m.paper()
	if many.More == 0 || len(many.Notices)+many.More != 15 || len(many.Notices) < 4 {
		t.Errorf("%d notices and %d more", len(many.Notices), many.More)
	}
	all := m.list(ann).Active
	if !slices.EqualFunc(many.Notices, all[:len(many.Notices)], func(p notices.OnPaper, n notices.Shown) bool { return p.Number == n.Number }) {
		t.Error("they are not the worst")
	}
	// One that fills the page alone leaves no other out without a word.
	long := newMoment(t)
	long.do(maria, "new", "t", "storm", "text", strings.Repeat("Stay away from the windows. ", 15), "client_id", "s")
	long.do(maria, "new", "t", "boil-water", "text", strings.Repeat("The whole town. ", 25), "client_id", "b")
	if p := long.paper(); len(p.Notices)+p.More != 2 || !p.Notices[0].Whole || len(p.Notices) == 2 && p.Notices[1].Whole {
		t.Errorf("%+v", p)
	}
}

func TestThePageForADoorNamesWhatItHasNoRoomToTell(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "storm", "text", "Trees will fall on Mill Road. Park your cars on the square.", "client_id", "s")
	m.do(maria, "new", "t", "boil-water", "text", "It is brown on Elm Street.", "client_id", "b")
	m.do(tom, "new", "t", "shelter", "text", strings.Repeat("Bring blankets, and medicine for three days. ", 10), "area", "The school", "client_id", "l")
	m.do(tom, "new", "t", "road", "text", "The bridge is closed.", "client_id", "r")
	m.do(tom, "new", "t", "meeting", "text", "At the school.", "client_id", "m")
	p := m.paper()
	var told []bool
	for _, n := range p.Notices {
		told = append(told, n.Whole || n.Told)
	}
	if p.More != 0 || !slices.Equal(told, []bool{true, true, true, false, true}) {
		t.Errorf("%d have no room; told in full or short: %v", p.More, told)
	}
}

// What is to be seen before all else is told with who says so, and the gravest of another
// comes before what is of less weight here.
func TestThePageForADoorTellsTheGraveOnes(t *testing.T) {
	m := newMoment(t)
	m.say(roster.Certificate{Kind: roster.Hub, Subject: author(school), Label: "School", Roles: roster.Relay, Senders: []string{"nws"}})
	m.do(maria, "new", "t", "boil-water", "text", "The whole town.", "client_id", "b")
	m.do(tom, "new", "t", "inside", "text", "Gas at the mill.", "client_id", "i")
	m.do(tom, "new", "t", "meeting", "text", "At the school.", "client_id", "m")
	m.passesOn(school, "nws", "The dam breaks", notices.Extreme, time.Hour)
	m.passesOn(school, "nws", "Flash flood", notices.Extreme, time.Hour)
	var heads []string
	for _, n := range m.paper().Notices {
		if n.Loud() && !n.Told && !n.Whole {
			t.Errorf("%q is only named", n.Head)
		}
		heads = append(heads, n.Head)
	}
	if got := strings.Join(heads, "; "); got != "Flash flood; The dam breaks; Go inside and stay there; Boil your water; Meeting" {
		t.Errorf("it has %s", got)
	}
}
