package notices_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// floods has the station pass on so many warnings of a sender, each of the worst sort.
func (m *moment) floods(sender string, many int) {
	m.t.Helper()
	for n := range many {
		b := notices.Relayed{
			Name: notices.AlertName{Sender: sender, Identifier: fmt.Sprint(n), Sent: m.now.UnixMilli()}, Kind: notices.Alert, Way: notices.ByHand,
			Grade: notices.Grade{Status: notices.Actual, Category: 1, Severity: notices.Extreme, Urgency: notices.Immediate, Certainty: notices.Observed, Response: notices.Evacuate},
			Until: m.now.Unix() + int64(3600+60*n), Words: []notices.Words{{Lang: "en", Head: fmt.Sprintf("%s %d", sender, n)}}, By: "Office " + sender,
		}
		body, err := cbor.Marshal(b)
		if err != nil {
			m.t.Fatal(err)
		}
		m.put(station, hub.Draft{Key: b.Key(), Body: body, TTL: 60, Blobs: []record.Blob{{Size: 1}}}, m.now)
	}
}

// shares is how many of some notices are ours, and how many are passed on.
func shares(all []notices.Shown) (own, others int) {
	for _, n := range all {
		if n.Relay == nil {
			own++
		} else {
			others++
		}
	}
	return own, others
}

// A national feed is passed on, and the town's own word stands where it stood: on Home, in
// the list, on paper, for programs and in the feed.
func TestAFeedPushesNothingOfOurOwnAway(t *testing.T) {
	m := newMoment(t)
	m.say(roster.Certificate{Kind: roster.Hub, Subject: author(station), Label: "Fire Station 4", Roles: roster.Relay, Senders: []string{"nws", "usgs"}})
	for n := range 30 {
		m.do(maria, "new", "t", "meeting", "text", "At the school.", "client_id", fmt.Sprint("own", n), "life", fmt.Sprint(12*(n+1)))
	}
	m.floods("nws", 990)
	m.floods("usgs", 10)
	l := m.list(ann)
	if own, others := shares(l.Active); own != 30 || others != 10 {
		t.Errorf("the list has %d of our own and %d of others", own, others)
	}
	if len(l.Left) != 2 || l.Left[0].Count+l.Left[1].Count != 990 || l.Left[0].Name == "" {
		t.Errorf("and says of the rest %+v", l.Left)
	}
	seen, path := map[string]bool{}, "from?sender=nws"
	for path != "" {
		q := m.ask(ann, "from")
		u, err := url.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		q.Query = u.Query()
		p := view[notices.SenderView](m, q)
		for _, n := range p.Notices {
			seen[n.Identity] = true
		}
		if path = p.Next; len(seen) > 1000 || p.Name != "Office nws" {
			t.Fatalf("%d of %q", len(seen), p.Name)
		}
	}
	if len(seen) != 990 {
		t.Errorf("the sender's pages have %d", len(seen))
	}
	p, err := notices.New().Front(m, m.ask(ann, ""))
	card, _ := p.Model.(notices.CardView)
	if own, _ := shares(card.Notices); err != nil || own != 2 {
		t.Errorf("on Home there are %d of our own, %v", own, err)
	}
	answer, err := notices.New().Answer(m, m.ask(ann, "current"))
	current, _ := answer.(notices.Current)
	if own, _ := shares(current.Active); err != nil || own != 30 || len(current.Left) != 2 {
		t.Errorf("programs are told %d, %v", own, err)
	}
	p, err = notices.New().Print(m, hub.Request{Lang: "en"})
	paper, _ := p.Model.(notices.PaperView)
	printed := 0
	for _, n := range paper.Notices {
		if n.Relay == nil {
			printed++
		}
	}
	if err != nil || printed != len(paper.Notices)-2 || paper.More != 1030-len(paper.Notices) {
		t.Errorf("on paper: %d of our own, %d without room, %v", printed, paper.More, err)
	}
	if feed := m.feed(); strings.Count(feed, "<title>Meeting</title>") != 30 || !strings.Contains(feed, "<subtitle>Not in this list: 900 more") {
		t.Errorf("the feed: %d of our own\n%.600s", strings.Count(feed, "<title>Meeting</title>"), feed)
	}
}

// What hubs only claim takes no room of what may be passed on.
func TestClaimsTakeNoRoom(t *testing.T) {
	m := newMoment(t)
	m.floods("nws", 300)
	m.say(roster.Certificate{Kind: roster.Hub, Subject: author(station), Label: "Fire Station 4", Roles: roster.Relay, Senders: []string{"usgs"}})
	m.floods("usgs", 2)
	l := m.list(ann)
	if len(l.Active) != 2 || len(l.Claims) != 5 || l.Unshown != 195 {
		t.Errorf("%d hold, %d claims and %d more", len(l.Active), len(l.Claims), l.Unshown)
	}
}

// Many notices of our own have further pages.
func TestTheListGoesOn(t *testing.T) {
	m := newMoment(t)
	for n := range 103 {
		m.do(maria, "new", "t", "meeting", "text", "At the school.", "client_id", fmt.Sprint("own", n))
	}
	l := m.list(ann)
	q := m.ask(ann, "")
	q.Query.Set("after", l.Next)
	if rest := view[notices.ListView](m, q); len(l.Active) != 100 || len(rest.Active) != 3 || rest.Next != "" {
		t.Errorf("%d, then %d", len(l.Active), len(rest.Active))
	}
}

// feed is the Atom feed.
func (m *moment) feed() string {
	m.t.Helper()
	w := httptest.NewRecorder()
	_, err := notices.New().Routes(told{moment: m})["GET /feed.atom"](w, httptest.NewRequestWithContext(m.t.Context(), http.MethodGet, "/feed.atom", nil), hub.Request{Lang: "en"})
	if err != nil {
		m.t.Fatal(err)
	}
	return w.Body.String()
}

// told is a hub of which nothing but reading is asked.
type told struct {
	hub.Host
	moment *moment
}

func (h told) Read(_ context.Context, f func(hub.Snapshot) error) error { return f(h.moment) }
