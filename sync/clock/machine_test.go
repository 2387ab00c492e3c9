package clock_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

// Whatever the wall does and whoever says what: stamps go up, or come back from
// the future once; they stay near our time; and nothing that does harm relies on
// a clock that is not plausible.
func TestStampsGoUpAndStayNear(t *testing.T) {
	anyTime := rapid.Custom(func(t *rapid.T) time.Time {
		around := rapid.SampledFrom([]time.Time{
			time.Unix(5, 0), built, truth, truth, truth, truth.AddDate(9, 0, 0), time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
		}).Draw(t, "around")
		return around.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "off")))
	})
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{wall: anyTime.Draw(t, "boot")}
		c := clock.New(clock.Config{Floor: record.At(built), Now: m.now, Elapsed: m.elapsed})
		last, highest, lowest, stamps := record.At(built), built, built, 0
		noticed := func() {
			if c.Ahead(last) {
				last = 0 // and the clock lets go of it
			}
		}
		stamp := func(t *rapid.T) {
			late := c.Ahead(last)
			s := c.Stamp()
			now, ok := c.Now()
			if s <= last && !late {
				t.Fatalf("stamp of %v does not follow %v at %v (plausible: %v)", s.Wall(), last.Wall(), now, ok)
			}
			stamps++
			if s < record.At(now) || s > record.At(highest.Add(clock.Tolerance))+record.Time(stamps) || s >= record.MaxTime {
				t.Fatalf("stamp of %v at %v, highest %v", s.Wall(), now, highest)
			}
			if ok && s > record.At(now.Add(clock.Tolerance))+record.Time(stamps) {
				t.Fatalf("stamp of %v at a plausible %v", s.Wall(), now)
			}
			last = s
		}
		t.Repeat(map[string]func(*rapid.T){
			"run": func(t *rapid.T) {
				m.run(time.Duration(rapid.Int64Range(0, int64(20*day)).Draw(t, "for")))
			},
			"small step": func(t *rapid.T) {
				m.wall = m.wall.Add(time.Duration(rapid.Int64Range(-int64(6*time.Minute), int64(6*time.Minute)).Draw(t, "step")))
			},
			"jump":  func(t *rapid.T) { m.wall = anyTime.Draw(t, "to") },
			"stamp": stamp,
			"burst": func(t *rapid.T) {
				for range 50 {
					stamp(t)
				}
			},
			"above": func(t *rapid.T) {
				v := record.At(anyTime.Draw(t, "version"))
				if a := c.Above(v); a <= v {
					t.Fatalf("above %d is %d", v, a)
				}
				last, stamps = c.Stamp(), stamps+2
			},
			"observe": func(t *rapid.T) { c.Observe(record.At(anyTime.Draw(t, "received"))) },
			"evidence": func(t *rapid.T) {
				src := clock.Source(rapid.IntRange(1, 5).Draw(t, "source"))
				at := anyTime.Draw(t, "at")
				for i := range rapid.IntRange(1, 4).Draw(t, "voices") {
					c.Evidence(src, fmt.Sprint(i), at)
					noticed()
				}
				if at.Before(lowest) {
					lowest = at
				}
			},
			"": func(t *rapid.T) {
				now, ok := c.Now()
				if now.Before(lowest.Add(-clock.Tolerance)) {
					t.Fatalf("it is %v, well below the floor and all evidence, %v", now, lowest)
				}
				noticed()
				if now.After(highest) {
					highest = now
				}
				if _, rely := c.Today(); rely && !ok {
					t.Fatal("collection relies on a clock that is not plausible")
				}
				if !ok && c.Ahead(record.MaxTime-1) {
					t.Fatal("something is ahead of a clock that is not plausible")
				}
				if _, _, why := c.Why(); why != ok {
					t.Fatal("plausible without a reason, or with one and not")
				}
			},
		})
	})
}
