package notices_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
)

func TestAFormThatIsWrongSaysWhy(t *testing.T) {
	m := newMoment(t)
	m.refused(hub.Invalid, "Say where", m.ask(maria, "new", "t", "road", "client_id", "x"))
	m.refused(hub.Invalid, "Say where", m.ask(maria, "new", "t", "shelter", "text", " ", "client_id", "x"))
	for template, spare := range map[string]bool{"road": false, "boil-water": true, "other": false} {
		q := m.ask(maria, "new")
		q.Query.Set("t", template)
		if c := view[notices.ComposeView](m, q); c.Spare() != spare {
			t.Errorf("%s: the sentence is spared: %v", template, c.Spare())
		}
	}
	m.do(maria, "new", "t", "water", "area", "Hill School", "client_id", "area")
	for field, c := range map[string]struct{ value, says string }{
		"point":    {"44.47", "two numbers"},
		"polygon":  {"44.47,-73.21 44.5,-73.2", "at least 3 corners"},
		"severity": {"Worst", "none of the choices"},
		"life":     {"100000", "from 0 to 720"},
		"text":     {strings.Repeat("x", 501), "too long by 1"},
		"lang":     {"no lang", "none of the choices"},
		"t":        {"no such", "not here any more"},
	} {
		q := m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "x", field, c.value)
		m.refused(hub.Invalid, c.says, q)
	}
	for point, says := range map[string]string{
		"-73.21, 44.47": "", "-120.5, 44": "Is the longitude first?", "44, 190": "nowhere on earth", "91, 181": "nowhere on earth", "north, west": "is no point", "NaN, 1": "is no point",
	} {
		q := m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "p"+point[:2], "point", point)
		if says != "" {
			m.refused(hub.Invalid, says, q)
		} else if _, err := m.act(q); err != nil {
			t.Error(point, err)
		}
	}
	m.refused(hub.Invalid, "from 0 to 500", m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "x", "point", "1,1", "radius", "501"))
	m.refused(hub.Invalid, "around which point", m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "x", "radius", "3"))
	m.refused(hub.Invalid, "Write one sentence", m.ask(maria, "new", "t", "other", "client_id", "x"))
	long := m.ask(maria, "new", "t", "other", "client_id", "x")
	for _, lang := range []string{"es", "fr", "ht", "vi"} {
		long.Form.Set("text_"+lang, strings.Repeat("水", 500))
	}
	long.Form.Set("text", "x")
	m.refused(hub.Invalid, "too long for one notice", long)

	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "ok", "point", "44.47, -73.21", "radius", "1,5", "polygon", "44.1,-73 44.2,-73 44.2,-73.1", "area", "Old town", "contact", "Channel 5")
	n := view[notices.OneView](m, m.ask(ann, at(maria, "ok")))
	if len(n.Areas) != 1 || n.Areas[0].Circles[0].Km() != 1.5 || len(n.Areas[0].Polygons[0]) != 4 || n.Areas[0].Polygons[0][0].String() != "44.1,-73" || n.Where() != "Old town" {
		t.Errorf("%+v", n.Areas)
	}
}

func TestTheCommunityHasTemplatesOfItsOwn(t *testing.T) {
	m := newMoment(t)
	m.refused(hub.Invalid, "headline", m.ask(maria, "templates", "text", "x", "client_id", "t"))
	m.do(maria, "templates", "head", "Goats on the road", "head_es", "Cabras en la vía", "advice", "Drive slowly.", "severity", "Moderate", "life", "3", "client_id", "t")
	c := view[notices.ComposeView](m, m.ask(tom, "new"))
	if len(c.Choices) < 12 || c.Choices[0].Head != "Goats on the road" || c.Choices[0].By != "Maria Ortiz" {
		t.Fatalf("%+v", c.Choices[0])
	}
	m.do(tom, "new", "t", c.Choices[0].ID, "text", "At the mill.", "client_id", "n")
	q := m.ask(ann, "")
	q.Lang = "es"
	if n := view[notices.ListView](m, q).Active[0]; n.Head != "Cabras en la vía" || n.Grade.Severity != notices.Moderate || !n.Span.Until.Equal(now.Add(3*time.Hour)) {
		t.Errorf("%+v", n)
	}
	m.refused(hub.Forbidden, "Only whoever wrote", m.ask(tom, "templates", "removes", id(maria, "t")))
	if rs, err := m.act(m.ask(maria, "templates", "removes", id(maria, "t"))); err != nil || len(rs) != 1 || !rs[0].Withdrawn() {
		t.Errorf("%v %v", rs, err)
	}
	if got := m.active(); got != "FS4-1 Goats on the road" {
		t.Errorf("a notice went with its template: %s", got)
	}
}

// What an update does not say anew it does not say: no old translation stands beside a new
// sentence, and it holds as long as what it replaces would have.
func TestAnUpdateSaysNothingOld(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "boil-water", "text", "The upper town", "text_es", "Todo el barrio alto", "client_id", "a")
	form := m.ask(maria, "new")
	form.Query.Set("updates", id(maria, "a"))
	c := view[notices.ComposeView](m, form)
	if c.Start.Hours != 72 {
		t.Errorf("%d hours are offered of 72", c.Start.Hours)
	}
	for _, other := range c.Tongues().Others {
		for _, in := range other.Inputs {
			if in.Value != "" {
				t.Errorf("the form begins with the old translation %q", in.Value)
			}
		}
	}
	spanish := func() notices.Shown {
		q := m.ask(ann, "")
		q.Lang = "es"
		return view[notices.ListView](m, q).Active[0]
	}
	m.now = now.Add(time.Hour)
	m.do(maria, "new", "updates", id(maria, "a"), "text", "The upper town", "client_id", "b")
	if s := spanish(); s.Text != "Todo el barrio alto" || s.Span.Until.Before(now.Add(72*time.Hour)) {
		t.Errorf("where only the time is new: %q, until %v", s.Text, s.Span.Until)
	}
	m.do(maria, "new", "updates", id(maria, "b"), "text", "Now the whole town", "client_id", "c")
	if s := spanish(); s.Text != "Now the whole town" || s.Lang != "en" {
		t.Errorf("in Spanish it says %q, of %q", s.Text, s.Lang)
	}
}
