package notices

import (
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// PatternsView is the page of the community's own templates.
type PatternsView struct {
	Own      []Choice
	Mine     map[string]bool // those that the reader has written
	Scales   []Scale
	Lang     string // the reader's
	Official bool
}

// Lives are for how many hours a notice of one can be said to hold.
func (PatternsView) Lives() []int { return lives }

// patternList is the community's own templates, for those who write with them.
func patternList(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	l, err := writing(s, q)
	if err != nil {
		return hub.Page{}, err
	}
	m := PatternsView{Official: q.Official, Lang: or(q.Lang, "en"), Mine: map[string]bool{}, Scales: scalesOf(graded(Other, Minor, Expected, Likely, Monitor))}
	all, err := l.choices(q)
	for _, c := range all {
		if c.Own {
			m.Own = append(m.Own, c)
			m.Mine[c.ID] = strings.HasPrefix(c.ID, q.Author.String())
		}
	}
	return hub.Page{Template: "patterns.html", Title: q.T("Templates"), Model: m, Topics: []hub.Term{patterns}}, err
}

// keepPattern writes a template, or takes one back.
func keepPattern(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	if _, err := officially(s, q); err != nil {
		return nil, err
	}
	if q.Form.Has("removes") {
		ref := refOf(q.Form.Get("removes"))
		if ref == nil || ref.By() != q.Author {
			return nil, hub.Errorf(hub.Forbidden, "", "Only whoever wrote a template can take it back.")
		}
		it, found, err := find(s, patternKey+ref.ID, q.Author.String())
		if err != nil || !found || it.Withdrawn() {
			return nil, err
		}
		return []hub.Draft{{Key: it.Key}}, nil
	}
	p := Pattern{Grade: graded(Other, Minor, Expected, Likely, Monitor)}
	if err := p.Grade.set(q.Form.Get); err != nil {
		return nil, err
	}
	hours, err := hoursOf("life", q.Form.Get("life"), defaultLife, maxLife)
	if err != nil {
		return nil, err
	}
	p.Hours = uint32(max(hours.Hours(), 1))
	if p.Words, err = wordsOf(q, Choice{start: start{template: free}}); err != nil {
		return nil, err
	}
	if hub.Blank(p.Words[0].Head) {
		return nil, hub.Errorf(hub.Invalid, "head", "A template needs a headline.")
	}
	id := q.Form.Get("client_id")
	if !hub.ValidID(id) {
		return nil, hub.Errorf(hub.Invalid, "client_id", "The form did not arrive whole. What you wrote is still here. Please send it again.")
	}
	d, err := draftOf(patternKey+id, record.Notice, life, p)
	if err != nil {
		return nil, err
	}
	it, found, err := find(s, patternKey+id, q.Author.String())
	if err != nil || found && string(it.Body) == string(d.Body) {
		return nil, err
	}
	return []hub.Draft{d}, nil
}
