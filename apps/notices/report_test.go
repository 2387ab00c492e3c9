package notices_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
)

func TestASheetForAWallHasWhatHoldsAndWhatHasEnded(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "road", "text", "Main Street", "life", "72", "client_id", "a")
	m.do(maria, "new", "t", "boil-water", "client_id", "b")
	m.do(tom, "new", "t", "water", "text", "School", "life", "1", "client_id", "c")
	m.do(maria, "new", "t", "evacuate", "text", "Below Mill Road.", "client_id", "waits")
	m.now = now.Add(2 * time.Hour)
	m.do(tom, at(maria, "b"), "cancels", id(maria, "b"), "client_id", "d")
	m.now = now.Add(30 * time.Hour)
	sheet := func(since time.Time) (holds, ended string) {
		p, err := notices.New().Report(m, m.ask(maria, ""), since)
		v, ok := p.Model.(notices.ReportView)
		if err != nil || !ok {
			t.Fatal(p, err)
		}
		return heads(v.Notices), heads(v.Ended)
	}
	if holds, ended := sheet(now.Add(90 * time.Minute)); holds != "Road closed" || ended != "Cancelled: Boil your water; Boil your water" {
		t.Errorf("it has %q, and ended since %q", holds, ended)
	}
	if _, ended := sheet(now.Add(29 * time.Hour)); ended != "" {
		t.Errorf("ended long ago: %q", ended)
	}
}
