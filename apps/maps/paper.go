package maps

import (
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// Bounds of paper.
const (
	onPaper  = 8  // places on the page for a door
	onReport = 60 // on the sheet of what is new
)

var _ hub.Reporter = App{}

// Print is the nearest places that are open, for the printed bulletin.
func (a App) Print(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	s = a.sees(s)
	m, l, err := card(s, q, onPaper)
	if err != nil || !m.Some {
		return hub.Page{Topics: everything(), Until: l.until}, err
	}
	sheltered(m.Places, 1)
	m.Dangers = slices.DeleteFunc(m.Dangers, func(p Place) bool { return p.Orphan })
	m.Dangers = m.Dangers[:min(len(m.Dangers), onPaper/2)]
	return hub.Page{Template: "paper.html", Title: q.T("Where to go"), Model: m, Topics: everything(), Until: l.until}, nil
}

// ReportView is the places on a sheet for a wall.
type ReportView struct {
	Places  []Place
	Dangers []Place
	More    int
}

// Report is all places, the nearest first: where to go does not depend on since when
// one has been away.
func (a App) Report(s hub.Snapshot, q hub.Request, _ time.Time) (hub.Page, error) {
	s = a.sees(s)
	q.Query = nil
	v, _, err := where(s, q)
	m := ReportView{Places: v.Places[:min(len(v.Places), onReport)], Dangers: v.Dangers[:min(len(v.Dangers), onReport)]}
	m.More = v.More + len(v.Places) - len(m.Places) + len(v.Dangers) - len(m.Dangers)
	return hub.Page{Template: "report.html", Title: q.T("Where to go"), Model: m}, err
}
