package maps_test

import (
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
)

func TestACoordinatorIsToldWhatWaits(t *testing.T) {
	m := newMoment(t)
	m.place(maria, "a", "shelter", "Church", "44.01,-73")
	waits := func(who byte) *maps.WaitsView {
		t.Helper()
		p, err := m.app().Front(m, m.ask(who, ""))
		if err != nil {
			t.Fatal(err)
		}
		card := p.Model.(maps.CardView).Waits
		if list := m.list(who).Waits; (list == nil) != (card == nil) || list != nil && *list != *card {
			t.Errorf("the list says %+v, the card %+v", list, card)
		}
		return card
	}
	if w := waits(maria); w == nil || w.Any() {
		t.Errorf("%+v", w)
	}
	m.do(ann, "p/a/count", "client_id", "k1", "ask", "yes", "text", "Ann, red hat")
	m.do(ann, "report", "client_id", "r1", "what", "road", "text", "Main Street")
	draft := m.ask(tom, "open", "client_id", "d1", "title", "Gym", "points", "44.02,-73")
	draft.Official = false
	if _, err := m.act(draft); err != nil {
		t.Fatal(err)
	}
	if w := waits(maria); w == nil || *w != (maps.WaitsView{Asks: 1, Door: "/maps/p/a", Drafts: 1, Reports: 1}) {
		t.Errorf("%+v", w)
	}
	if w := waits(tom); w == nil || w.Drafts != 0 {
		t.Errorf("their own draft waits for somebody else: %+v", w)
	}
	if w := waits(ann); w != nil {
		t.Errorf("a neighbor is told %+v", w)
	}
	m.do(maria, "p/a/count", "client_id", "k3", "allow", author(ann).String())
	if w := waits(maria); w == nil || w.Asks != 0 {
		t.Errorf("%+v", w)
	}
}

func TestWhatIsNoMoreOrNotTrueSaysSo(t *testing.T) {
	s := newSite(t)
	kim, ann := s.coordinator(t), s.browser(t)
	kim.open("/maps/open")
	kim.saysNot("street corner") // none is known here
	kim.send("/maps/open", "title", "Hill School", "points", "44.48, -73.2")
	id := strings.TrimPrefix(kim.path, "/maps/p/")
	ann.open("/maps/report?place=" + id)
	ann.says("About Hill School")
	ann.saysNot("It is no more")
	kim.send("/edit", "gone", "yes")
	ann.open("/maps/report?place=" + id)
	ann.says("About Hill School · It is no more")

	ann.open("/maps/report")
	ann.send("/maps/report", "what", "danger", "text", "A tree is down")
	kim.open(ann.path)
	kim.send(ann.path, "dismisses", valuesIn(kim.formWith("dismisses")).Get("dismisses"))
	ann.open("/maps/o")
	ann.says("It is not true, or over by Kim")
}
