package notices_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/apps/notices/capsig"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// takes puts alerts in at a hub, and has all hubs know.
func (p *place) takes(all ...alert) {
	p.Helper()
	for _, a := range all {
		said, err := p.imports(a.xml(p.town))
		if err != nil {
			p.Fatalf("%v: %s", err, said)
		}
	}
	p.settle()
}

// both has two hubs put an alert in before either knows of the other's.
func (t *town) both(a alert) {
	t.Helper()
	for _, p := range t.hubs[:2] {
		if said, err := p.imports(a.xml(t)); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	t.settle()
}

// is sets what time it is, in minutes after the start, at every hub.
func (t *town) is(minutes int) {
	for _, p := range t.hubs {
		p.shown = p.start().Add(time.Duration(minutes) * time.Minute)
	}
}

func heads(all []notices.Shown) string {
	var out []string
	for _, n := range all {
		out = append(out, n.Head)
	}
	return strings.Join(out, "; ")
}

func (p *place) shows(active, claims string) {
	p.Helper()
	m := p.list()
	if heads(m.Active) != active || heads(m.Claims) != claims {
		p.Errorf("active %q, want %q; not confirmed %q, want %q", heads(m.Active), active, heads(m.Claims), claims)
	}
}

func TestOnlyAHubThatMayPassItOnReachesTheBanner(t *testing.T) {
	tw := openTown(t, 3)
	tw.is(1)
	tw.lets(0, "wx")
	tw.hubs[2].takes(alert{head: "Rumor", severity: "Extreme"})
	tw.hubs[1].shows("", "Rumor")
	if top := tw.hubs[1].top(); top != "" {
		t.Errorf("on top: %q", top)
	}
	if m := tw.hubs[1].list(); m.Claims[0].By.Words.String() != "h2 says this comes from Weather Service (wx)" || m.Claims[0].Class() != "claim" || m.Claims[0].Loud() {
		t.Errorf("%q, class %q", m.Claims[0].By.Words, m.Claims[0].Class())
	}
	tw.hubs[0].takes(alert{head: "Storm comes"}) // the same one, by who may
	tw.hubs[0].takes(alert{sender: "other", id: "b", head: "Of another sender"})
	for _, p := range tw.hubs {
		p.shows("Storm comes", "Of another sender")
		if p.top() != "Storm comes" {
			t.Errorf("on top: %q", p.top())
		}
		if got := p.list().Active[0].By.Words.String(); got != "Forwarded from Weather Service · signature not checked here" {
			t.Error(got)
		}
	}
}

func TestWhoMayLaterSaysItAgain(t *testing.T) {
	tw := openTown(t, 2)
	tw.is(1)
	h := tw.hubs[1]
	for _, want := range []string{": taken\n", ": known already\n"} {
		if said, err := h.imports(alert{}.xml(tw)); err != nil || !strings.Contains(said, want) || !strings.Contains(said, "it tops no page") || !strings.Contains(said, "lamppost roster grant 'h1' --roles relay --senders 'wx'\n") {
			t.Errorf("%v: %s", err, said)
		}
	}
	tw.settle()
	tw.hubs[0].shows("", "Storm comes")
	tw.lets(1, "wx")
	for range 2 {
		if said, err := h.imports(alert{}.xml(tw)); err != nil || strings.Contains(said, "it tops no page") {
			t.Errorf("%v: %s", err, said)
		}
		tw.settle()
		tw.hubs[0].shows("Storm comes", "")
	}
	if said, err := h.imports(alert{id: "o", sender: "usgs"}.xml(tw)); err != nil || !strings.Contains(said, "--roles relay --senders 'wx,usgs'\n") {
		t.Errorf("what it is told to ask for would take the sender from it that it has: %v: %s", err, said)
	}
}

func TestUpdatesAndCancellationsFollowReferences(t *testing.T) {
	first, second, end := alert{head: "First", ends: 600}, alert{id: "a2", sent: 10, ends: 30, kind: "Update", refs: "wx,a1@+0", head: "Second"}, alert{id: "a3", sent: 20, ends: 25, kind: "Cancel", refs: "wx,a2@+10", head: "It is over"}
	for name, order := range map[string][]alert{"in order": {first, second, end}, "backwards": {end, second, first}} {
		t.Run(name, func(t *testing.T) {
			tw := openTown(t, 2)
			tw.lets(0, "wx")
			tw.is(21)
			tw.hubs[0].takes(order...)
			tw.hubs[1].shows("It is over", "")
			tw.is(100) // what ended others is over itself, and they stay ended
			tw.hubs[1].shows("", "")
		})
	}
	t.Run("an update shows what it replaces, here or not yet", func(t *testing.T) {
		tw := openTown(t, 1)
		tw.lets(0, "wx")
		tw.is(21)
		h := tw.hubs[0]
		said, err := h.imports(second.xml(tw))
		must(t, err)
		see := func(chain string, unseen int) {
			t.Helper()
			page, err := h.view(pathIn(t, said))
			must(t, err)
			m, _ := page.Model.(notices.RelayedView)
			if heads(m.Chain) != chain || m.Unseen != unseen {
				t.Errorf("%q and %d unseen", heads(m.Chain), m.Unseen)
			}
		}
		see("", 1)
		h.takes(first)
		see("First", 0)
		h.shows("Second", "")
	})
}

func TestNobodySilencesAWarningInAnothersName(t *testing.T) {
	cancel := alert{id: "c", sent: 5, kind: "Cancel", refs: "wx,a1@+0", head: "All is well"}
	for name, c := range map[string]struct {
		may   []string // senders that the second hub may pass on
		by    int      // the hub that passes it on
		quiet alert
	}{
		"by a hub that may pass on nothing":      {nil, 1, cancel},
		"by a hub that may pass on others":       {[]string{"other"}, 1, cancel},
		"by a hub that may, but on another word": {[]string{"wx"}, 1, cancel},
		"in another's own name":                  {nil, 0, alert{id: "c", sender: "other", sent: 5, kind: "Cancel", refs: "wx,a1@+0"}},
		"by an exercise":                         {nil, 0, alert{id: "c", sent: 5, status: "Exercise", kind: "Cancel", refs: "wx,a1@+0"}},
		"by an older one":                        {nil, 0, alert{id: "c", sent: -5, kind: "Cancel", refs: "wx,a1@+0"}},
		"by an older update":                     {nil, 0, alert{id: "c", sent: -5, kind: "Update", refs: "wx,a1@+0", severity: "Minor", head: "Nothing"}},
	} {
		for _, order := range []string{"", ", which came first"} {
			t.Run(name+order, func(t *testing.T) {
				tw := openTown(t, 2)
				tw.is(6)
				tw.lets(0, "wx", "other")
				if c.may != nil {
					tw.lets(1, c.may...)
				}
				if order != "" {
					tw.hubs[c.by].takes(c.quiet)
				}
				tw.hubs[0].takes(alert{})
				if order == "" {
					tw.hubs[c.by].takes(c.quiet)
				}
				for _, p := range tw.hubs {
					if p.top() != "Storm comes" {
						t.Errorf("on top is %q", p.top())
					}
				}
			})
		}
	}
	t.Run("and on the same word it is over", func(t *testing.T) {
		tw := openTown(t, 2)
		tw.is(6)
		tw.lets(0, "wx")
		tw.hubs[0].takes(alert{}, cancel)
		tw.hubs[1].shows("All is well", "")
	})
}

func TestWhatAnAlertLeavesOpenIsAssumed(t *testing.T) {
	tw := openTown(t, 1)
	tw.lets(0, "wx")
	h := tw.hubs[0]
	h.takes(alert{}, alert{id: "p", status: "Test", head: "A test"})
	tw.is(23 * 60)
	if m := h.list(); heads(m.Active) != "Storm comes; A test" || !m.Active[0].Relay.Assumed || m.Active[1].Class() != "word practice" {
		t.Errorf("%+v", m.Active)
	}
	tw.is(25 * 60)
	h.shows("", "")
	for name, c := range map[string]struct{ raw, says string }{
		"an acknowledgement": {alert{id: "k", kind: "Ack", refs: "wx,a1@+0"}.xml(tw), ": not for people: alert/msgType: Ack "},
		"a private one":      {strings.Replace(alert{id: "k"}.xml(tw), "Public", "Private", 1), ": refused: alert/scope: only what is Public "},
		"a draft":            {alert{id: "k", status: "Draft"}.xml(tw), ": refused: alert/status: a Draft "},
	} {
		said, _ := h.imports(c.raw)
		if !strings.Contains(said, c.says) {
			t.Errorf("%s: %s", name, said)
		}
	}
	if _, err := h.imports(`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><alert/>`); err == nil {
		t.Error("a document type was taken")
	}
	if _, err := h.imports(strings.Repeat(" ", 5<<20)); err == nil || err.Error() != "This file is too large for a warning. At most 5 MB fit." {
		t.Error(err)
	}
}

// lie has a hub write anew what it has passed on under a headline.
func (p *place) lie(head string, lie func(*notices.Relayed)) {
	p.Helper()
	var d hub.Draft
	must(p.T, p.Read(p.Context(), func(s hub.Snapshot) error {
		for it, err := range s.Newest("x", 0) {
			must(p.T, err)
			b, err := hub.Collection[notices.Relayed]{}.Decode(it.Record)
			must(p.T, err)
			if it.Author != simnet.Author(simnet.HubName(p.n)) || b.Words[0].Head != head {
				continue
			}
			lie(&b)
			d, err = hub.Collection[notices.Relayed]{}.Draft(it.Key, b)
			must(p.T, err)
			d.Class, d.TTL, d.Blobs = it.Class, it.TTL, it.Blobs
		}
		return nil
	}))
	if d.Key == "" {
		p.Fatalf("it has passed on nothing under %q", head)
	}
	_, err := p.Write(p.Context(), d)
	must(p.T, err)
	p.settle()
}

// What a relay says it has checked is its own word: it ends nothing that was checked
// here, or that another one passes on.
func TestARelayThatLiesEndsOnlyItsOwnWord(t *testing.T) {
	sign, pin := signer(t)
	pins := notices.Sources{Pins: func() ([]capsig.Pin, error) { return []capsig.Pin{pin}, nil }}
	fingerprint, err := hex.DecodeString(pin.Fingerprint())
	must(t, err)
	const feed = "https://alerts.example.org/feed.atom"
	byKey := func(b *notices.Relayed) { b.Pin, b.Signed = fingerprint, true }
	byFeed := func(b *notices.Relayed) { b.Way, b.Feeds = notices.ByHTTPS, []string{feed} }
	cancel := alert{id: "c", sent: 5, kind: "Cancel", refs: "wx,a1@+0", head: "All is well"}
	for name, c := range map[string]struct {
		here  notices.Sources // of the reader's hub
		first func(*notices.Relayed)
		lie   func(*notices.Relayed)
		does  alert // what the liar passes on
	}{
		"a key, where it is pinned":       {pins, nil, byKey, cancel},
		"a key, where it is not":          {notices.Sources{}, nil, byKey, cancel},
		"a feed":                          {notices.Sources{}, byFeed, byFeed, cancel},
		"a hand":                          {notices.Sources{}, func(b *notices.Relayed) { b.Pin, b.Signed = nil, false }, func(*notices.Relayed) {}, cancel},
		"the same one, as over, pinned":   {pins, nil, func(b *notices.Relayed) { byKey(b); b.Until = b.Name.Sent/1000 + 1 }, alert{head: "All is well"}},
		"the same one, as over":           {notices.Sources{}, nil, func(b *notices.Relayed) { byKey(b); b.Until = b.Name.Sent/1000 + 1 }, alert{head: "All is well"}},
		"the same one, as an exercise":    {notices.Sources{}, nil, byKey, alert{head: "All is well", status: "Exercise"}},
		"the same one, as a cancellation": {notices.Sources{}, nil, func(b *notices.Relayed) { byKey(b); b.Kind = notices.Cancel }, alert{head: "All is well"}},
	} {
		t.Run(name, func(t *testing.T) {
			tw := openTown(t, 3, pins, notices.Sources{}, c.here)
			tw.is(6)
			tw.lets(0, "wx")
			tw.lets(1, "wx")
			raw := sign(alert{}.xml(tw))
			_, err := tw.hubs[0].imports(raw)
			must(t, err)
			tw.settle()
			if c.first != nil {
				tw.hubs[0].lie("Storm comes", func(b *notices.Relayed) { b.Pin = nil; c.first(b) })
			}
			here := tw.hubs[2]
			brings := func(raw string) {
				t.Helper()
				_, err := here.blobs.Put(t.Context(), strings.NewReader(raw), 1<<20)
				must(t, err)
				must(t, here.app.CheckAll(t.Context(), here))
			}
			brings(raw)
			tw.hubs[1].takes(c.does)
			tw.hubs[1].lie(c.does.head, c.lie)
			stands := func() {
				t.Helper()
				if here.top() != "Storm comes" || heads(here.list().Active) != "Storm comes" {
					t.Errorf("on top is %q of %q", here.top(), heads(here.list().Active))
				}
			}
			stands()
			brings(c.does.xml(tw))
			stands()
			if c.does.kind == "Cancel" {
				m := here.list()
				if heads(m.Claims) != "All is well" || m.Claims[0].Class() != "claim" || m.Claims[0].State() == "Cancelled: this does not hold any more." {
					t.Errorf("what ends nothing is shown as %q", heads(m.Claims))
				}
			}
		})
	}
}

// What says that a warning is over which still holds says so itself, whoever passes it on.
func TestACancellationByWhoMayNotPassItOnIsSaidToEndNothing(t *testing.T) {
	tw := openTown(t, 2)
	tw.is(6)
	tw.lets(0, "wx")
	tw.hubs[0].takes(alert{})
	tw.hubs[1].takes(alert{id: "c", sent: 5, kind: "Cancel", refs: "wx,a1@+0", head: "All is well"})
	tw.hubs[1].takes(alert{id: "b", head: "Hail"})
	for _, h := range tw.hubs {
		said := map[string]hub.Phrase{}
		for _, n := range h.list().Claims {
			said[n.Head] = n.State()
		}
		if h.top() != "Storm comes" || said["All is well"] != "Not confirmed: it says that a warning is over which still holds here." || said["Hail"] != "Not confirmed: nobody has let this place speak for that sender." {
			t.Errorf("on top is %q, and of the others it says %q", h.top(), said)
		}
	}
}

// What has come already stays as it came: whoever brings it with another text is told.
func TestAnotherTextOfWhatIsKnownIsSaidToBeAnother(t *testing.T) {
	for _, mayPassOn := range []bool{false, true} {
		tw := openTown(t, 1)
		tw.is(6)
		if mayPassOn {
			tw.lets(0, "wx")
		}
		h := tw.hubs[0]
		h.takes(alert{})
		if said, err := h.imports(alert{}.xml(tw)); err != nil || strings.Contains(said, "another text") {
			t.Errorf("%v: the same again: %v, %s", mayPassOn, err, said)
		}
		for what, file := range map[string]string{
			"another headline": alert{head: "Go up"}.xml(tw), "another area": strings.Replace(alert{}.xml(tw), "<areaDesc>", "<areaDesc>Not ", 1),
		} {
			said, err := h.imports(file)
			if told, ok := errors.AsType[*hub.Error](err); !ok || told.Code != hub.Conflict || !strings.HasPrefix(told.Error(), "This warning is here already, with another text") || !strings.Contains(said, "another text") {
				t.Errorf("%v: %s: %v, %s", mayPassOn, what, err, said)
			}
		}
	}
	tw := openTown(t, 1)
	odd := alert{id: "a7", sender: "a,b c@example.org"}
	if said, err := tw.hubs[0].imports(odd.xml(tw)); err != nil || strings.Contains(said, "roster grant") || !strings.Contains(said, "no hub can be let") {
		t.Errorf("a sender that nobody can be let speak for: %v, %s", err, said)
	}
}

// What says that a warning is over keeps nothing of what the warning asked for, though
// its sender repeats that.
func TestWhatIsOverAsksForNothing(t *testing.T) {
	tw := openTown(t, 1)
	tw.is(6)
	tw.lets(0, "wx")
	h := tw.hubs[0]
	h.takes(alert{})
	cancel := alert{id: "c", sent: 5, kind: "Cancel", refs: "wx,a1@+0", head: "All is well"}
	_, err := h.imports(strings.Replace(cancel.xml(tw), "</headline>", "</headline><instruction>Go up.</instruction>", 1))
	must(t, err)
	tw.settle()
	l := h.list()
	if heads(l.Active) != "All is well" || !l.Active[0].Over() || l.Active[0].Advice != "" {
		t.Errorf("%+v", l.Active)
	}
}

// What two pass on is over when both have said so; one that is told by its feed of an end
// says so also where the other one has said it before.
func TestWhatTwoPassOnEndsOnTheWordOfBoth(t *testing.T) {
	first, cancel := alert{}, alert{id: "c", sent: 5, kind: "Cancel", refs: "wx,a1@+0", head: "It is over"}
	tw := openTown(t, 3)
	tw.is(6)
	tw.lets(0, "wx")
	tw.lets(1, "wx")
	here := tw.hubs[2]
	tw.hubs[0].takes(first)
	tw.hubs[1].takes(cancel)
	here.shows("Storm comes", "It is over")
	tw.hubs[0].takes(cancel)
	here.shows("It is over", "")
	tw.both(alert{id: "a2", sent: 6, head: "Hail"})
	here.shows("Hail; It is over", "")
	ends := alert{id: "c2", sent: 6, kind: "Cancel", refs: "wx,a2@+6", head: "The hail is over"}
	tw.hubs[1].takes(ends)
	here.shows("Hail; It is over", "The hail is over")
	tw.hubs[0].takes(ends)
	here.shows("The hail is over; It is over", "")
}

// Whoever repeats a warning and may not pass it on has no say in when it is over.
func TestWhoMayNotPassAWarningOnDoesNotProlongIt(t *testing.T) {
	tw := openTown(t, 3)
	tw.is(6)
	tw.lets(0, "wx")
	tw.both(alert{})
	here := tw.hubs[2]
	here.shows("Storm comes", "")
	tw.hubs[0].takes(alert{id: "c", sent: 5, kind: "Cancel", refs: "wx,a1@+0", head: "It is over"})
	here.shows("It is over", "")
}

// Of a sender whose clock is far ahead nobody can say when a warning holds: it tops nothing.
func TestAWarningFromTheFutureTopsNothing(t *testing.T) {
	tw := openTown(t, 2)
	tw.is(1)
	tw.lets(0, "wx")
	tw.hubs[0].takes(alert{id: "soon", sent: 11, head: "Hail"}, alert{id: "far", sent: 12, head: "Frogs"})
	here := tw.hubs[1]
	here.shows("Hail", "")
	if got := heads(here.list().Ahead); got != "Frogs" {
		t.Errorf("of uncertain time: %q", got)
	}
	tw.is(2)
	here.shows("Frogs; Hail", "")
}
