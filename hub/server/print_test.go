package server_test

import (
	"testing"
	"time"
)

func TestWhatIsNewIsPrinted(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	post(t, h, 1, "Ana", "Water at the school", time.Hour)
	post(t, h, 2, "Bo", "Yesterday's bread", 25*time.Hour)
	post(t, h, 3, "Cem", "Old news", 10*24*time.Hour)

	p := b.open("/print").want(t, 200, "Fire Station · Millbrook · Sunday, 22 November 2026, 18:42", "Saturday, 21 November 2026, 18:42",
		"Water at the school", "Sunday, 22 November 2026, 17:42", "http://lamppost.internal/").wantNot(t, "bread", "Old news")
	for _, l := range p.links() {
		if len(l) > 13 && l[:13] == "/print?since=" {
			b.open(l).want(t, 200, "Water at the school")
		}
	}
	for since, old := range map[string]bool{"2026-11-21T08:00:00Z": false, "2026-11-01": true, "2026-11-21T08:00": false} {
		p := b.open("/print?since="+since).want(t, 200, "Yesterday's bread")
		if old {
			p.want(t, 200, "Old news")
		} else {
			p.wantNot(t, "Old news")
		}
	}
	b.open("/print?since=soon").want(t, 422, "A day looks like this")
	h.about.Plausible = false
	b.open("/print?since=2026-11-21").want(t, 200, "The clock here is not set", "Old news")
}
