package webui

import (
	"html/template"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/webui/catalog"
)

// Clock is the time by which a page is written.
type Clock struct {
	Now       time.Time // in the zone in which moments are shown
	Plausible bool      // false: nobody knows what time it is, and no age is told
}

// Moment is one in words. ISO is empty if it is uncertain.
type Moment struct{ Words, ISO string }

func (m Moment) html() template.HTML {
	words := template.HTMLEscapeString(m.Words)
	if m.ISO != "" {
		words = `<time datetime="` + m.ISO + `">` + words + `</time>`
	}
	return template.HTML(words) //nolint:gosec // escaped
}

// uncertain is said of a moment about which nothing true can be told.
const uncertain = hub.Phrase("time uncertain")

// slack is how far ahead a moment may be and still count as now: clocks of two
// places are rarely equal.
const slack = 10 * time.Minute

// Moment tells how long ago t was: "just now", "4 min ago", "3 h ago",
// "yesterday 18:40", "Monday 18:40", "3 November 18:40". The zero time, one
// more than ten minutes ahead, and any by a clock that is not plausible are
// "time uncertain".
func (c Clock) Moment(l *catalog.Language, t time.Time) Moment {
	if !c.Plausible || t.IsZero() || t.Sub(c.Now) > slack {
		return Moment{Words: l.Text(uncertain)}
	}
	t = t.In(c.Now.Location())
	m := Moment{ISO: t.Format(time.RFC3339)}
	age := c.Now.Sub(t)
	switch days := midnight(c.Now).Sub(midnight(t)); {
	case age < time.Minute:
		m.Words = l.Text("just now")
	case age < time.Hour:
		m.Words = l.Text("%d min ago", int(age.Minutes()))
	case age < 6*time.Hour:
		m.Words = l.Text("%d h ago", int(age.Hours()))
	case days < 12*time.Hour: // days are counted in noons, as some have 23 or 25 hours
		m.Words = l.Text("today %s", t.Format(hour))
	case days < 36*time.Hour:
		m.Words = l.Text("yesterday %s", t.Format(hour))
	case days < 6*24*time.Hour+12*time.Hour:
		m.Words = l.Text(weekdays()[t.Weekday()], t.Format(hour))
	case t.Year() == c.Now.Year():
		m.Words = l.Text("%[1]s %[2]s", l.Text(months()[t.Month()-1], t.Day()), t.Format(hour))
	default:
		m.Words = Day(l, t)
	}
	return m
}

// Day is the date of a moment, whatever the clock: "3 November 2026".
func Day(l *catalog.Language, t time.Time) string {
	return l.Text("%[1]s %[2]d", l.Text(months()[t.Month()-1], t.Day()), t.Year())
}

const (
	far     = 100 * 365 * 24 * time.Hour // later than any clock shows
	quarter = 15 * time.Minute           // every zone's midnight is at one
)

// Until is up to when a moment is told in the same words, or somewhat earlier.
func (c Clock) Until(t time.Time) time.Time {
	age := c.Now.Sub(t)
	switch {
	case !c.Plausible || t.IsZero():
		return c.Now.Add(far) // one that becomes plausible is another clock
	case -age > slack:
		return t.Add(-slack)
	case age < time.Hour:
		return t.Add(max(age, 0).Truncate(time.Minute) + time.Minute)
	case age < 6*time.Hour:
		return t.Add(age.Truncate(time.Hour) + time.Hour)
	}
	return c.Now.Truncate(quarter).Add(quarter)
}

// Full is a moment in full, whatever the clock: "Monday, 3 November 2026, 18:40".
func Full(l *catalog.Language, t time.Time) string {
	return l.Text("%[1]s, %[2]s %[3]d, %[4]s", l.Text(dayNames()[t.Weekday()]), l.Text(months()[t.Month()-1], t.Day()), t.Year(), t.Format(hour))
}

// dayNames are from Sunday on.
func dayNames() [7]hub.Phrase {
	return [...]hub.Phrase{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
}

// Words is the time of the clock itself: "18:42", or that it is uncertain.
func (c Clock) Words(l *catalog.Language) string {
	if !c.Plausible {
		return l.Text(uncertain)
	}
	return c.Now.Format(hour)
}

const hour = "15:04"

// weekdays are phrases of an hour, from Sunday on.
func weekdays() [7]hub.Phrase {
	return [...]hub.Phrase{"Sunday %s", "Monday %s", "Tuesday %s", "Wednesday %s", "Thursday %s", "Friday %s", "Saturday %s"}
}

// months are phrases of a day.
func months() [12]hub.Phrase {
	return [...]hub.Phrase{
		"%d January", "%d February", "%d March", "%d April", "%d May", "%d June",
		"%d July", "%d August", "%d September", "%d October", "%d November", "%d December",
	}
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
