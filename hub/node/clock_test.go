package node_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/clock"
)

// startAt runs a hub with a console whose machine shows another time. Its clock
// is trusted if a setting says so.
func startAt(t *testing.T, path string, wall func() time.Time, trust bool) (n *node.Node, stop func()) {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	n, err = node.New(node.Config{Folder: f, Apps: []hub.App{notes{}}, Listen: []string{"127.0.0.1:0"}, Wall: wall, TrustClock: trust, Control: true})
	ok(t, err)
	return n, runs(t, n)
}

// off is a wall clock that is wrong by so much.
func off(d time.Duration) func() time.Time {
	return func() time.Time { return time.Now().Add(d) }
}

const years = 365 * 24 * time.Hour

// sees checks what a hub takes the time to be, as seen at its console.
func sees(t *testing.T, path string, ahead time.Duration, plausible bool, why string) control.ClockReport {
	t.Helper()
	r, err := control.NewClient(path).Clock(t.Context())
	ok(t, err)
	if d := time.Until(r.Now) - ahead; d.Abs() > time.Minute || r.Plausible != plausible || r.Why != why {
		t.Errorf("it is %v, plausible %v because of %s; want %v ahead, %v, %s", r.Now, r.Plausible, r.Why, ahead, plausible, why)
	}
	return r
}

func TestAnOperatorSetsBackAClockThatWasYearsAheadForGood(t *testing.T) {
	_, path := folders(t, 1)
	n, stop := startAt(t, path[0], off(9*years), true)
	ana := key("a")
	ok(t, n.Enroll(t.Context(), ana, "Ana"))
	write(t, n, ana, "from-2035", "posted while the clock was ahead")
	sees(t, path[0], 9*years, true, "this machine's clock, by a setting")

	set, err := control.NewClient(path[0]).SetClock(t.Context(), time.Now())
	ok(t, err)
	if d := set.Was.Now.Sub(set.Is.Now); (d - 9*years).Abs() > time.Hour {
		t.Errorf("it was set back by %v", d)
	}
	sees(t, path[0], 0, true, "operator")
	stop()

	// Started again with a clock that is right: what the hub signed in 2035 is no
	// evidence against it any more.
	n, stop = startAt(t, path[0], time.Now, true)
	sees(t, path[0], 0, true, "this machine's clock, by a setting")
	r := write(t, n, ana, "now", "posted at the right time")
	if d := time.Since(r.Time.Wall()); d.Abs() > time.Minute {
		t.Errorf("stamped %v off", d)
	}
	stop()

	// And with one that is back in 2035 the word of the operator is the floor, no more.
	_, _ = startAt(t, path[0], off(9*years), false)
	report := sees(t, path[0], 9*years, false, "none")
	if d := time.Since(report.Floor); d < 0 || d > time.Hour {
		t.Errorf("the floor is %v ago", d)
	}
}

func TestTheEndOfTheOperatorsWordMattersWhereNobodyElseKnowsTheTime(t *testing.T) {
	now := time.Now()
	end := now.AddDate(0, 0, 30)
	word := clock.Word{Source: clock.Operator, Heard: 1, Needed: 1, At: now, Until: end}
	network := clock.Word{Source: clock.NTP, Heard: 1, Needed: 1, At: now, Until: end}
	few := clock.Word{Source: clock.Phones, Heard: 1, Needed: 3}
	many := clock.Word{Source: clock.Phones, Heard: 3, Needed: 3, At: now}
	for _, c := range []struct {
		words []clock.Word
		until time.Time
	}{{[]clock.Word{word}, end}, {[]clock.Word{word, few}, end}, {[]clock.Word{network, word}, time.Time{}}, {[]clock.Word{word, many}, time.Time{}}, {[]clock.Word{network}, time.Time{}}} {
		if got := node.TimeFacts(clock.Account{Now: now, Plausible: true, Words: c.words}).Until; !got.Equal(c.until) {
			t.Errorf("%+v: until %v, not %v", c.words, got, c.until)
		}
	}
}

func TestNoTimeIsSetFromBeforeTheProgramWasMade(t *testing.T) {
	_, path := folders(t, 1)
	f, err := node.ReadFolder(path[0])
	ok(t, err)
	built := time.Now().Add(-50 * 24 * time.Hour).Truncate(time.Second)
	n, err := node.New(node.Config{Folder: f, Listen: []string{"127.0.0.1:0"}, Built: built, Control: true})
	ok(t, err)
	runs(t, n)
	c := control.NewClient(path[0])
	floor := sees(t, path[0], 0, false, "none").Floor
	for _, at := range []time.Time{time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC), built.Add(-time.Hour)} {
		_, err := c.SetClock(t.Context(), at)
		if want := "this program was made on " + built.UTC().Format(time.DateOnly); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", at, err)
		}
	}
	if r := sees(t, path[0], 0, false, "none"); !r.Floor.Equal(floor) {
		t.Errorf("what was refused moved the floor from %v to %v", floor, r.Floor)
	}
	_, err = c.SetClock(t.Context(), built)
	ok(t, err)
	if r, err := c.Clock(t.Context()); err != nil || r.Floor.Before(built) || r.Now.Sub(built) > time.Minute {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestPeopleWriteAtAHubWhoseClockIsSetToBeforeTheFounding(t *testing.T) {
	_, path := folders(t, 1)
	n, _ := startAt(t, path[0], time.Now, false)
	f, err := node.ReadFolder(path[0])
	ok(t, err)
	_, err = control.NewClient(path[0]).SetClock(t.Context(), f.Founding.Time.Wall().AddDate(-1, 0, 0))
	ok(t, err)
	ana := key("a")
	ok(t, n.Enroll(t.Context(), ana, "Ana"))
	first, second := write(t, n, ana, "k", "one"), write(t, n, ana, "k", "two")
	if first.Time < f.Founding.Time || second.Time <= first.Time {
		t.Errorf("founded at %v, and stamped %v and %v", f.Founding.Time, first.Time, second.Time)
	}
}

func TestATimeThatCannotBeIsNotSet(t *testing.T) {
	_, path := folders(t, 1)
	_, _ = startAt(t, path[0], time.Now, false)
	c := control.NewClient(path[0])
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if _, err := c.SetClock(t.Context(), at); err == nil {
			t.Errorf("%v was taken", at)
		}
	}
	sees(t, path[0], 0, false, "none")
}
