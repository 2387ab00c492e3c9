package webui

import (
	"fmt"
	"time"
)

// Clock is the time by which a page is written.
type Clock struct {
	Now       time.Time // in the zone in which moments are shown
	Plausible bool      // false: nobody knows what time it is, and no age is told
}

// Moment is one in words. ISO is empty if it is uncertain.
type Moment struct{ Words, ISO string }

// uncertain is said of a moment about which nothing true can be told.
const uncertain = "time uncertain"

// slack is how far ahead a moment may be and still count as now: clocks of two
// places are rarely equal.
const slack = 10 * time.Minute

// Moment tells how long ago t was: "just now", "4 min ago", "3 h ago",
// "yesterday 18:40", "Monday 18:40", "3 November 18:40". The zero time, one
// more than ten minutes ahead, and any by a clock that is not plausible are
// "time uncertain".
func (c Clock) Moment(t time.Time) Moment {
	if !c.Plausible || t.IsZero() || t.Sub(c.Now) > slack {
		return Moment{Words: uncertain}
	}
	t = t.In(c.Now.Location())
	m := Moment{ISO: t.Format(time.RFC3339)}
	age := c.Now.Sub(t)
	switch days := midnight(c.Now).Sub(midnight(t)); {
	case age < time.Minute:
		m.Words = "just now"
	case age < time.Hour:
		m.Words = fmt.Sprintf("%d min ago", int(age.Minutes()))
	case age < 6*time.Hour:
		m.Words = fmt.Sprintf("%d h ago", int(age.Hours()))
	case days < 12*time.Hour: // days are counted in noons, as some have 23 or 25 hours
		m.Words = "today " + t.Format("15:04")
	case days < 36*time.Hour:
		m.Words = "yesterday " + t.Format("15:04")
	case days < 6*24*time.Hour+12*time.Hour:
		m.Words = t.Format("Monday 15:04")
	case t.Year() == c.Now.Year():
		m.Words = t.Format("2 January 15:04")
	default:
		m.Words = t.Format("2 January 2006")
	}
	return m
}

// Words is the time of the clock itself: "18:42", or that it is uncertain.
func (c Clock) Words() string {
	if !c.Plausible {
		return uncertain
	}
	return c.Now.Format("15:04")
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
