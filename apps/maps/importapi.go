package maps

import (
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/hub"
)

type (
	// Brought is what a program is told of a file that it has sent.
	Brought struct {
		Taken bool      `json:"taken"` // it was taken over
		File  *Taken    `json:"file,omitempty"`
		Plan  *Foretold `json:"plan,omitempty"` // what would become of it now
	}
	// Foretold is what would become of a file.
	Foretold struct {
		New       int      `json:"new"`
		Changed   int      `json:"changed"`
		Same      int      `json:"same"`
		Kept      int      `json:"kept"`      // somebody here has said otherwise, which stays
		Gone      int      `json:"gone"`      // that the list has no more
		Refused   int      `json:"refused"`   // that are left out
		Conflicts []Reason `json:"conflicts"` // the first of those kept
		Left      []Reason `json:"left_out"`  // the first of those refused
		Notes     []Reason `json:"notes"`     // what was shortened or not understood of the first places
	}
	// Reason is why an entry of a file is left out, or in conflict, in English.
	Reason struct {
		At   string `json:"at,omitempty"`   // where in the file
		ID   string `json:"id,omitempty"`   // of the place that is here
		Name string `json:"name,omitempty"` // of the entry
		Why  string `json:"why"`
	}
)

// sent is what would become of a file that a program sends whole, in its form.
func sent(s hub.Snapshot, q hub.Request) (*look, inbox.Item, *plan, error) {
	text := q.Form.Get("file")
	it := inbox.Item{ID: q.Form.Get("client_id"), Size: int64(len(text))}
	if text == "" {
		return nil, it, nil, hub.Errorf(hub.Invalid, "file", "Choose a file first.")
	}
	with, err := proposed(q.Form.Get("list"), strings.NewReader(text), it.Size)
	if err == nil {
		err = with.change(q)
	}
	if err != nil {
		return nil, it, nil, err
	}
	l, err := lookingAt(s)
	if err != nil {
		return nil, it, nil, err
	}
	on, err := groundOf(s, q)
	if err != nil {
		return nil, it, nil, err
	}
	p, err := planned(l, on, strings.NewReader(text), it.Size, with)
	return l, it, p, err
}

// sending is by which client_id a program sends a file, and what was taken over by it before;
// nil if it was not.
func sending(s hub.Snapshot, q hub.Request) (id string, done *Version[Import], err error) {
	if err := officially(s, q); err != nil {
		return "", nil, err
	}
	if id, err = clientOf(q); err != nil {
		return "", nil, err
	}
	done, err = looking(s).imported(id)
	return id, done, err
}

// takeSent takes over what a program has sent; with look it is only told what would change.
func takeSent(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	if _, done, err := sending(s, q); err != nil || done != nil {
		return nil, err
	}
	l, it, p, err := sent(s, q)
	switch {
	case err != nil:
		return nil, err
	case p.wrong != nil:
		return nil, p.wrong
	case p.many:
		return nil, tooMany()
	case q.Form.Get("look") != "":
		return nil, nil
	}
	return l.drafts(q.Author, it, p, chosen(q))
}

// broughtBy is what became of a file that a program has sent.
func broughtBy(s hub.Snapshot, q hub.Request) (any, error) {
	l, _, p, err := sent(s, q)
	if err != nil {
		return nil, err
	}
	b, err := l.brought(q)
	b.Plan = p.foretold()
	return b, err
}

// brought is what was taken over of what a program has sent.
func (l *look) brought(q hub.Request) (b Brought, _ error) {
	id := q.Form.Get("client_id")
	done, err := l.imported(id)
	if err == nil && done != nil {
		t := l.takenOf(q, id, *done)
		b.Taken, b.File = true, &t
	}
	return b, err
}

func (p *plan) foretold() *Foretold {
	f := &Foretold{
		New: p.of(exchange.New), Changed: p.of(exchange.Changed), Same: p.of(exchange.Same), Kept: p.of(exchange.Conflict),
		Refused: p.refused(), Conflicts: []Reason{}, Left: []Reason{}, Notes: []Reason{},
	}
	for _, s := range p.steps {
		if s.Verdict == exchange.Conflict {
			f.Conflicts = append(f.Conflicts, Reason{At: s.Entry.At.String(), ID: s.Entry.ID, Name: s.Sheet.Details.Name, Why: s.Why.String()})
		}
	}
	left := p.left
	if b := p.big; p.many && b != nil {
		f.New, f.Changed, f.Same, f.Kept, f.Gone, f.Refused, left = b.new, b.changed, b.same, b.kept, b.gone, b.counts.Refused, b.left
		for _, c := range b.some.kept {
			f.Conflicts = append(f.Conflicts, Reason{ID: c.ID, Name: c.Name, Why: "Somebody here has said otherwise."})
		}
	}
	for _, one := range p.noted() {
		for _, n := range one.Notes {
			f.Notes = append(f.Notes, Reason{Name: one.Name, Why: n.String()})
		}
	}
	for _, one := range left {
		f.Left = append(f.Left, Reason{At: one.At.String(), Name: one.Name, Why: one.Why.String()})
	}
	return f
}

// takenFor is a file that was taken over.
func takenFor(s hub.Snapshot, q hub.Request, id string) (any, error) {
	l := looking(s)
	done, err := l.imported(id)
	if err == nil && done == nil {
		err = noSuchImport()
	}
	if err != nil {
		return nil, err
	}
	return l.takenOf(q, id, *done), nil
}
