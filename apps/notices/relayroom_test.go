package notices_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// passesOn is an alert that a hub passes on.
func (m *moment) passesOn(by byte, sender, head string, severity notices.Severity, holds time.Duration) {
	m.t.Helper()
	m.bring(by, m.alert(sender, head, severity, holds))
}

func (m *moment) alert(sender, head string, severity notices.Severity, holds time.Duration) notices.Relayed {
	return notices.Relayed{
		Name: notices.AlertName{Sender: sender, Identifier: head, Sent: m.now.UnixMilli()}, Kind: notices.Alert, Way: notices.ByHand,
		Grade: notices.Grade{Status: notices.Actual, Category: 1, Severity: severity, Urgency: notices.Immediate, Certainty: notices.Observed, Response: notices.Evacuate},
		Until: m.now.Add(holds).Unix(), Words: []notices.Words{{Lang: "en", Head: head}},
	}
}

func (m *moment) bring(by byte, b notices.Relayed) {
	m.t.Helper()
	body, err := cbor.Marshal(b)
	must(m.t, err)
	m.put(by, hub.Draft{Key: b.Key(), Class: record.Notice, Body: body, TTL: 60, Blobs: []record.Blob{{Size: 1}}}, m.now)
}

// What was sent before an all clear and comes after it, as the internet was away, is news.
func TestAForwardedWarningThatComesAfterAnAllClearComesBeforeIt(t *testing.T) {
	m := drained(t)
	m.say(roster.Certificate{Kind: roster.Hub, Subject: author(school), Label: "School", Roles: roster.Relay, Senders: []string{"nws"}})
	sent := m.now
	m.now = m.now.Add(time.Minute)
	m.do(tom, "new", "t", "all-clear", "text", "Come home.", "ends", id(maria, "leave"), "client_id", "over")
	later := m.now.Add(time.Minute)
	m.now = sent
	b := m.alert("nws", "Flash flood", notices.Severe, 24*time.Hour)
	m.now = later
	m.bring(school, b)
	if got := m.active(); !strings.HasPrefix(got, " Flash flood; FS4-1 Boil your water; ") {
		t.Errorf("there holds %q", got)
	}
}

// A relay that floods, or a feed of a whole nation, takes no room from what another one
// passes on, and of its own the worst stays.
func TestAFloodOfOneRelayHidesNoWarningOfAnother(t *testing.T) {
	m := newMoment(t)
	for _, h := range []byte{station, school} {
		m.say(roster.Certificate{Kind: roster.Hub, Subject: author(h), Label: fmt.Sprint("Hub ", h), Roles: roster.Relay, Senders: []string{"nws", "x1", "x2", "x3", "x4", "x5"}})
	}
	m.passesOn(station, "nws", "The dam breaks", notices.Extreme, 48*time.Hour)
	for i := range 80 {
		m.passesOn(school, fmt.Sprint("x", 1+i%5), fmt.Sprint("Alarm ", i), notices.Extreme, 72*time.Hour)
	}
	for i := range 20 {
		m.passesOn(school, "nws", fmt.Sprint("False alarm ", i), notices.Extreme, 72*time.Hour)
	}
	for i := range 1500 {
		m.passesOn(school, "nws", fmt.Sprint("Breeze ", i), notices.Minor, time.Hour)
	}
	for i := range 4000 {
		m.passesOn(school, fmt.Sprint("x", 1+i%5), fmt.Sprint("Gust ", i), notices.Moderate, time.Hour)
	}
	// One that is as grave as what it cries over tops pages beside it, and hides it on none.
	l := m.list(ann).Active
	at := slices.IndexFunc(l, func(n notices.Shown) bool { return n.Head == "The dam breaks" })
	if at < 0 || at > 20 {
		t.Errorf("of %d it lists the true one at %d", len(l), at)
	}
	if front, err := notices.New().Front(m, hub.Request{Lang: "en"}); err != nil || !slices.ContainsFunc(front.Model.(notices.CardView).Notices, func(n notices.Shown) bool { return n.Head == "The dam breaks" }) {
		t.Errorf("Home has none of it: %v", err)
	}
	if !slices.ContainsFunc(m.paper().Notices, func(n notices.OnPaper) bool { return n.Head == "The dam breaks" }) {
		t.Error("paper has none of it")
	}
}
