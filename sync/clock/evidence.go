package clock

import (
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Source is a kind of evidence of what time it is.
type Source uint8

// The sources. Where they disagree the one on which most kinds agree is believed;
// where that does not decide, the earlier one here.
const (
	NTP      Source = iota + 1 // the system says that it is synchronized
	GPS                        // a receiver with a fix
	Operator                   // a person who looks after this hub; believed before all others
	Hubs                       // other hubs that hold their own clocks plausible: their median
	Phones                     // the clocks of the phones that use this hub: their median
	Machine                    // a setting says that this machine's clock is right; nobody looks
)

func (s Source) String() string {
	switch s {
	case NTP:
		return "network time"
	case GPS:
		return "GPS"
	case Operator:
		return "operator"
	case Hubs:
		return "other hubs"
	case Phones:
		return "phones"
	case Machine:
		return "this machine's clock, by a setting"
	}
	return "none"
}

const (
	// quorum is how many hubs or phones make evidence, and more than half of
	// them must agree with their median: the middle one of three clocks that
	// show three different years is one clock's word.
	quorum = 3
	// crowdAge is how long one hub's or phone's word counts.
	crowdAge = 24 * time.Hour
	// singleAge is how long other evidence counts: a quartz that is 100 ppm off,
	// a bad one, drifts by about Tolerance in that time.
	singleAge = 30 * 24 * time.Hour
	// maxHeard bounds how many hubs or phones are remembered. The oldest word
	// makes room.
	maxHeard = 64
	// maxWho bounds the part of a name that tells them apart.
	maxWho = 64
	// byHand is how close an operator's time must be to be a nod to the clock
	// rather than a correction: people set minutes, not seconds.
	byHand = time.Minute
)

// claim is what somebody said the time was, and when, by elapsed. Counted on
// with the monotonic clock it stays comparable with later ones.
type claim struct {
	at   time.Time
	when time.Duration
}

// belief is why the time is plausible.
type belief struct {
	source Source
	since  time.Time
	ok     bool
	sure   bool // two kinds of sources agree, or the operator says so
}

// expectation is the time last confirmed by two kinds of sources or the
// operator, to begin with the floor.
type expectation struct {
	at   time.Time
	when time.Duration
}

// Evidence takes what a source says the time is at this moment. who tells hubs
// and phones apart; each counts once, with its latest word. The caller sees to it
// that one person cannot be many phones, and passes on other hubs' clocks only
// while they hold them plausible, for a village of hubs that booted in one power
// cut agrees on a wrong time. Times before 1970 and from 2100 on are ignored.
//
// What is believed, in this order:
//
//   - An operator, also below the floor: setting the clock back is what one asks
//     for when the floor itself came from a clock that was ahead.
//   - The time on which most kinds of sources agree within Tolerance, where hubs
//     and phones speak by the median of at least three. It may be below the floor
//     only if two kinds agree on it: a router that serves 1970 and a receiver that
//     counts its weeks wrong are known failures, of one source each.
//
// What is believed and differs from our time by more than Tolerance moves it; to
// the wall's time if that agrees, else by an offset to the wall.
func (c *Clock) Evidence(src Source, who string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	at = at.Round(0).UTC()
	if src < NTP || src > Machine || at.Unix() <= 0 || !at.Before(record.MaxTime.Wall()) {
		return
	}
	if src != Hubs && src != Phones {
		who = "" // the latest word counts
	}
	c.hear(src, who[:min(len(who), maxWho)], claim{at, c.elapsed})
	agree := Tolerance
	if src == Operator { // whose every word is believed anew
		agree, c.belief = byHand, belief{}
	}
	c.judge(agree)
	if c.belief.ok {
		c.slip = 0
	}
}

// Why says which source the time is believed on and since when, by our time.
func (c *Clock) Why() (src Source, since time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	return c.belief.source, c.belief.since, c.belief.ok
}

// Today is the day up to which what has expired may be collected, and whether
// that may rely on it. It may only while our time is plausible; and if that is
// more than a day from where it was expected, counting on from the floor or from
// the last time two kinds of sources or the operator confirmed, only once two of
// them agree or the operator says so. What is deleted by a wrong clock is gone;
// what is kept too long is only in the way.
func (c *Clock) Today() (day record.Day, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	now := c.now()
	due := c.expected.at.Add(c.elapsed - c.expected.when)
	return record.DayOf(now), c.belief.ok && now.Sub(due).Abs() <= maxJump
}

func (c *Clock) hear(src Source, who string, said claim) {
	if c.heard[src] == nil {
		c.heard[src] = map[string]claim{}
	}
	m := c.heard[src]
	if _, known := m[who]; !known && len(m) >= maxHeard {
		oldest, first := "", true
		for k, v := range m {
			if first || v.when < m[oldest].when {
				oldest, first = k, false
			}
		}
		delete(m, oldest)
	}
	m[who] = said
}

// says is what a kind of source says the time is now.
func (c *Clock) says(src Source) (t time.Time, ok bool) {
	age := singleAge
	crowd := src == Hubs || src == Phones
	if crowd {
		age = crowdAge
	}
	var said []time.Time
	for who, v := range c.heard[src] {
		if c.elapsed-v.when > age {
			delete(c.heard[src], who)
			continue
		}
		said = append(said, v.at.Add(c.elapsed-v.when))
	}
	if len(said) == 0 || crowd && len(said) < quorum {
		return t, false
	}
	slices.SortFunc(said, time.Time.Compare)
	t = said[(len(said)-1)/2]
	agreeing := 0
	for _, s := range said {
		if near(s, t) {
			agreeing++
		}
	}
	return t, 2*agreeing > len(said)
}

// judge decides from all evidence what is believed, and moves our time to it if
// it is more than agree away.
func (c *Clock) judge(agree time.Duration) {
	c.judged = c.elapsed
	said := map[Source]time.Time{}
	for src := NTP; src <= Machine; src++ {
		if t, ok := c.says(src); ok {
			said[src] = t
		}
	}
	if c.strayed() {
		delete(said, Machine) // whoever made the setting knew nothing of the leap
	}
	src, kinds := winner(said, c.floor)
	if src == 0 {
		c.belief = belief{}
		return
	}
	was, before := c.belief, c.now()
	c.adopt(said[src], agree)
	c.belief = belief{source: src, since: c.now(), ok: true, sure: src == Operator || kinds > 1}
	if was.ok && was.source == src {
		c.belief.since = was.since.Add(c.now().Sub(before)) // as long ago as it was
	}
	c.forget()
	if c.belief.sure {
		c.expected = expectation{c.now(), c.elapsed}
	}
}

// winner picks the source to believe, and says how many kinds agree with it.
// Machine counts only where there is no other, and supports none: what it says
// is the wall, which network time has set and says as well.
func winner(said map[Source]time.Time, floor time.Time) (best Source, kinds int) {
	if _, ok := said[Operator]; ok {
		return Operator, 1
	}
	for src := NTP; src <= Phones; src++ {
		t, ok := said[src]
		if !ok {
			continue
		}
		n := 0
		for kind, other := range said {
			if kind != Machine && near(t, other) {
				n++
			}
		}
		if n > kinds && (n > 1 || !t.Before(floor.Add(-Tolerance))) {
			best, kinds = src, n
		}
	}
	if t, ok := said[Machine]; ok && best == 0 && !t.Before(floor.Add(-Tolerance)) {
		return Machine, 1
	}
	return best, kinds
}

// adopt makes t our time, unless it agrees with what we have.
func (c *Clock) adopt(t time.Time, agree time.Duration) {
	switch {
	case t.Sub(c.now()).Abs() <= agree:
	case t.Sub(c.latest.wall).Abs() <= agree:
		c.offset = 0
	default:
		c.offset = t.Sub(c.latest.wall)
	}
	if ours := c.latest.wall.Add(c.offset); t.Before(c.floor.Add(-Tolerance)) {
		c.floor = ours
	}
}

func near(a, b time.Time) bool { return a.Sub(b).Abs() <= Tolerance }
