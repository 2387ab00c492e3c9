package clock_test

import (
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/clock"
)

func TestTheClockAccountsForWhatItBelieves(t *testing.T) {
	m, c := boot(time.Unix(3, 0))
	if a := c.Account(); a.Plausible || a.Source != 0 || len(a.Words) != 0 || !a.Now.Equal(built) || !a.Floor.Equal(built) || !a.Wall.Equal(time.Unix(3, 0)) {
		t.Fatalf("nobody has said anything: %+v", a)
	}
	phones(c, truth, truth)
	hubs(c, truth, truth, truth.Add(time.Minute))
	m.run(time.Hour)
	now := truth.Add(time.Hour)
	a := c.Account()
	if !a.Plausible || a.Source != clock.Hubs || !a.Since.Equal(truth) || !a.Now.Equal(now) {
		t.Errorf("%+v", a)
	}
	want := []clock.Word{{Source: clock.Hubs, Heard: 3, Needed: 3, At: now}, {Source: clock.Phones, Heard: 2, Needed: 3}}
	if !slices.Equal(a.Words, want) {
		t.Errorf("words %+v", a.Words)
	}
	m.run(25 * time.Hour)
	if a := c.Account(); a.Plausible || len(a.Words) != 0 {
		t.Errorf("after a day nothing counts any more: %+v", a)
	}
}

func TestTheAccountSaysUntilWhenAWordCounts(t *testing.T) {
	m, c := boot(time.Unix(3, 0))
	c.Evidence(clock.Operator, "", truth)
	m.run(10 * 24 * time.Hour)
	end := truth.AddDate(0, 0, 30)
	if a := c.Account(); !slices.Equal(a.Words, []clock.Word{{Source: clock.Operator, Heard: 1, Needed: 1, At: truth.AddDate(0, 0, 10), Until: end}}) {
		t.Errorf("after ten days %+v", a.Words)
	}
	m.run(20*24*time.Hour - time.Second)
	if a := c.Account(); !a.Plausible || !a.Now.Before(end) {
		t.Errorf("just before its end it does not count: %+v", a)
	}
	m.run(2 * time.Minute) // what is believed is judged anew once a minute
	if a := c.Account(); a.Plausible || !a.Now.After(end) {
		t.Errorf("it counts past its end: %+v", a)
	}
}

// Since when the time is believed is told by the time that is believed.
func TestBelievedSinceFollowsTheTime(t *testing.T) {
	m, c := boot(time.Unix(3, 0))
	c.Evidence(clock.Operator, "", truth)
	m.run(time.Hour)
	again := truth.AddDate(1, 0, 0)
	c.Evidence(clock.Operator, "", again)
	m.run(time.Minute)
	if a := c.Account(); !a.Since.Equal(again) {
		t.Errorf("set again: since %v, not %v", a.Since, again)
	}
	m, c = boot(truth)
	c.Evidence(clock.NTP, "", truth)
	m.run(time.Hour)
	c.Evidence(clock.NTP, "", again)
	if a := c.Account(); !a.Since.Equal(again.Add(-time.Hour)) {
		t.Errorf("network time moved an hour later: since %v, an hour before %v", a.Since, again)
	}
}
