package notices

import (
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

var _ hub.Reporter = App{}

// ReportView is the notices on a sheet for a wall: all that hold, now or later, and what
// has ended since a moment.
type ReportView struct {
	Notices []Shown
	Ended   []Shown
}

// Report is what holds, whenever it was written, and what has ended since a moment.
func (a App) Report(s hub.Snapshot, q hub.Request, since time.Time) (hub.Page, error) {
	b, err := board(a.sees(s))
	if err != nil {
		return hub.Page{}, err
	}
	m := ReportView{Notices: showAll(q, append(b.Active, b.Upcoming...), maxShown)}
	for _, n := range showAll(q, b.Ended, maxShown) {
		if !n.End.At.Before(since) {
			m.Ended = append(m.Ended, n)
		}
	}
	return hub.Page{Template: "report.html", Title: q.T("Notices"), Model: m}, nil
}
