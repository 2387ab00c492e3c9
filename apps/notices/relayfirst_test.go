package notices_test

import (
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/apps/notices/capsig"
)

// A relay that lies is first with a real warning. Whoever brings it after that is heard all
// the same, and of what they say the worst counts.
func TestWhoIsFirstSilencesNoHonestRelay(t *testing.T) {
	sign, pin := signer(t)
	pins := notices.Sources{Pins: func() ([]capsig.Pin, error) { return []capsig.Pin{pin}, nil }}
	for name, c := range map[string]struct {
		signed, pinned bool
		lie            func(*notices.Relayed)
	}{
		"unsigned, another text":              {false, false, func(b *notices.Relayed) { b.Words[0].Head, b.Grade.Severity = "Sunny", notices.Minor }},
		"unsigned, practice":                  {false, false, func(b *notices.Relayed) { b.Grade.Status = notices.Exercise }},
		"unsigned, over":                      {false, false, func(b *notices.Relayed) { b.Until = b.Name.Sent/1000 + 1 }},
		"unsigned, a cancellation":            {false, false, func(b *notices.Relayed) { b.Kind = notices.Cancel; b.Words[0].Head = "Sunny" }},
		"signed and pinned here, practice":    {true, true, func(b *notices.Relayed) { b.Grade.Status = notices.Exercise }},
		"signed, pinned at both relays, text": {true, false, func(b *notices.Relayed) { b.Words[0].Head, b.Grade.Severity = "Sunny", notices.Minor }},
		"signed, pinned at both relays, over": {true, false, func(b *notices.Relayed) { b.Until = b.Name.Sent/1000 + 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			var of []notices.Sources
			if c.signed {
				of = []notices.Sources{pins, pins, {}}
				if c.pinned {
					of[2] = pins
				}
			}
			tw := openTown(t, 3, of...)
			tw.is(6)
			tw.lets(0, "wx")
			tw.lets(1, "wx")
			raw := alert{}.xml(tw)
			if c.signed {
				raw = sign(raw)
			}
			_, err := tw.hubs[1].imports(raw)
			must(t, err)
			tw.settle()
			tw.hubs[1].lie("Storm comes", c.lie)
			_, err = tw.hubs[0].imports(raw) // the honest one
			must(t, err)
			tw.settle()
			here := tw.hubs[2]
			if c.pinned {
				_, err := here.blobs.Put(t.Context(), strings.NewReader(raw), 1<<20)
				must(t, err)
				must(t, here.app.CheckAll(t.Context(), here))
			}
			m := here.list()
			practice := len(m.Active) > 0 && m.Active[0].Grade.Practice()
			if here.top() != "Storm comes" || practice {
				t.Errorf("on top is %q, practice: %v", here.top(), practice)
			}
		})
	}
}
