package server

import (
	"html/template"
	"net/url"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/qr"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Where there is something for paper: one page for a door, and all that is new.
const (
	printPath = "/print"
	newsPath  = "/print/new"
)

// bulletinView is one page for a door.
type bulletinView struct {
	Cards []template.HTML // of the apps
	Short bool            // one is missing
	News  string          // path of all that is new
	Back  comeback
}

// bulletin shows what matters most, for people without a device. A card that fails is
// missing, and the page says that something is.
func (s *Server) bulletin(v *visit) (answer, error) {
	m := bulletinView{News: newsPath}
	var stale staleness
	var said []record.App
	f := s.frame(v, answer{})
	for _, app := range s.mounts {
		one, ok := app.app.(hub.Printer)
		if !ok {
			continue
		}
		p, html, err := s.apart(v, app, f, func(snap hub.Snapshot) (hub.Page, error) { return one.Print(snap, forAll(v)) })
		stale = stale.and(staleOf(app.name, p))
		if err != nil {
			s.cfg.Log.Error("a card of the bulletin failed", "app", app.name, "error", err)
			m.Short = true
		}
		if html != "" {
			m.Cards, said = append(m.Cards, html), append(said, app.name)
		}
	}
	back, err := s.howToComeBack(v, qr.Paper)
	if err != nil {
		return answer{}, err
	}
	m.Back = back.forOthers()
	return answer{page: "bulletin.html", title: v.lang.Text("News from %s", v.about.Place), model: m, stale: stale, tops: said}, nil
}

// printView is what is new, for a sheet on a wall.
type printView struct {
	Since   time.Time // zero: nobody knows what time it is
	Spans   []span    // from which to choose
	Reports []template.HTML
	Back    comeback
}

// span is a time back from now.
type span struct {
	Title hub.Phrase
	Path  string
}

// news shows what is new since ?since=, or of the last day.
func (s *Server) news(v *visit) (answer, error) {
	now := v.about.Now
	m := printView{}
	var said []record.App
	if v.about.Plausible {
		var err error
		if m.Since, err = parseSince(v.r.URL.Query().Get("since"), now); err != nil {
			return answer{}, err
		}
		for _, one := range []struct {
			title hub.Phrase
			days  int
		}{{"Last 24 hours", 1}, {"Last 3 days", 3}, {"Last 7 days", 7}} {
			m.Spans = append(m.Spans, span{one.title, newsPath + "?since=" + url.QueryEscape(now.Add(-time.Duration(one.days)*24*time.Hour).Format(time.RFC3339))})
		}
	}
	for _, app := range s.mounts {
		r, ok := app.app.(hub.Reporter)
		if !ok {
			continue
		}
		var p hub.Page
		err := s.cfg.Hub.Read(v.ctx(), app.name, func(snap hub.Snapshot) (err error) {
			p, err = r.Report(snap, forAll(v), m.Since)
			return err
		})
		if err != nil {
			return answer{}, err
		}
		html, err := s.inside(v, app.answer(p))
		if err != nil {
			return answer{}, err
		}
		m.Reports, said = append(m.Reports, html), append(said, app.name)
	}
	back, err := s.howToComeBack(v, qr.Paper)
	if err != nil {
		return answer{}, err
	}
	m.Back = back.forOthers()
	return answer{page: "print.html", title: v.lang.Text("What is new"), model: m, tops: said}, nil
}

// parseSince reads a moment (RFC 3339) or a day; without one it is a day ago.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now.Add(-24 * time.Hour), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, hub.Errorf(hub.Invalid, "since", "This page does not understand that time. A day looks like this: 2026-11-21.")
}
