package clock_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestThreeHubsOrPhonesMakeEvidence(t *testing.T) {
	for _, src := range []clock.Source{clock.Hubs, clock.Phones} {
		t.Run(src.String(), func(t *testing.T) {
			_, c := boot(time.Unix(3, 0))
			say(c, src, truth, truth.Add(time.Minute))
			expect(t, c, built, false)
			c.Evidence(src, "a", truth) // the same again is not another
			expect(t, c, built, false)
			c.Evidence(src, "c", truth.Add(-time.Minute))
			expect(t, c, truth, true)
			if got, _, _ := c.Why(); got != src {
				t.Fatalf("believed on %v", got)
			}
		})
	}
}

func TestOneLyingHubAmongThreeMovesNothing(t *testing.T) {
	for _, lie := range []time.Time{truth.AddDate(9, 0, 0), truth.AddDate(-50, 0, 0)} {
		_, c := boot(time.Unix(3, 0))
		hubs(c, truth, lie, truth)
		expect(t, c, truth, true)
	}
}

func TestThreeHubsThatDisagreeAreNoEvidence(t *testing.T) {
	_, c := boot(time.Unix(3, 0))
	hubs(c, truth, truth.Add(-day), truth.Add(day))
	expect(t, c, built, false)
}

func TestWhatHubsSaidAtDifferentTimesIsCountedOn(t *testing.T) {
	m, c := boot(time.Unix(3, 0))
	for i := range 3 {
		c.Evidence(clock.Hubs, fmt.Sprint(i), truth.Add(time.Duration(i)*time.Hour))
		m.run(time.Hour)
	}
	expect(t, c, truth.Add(3*time.Hour), true)
}

func TestHubsCountBeforePhones(t *testing.T) {
	_, c := boot(time.Unix(3, 0))
	phones(c, truth.Add(day), truth.Add(day), truth.Add(day))
	expect(t, c, truth.Add(day), true)
	hubs(c, truth, truth, truth)
	expect(t, c, truth, true)
}

func TestTwoKindsOutvoteOne(t *testing.T) {
	_, c := boot(truth.Add(day))
	c.Evidence(clock.NTP, "", truth.Add(day)) // somebody's router
	hubs(c, truth, truth, truth)
	expect(t, c, truth.Add(day), true)
	phones(c, truth, truth, truth)
	expect(t, c, truth, true)
}

func TestTheOperatorCountsBeforeAllOthersAndMayBeCorrected(t *testing.T) {
	_, c := boot(truth.Add(day))
	c.Evidence(clock.NTP, "", truth.Add(day))
	phones(c, truth.Add(day), truth.Add(day), truth.Add(day))
	c.Evidence(clock.Operator, "ann", truth)
	expect(t, c, truth, true)
	c.Evidence(clock.NTP, "", truth.Add(day))
	expect(t, c, truth, true)
	c.Evidence(clock.Operator, "ben", truth.Add(3*time.Minute))
	expect(t, c, truth.Add(3*time.Minute), true)
}

func TestAnOperatorWhoTypesMinutesOnlyConfirms(t *testing.T) {
	_, c := boot(truth.Add(40 * time.Second))
	c.Evidence(clock.Operator, "ann", truth)
	expect(t, c, truth.Add(40*time.Second), true)
}

func TestAnOperatorWhoReturnsToTheWallFollowsItAgain(t *testing.T) {
	_, c := boot(truth.Add(40 * time.Second))
	c.Evidence(clock.Operator, "ann", truth.Add(day))
	expect(t, c, truth.Add(day), true)
	c.Evidence(clock.Operator, "ann", truth)
	expect(t, c, truth.Add(40*time.Second), true)
}

func TestBelowTheFloorOneKindIsNotEnough(t *testing.T) {
	early := built.AddDate(-2, 0, 0)
	for name, f := range map[string]func(*clock.Clock){
		"a receiver that counts its weeks wrong": func(c *clock.Clock) { c.Evidence(clock.GPS, "", early) },
		"a router that serves 1970":              func(c *clock.Clock) { c.Evidence(clock.NTP, "", time.Unix(60, 0)) },
		"hubs that booted in one power cut":      func(c *clock.Clock) { hubs(c, early, early, early) },
	} {
		t.Run(name, func(t *testing.T) {
			_, c := boot(early)
			f(c)
			expect(t, c, built, false)
			c.Evidence(clock.Phones, "a", truth)
			phones(c, truth, truth, truth)
			expect(t, c, truth, true)
		})
	}
	t.Run("two kinds are", func(t *testing.T) {
		_, c := boot(early)
		c.Evidence(clock.GPS, "", early)
		phones(c, early, early, early)
		expect(t, c, early, true)
		expectStamp(t, c, early)
	})
	t.Run("the operator is", func(t *testing.T) {
		m, c := boot(truth)
		c.Evidence(clock.Operator, "ann", early)
		expect(t, c, early, true)
		m.run(time.Hour)
		expectStamp(t, c, early.Add(time.Hour))
	})
}

func TestEvidenceGrowsOld(t *testing.T) {
	for name, c := range map[string]struct {
		say  func(*clock.Clock)
		life time.Duration
	}{
		"network time": {func(c *clock.Clock) { c.Evidence(clock.NTP, "", truth) }, 30 * day},
		"operator":     {func(c *clock.Clock) { c.Evidence(clock.Operator, "", truth) }, 30 * day},
		"hubs":         {func(c *clock.Clock) { hubs(c, truth, truth, truth) }, day},
		"phones":       {func(c *clock.Clock) { phones(c, truth, truth, truth) }, day},
	} {
		t.Run(name, func(t *testing.T) {
			m, clk := boot(time.Unix(3, 0))
			c.say(clk)
			m.run(c.life - time.Hour)
			expect(t, clk, truth.Add(c.life-time.Hour), true)
			m.run(2 * time.Hour)
			expect(t, clk, truth.Add(c.life+time.Hour), false) // it runs on all the same
		})
	}
}

func TestCollectionMovesDayByDay(t *testing.T) {
	m := &machine{wall: truth}
	c := clock.New(clock.Config{Floor: record.At(truth.Add(-time.Hour)), Now: m.now, Elapsed: m.elapsed})
	expectCollect(t, c, false)
	c.Evidence(clock.NTP, "", m.wall)
	for range 60 {
		expectCollect(t, c, true)
		m.run(day)
		c.Evidence(clock.NTP, "", m.wall)
	}
	if d, _ := c.Today(); d != record.DayOf(m.wall) {
		t.Fatalf("day %d, want %d", d, record.DayOf(m.wall))
	}
}

func TestAfterAJumpOfMoreThanADayCollectionWaitsForTwoSources(t *testing.T) {
	for name, confirm := range map[string]func(*clock.Clock){
		"hubs":         func(c *clock.Clock) { hubs(c, truth, truth, truth) },
		"phones":       func(c *clock.Clock) { phones(c, truth, truth, truth) },
		"the operator": func(c *clock.Clock) { c.Evidence(clock.Operator, "ann", truth) },
	} {
		t.Run(name, func(t *testing.T) {
			_, c := synced(t) // half a year after the floor
			expectCollect(t, c, false)
			confirm(c)
			expectCollect(t, c, true)
		})
	}
}

// Somebody who owns the one source moves the clock by less than a day, often.
func TestManyJumpsOfLessThanADayAddUp(t *testing.T) {
	m, c := synced(t)
	c.Evidence(clock.Operator, "ann", truth)
	m.run(31 * day) // the operator's word is forgotten, what was expected is not
	c.Evidence(clock.NTP, "", m.wall)
	expectCollect(t, c, true)
	m.wall = m.wall.Add(20 * time.Hour)
	c.Evidence(clock.NTP, "", m.wall)
	expectCollect(t, c, true)
	m.wall = m.wall.Add(20 * time.Hour)
	c.Evidence(clock.NTP, "", m.wall)
	expectCollect(t, c, false)
}

func TestACrowdOfMadeUpPhonesIsForgottenInTurn(t *testing.T) {
	m, c := boot(time.Unix(3, 0))
	for i := range 10_000 {
		c.Evidence(clock.Phones, fmt.Sprint(i), truth.Add(m.ran+time.Duration(i%7)*day))
		m.run(time.Second)
	}
	// They disagree, so nothing is believed; and nothing of them is left when
	// enough others agree.
	expect(t, c, built.Add(m.ran), false)
	for i := range 64 {
		c.Evidence(clock.Phones, fmt.Sprint("real", i), truth.Add(m.ran))
	}
	expect(t, c, truth.Add(m.ran), true)
}

// Both read the same wall, so they are one voice.
func TestASettingAndNetworkTimeAreNotTwoKinds(t *testing.T) {
	_, c := boot(truth)
	c.Evidence(clock.Machine, "", truth)
	expect(t, c, truth, true)
	expectCollect(t, c, false)
	c.Evidence(clock.NTP, "", truth)
	expect(t, c, truth, true)
	expectCollect(t, c, false)
	hubs(c, truth.Add(time.Hour), truth.Add(time.Hour), truth.Add(time.Hour))
	phones(c, truth.Add(time.Hour), truth.Add(time.Hour), truth.Add(time.Hour))
	expect(t, c, truth.Add(time.Hour), true)
	expectCollect(t, c, true)

	early := built.AddDate(-1, 0, 0)
	_, c = boot(early)
	c.Evidence(clock.Machine, "", early)
	c.Evidence(clock.NTP, "", early)
	expect(t, c, built, false)

	_, c = boot(truth)
	c.Evidence(clock.Machine, "", truth)
	hubs(c, truth.Add(time.Hour), truth.Add(time.Hour), truth.Add(time.Hour))
	expect(t, c, truth.Add(time.Hour), true)
}

// Whoever made the setting knew nothing of a leap that came later.
func TestASettingDoesNotSpeakForAWallThatLeaps(t *testing.T) {
	look := func(m *machine, c *clock.Clock) {
		m.run(time.Minute)
		c.Evidence(clock.Machine, "", m.wall)
	}
	for name, leaps := range map[string][]time.Duration{
		"ahead": {1825 * day}, "back": {-60 * day}, "below the floor": {-1825 * day}, "twice": {1825 * day, -700 * day},
	} {
		t.Run(name, func(t *testing.T) {
			m, c := boot(truth)
			look(m, c)
			for _, d := range leaps {
				m.wall = m.wall.Add(d)
				look(m, c)
				expect(t, c, truth.Add(m.ran), false)
				if !c.Account().Leapt {
					t.Fatal("the leap is not told")
				}
			}
			hubs(c, truth.Add(m.ran), truth.Add(m.ran), truth.Add(m.ran))
			expect(t, c, truth.Add(m.ran), true)
			for range 25 * 60 { // until nobody has heard of them any more
				look(m, c)
			}
			expect(t, c, truth.Add(m.ran), false)
			m.wall = truth.Add(m.ran)
			look(m, c)
			expect(t, c, truth.Add(m.ran), true)
			if c.Account().Leapt {
				t.Fatal("it is back, and a leap is told")
			}
		})
	}
	t.Run("and is right there", func(t *testing.T) {
		m, c := boot(truth)
		look(m, c)
		m.wall = m.wall.Add(60 * day)
		look(m, c)
		c.Evidence(clock.Operator, "ann", m.wall)
		expect(t, c, m.wall, true)
		m.run(31 * day) // the operator's word is forgotten
		look(m, c)
		expect(t, c, m.wall, true)
	})
	t.Run("within a day", func(t *testing.T) {
		m, c := boot(truth)
		for _, d := range []time.Duration{20 * time.Hour, -3 * time.Hour} {
			m.wall = m.wall.Add(d)
			look(m, c)
			expect(t, c, m.wall, true)
		}
	})
}

func TestEvidenceThatMakesNoSenseIsIgnored(t *testing.T) {
	_, c := boot(time.Unix(3, 0))
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		c.Evidence(clock.Operator, "ann", at)
	}
	c.Evidence(0, "", truth)
	c.Evidence(200, "", truth)
	expect(t, c, built, false)
}
