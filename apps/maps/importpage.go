package maps

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/size"
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

// importing is the page of files.
func importing(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	if err := coordinating(s, q); err != nil {
		return hub.Page{}, err
	}
	l, d := looking(s), deskOf(s)
	m := ImportsView{Folder: d.inbox() != nil, Most: size.Say(d.upload() >> 20 * 1_000_000), Formats: exchange.Formats(), Official: q.Official}
	waiting, err := l.waiting()
	if err != nil {
		return hub.Page{}, err
	}
	for _, it := range waiting {
		m.Waiting = append(m.Waiting, Waiting{Path: "/maps/" + importPath + "/" + it.ID, Name: it.Name, Told: l.sender(it)})
	}
	m.Taken, err = l.takenAll(q)
	return hub.Page{Template: "import.html", Title: q.T("Places from a file"), Model: m, Topics: []hub.Term{imports}}, err
}

// waiting are the files on which nobody has decided yet.
func (l *look) waiting() (out []inbox.Item, _ error) {
	all, err := deskOf(l.s).inbox().All()
	if err != nil {
		return nil, err
	}
	for _, it := range all {
		done, err := l.imported(it.ID)
		if err != nil {
			return nil, err
		}
		if with, _ := settingsOf(it); done == nil && !with.Passing {
			out = append(out, it)
		}
	}
	return out, nil
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
