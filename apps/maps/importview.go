package maps

import (
	"errors"
	"strconv"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
)

// maxEach is how many places of one verdict are shown.
const maxEach = 50

type (
	// ImportsView is the page of files: those that wait, and those that were taken over.
	ImportsView struct {
		Waiting  []Waiting
		Taken    []Taken
		Folder   bool     // files can be sent to this box
		Most     hub.Said // how large a file may be
		Formats  []exchange.Format
		Official bool
	}
	// Waiting is a file that nobody has decided upon yet.
	Waiting struct {
		Path, Name string
		Told       Told
	}
	// Taken is a file that was taken over.
	Taken struct {
		Import

		ID   string `json:"id"`
		Path string `json:"path"`
		Told Told   `json:"told"`
		// Back reports that its reader may take it back here.
		Back bool `json:"-"`
	}
	// PlanView is the page of a file that waits: what would become of it.
	PlanView struct {
		ID, Name, Path string
		Plan           string // by which the form says what it has shown
		Wrong          *hub.Said
		Many           bool // it becomes one layer
		Reading        bool // which is not known yet
		Read           int  // entries so far
		Counts         PlanCounts
		New            []Coming
		Changed        []Coming
		Conflicts      []Coming // of many, what stays as somebody here has said
		Gone           []Coming // of many, what the list has no more
		Left           []LeftOut
		Noted          []Noted
		Newest         time.Time // of what the file says when it was said; zero if it does not
		Unused         []string  // names of values that are not taken over
		Settings       SettingsView
		Official       bool
	}
	// PlanCounts is how many places there are of each verdict.
	PlanCounts struct{ New, Changed, Same, Conflicts, Left, Swapped, Noted, Gone, Shelters int }
	// Coming is one place of a file.
	Coming struct {
		ID, Name string
		Kind     hub.Phrase
		Where    string
		Facts    []hub.Said // how it stands and for how many there is room, as far as it is known
		Path     string     // of its page, if it is here
		Why      *hub.Said
		Diffs    []exchange.Turn
		Stays    []exchange.Turn // what the file says otherwise, and what stays
	}
	// Noted is what was shortened or not understood of one place.
	Noted struct {
		Name  string
		Notes []hub.Said
	}
	// SettingsView is how the file is read.
	SettingsView struct {
		List    string
		Format  hub.Phrase
		Kind    Pick
		Swap    Pick
		Columns []ColumnView
		Remarks []hub.Said
		Again   bool // the form is shown again, as something was wrong with it
	}
	// ColumnView is one column of a table.
	ColumnView struct {
		Field, Heading string
		Cells          []string
		Roles          []RoleView
	}
	// RoleView is what a column can be.
	RoleView struct {
		Name  string
		Words hub.Phrase
		Now   bool
	}
)

// view is the plan as it is shown.
func (p *plan) view() PlanView {
	m := PlanView{Plan: p.hash, Many: p.many, Reading: p.many && p.big == nil && p.wrong == nil, Read: p.read, Left: p.left, Newest: p.counts.Newest, Unused: p.counts.Left}
	if told, is := errors.AsType[*hub.Error](p.wrong); is {
		m.Wrong = &hub.Said{Phrase: told.Phrase, Args: told.Args}
	}
	m.Counts = PlanCounts{
		New: p.of(exchange.New), Changed: p.of(exchange.Changed), Same: p.of(exchange.Same), Conflicts: p.of(exchange.Conflict),
		Left: p.refused(), Swapped: p.counts.Swapped, Noted: p.counts.Noted, Shelters: p.counts.Shelters,
	}
	if p.many {
		return p.viewMany(m)
	}
	for _, s := range p.steps {
		c := comingOf(s.Entry.ID, s.Sheet)
		c.Diffs = s.Diffs
		if s.Here != nil {
			c.Path = "/maps/" + placePath + "/" + s.Here.ID
		}
		if s.Why.Phrase != "" {
			c.Why = &s.Why
		}
		add := func(to *[]Coming) {
			if len(*to) < maxEach {
				*to = append(*to, c)
			}
		}
		switch s.Verdict {
		case exchange.New:
			add(&m.New)
		case exchange.Changed:
			add(&m.Changed)
		case exchange.Conflict:
			add(&m.Conflicts)
		case exchange.Same, exchange.Refused:
		}
	}
	m.Noted = p.noted()
	return m
}

// noted is what is to be known of the first places of which there is something.
func (p *plan) noted() (all []Noted) {
	if p.big != nil {
		return p.big.noted
	}
	for _, s := range p.steps {
		if len(s.Entry.Notes) > 0 && len(all) < maxEach {
			all = append(all, Noted{Name: s.Sheet.Details.Name, Notes: s.Entry.Notes})
		}
	}
	return all
}

// viewMany is the plan of a file that becomes one layer.
func (p *plan) viewMany(m PlanView) PlanView {
	if b := p.big; b != nil {
		m.Counts.New, m.Counts.Changed, m.Counts.Same, m.Counts.Conflicts, m.Counts.Gone = b.new, b.changed, b.same, b.kept, b.gone
		m.New, m.Changed, m.Conflicts, m.Gone = b.some.new, b.some.changed, b.some.kept, b.some.gone
		m.Left, m.Noted = b.left, b.noted
	}
	return m
}

// Takes is how many places would be written if nothing else is chosen.
func (c PlanCounts) Takes() int { return c.New + c.Changed }

// All is how many a layer would have.
func (c PlanCounts) All() int { return c.New + c.Changed + c.Same + c.Conflicts }

// settingsView is how a file is read, for the form to change it.
func (d *desk) settingsView(id string, with settings, q hub.Request) (m SettingsView, _ error) {
	m = SettingsView{
		List: with.List, Format: with.Format.Words(), Again: q.Form.Has("list"),
		Kind: Pick{Field: "kind", Title: "What are they, where the file does not say?", Choices: place.Kinds(), Now: with.Kind},
		Swap: Pick{Field: "swap", Title: "Those that seem to be swapped", Choices: swaps[:], Now: swaps[min(int(with.Swap), len(swaps)-1)].Name},
	}
	if m.Again {
		m.List = q.Form.Get("list")
	}
	if with.Columns == nil {
		return m, nil
	}
	if with.Columns.Tags == 0 {
		m.Format = "CSV, for spreadsheets"
	}
	f, err := d.inbox().Open(id)
	if err != nil {
		return m, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return m, err
	}
	proposal, err := exchange.Propose(f, info.Size())
	if err != nil {
		return m, nil // the plan says what is wrong with it
	}
	m.Remarks = proposal.Remarks
	for i, c := range with.Columns.Columns[:min(len(with.Columns.Columns), maxColumns)] {
		v := ColumnView{Field: columnField(i), Heading: c.Heading}
		if v.Heading == "" {
			v.Heading = c.Tag
		}
		for _, row := range proposal.Rows {
			if i < len(row) && row[i] != "" {
				v.Cells = append(v.Cells, firstOf(row[i], place.MaxLine/3))
			}
		}
		for _, r := range table.Roles() {
			v.Roles = append(v.Roles, RoleView{Name: string(r), Words: r.Words(), Now: r == c.Role})
		}
		m.Columns = append(m.Columns, v)
	}
	return m, nil
}

// maxColumns is how many columns a form can say of: it has a bound of fields.
const maxColumns = 100

func columnField(i int) string { return "column" + strconv.Itoa(i) }

// comingOf is a place of a file as its preview shows it.
func comingOf(id string, s place.Sheet) Coming {
	d := s.Details
	c := Coming{ID: id, Name: d.Name, Kind: d.Kind.Words(), Where: d.Shape.Center().String()}
	fact := func(is bool, phrase hub.Phrase, args ...any) {
		if is {
			c.Facts = append(c.Facts, hub.Said{Phrase: phrase, Args: args})
		}
	}
	fact(d.Shape.Kind == place.Line, "A line")
	fact(d.Shape.Kind == place.Area, "An area")
	if s.State != nil {
		fact(true, s.State.Status.Words())
	}
	if s.People != nil {
		fact(true, "%d people there", int(*s.People))
	}
	fact(d.Most > 0, "Room for %d people in an evacuation", int(d.Most))
	fact(d.Everyday > 0, "Room for %d people for a longer time", int(d.Everyday))
	return c
}
