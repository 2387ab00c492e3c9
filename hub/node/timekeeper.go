package node

import (
	"context"
	"errors"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// timekeeper is by whom the console and the pages ask for the time and set it.
type timekeeper struct {
	*clock.Clock
	local *local.Local
	trace func() (record.Time, error) // of the latest own signature
	built time.Time                   // of the program; zero if unknown
}

// SetTime takes an operator's word for the time, also to set it back, and keeps
// it for the next start. It returns how things stood before.
func (k timekeeper) SetTime(t time.Time) (was clock.Account, err error) {
	if t.Unix() <= 0 || !t.Before(record.MaxTime.Wall()) {
		return was, hub.Errorf(hub.Invalid, "time", "That is not a time this can be set to; it has to lie between 1970 and 2100.")
	}
	if t.Before(k.built.Add(-clock.Tolerance)) {
		return was, hub.Errorf(hub.Invalid, "time", "That is too long ago: this program was made on %s, so it cannot be earlier than that.", k.built.UTC().Format(time.DateOnly))
	}
	trace, err := k.trace()
	if err != nil {
		return was, err
	}
	was = k.Account()
	traces := trace.Wall()
	if was.Now.After(traces) {
		traces = was.Now
	}
	k.Evidence(clock.Operator, "", t)
	return was, k.local.SetTime(t, traces)
}

// verbs are the console's for the clock.
func (k timekeeper) verbs() map[string]control.Verb {
	return map[string]control.Verb{
		"clock": control.Handle(func(context.Context, control.Nothing) (control.ClockReport, error) {
			return report(k.Account()), nil
		}),
		"setclock": control.Handle(func(_ context.Context, in control.SetTime) (out control.TimeSet, err error) {
			was, err := k.SetTime(in.Time)
			if told, ok := errors.AsType[*hub.Error](err); ok && told.Code == hub.Invalid {
				err = control.BadRequest(err)
			}
			return control.TimeSet{Was: report(was), Is: report(k.Account())}, err
		}),
	}
}

func report(a clock.Account) control.ClockReport {
	r := control.ClockReport{
		Now: a.Now, Plausible: a.Plausible, Why: a.Source.String(), Since: a.Since, Wall: a.Wall, Floor: a.Floor,
		Sources: []control.ClockWord{},
	}
	for _, w := range a.Words {
		r.Sources = append(r.Sources, control.ClockWord{Source: w.Source.String(), Heard: w.Heard, Needed: w.Needed, Now: w.At, Until: w.Until})
	}
	return r
}
