package node_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// setting is a machine's clock that somebody sets while the hub runs.
type setting struct{ off atomic.Int64 }

func (s *setting) now() time.Time       { return time.Now().Add(time.Duration(s.off.Load())) }
func (s *setting) jump(d time.Duration) { s.off.Add(int64(d)) }

// shown are the notes that a page shows, by slot; none may be marked as ahead.
func shown(t *testing.T, n *node.Node) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	ok(t, n.Read(t.Context(), "notes", func(s hub.Snapshot) error {
		for item, err := range s.Newest("all", 0) {
			ok(t, err)
			if item.Ahead {
				t.Errorf("%q counts as ahead", item.Record.Key)
			}
			all[item.Record.Key] = true
		}
		return nil
	}))
	return all
}

// warned reports whether the status warns of a time that nobody confirms.
func warned(t *testing.T, path string) bool {
	t.Helper()
	s, err := control.NewClient(path).Status(t.Context())
	ok(t, err)
	for _, w := range s.Warnings {
		if w.Code == "clock" && strings.Contains(w.Text, "othing confirms") {
			return true
		}
	}
	return false
}

// confirmations are the ways in which the time becomes certain again.
func confirmations() map[string]func(*testing.T, *node.Node, string) {
	crowd := func(src clock.Source) func(*testing.T, *node.Node, string) {
		return func(_ *testing.T, n *node.Node, _ string) {
			for _, who := range []string{"a", "b", "c"} {
				n.Clock().Evidence(src, who, time.Now())
			}
		}
	}
	return map[string]func(*testing.T, *node.Node, string){
		"other hubs": crowd(clock.Hubs), "phones": crowd(clock.Phones),
		"operator": func(t *testing.T, _ *node.Node, path string) {
			_, err := control.NewClient(path).SetClock(t.Context(), time.Now())
			ok(t, err)
		},
	}
}

func TestAClockThatJumpsByYearsWhileRunningDoesNoHarm(t *testing.T) {
	for why, confirm := range confirmations() {
		for name, d := range map[string]time.Duration{"ahead": 10 * years, "back": -10 * years} {
			t.Run(name+", set right by "+why, func(t *testing.T) {
				_, path := folders(t, 1)
				machine := &setting{}
				n, _ := startAt(t, path[0], machine.now, false)
				_, err := control.NewClient(path[0]).SetClock(t.Context(), time.Now())
				ok(t, err)
				ana := key("a")
				ok(t, n.Enroll(t.Context(), ana, "Ana"))
				before := write(t, n, ana, "before", "at the right time")
				n.Hourly()
				day, err := n.Store().Horizon()
				ok(t, err)
				if warned(t, path[0]) {
					t.Error("warned of a clock that is right")
				}

				machine.jump(d)
				sees(t, path[0], 0, false, "none") // it goes on from where it was, and is not sure
				if !warned(t, path[0]) {
					t.Error("nobody is told")
				}
				n.Hourly()
				during := write(t, n, ana, "during", "while it was wrong")
				edit := write(t, n, ana, "before", "changed while it was wrong")
				if before.TTL != 30 || during.TTL != record.MaxTTL || edit.TTL != 30 {
					t.Errorf("they live %d, %d, %d days", before.TTL, during.TTL, edit.TTL)
				}
				if edit.Time <= before.Time || time.Since(during.Time.Wall()).Abs() > time.Minute {
					t.Errorf("stamped %v, %v, %v", before.Time.Wall(), during.Time.Wall(), edit.Time.Wall())
				}
				if got := shown(t, n); !got["before"] || !got["during"] {
					t.Errorf("there are %v", got)
				}

				confirm(t, n, path[0])
				sees(t, path[0], 0, true, why)
				n.Hourly()
				after := write(t, n, ana, "after", "right again")
				if got := shown(t, n); len(got) != 3 || after.TTL != 30 || after.Time <= during.Time {
					t.Errorf("there are %v; the last lives %d days", got, after.TTL)
				}
				if now, err := n.Store().Horizon(); err != nil || now > day+1 {
					t.Errorf("the horizon moved from day %d to %d, %v", day, now, err)
				}
				if warned(t, path[0]) {
					t.Error("the warning stays")
				}
			})
		}
	}
}

// A clock that nobody has confirmed may be followed wherever it goes.
func TestAClockThatNobodyConfirmedJumpsAboutAndNothingIsLost(t *testing.T) {
	_, path := folders(t, 1)
	machine := &setting{}
	n, _ := startAt(t, path[0], machine.now, false)
	ana := key("a")
	ok(t, n.Enroll(t.Context(), ana, "Ana"))
	day, err := n.Store().Horizon()
	ok(t, err)
	write(t, n, ana, "n0", "at first")
	for i, d := range []time.Duration{10 * years, -20 * years, 30 * years, -20 * years} {
		machine.jump(d)
		n.Hourly()
		r := write(t, n, ana, "n"+string(rune('1'+i)), "later")
		if r.TTL != record.MaxTTL {
			t.Errorf("jump %d: it lives %d days", i, r.TTL)
		}
		if got := shown(t, n); len(got) != i+2 {
			t.Errorf("jump %d: there are %v", i, got)
		}
	}
	if now, err := n.Store().Horizon(); err != nil || now != day {
		t.Errorf("the horizon moved from day %d to %d, %v", day, now, err)
	}
}

// A setting says that the machine's clock is right; it knows nothing of a leap.
func TestAClockThatASettingTrustsLeapsByYearsAndIsNotFollowed(t *testing.T) {
	const trusted = "this machine's clock, by a setting"
	for name, leaps := range map[string][]time.Duration{"ahead": {5 * years}, "back": {-5 * years}, "about": {5 * years, years, -8 * years}} {
		t.Run(name, func(t *testing.T) {
			_, path := folders(t, 1)
			machine := &setting{}
			n, _ := startAt(t, path[0], machine.now, true)
			ana := key("a")
			ok(t, n.Enroll(t.Context(), ana, "Ana"))
			write(t, n, ana, "before", "at the right time")
			n.Hourly()
			day, err := n.Store().Horizon()
			ok(t, err)
			back := time.Duration(0)
			for _, d := range leaps {
				machine.jump(d)
				back -= d
				n.LookAtClock()
				n.Hourly()
				sees(t, path[0], 0, false, "none")
				if !warned(t, path[0]) {
					t.Error("nobody is told")
				}
			}
			during := write(t, n, ana, "during", "while it was wrong")
			if got := shown(t, n); len(got) != 2 || during.TTL != record.MaxTTL {
				t.Errorf("there are %v; what is written lives %d days", got, during.TTL)
			}

			machine.jump(back)
			n.LookAtClock()
			n.Hourly()
			sees(t, path[0], 0, true, trusted)
			after := write(t, n, ana, "after", "right again")
			if got := shown(t, n); len(got) != 3 || after.TTL != 30 || after.Time <= during.Time || warned(t, path[0]) {
				t.Errorf("there are %v; the last lives %d days", got, after.TTL)
			}
			if now, err := n.Store().Horizon(); err != nil || now > day+1 {
				t.Errorf("the horizon moved from day %d to %d, %v", day, now, err)
			}
		})
	}
}
