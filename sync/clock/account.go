package clock

import "time"

// Account is what time it is and what speaks for it, for people to judge.
type Account struct {
	Now       time.Time // as Clock.Now says
	Plausible bool
	Source    Source    // on which Now is believed; 0 for none
	Since     time.Time // since when, by our time; zero for never
	Wall      time.Time // what this machine's own clock shows
	Leapt     bool      // that has left Now while Now was believed, by more than a day, and is not back
	Floor     time.Time // Now is not below it
	Words     []Word    // of those who said anything, in the order of the sources
}

// Word is what one kind of source says.
type Word struct {
	Source Source
	Heard  int       // how many hubs or phones; 1 for the other kinds
	Needed int       // as many of them have to be heard for the kind to count
	At     time.Time // what time it is now by them; zero if they do not count
	Until  time.Time // by our time, when this word no longer counts; zero for hubs and phones, whose words end one by one
}

// Account says what time it is and why.
func (c *Clock) Account() Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	a := Account{
		Now: c.now(), Plausible: c.belief.ok, Source: c.belief.source, Since: c.belief.since,
		Wall: c.latest.wall, Floor: c.floor, Leapt: c.strayed(),
	}
	for src := NTP; src <= Machine; src++ {
		w := Word{Source: src, Needed: 1}
		if src == Hubs || src == Phones {
			w.Needed = quorum
		} else if said, ok := c.heard[src][""]; ok {
			w.Until = a.Now.Add(singleAge - (c.elapsed - said.when)).Round(time.Second)
		}
		if t, ok := c.says(src); ok {
			w.At = t
		}
		if w.Heard = len(c.heard[src]); w.Heard > 0 { // says has forgotten what is too old
			a.Words = append(a.Words, w)
		}
	}
	return a
}
