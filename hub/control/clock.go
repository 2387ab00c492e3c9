package control

import (
	"context"
	"time"
)

type (
	// ClockReport is what time it is at a hub, and what speaks for it.
	ClockReport struct {
		Now       time.Time   `json:"now"`
		Plausible bool        `json:"plausible"`
		Why       string      `json:"why"`            // who says so; "none"
		Since     time.Time   `json:"since,omitzero"` // believed since then
		Wall      time.Time   `json:"wall"`           // what the machine's own clock shows
		Floor     time.Time   `json:"floor"`          // it is certainly later
		Sources   []ClockWord `json:"sources"`        // those who said anything
	}
	// ClockWord is what one kind of source says.
	ClockWord struct {
		Source string    `json:"source"`
		Heard  int       `json:"heard"`          // how many hubs or phones; 1 for other kinds
		Needed int       `json:"needed"`         // as many have to be heard for it to count
		Now    time.Time `json:"now,omitzero"`   // what time it is by them; missing if they do not count
		Until  time.Time `json:"until,omitzero"` // when this word no longer counts, unless it is said again; missing for hubs and phones
	}
	// SetTime is what time it is, by whoever looks after the hub.
	SetTime struct {
		Time time.Time `json:"time"`
	}
	// TimeSet is how it was before and is now.
	TimeSet struct {
		Was ClockReport `json:"was"`
		Is  ClockReport `json:"is"`
	}
)

// OperatorSource is the Source of the word of whoever looks after the hub.
const OperatorSource = "operator"

// WordUntil is when the operator's word no longer counts; zero if the time is not
// believed because of it.
func (r ClockReport) WordUntil() time.Time {
	for _, s := range r.Sources {
		if s.Source == OperatorSource && r.Why == OperatorSource {
			return s.Until
		}
	}
	return time.Time{}
}

// Clock is what time it is at the hub, and why.
func (c *Client) Clock(ctx context.Context) (r ClockReport, err error) {
	err = c.Call(ctx, "clock", Nothing{}, &r)
	return r, err
}

// SetClock tells the hub what time it is, which it then believes before all else.
func (c *Client) SetClock(ctx context.Context, t time.Time) (s TimeSet, err error) {
	err = c.Call(ctx, "setclock", SetTime{t}, &s)
	return s, err
}
