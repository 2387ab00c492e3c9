package notices

import (
	"maps"
	"slices"

	"github.com/lamppost-hub/lamppost/hub"
)

var _ hub.Answerer = App{}

// Current is what holds, for programs.
type Current struct {
	ListView
	Terms []hub.Term `json:"terms"` // a change under one of them makes this stale
}

// currentPath is where programs find what holds.
const currentPath = "current"

// Answer is, at current, what holds; at archive what holds no more, from ?before= on; at a notice's
// own path that one; at from what is passed on, as ofOne has it; at questions what was asked.
func (a App) Answer(s hub.Snapshot, q hub.Request) (any, error) {
	s = a.sees(s)
	if q.Path == currentPath {
		b, err := board(s)
		return Current{ListView: listing(q, b, maxAll), Terms: everything()}, err
	}
	at, err := spotAt(q.Path)
	if err != nil {
		return nil, err
	}
	switch at.page {
	case senderPath:
		p, err := ofOne(s, q)
		return p.Model, err
	case archivePath:
		p, err := past(s, q)
		return p.Model, err
	case noticePath:
		return alone(s, q, at)
	case relayedPath:
		n, _, err := relayedAt(s, at.id)
		if err == nil && n.Identity == "" {
			err = gone()
		}
		return show(q, n), err
	case questionPath:
		if at.id == "" {
			return askedPage(s, q)
		}
		p, err := oneQuestion(s, q, at)
		m, _ := p.Model.(QuestionView)
		return m.Asked, err
	}
	return nil, hub.Errorf(hub.NotFound, "", "There is no such page among the notices.")
}

// alone is one notice. What waits for a second signature is not told.
func alone(s hub.Snapshot, q hub.Request, at spot) (any, error) {
	n, _, _, err := noticeAt(s, at)
	if err == nil && (n.Identity == "" || n.Signed.Waiting && !coordinates(s, q)) {
		err = gone()
	}
	return show(q, n), err
}

// Fields are those of a notice, of a question and of what is done about them.
func (App) Fields() []string {
	fields := []string{
		"t", "text", "client_id", "head", "advice", "lang", "life", "begins", "area", "point", "radius", "polygon", "contact",
		"status", "category", "severity", "urgency", "certainty", "response", "updates", "cancels", "signs", "alone", "back", "ends", "releases", "discards", "verdict",
	}
	for _, lang := range slices.Sorted(maps.Keys(tongues)) {
		fields = append(fields, "head_"+lang, "text_"+lang, "advice_"+lang)
	}
	return fields
}

// Made is what a program has written that is no notice yet, or none any more.
type Made struct {
	ID    string `json:"id"`
	Path  string `json:"path"`
	Draft bool   `json:"draft"` // it waits to be released
}

// Written is the notice, the draft or the question that a request wrote.
func (a App) Written(s hub.Snapshot, q hub.Request) (any, error) {
	s = a.sees(s)
	at, err := spotAt(q.Path)
	if err != nil {
		return nil, err
	}
	id := q.Form.Get("client_id")
	switch {
	case at.page == questionPath && at.id == "":
		l, err := looking(s)
		if err != nil {
			return nil, err
		}
		return l.question(q, hub.RefTo(q.Author, id))
	case at.page == questionPath:
		p, err := oneQuestion(s, q, at)
		m, _ := p.Model.(QuestionView)
		return m.Asked, err
	case at.page == noticePath && !q.Form.Has("cancels"):
		return alone(s, q, at)
	case at.page == draftPath && q.Form.Has("releases"):
		id = at.id
	case at.page == draftPath:
		return Made{ID: at.by + "/" + at.id, Path: "/notices/" + draftsPath}, nil
	}
	ref := hub.RefTo(q.Author, id)
	n, _, _, err := noticeAt(s, spot{page: noticePath, by: q.Author.String(), id: id})
	if err != nil || n.Identity != "" {
		return show(q, n), err
	}
	return Made{ID: ref.String(), Path: pathOf(ref), Draft: true}, nil
}
