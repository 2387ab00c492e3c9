package server

import (
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/webui"
)

// Clock is the hub's clock, as people see it, set it, and speak for it with
// what their phones show.
type Clock interface {
	Account() clock.Account
	// SetTime takes the word of whoever looks after the hub. A time that cannot
	// be is a *hub.Error.
	SetTime(t time.Time) (was clock.Account, err error)
	Evidence(src clock.Source, who string, at time.Time)
}

// clockView is what the page of the clock shows.
type clockView struct {
	Plausible  bool
	Now, Since string
	Until      string // when the word of whoever looks after the box no longer counts
	Zone       string
	Why        hub.Phrase
	Says       []saying
	Set        bool   // the reader may
	Wall       string // this box's own clock, for the form
	Typed      string // what the form begins with
	Far        bool   // is it really so far from what it was?
}

// saying is what time it is by somebody.
type saying struct{ Who, What hub.Said }

const (
	typedTime = "2006-01-02 15:04"
	// far is how far a time that is set may be from what it was taken to be
	// without being asked again.
	far = 24 * time.Hour
)

// clockPage shows everybody what time this place takes it to be, and why.
func (s *Server) clockPage(v *visit) (answer, error) {
	a, zone := s.cfg.Clock.Account(), v.about.Now.Location()
	full := func(t time.Time) string { return webui.Full(v.lang, t.In(zone)) }
	m := clockView{
		Plausible: a.Plausible, Now: full(a.Now), Zone: a.Now.In(zone).Format("MST"), Why: sourceWords(a.Source),
		Wall: full(a.Wall), Set: atTheBox(v), Typed: a.Now.In(zone).Format(typedTime),
		Far: v.trouble != nil && (v.trouble.said.Phrase == tooEarly || v.trouble.said.Phrase == tooLate),
	}
	if a.Plausible {
		m.Since = full(a.Since)
	}
	m.Says = append(m.Says, saying{hub.Said{Phrase: "The clock in this box"}, hub.Said{Phrase: "%s", Args: []any{m.Wall}}})
	for _, w := range a.Words {
		one := saying{Who: sources[w.Source], What: hub.Said{Phrase: "%s", Args: []any{full(w.At)}}}
		switch {
		case w.Source == clock.Hubs:
			one.Who = hub.Said{Phrase: "Other places (%d)", Args: []any{w.Heard}}
		case w.Source == clock.Phones:
			one.Who = hub.Said{Phrase: "Phones of people here (%d)", Args: []any{w.Heard}}
		case w.Source == clock.Operator:
			m.Until = full(w.Until)
		case w.Source == clock.Machine:
			continue // it is the clock in this box
		}
		if w.At.IsZero() && w.Heard < w.Needed {
			one.What = hub.Said{Phrase: "%d are needed to count", Args: []any{w.Needed}}
		} else if w.At.IsZero() {
			one.What = hub.Said{Phrase: "they do not agree"}
		}
		m.Says = append(m.Says, one)
	}
	return answer{page: "clock.html", title: v.lang.Text("The time here"), model: m}, nil
}

var sources = map[clock.Source]hub.Said{
	clock.NTP:      {Phrase: "Network time"},
	clock.GPS:      {Phrase: "Time from satellites (GPS)"},
	clock.Operator: {Phrase: "Whoever looks after this box"},
}

// sourceWords say why the time is believed.
func sourceWords(src clock.Source) hub.Phrase {
	switch src {
	case clock.Operator:
		return "Whoever looks after this box says so."
	case clock.Hubs:
		return "At least three other places say so."
	case clock.Phones:
		return "At least three phones of people here say so."
	case clock.Machine:
		return "This box is set to trust its own clock."
	case clock.NTP:
		return "Network time says so."
	case clock.GPS:
		return "It comes from satellites (GPS)."
	}
	return ""
}

// What is said of a time that is far from what it was.
const (
	tooLate  = hub.Phrase("Is that right? It is %d days later than this place takes it to be. If it is right, tick the box and set it again.")
	tooEarly = hub.Phrase("Is that right? It is %d days earlier than this place takes it to be. If it is right, tick the box and set it again.")
)

// setClock takes the word of somebody who sits at the box.
func (s *Server) setClock(v *visit) (answer, error) {
	if !atTheBox(v) {
		return answer{}, hub.Errorf(hub.Forbidden, "", "The clock is set at the box itself. Tell whoever looks after it.")
	}
	a := s.cfg.Clock.Account()
	t := a.Wall
	if v.form.Get("now") == "" {
		var err error
		if t, err = readTime(v.form.Get("time"), v.about.Now.Location()); err != nil {
			return answer{}, err
		}
		if d := t.Sub(a.Now); d.Abs() > far && v.form.Get("sure") != "yes" {
			phrase := tooLate
			if d < 0 {
				phrase = tooEarly
			}
			return answer{}, hub.Errorf(hub.Invalid, "time", phrase, int(d.Abs().Round(24*time.Hour)/(24*time.Hour)))
		}
	}
	if _, err := s.cfg.Clock.SetTime(t); err != nil {
		return answer{}, err
	}
	return answer{to: "/clock?done=clock"}, nil
}

func readTime(typed string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{typedTime, time.DateTime, "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(typed), zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, hub.Errorf(hub.Invalid, "time", "Write date and time like 2026-11-25 18:40.")
}
