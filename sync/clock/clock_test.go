package clock_test

import (
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var (
	built = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) // the floor in these tests
	truth = time.Date(2026, 11, 3, 9, 30, 0, 0, time.UTC)
)

const day = 24 * time.Hour

// machine is a computer whose wall clock can be set while another clock runs on.
type machine struct {
	wall time.Time
	ran  time.Duration
}

func (m *machine) now() time.Time         { return m.wall }
func (m *machine) elapsed() time.Duration { return m.ran }

func (m *machine) run(d time.Duration) {
	m.wall = m.wall.Add(d)
	m.ran += d
}

func boot(wall time.Time) (*machine, *clock.Clock) {
	m := &machine{wall: wall}
	return m, clock.New(clock.Config{Floor: record.At(built), Now: m.now, Elapsed: m.elapsed})
}

// synced is a machine that network time has set right, at truth.
func synced(t *testing.T) (*machine, *clock.Clock) {
	t.Helper()
	m, c := boot(truth)
	c.Evidence(clock.NTP, "", truth)
	expect(t, c, truth, true)
	return m, c
}

func expect(t *testing.T, c *clock.Clock, want time.Time, plausible bool) {
	t.Helper()
	got, ok := c.Now()
	if got.Sub(want).Abs() > time.Second || ok != plausible {
		t.Fatalf("it is %v (plausible: %v), want %v (%v)", got, ok, want, plausible)
	}
}

func expectStamp(t *testing.T, c *clock.Clock, want time.Time) {
	t.Helper()
	if got := c.Stamp().Wall(); got.Sub(want).Abs() > time.Second {
		t.Fatalf("stamp of %v, want %v", got, want)
	}
}

func expectCollect(t *testing.T, c *clock.Clock, want bool) {
	t.Helper()
	if day, ok := c.Today(); ok != want {
		t.Fatalf("collection may rely on day %d: %v, want %v", day, ok, want)
	}
}

func hubs(c *clock.Clock, at ...time.Time) { say(c, clock.Hubs, at...) }

func phones(c *clock.Clock, at ...time.Time) { say(c, clock.Phones, at...) }

func say(c *clock.Clock, src clock.Source, at ...time.Time) {
	for i, t := range at {
		c.Evidence(src, string(rune('a'+i)), t)
	}
}

func TestBootingIn1970StartsAtTheFloorAndRunsOn(t *testing.T) {
	m, c := boot(time.Unix(3, 0))
	expect(t, c, built, false)
	m.run(2 * time.Hour)
	expect(t, c, built.Add(2*time.Hour), false)
	expectStamp(t, c, built.Add(2*time.Hour))
	if c.Ahead(record.At(truth.Add(3650 * day))) {
		t.Fatal("a clock that is not plausible took a record's time for ahead")
	}
	expectCollect(t, c, false)
}

func TestAWallThatLooksFineIsNotBelievedForThat(t *testing.T) {
	_, c := boot(truth)
	expect(t, c, truth, false)
	expectCollect(t, c, false)
	if src, _, ok := c.Why(); ok {
		t.Fatalf("believed on %v", src)
	}
}

func TestNetworkTimeSetsTheWallAfterBooting(t *testing.T) {
	m, c := boot(time.Unix(3, 0))
	first := c.Stamp()
	m.run(time.Minute)
	m.wall = truth // a step by the time daemon
	expect(t, c, truth, false)
	c.Evidence(clock.NTP, "", m.wall)
	expect(t, c, truth, true)
	if s := c.Stamp(); s <= first {
		t.Fatalf("stamp %d does not follow %d", s, first)
	}
	if src, since, ok := c.Why(); !ok || src != clock.NTP || !since.Equal(truth) {
		t.Fatalf("believed on %v since %v, %v", src, since, ok)
	}
}

func TestGPSKeepsAnOffsetToAWallThatNobodySets(t *testing.T) {
	m, c := boot(time.Unix(3, 0))
	c.Evidence(clock.GPS, "", truth)
	expect(t, c, truth, true)
	m.run(day)
	expect(t, c, truth.Add(day), true)
	expectStamp(t, c, truth.Add(day))
}

// A stamp from the future is left out of views until that future comes, so
// stamps must come back with the clock.
func TestAClockIn2035ComesBackWithItsStamps(t *testing.T) {
	far := truth.AddDate(9, 0, 0)
	set := map[string]func(*machine, *clock.Clock){
		"an operator lowers it":      func(_ *machine, c *clock.Clock) { c.Evidence(clock.Operator, "ann", truth) },
		"three hubs say otherwise":   func(_ *machine, c *clock.Clock) { hubs(c, truth, truth, truth) },
		"network time steps it back": func(m *machine, c *clock.Clock) { m.wall = truth; c.Evidence(clock.NTP, "", truth) },
	}
	for name, f := range set {
		t.Run(name, func(t *testing.T) {
			m, c := boot(far)
			expectStamp(t, c, far)
			version := c.Stamp()
			f(m, c)
			expect(t, c, truth, true)
			expectStamp(t, c, truth)
			if a := c.Above(version); a <= version {
				t.Fatalf("an edit at %d does not stand over version %d", a, version)
			}
			expectStamp(t, c, truth)
			if !c.Ahead(version) {
				t.Fatal("a time in 2035 is not ahead")
			}
		})
	}
}

// Whoever reads what time it is by the hub, and sets the machine's clock by that, takes
// nothing away.
func TestAWallThatIsSetToOurTimeConfirmsIt(t *testing.T) {
	for _, off := range []time.Duration{-4 * time.Minute, 0, 4 * time.Minute} {
		m, c := boot(truth.AddDate(5, 0, 0))
		c.Evidence(clock.Operator, "ann", truth)
		m.wall = truth.Add(off)
		expect(t, c, truth.Add(off), true)
		if src, _, _ := c.Why(); src != clock.Operator || c.Account().Leapt {
			t.Errorf("it is believed on %v, leapt: %v", src, c.Account().Leapt)
		}
		m.run(time.Hour)
		expect(t, c, truth.Add(off+time.Hour), true)
		m.wall = m.wall.Add(6 * time.Minute)
		if _, ok := c.Now(); ok {
			t.Error("it follows every leap")
		}
	}
	m, c := boot(truth.AddDate(5, 0, 0))
	m.wall = truth
	if _, ok := c.Now(); ok {
		t.Error("a leap makes a time plausible that was not")
	}
}

// What was stamped in 2035 has no hold on later stamps once the right time was known, though
// it is in doubt again.
func TestStampsFromTheFutureAreForgottenAtOnce(t *testing.T) {
	m, c := boot(truth.AddDate(9, 0, 0))
	c.Stamp()
	c.Evidence(clock.Operator, "ann", truth)
	m.wall = m.wall.AddDate(3, 0, 0)
	expect(t, c, truth, false)
	expectStamp(t, c, truth)
}

func TestAJumpOfTheWallTakesPlausibilityAway(t *testing.T) {
	for _, d := range []time.Duration{-3650 * day, -day, -6 * time.Minute, 6 * time.Minute, 2 * time.Hour, 3650 * day} {
		t.Run(d.String(), func(t *testing.T) {
			m, c := synced(t)
			last := c.Stamp()
			m.run(time.Minute)
			m.wall = m.wall.Add(d)
			want := truth.Add(time.Minute)
			if d > 0 && d <= day { // it may have slept
				want = m.wall
			}
			expect(t, c, want, false)
			if s := c.Stamp(); s <= last || s.Wall().Sub(want).Abs() > time.Second {
				t.Fatalf("stamp of %v after %v, want %v", s.Wall(), last.Wall(), want)
			}
			expectCollect(t, c, false)
			m.run(2 * time.Minute)
			expect(t, c, want.Add(2*time.Minute), false) // what was said before the jump no longer counts
			right := truth.Add(3 * time.Minute)
			c.Evidence(clock.GPS, "", right)
			expect(t, c, right, true)
		})
	}
}

func TestAWallThatFallsBelowTheFloorIsNotFollowed(t *testing.T) {
	m, c := boot(truth)
	m.wall = time.Unix(3, 0)
	expect(t, c, truth, false)
	expectStamp(t, c, truth)
}

func TestManySmallStepsMakeAJump(t *testing.T) {
	m, c := synced(t)
	for range 2 {
		m.wall = m.wall.Add(2 * time.Minute)
		expect(t, c, m.wall, true)
	}
	m.wall = m.wall.Add(2 * time.Minute)
	if _, ok := c.Now(); ok {
		t.Fatal("still plausible after steps of 6 minutes together")
	}
}

func TestEvidenceBetweenSmallStepsKeepsTheClockPlausible(t *testing.T) {
	m, c := synced(t)
	for range 10 {
		m.wall = m.wall.Add(2 * time.Minute)
		m.run(time.Hour)
		c.Evidence(clock.NTP, "", m.wall)
		expect(t, c, m.wall, true)
		if _, since, _ := c.Why(); !since.Equal(truth) {
			t.Fatalf("believed since %v, want %v", since, truth)
		}
	}
}

func TestStepsBackKeepStampsGoingUp(t *testing.T) {
	m, c := synced(t)
	last := c.Stamp()
	for range 4 {
		m.wall = m.wall.Add(-time.Minute)
		s := c.Stamp()
		if s <= last || s.Wall().Sub(m.wall) > clock.Tolerance {
			t.Fatalf("stamp of %v after %v", s.Wall(), last.Wall())
		}
		last = s
	}
}

func TestALoopOfStampsInOneMillisecond(t *testing.T) {
	_, c := synced(t)
	last := c.Stamp()
	for range 200_000 { // more than the counter holds
		s := c.Stamp()
		if s <= last {
			t.Fatalf("stamp %d after %d", s, last)
		}
		last = s
	}
	if d := last.Wall().Sub(truth); d > 4*time.Millisecond {
		t.Fatalf("stamps ran %v ahead", d)
	}
}

func TestAReceivedTimeMovesStampsOnlyIfItIsNear(t *testing.T) {
	near, far := record.At(truth.Add(4*time.Minute)), record.At(truth.Add(5*time.Minute))

	_, c := boot(truth)
	c.Observe(near)
	expectStamp(t, c, truth) // not plausible: nobody can tell who is right

	_, c = synced(t)
	c.Observe(far)
	expectStamp(t, c, truth)
	c.Observe(near)
	if s := c.Stamp(); s != near+1 {
		t.Fatalf("stamp %d after observing %d", s, near)
	}
	c.Observe(record.At(truth.Add(-day)))
	if s := c.Stamp(); s != near+2 {
		t.Fatalf("an old time moved the clock: %d", s)
	}
}

func TestAheadIsMoreThanFiveMinutes(t *testing.T) {
	_, c := synced(t)
	if c.Ahead(record.At(truth.Add(5 * time.Minute))) {
		t.Fatal("5 minutes are ahead")
	}
	if !c.Ahead(record.At(truth.Add(5*time.Minute + time.Millisecond))) {
		t.Fatal("more than 5 minutes are not ahead")
	}
}

func TestAnEditStandsOverEveryVersion(t *testing.T) {
	far := record.At(truth.AddDate(9, 0, 0))
	for name, start := range map[string]func() *clock.Clock{
		"plausible":     func() *clock.Clock { _, c := synced(t); return c },
		"not plausible": func() *clock.Clock { _, c := boot(truth); return c },
	} {
		t.Run(name, func(t *testing.T) {
			c := start()
			old := c.Stamp() - 1000
			if a := c.Above(old); a <= old || a.Wall().After(truth.Add(time.Second)) {
				t.Fatalf("above %d is %d", old, a)
			}
			if a := c.Above(far); a != far+1 {
				t.Fatalf("above %d is %d", far, a)
			}
			expectStamp(t, c, truth)
		})
	}
}

func TestWhatFollowsAnEditOfANearVersionIsStampedAboveIt(t *testing.T) {
	_, c := synced(t)
	a := c.Above(record.At(truth.Add(4 * time.Minute)))
	if s := c.Stamp(); s <= a {
		t.Fatalf("stamp %d after an edit at %d", s, a)
	}
}

func TestTimesObservedWhileTheClockWasAheadAreForgotten(t *testing.T) {
	m, c := boot(truth.AddDate(9, 0, 0))
	c.Evidence(clock.NTP, "", m.wall)
	c.Observe(record.At(m.wall))
	c.Evidence(clock.Operator, "ann", truth)
	near := record.At(truth.Add(time.Minute))
	c.Observe(near)
	if s := c.Stamp(); s != near+1 {
		t.Fatalf("stamp of %v after observing %v", s.Wall(), near.Wall())
	}
}

// A time that two kinds of sources agreed on has passed for certain.
func TestAfterASureTimeTheWallIsNotFollowedBack(t *testing.T) {
	m, c := synced(t)
	hubs(c, truth, truth, truth)
	for range 2 {
		m.wall = m.wall.AddDate(0, -2, 0)
		expect(t, c, truth, false)
	}
}

func TestTheFloorMayBeAFewMinutesAhead(t *testing.T) {
	// The newest own record followed an observed time.
	m := &machine{wall: truth}
	floor := record.At(truth.Add(4*time.Minute)) + 77
	c := clock.New(clock.Config{Floor: floor, Now: m.now, Elapsed: m.elapsed})
	if s := c.Stamp(); s <= floor {
		t.Fatalf("stamp %d is not above the floor %d", s, floor)
	}
	c.Evidence(clock.NTP, "", truth)
	expect(t, c, floor.Wall(), true)
	m.run(10 * time.Minute)
	expect(t, c, m.wall, true)
}

func TestClocksOfTheYear2100AndBeyondAreNotFollowed(t *testing.T) {
	for _, wall := range []time.Time{time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), {}} {
		m, c := boot(wall)
		expect(t, c, built, false)
		m.run(time.Minute)
		expect(t, c, built.Add(time.Minute), false)
		c.Evidence(clock.GPS, "", truth)
		for range 10 {
			m.run(time.Minute)
		}
		expect(t, c, truth.Add(10*time.Minute), true)
		if s := c.Stamp(); s >= record.MaxTime {
			t.Fatalf("malformed stamp %d", s)
		}
	}
	m, c := synced(t)
	m.wall = time.Date(2600, 1, 1, 0, 0, 0, 0, time.UTC)
	expect(t, c, truth, false)
	c.Evidence(clock.Operator, "ann", m.wall)
	expect(t, c, truth, false)
}

func TestTheMonotonicReadingsOfTimeNowDo(t *testing.T) {
	c := clock.New(clock.Config{Floor: record.At(built), Now: time.Now})
	c.Evidence(clock.NTP, "", time.Now())
	if at, ok := c.Now(); !ok || time.Since(at).Abs() > time.Minute {
		t.Fatalf("it is %v, plausible: %v", at, ok)
	}
}

func TestWithoutAMonotonicClockGoingBackIsAJump(t *testing.T) {
	m := &machine{wall: truth}
	c := clock.New(clock.Config{Floor: record.At(built), Now: m.now})
	c.Evidence(clock.NTP, "", truth)
	m.wall = truth.Add(day)
	expect(t, c, m.wall, true) // may be time that passed
	m.wall = truth
	expect(t, c, truth.Add(day), false)
}

func TestConcurrentStampsAreAllDifferent(t *testing.T) {
	c := clock.New(clock.Config{Floor: record.At(built), Now: time.Now})
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[record.Time]bool{}
	for range 8 {
		wg.Go(func() {
			for range 500 {
				s := c.Stamp()
				c.Evidence(clock.Phones, "p", s.Wall())
				mu.Lock()
				if seen[s] {
					t.Errorf("stamp %d twice", s)
				}
				seen[s] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// A record written while the clock was years ahead keeps later ones in order, but
// does not keep out whoever knows better.
func TestAnOwnRecordFromAClockThatWasAheadIsOutvoted(t *testing.T) {
	ahead, right := truth.AddDate(30, 0, 0), truth
	m := &machine{wall: right}
	c := clock.New(clock.Config{Floor: record.At(built), Latest: record.At(ahead), Now: m.now, Elapsed: m.elapsed})
	if now, sure := c.Now(); sure || now.Before(ahead) {
		t.Errorf("before anybody says anything: %v, %v", now, sure)
	}
	if s := c.Stamp(); s <= record.At(ahead) {
		t.Errorf("stamped below the own record: %v", s.Wall())
	}
	for _, who := range []string{"a", "b", "c"} {
		c.Evidence(clock.Hubs, who, right)
	}
	if now, sure := c.Now(); !sure || now.Sub(right).Abs() > clock.Tolerance {
		t.Errorf("three hubs know the time: %v, %v", now, sure)
	}
	if s := c.Stamp(); s.Wall().After(right.Add(clock.Tolerance)) {
		t.Errorf("stamped at %v", s.Wall())
	}
	if _, ok := c.Today(); ok {
		t.Error("one kind of source is enough to delete by, thirty years from what was expected")
	}
}
