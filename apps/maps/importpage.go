package maps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Paths of files, below the app's.
const (
	importPath = "import" // those that wait
	takenPath  = "i"      // those that were taken over
	exportPath = "export"

	readPage = "read" // how a file that waits is to be read
	dropPage = "drop" // it is thrown away
)

// maxEach is how many places of one verdict are shown.
const maxEach = 50

type (
	// ImportsView is the page of files: those that wait, and those that were taken over.
	ImportsView struct {
		Waiting  []Waiting
		Taken    []Taken
		Folder   bool // files can be sent to this box
		MB       int64
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

// swaps are the choices for what seems to have latitude and longitude swapped.
var swaps = [...]place.Choice{
	{Name: "leave", Words: "Leave them out"},
	{Name: "swap", Words: "Swap latitude and longitude"},
	{Name: "take", Words: "Take them as they are"},
}

// importing is the page of files.
func importing(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	if err := coordinating(s, q); err != nil {
		return hub.Page{}, err
	}
	l, d := looking(s), deskOf(s)
	m := ImportsView{Folder: d.inbox() != nil, MB: d.upload() >> 20, Formats: exchange.Formats(), Official: q.Official}
	waiting, err := d.inbox().All()
	if err != nil {
		return hub.Page{}, err
	}
	for _, it := range waiting {
		done, err := l.imported(it.ID)
		if err != nil {
			return hub.Page{}, err
		}
		if done == nil {
			m.Waiting = append(m.Waiting, Waiting{Path: "/maps/" + importPath + "/" + it.ID, Name: it.Name, Told: l.sender(it)})
		}
	}
	m.Taken, err = l.takenAll(q)
	return hub.Page{Template: "import.html", Title: q.T("Places from a file"), Model: m, Topics: []hub.Term{imports}}, err
}

// sender is who has sent a file that waits, and when by this box's clock.
func (l *look) sender(it inbox.Item) Told {
	var who record.Author
	if b, err := hexOf(it.By, len(who)); err == nil {
		who = record.Author(b)
	}
	if who == (record.Author{}) {
		return Told{At: it.At}
	}
	t := l.told(who, record.At(it.At), false, 0)
	t.Old = false
	return t
}

// takenAll are the files that were taken over, the newest first.
func (l *look) takenAll(q hub.Request) (out []Taken, _ error) {
	all, err := under[Import](l, imports)
	if err != nil {
		return nil, err
	}
	for id, one := range all {
		if top, _, ok := Merge(one); ok {
			out = append(out, l.takenOf(q, id, top))
		}
	}
	slices.SortFunc(out, func(a, b Taken) int { return b.Told.At.Compare(a.Told.At) })
	return out[:min(len(out), maxEach)], nil
}

func (l *look) takenOf(q hub.Request, id string, v Version[Import]) Taken {
	return Taken{
		Import: v.Value, ID: id, Path: "/maps/" + takenPath + "/" + id, Told: toldOf(l, v, 1000*24*time.Hour),
		Back: !v.Value.Undone && officially(l.s, q) == nil,
	}
}

// takenPage is the page of a file that was taken over.
func takenPage(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	l := looking(s)
	v, err := l.imported(at.id)
	if err == nil && v == nil {
		err = noSuchImport()
	}
	if err != nil {
		return hub.Page{}, err
	}
	return hub.Page{Template: "imported.html", Title: q.T("Places from a file"), Model: l.takenOf(q, at.id, *v), Topics: []hub.Term{imports}}, nil
}

// planOf is what would become of a file that waits.
func (d *desk) planOf(l *look, q hub.Request, id string) (it inbox.Item, p *plan, err error) {
	box := d.inbox()
	if it, err = box.Get(id); err != nil {
		return it, nil, err
	}
	with, ok := settingsOf(it)
	if !ok {
		return it, nil, hub.Errorf(hub.NotFound, "", "This file is not here any more. Files wait for two days. Choose it again.")
	}
	f, err := box.Open(id)
	if err != nil {
		return it, nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	on, err := groundOf(l.s, q)
	if err != nil {
		return it, nil, err
	}
	if p, err = planned(l, on, f, it.Size, with); err != nil || p.wrong != nil {
		return it, p, err
	}
	if !p.many { // one person has room for so many posts only
		_, err := l.drafts(q.Author, it, p, chosen(q))
		told, is := errors.AsType[*hub.Error](err)
		p.many = is && told.Code == hub.TooMany
	}
	return it, p, nil
}

// reading is the reading of a file that is to be one layer, which begins if there was none.
func (d *desk) reading(l *look, it inbox.Item, p *plan, q hub.Request) (*job, error) {
	return d.reads.of(it, p.settings, q, l.stacked())
}

// progress is what is known of a file that is to be one layer.
func (d *desk) progress(l *look, it inbox.Item, p *plan, q hub.Request) error {
	if !p.many || p.wrong != nil {
		return nil //nolint:nilerr // the page says what is wrong with the file
	}
	one, err := d.reading(l, it, p, q)
	if err != nil {
		return err
	}
	if !one.ended() {
		p.read = int(one.begun.Load())
		return nil
	}
	if one.err != nil {
		_, err := p.ended(one.err)
		return err
	}
	p.big, p.counts, p.hash = one.many, one.many.counts, one.many.hash
	return nil
}

// previewing is the page of a file that waits.
func previewing(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	if err := coordinating(s, q); err != nil {
		return hub.Page{}, err
	}
	l, err := lookingAt(s)
	if err != nil {
		return hub.Page{}, err
	}
	if done, err := l.imported(at.id); err != nil {
		return hub.Page{}, err
	} else if done != nil {
		return takenPage(s, q, at)
	}
	it, p, err := deskOf(s).planOf(l, q, at.id)
	if told, is := errors.AsType[*hub.Error](err); is && told.Code == hub.NotFound && deskOf(s) != nil {
		err = cmp.Or(deskOf(s).reads.wrongOf(at.id), err)
	}
	if err != nil {
		return hub.Page{}, err
	}
	if err := deskOf(s).progress(l, it, p, q); err != nil {
		return hub.Page{}, err
	}
	m := p.view()
	m.ID, m.Name, m.Path, m.Official = it.ID, it.Name, "/maps/"+importPath+"/"+it.ID, q.Official
	if m.Settings, err = deskOf(s).settingsView(it.ID, p.settings, q); err != nil {
		return hub.Page{}, err
	}
	page := hub.Page{Template: "plan.html", Title: q.T("Look at what would change"), Model: m, Topics: append(everything(), imports)}
	if m.Reading {
		page.Until = l.now.Add(soon)
	}
	return page, nil
}

// soon is after what time a page looks again how far a file has been read.
const soon = 2 * time.Second

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
		if len(s.Entry.Notes) > 0 && len(m.Noted) < maxEach {
			m.Noted = append(m.Noted, Noted{Name: c.Name, Notes: s.Entry.Notes})
		}
	}
	return m
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

// receive takes a file from a form, to wait until somebody has looked at what it would do.
func (a App) receive(h hub.Host) hub.Handler {
	return func(_ http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		if err := h.Read(r.Context(), func(s hub.Snapshot) error { return coordinating(s, q) }); err != nil {
			return "", err
		}
		part, err := fileOf(r)
		if err != nil {
			return "", err
		}
		if err := a.tidy(r.Context(), h); err != nil {
			return "", err
		}
		it, err := a.desk.await(part.FileName(), q.Author.String(), part, a.desk.upload())
		if err != nil {
			return "", err
		}
		wrong, err := a.begin(r.Context(), h, q, it.ID)
		if told := hopeless(wrong); err == nil && told != nil {
			return "", errors.Join(told, a.desk.inbox().Drop(it.ID))
		}
		return "/maps/" + importPath + "/" + it.ID, err
	}
}

// hopeless is what is wrong with a file where no way of reading it helps: it need not wait for
// anybody. It is nil where one may help, as others of its columns do.
func hopeless(wrong error) error {
	told, is := errors.AsType[*hub.Error](wrong)
	if !is || told.Field == "columns" {
		return nil
	}
	return hub.Errorf(told.Code, "file", told.Phrase, told.Args...)
}

// tidy takes out the files that were taken over, which wait for nothing any more.
func (a App) tidy(ctx context.Context, h hub.Host) error {
	box := a.desk.inbox()
	waiting, err := box.All()
	if err != nil {
		return err
	}
	return h.Read(ctx, func(s hub.Snapshot) error {
		for _, it := range waiting {
			done, err := looking(s).imported(it.ID)
			if err == nil && done != nil {
				err = box.Drop(it.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// await keeps a file, with settings as they are proposed.
func (d *desk) await(name, by string, r io.Reader, most int64) (it inbox.Item, err error) {
	box := d.inbox()
	if box == nil {
		return it, hub.Errorf(hub.Unavailable, "file", "This place keeps no files.")
	}
	if err := d.spare(most); err != nil {
		return it, err
	}
	if it, err = box.Add(name, by, r, most); err != nil {
		return it, err
	}
	with, err := d.propose(it)
	if err == nil {
		err = box.Set(it.ID, with)
	}
	if err != nil {
		return it, errors.Join(cmp.Or(hopeless(err), err), box.Drop(it.ID))
	}
	return it, nil
}

// spare reports that a file of so many bytes would fill the disk.
func (d *desk) spare(size int64) error {
	if d.Disk == nil {
		return nil
	}
	free, total, err := d.Disk()
	switch {
	case err != nil:
		return fmt.Errorf("how much room the disk has: %w", err)
	case free < total/10+uint64(size):
		return hub.Errorf(hub.Unavailable, "file", "Nothing can be saved here now. Please tell whoever looks after this place.")
	}
	return nil
}

// propose says how a file that waits might be read.
func (d *desk) propose(it inbox.Item) (with settings, err error) {
	f, err := d.inbox().Open(it.ID)
	if err != nil {
		return with, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return proposed(it.Name, f, it.Size)
}

// proposed is how a file of a name might be read.
func proposed(name string, file io.ReaderAt, size int64) (with settings, _ error) {
	head := make([]byte, 4096)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return with, err
	}
	with = settings{Format: exchange.Detect(name, head[:n]), List: listName(name), Kind: place.Other.String()}
	if k, ok := exchange.KindOf(with.List); ok {
		with.Kind = k.String()
	}
	if with.Format != exchange.CSV {
		return with, nil
	}
	p, err := exchange.Propose(file, size)
	if err != nil {
		return with, err
	}
	with.Columns = &p.Mapping
	for _, c := range p.Columns { // such as "Shelter name"
		if k, ok := exchange.KindOf(c.Heading); ok && c.Role == table.Name && with.Kind == place.Other.String() {
			with.Kind = k.String()
		}
	}
	return with, nil
}

// resettle keeps how somebody wants a file to be read.
func (a App) resettle(h hub.Host) hub.Handler {
	return func(_ http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		id := r.PathValue("id")
		if err := h.Read(r.Context(), func(s hub.Snapshot) error { return coordinating(s, q) }); err != nil {
			return "", err
		}
		it, err := a.desk.inbox().Get(id)
		if err != nil {
			return "", err
		}
		with, _ := settingsOf(it)
		if err := with.change(q); err != nil {
			return "", err
		}
		if err := a.desk.inbox().Set(it.ID, with); err != nil {
			return "", err
		}
		_, err = a.begin(r.Context(), h, q, it.ID) // what is wrong with it is on its page
		return "/maps/" + importPath + "/" + it.ID, err
	}
}

// change takes what a form says.
func (with *settings) change(q hub.Request) error {
	list, err := hub.CleanLine("list", q.Form.Get("list"), maxListName, maxListB)
	if err == nil && hub.Blank(list) {
		err = hub.Errorf(hub.Invalid, "list", "Give it a name by which people find it.")
	}
	if err != nil {
		return err
	}
	with.List = list
	if place.Named[place.Kind](place.Kinds(), q.Form.Get("kind")) != 0 {
		with.Kind = q.Form.Get("kind")
	}
	if n := place.Named[exchange.Swapped](swaps[:], q.Form.Get("swap")); n > 0 {
		with.Swap = n - 1
	}
	if with.Columns == nil {
		return nil
	}
	m := *with.Columns
	m.Columns = slices.Clone(m.Columns)
	for i := range m.Columns {
		if role := q.Form[columnField(i)]; len(role) == 1 && slices.Contains(table.Roles(), table.Role(role[0])) {
			m.Columns[i].Role = table.Role(role[0])
		}
	}
	if _, err := table.NewReader(strings.NewReader(""), 0, m, nil); err != nil {
		return err
	}
	with.Columns = &m
	return nil
}

// discard throws a file away that waits.
func (a App) discard(h hub.Host) hub.Handler {
	return func(_ http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		if err := h.Read(r.Context(), func(s hub.Snapshot) error { return coordinating(s, q) }); err != nil {
			return "", err
		}
		id := r.PathValue("id")
		if a.desk != nil {
			a.desk.reads.drop(id)
		}
		return "/maps/" + importPath, a.desk.inbox().Drop(id)
	}
}

// inbox is where files wait; nil where there is no folder for them.
func (d *desk) inbox() *inbox.Box {
	if d == nil {
		return nil
	}
	return d.waiting
}

// fileSpot reads a path about files.
func fileSpot(at spot, parts []string) (spot, error) {
	switch {
	case len(parts) == 1 && at.page != takenPath:
		return at, nil
	case len(parts) < 2 || at.page == exportPath || !hub.ValidID(parts[1]):
		return at, noSuchPage()
	}
	if at.id = parts[1]; len(parts) == 2 {
		return at, nil
	}
	at.do = parts[2]
	if len(parts) > 3 || at.page != importPath || at.do != readPage && at.do != dropPage {
		return at, noSuchPage()
	}
	return at, nil
}

// filePage is a page about files.
func filePage(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	switch {
	case at.page == exportPath:
		return exporting(s, q)
	case at.page == takenPath:
		return takenPage(s, q, at)
	case at.id == "":
		return importing(s, q)
	}
	return previewing(s, q, at)
}
