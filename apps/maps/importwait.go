package maps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
)

// inbox is where files wait; nil where there is no folder for them.
func (d *desk) inbox() *inbox.Box {
	if d == nil {
		return nil
	}
	return d.waiting
}

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
		wrong, err := a.beginAndWait(r.Context(), h, q, it.ID)
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
		_, err = a.beginAndWait(r.Context(), h, q, it.ID) // what is wrong with it is on its page
		return "/maps/" + importPath + "/" + it.ID, err
	}
}

// swaps are the choices for what seems to have latitude and longitude swapped.
var swaps = [...]place.Choice{
	{Name: "leave", Words: "Leave them out"},
	{Name: "swap", Words: "Swap latitude and longitude"},
	{Name: "take", Words: "Take them as they are"},
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
	if kind := q.Form.Get("kind"); place.Named[place.Kind](place.Kinds(), kind) != 0 {
		with.Kind = kind
	} else if kind != "" {
		return hub.Errorf(hub.Invalid, "kind", "Choose one of these first.")
	}
	if n := place.Named[exchange.Swapped](swaps[:], q.Form.Get("swap")); n > 0 {
		with.Swap = n - 1
	} else if q.Form.Get("swap") != "" {
		return hub.Errorf(hub.Invalid, "swap", "Choose one of these first.")
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
