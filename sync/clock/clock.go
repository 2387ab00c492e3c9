// Package clock stamps records with hybrid logical time and judges whether this
// hub's wall clock can be believed.
//
// A small hub has no battery clock. It may boot in 1970, in 2035, or weeks
// behind, be set right while it runs, be set wrong while it runs, and sleep.
// Nothing that people write may be refused, hidden or deleted because of that.
// So two things are kept apart: what time it probably is (Now, Stamp), of which
// there is always an answer, and whether that is plausible, on which everything
// depends that would do harm if it were wrong (Ahead, Observe, Today).
//
// # What time it is
//
// Our time is the wall's plus an offset. The offset is 0 until evidence says
// otherwise than the wall: a hub's process usually may not set the system's
// clock, and need not. A wall below the floor or past 2100 cannot be right, and one
// below the newest own record hardly, so our time then starts there and runs on.
//
// # When it is plausible
//
// Never by itself, only by evidence: see Evidence and judge. It stops being
// plausible when the wall jumps against the monotonic clock, since nobody can
// tell which of the two was right, unless it jumps to our time, as where somebody
// sets the system's clock by it; and when the evidence has grown so old that
// the clock may have drifted away since. After a leap of more than a day no setting
// that the wall is right counts either, until the wall is back or somebody else
// confirms it: a leap is no evidence.
//
// The package is pure: it reads no clock but Config's and starts nothing.
package clock

import (
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

const (
	// Tolerance is how far two clocks may be apart and still agree, and how far
	// ahead a time may be and still be taken for news.
	Tolerance = 5 * time.Minute
	// maxNap is how far a believed wall clock may jump ahead and be followed: a
	// laptop that slept, whose monotonic clock stood still meanwhile.
	maxNap = 24 * time.Hour
	// maxJump is how far the day may have moved, against what was expected, for
	// one source to be enough to delete by.
	maxJump = 24 * time.Hour
)

// Config is what a Clock is made from.
type Config struct {
	// Floor is the latest time that has certainly passed: of the build, the
	// founding and the time last saved while plausible.
	Floor record.Time
	// Latest is that of the newest own record. Our time begins no earlier, but that
	// record may have been written while the clock was ahead: evidence may say so.
	Latest record.Time
	// Now is the wall clock.
	Now func() time.Time
	// Elapsed is how long the process has run, by a clock that nobody sets. Nil
	// takes the monotonic readings in Now's times, which time.Now's have; in times
	// without one only a wall that goes backwards is noticed to have jumped.
	Elapsed func() time.Duration
}

// Clock is one hub's clock. It is safe for concurrent use.
type Clock struct {
	source func() time.Time
	steady func() time.Duration // may be nil

	mu    sync.Mutex
	floor time.Time
	given record.Time // latest stamp, to begin with the floor or the newest own record
	seen  record.Time // highest time observed

	latest  reading
	elapsed time.Duration // since New, by the monotonic clock
	slip    time.Duration // how far the wall has moved against elapsed since it was last judged
	offset  time.Duration // our time is the wall's plus this
	leapt   bool          // the wall has left our time while that was believed; see strayed

	heard    map[Source]map[string]claim
	belief   belief
	judged   time.Duration // when, by elapsed
	expected expectation
}

// reading is one look at both clocks.
type reading struct {
	full time.Time     // as Config.Now gave it
	wall time.Time     // what it says of the wall
	ran  time.Duration // Config.Elapsed
}

// New makes a clock. It is not plausible before there is evidence.
func New(cfg Config) *Clock {
	c := &Clock{
		source: cfg.Now,
		steady: cfg.Elapsed,
		floor:  cfg.Floor.Wall(),
		given:  max(cfg.Floor, cfg.Latest),
		heard:  map[Source]map[string]claim{},
	}
	c.latest.full = c.source()
	if c.steady != nil {
		c.latest.ran = c.steady()
	}
	c.look()
	begin := c.given.Wall()
	if c.latest.wall.Before(begin.Add(-Tolerance)) {
		c.offset = begin.Sub(c.latest.wall)
	}
	c.expected = expectation{at: begin}
	return c
}

// Stamp returns the time for a new record: not before our time, and above every
// earlier stamp and the floor. Stamps run ahead of our time only by as much as
// that went back, or by observed times, and by one 65536th of a millisecond for
// each stamp given.
//
// They go back in one case: when a plausible clock shows that they are ahead of
// it by more than Tolerance. Views everywhere would leave out what is written
// now until that time came, in 2035 perhaps. Slots keep their order all the
// same, because who writes to one uses Above.
func (c *Clock) Stamp() record.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	return c.stamp()
}

func (c *Clock) stamp() record.Time {
	s := record.At(c.now())
	for _, below := range []record.Time{c.given, c.seen} {
		if !c.ahead(below) {
			s = max(s, below+1)
		}
	}
	c.given = s
	return s
}

// Above returns a stamp like Stamp that is also above t, the newest version that
// the store holds in the slot. If t is ahead of our time by Tolerance or more, or
// our time is not plausible, the result is the first time above t and later
// stamps do not follow it there: one version from 2035 must not carry all that
// is written next into 2035. Two calls with such a t return the same time, so
// writes to one slot take turns.
func (c *Clock) Above(t record.Time) record.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	c.observe(t)
	if s := c.stamp(); s > t {
		return s
	}
	return t + 1
}

// Observe takes notice of a received record's time, so that what is written here
// next is stamped above it. It counts only if it is less than Tolerance ahead of
// a plausible clock: a wrong clock elsewhere must not set ours, and while ours is
// wrong nobody can tell.
func (c *Clock) Observe(t record.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	c.observe(t)
}

func (c *Clock) observe(t record.Time) {
	if c.belief.ok && t < record.At(c.now().Add(Tolerance)) && (t > c.seen || c.ahead(c.seen)) {
		c.seen = t
	}
}

// Ahead reports whether a time is implausibly ahead, so that views leave it out:
// more than Tolerance ahead of a plausible clock. While ours is not plausible
// nothing is.
func (c *Clock) Ahead(t record.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	return c.ahead(t)
}

func (c *Clock) ahead(t record.Time) bool {
	return c.belief.ok && t.Wall().After(c.now().Add(Tolerance))
}

// Now is our time, in UTC and without a monotonic reading, and whether it is
// plausible. It is never below the floor.
func (c *Clock) Now() (t time.Time, plausible bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	return c.now(), c.belief.ok
}

func (c *Clock) now() time.Time {
	t := c.latest.wall.Add(c.offset)
	if t.Before(c.floor) { // by less than Tolerance
		return c.floor
	}
	return t
}

// possible reports whether a wall time may be right at all. The floor may come
// from a record that was stamped somewhat ahead.
func (c *Clock) possible(t time.Time) bool {
	return !t.Before(c.floor.Add(-Tolerance))
}

// wallOf is the wall time of a reading. One before 1970 or from 2100 on says
// nothing, and stands for a clock that was started in 1970 with the process, so
// that what a Duration can span is never exceeded.
func wallOf(r time.Time, elapsed time.Duration) time.Time {
	first := time.Unix(0, 0).UTC()
	if r = r.Round(0).UTC(); r.Before(first) || !r.Before(record.MaxTime.Wall()) {
		return first.Add(elapsed)
	}
	return r
}

// maxElapsed keeps the sum of what passed within what a Duration can hold, with
// readings that have no monotonic part and jump about.
const maxElapsed = 100 * 365 * 24 * time.Hour

// tick takes a reading and reacts to a jump of the wall since it was last judged.
func (c *Clock) tick() {
	before, ran := c.latest.wall, c.elapsed
	c.look()
	c.slip += c.latest.wall.Sub(before) - (c.elapsed - ran)
	switch {
	case c.slip.Abs() > Tolerance:
		c.jump()
	case c.elapsed-c.judged > time.Minute: // evidence grows old
		c.judge(Tolerance)
	}
}

// look reads both clocks.
func (c *Clock) look() {
	r := reading{full: c.source()}
	passed := r.full.Sub(c.latest.full) // by the monotonic readings where both have one
	if c.steady != nil {
		r.ran = c.steady()
		passed = r.ran - c.latest.ran
	}
	c.elapsed = min(c.elapsed+min(max(passed, 0), maxElapsed), maxElapsed)
	r.wall = wallOf(r.full, c.elapsed)
	c.latest = r
}

// jump reacts to a wall that moved against the monotonic clock. Either may be
// right, so nothing is believed until there is new evidence. What time it is
// meanwhile is a guess: a small leap ahead is a nap; a larger leap of a clock that
// was believed is a mistake, and our time runs on as before, whatever leaps follow; a
// clock that was not believed was probably just set right.
func (c *Clock) jump() {
	was, slip := c.belief, c.slip
	before := c.latest.wall.Add(c.offset - slip)
	if was.ok && near(c.latest.wall, before) {
		c.slip, c.offset = 0, 0
		return
	}
	c.slip, c.belief = 0, belief{}
	clear(c.heard)
	c.leapt = c.leapt || was.ok && slip.Abs() > maxNap
	switch {
	case was.ok && slip > 0 && slip <= maxNap:
	case !was.ok && !c.leapt && c.possible(c.latest.wall):
		c.offset = 0
	default:
		c.offset -= slip
	}
	if was.sure && before.After(c.floor) {
		c.floor = before
	}
}

// forget lets go of stamps that have turned out to be ahead, before a leap may have it
// seem again that they were not.
func (c *Clock) forget() {
	for _, t := range []*record.Time{&c.given, &c.seen} {
		if c.ahead(*t) {
			*t = record.At(c.floor)
		}
	}
}

// strayed reports whether the wall has leapt away from our time and is not back yet,
// nor our time moved to it by evidence.
func (c *Clock) strayed() bool {
	c.leapt = c.leapt && c.offset.Abs() > maxNap
	return c.leapt
}
