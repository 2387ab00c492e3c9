package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
)

type clockCommand struct {
	Show showClock `cmd:"" default:"withargs" help:"Show what time it is at this hub, and why. This is what happens if nothing else is said."`
	Set  setClock  `cmd:"" help:"Say what time it is; also to set it back."`
}

// Help is the longer text of --help.
func (clockCommand) Help() string {
	return `A hub without network time does not know whether its clock is right. Until something or
somebody confirms it, pages say "time uncertain", nothing that expires is removed, and no
post is refused for its date.

    lamppost clock
    lamppost clock set now                   this machine's own clock is right
    lamppost clock set 2026-11-25 18:40      by your watch, in the zone of this machine
    lamppost clock set 2026-11-25T18:40Z     in UTC`
}

type showClock struct{ folderFlag }

// Run shows the clock.
func (c *showClock) Run(ctx context.Context, std streams) error {
	r, err := control.NewClient(c.Data).Clock(ctx)
	if err != nil {
		return c.unreachable(err)
	}
	return printClock(std.out, r)
}

const (
	// longTime is a moment in full, for people.
	longTime = "Monday, 2 January 2006, 15:04:05 MST"
	// apart is how far two clocks may be apart and nothing is said of it.
	apart = 5 * time.Minute
)

func printClock(out io.Writer, r control.ClockReport) error {
	now := r.Now.Local()
	if r.Plausible {
		fmt.Fprintf(out, "It is %s.\nThis is believed because of %s, since %s.\n", now.Format(longTime), r.Why, r.Since.Local().Format(time.DateTime))
		if until := r.WordUntil(); !until.IsZero() {
			fmt.Fprintf(out, "The operator's word counts until %s. Before then: lamppost clock set\n", until.Local().Format(time.DateTime))
		}
	} else {
		fmt.Fprintf(out, "Time uncertain. It may be %s.\nNothing confirms it. If you know what time it is: lamppost clock set\n", now.Format(longTime))
	}
	fmt.Fprintf(out, "It is certainly later than %s.\n\n", r.Floor.Local().Format(time.DateTime))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "WHO\tSAYS\tHEARD\nthis machine's clock\t%s\tnot believed by itself\n", r.Wall.Local().Format(time.DateTime))
	for _, s := range r.Sources {
		says, heard := "-", ""
		if !s.Now.IsZero() {
			says = s.Now.Local().Format(time.DateTime)
		}
		if s.Needed > 1 {
			heard = fmt.Sprintf("%d, of at least %d", s.Heard, s.Needed)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Source, says, heard)
	}
	return w.Flush()
}

type setClock struct {
	Time []string `arg:"" help:"The time, such as 2026-11-25 18:40, or now for what this machine's clock shows."`
	folderFlag

	at time.Time
}

// Validate checks what was typed before anything is touched.
func (c *setClock) Validate() (err error) {
	c.at, err = readTime(strings.Join(c.Time, " "), time.Now())
	return err
}

// readTime reads a moment that a person has typed. Without a zone it is in that
// of the machine.
func readTime(typed string, now time.Time) (time.Time, error) {
	typed = strings.TrimSpace(typed)
	if strings.EqualFold(typed, "now") {
		return now, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", time.RFC3339, "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.ParseInLocation(layout, typed, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date and time; write it like 2026-11-25 18:40, or say now", typed)
}

// Run tells the hub what time it is.
func (c *setClock) Run(ctx context.Context, std streams) error {
	s, err := control.NewClient(c.Data).SetClock(ctx, c.at)
	if err != nil {
		return c.unreachable(err)
	}
	fmt.Fprintf(std.out, "Understood: %s (%s UTC).\n", c.at.Local().Format(longTime), c.at.UTC().Format(time.DateTime))
	if until := s.Is.WordUntil(); !until.IsZero() {
		fmt.Fprintf(std.out, "Your word counts until %s, while the hub runs.\n", until.Local().Format(time.DateTime))
	}
	if !s.Is.Plausible {
		return errors.New("the hub did not take it; see lamppost clock")
	}
	if d := s.Is.Now.Sub(s.Was.Now); d.Abs() > apart {
		word := "later"
		if d < 0 {
			word = "earlier"
		}
		fmt.Fprintf(std.out, "Careful: this is %s %s than the hub took it to be. If that is not right, set it again.\n", inWords(d.Abs()), word)
		if d < 0 {
			fmt.Fprintln(std.out, "What was posted with a later date is kept, and shown again when that time comes.")
		}
	}
	for _, w := range s.Was.Sources {
		if d := w.Now.Sub(s.Is.Now).Abs(); !w.Now.IsZero() && w.Source != s.Is.Why && d > apart {
			fmt.Fprintf(std.out, "Careful: %s says otherwise: %s.\n", w.Source, w.Now.Local().Format(longTime))
		}
	}
	if s.Is.Wall.Sub(s.Is.Now).Abs() > apart {
		fmt.Fprintln(std.out, "This machine's own clock shows something else. The hub goes by your word, but not after it is stopped; set that clock as well.")
	}
	return nil
}

// inWords is a duration in its largest units.
func inWords(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{365 * day, "year"}, {day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch n := d / u.of; {
		case n == 1:
			return "1 " + u.name
		case n > 1:
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return "less than a minute"
}
