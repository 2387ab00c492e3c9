package maps

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/stock"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// packed is a file of many places, as it was put into a hub's blobs.
type packed struct {
	Count uint32
	Kinds []uint32 // how many of each kind, from the first
	Blob  record.Blob
}

// sheets are places by their ids, in any order. An error ends them.
type sheets = iter.Seq2[named, error]

// named is a place by its id.
type named struct {
	ID    string
	Sheet place.Sheet
}

// pack writes places into one file, and puts it into a hub's blobs, where it is kept for an
// hour without a record that names it. They wait for their order in a file in the folder. The
// error is that of the places, an Invalid for what they are too many or too large for, or
// that of blobs.
func pack(ctx context.Context, into hub.Blobs, folder string, all sheets) (p packed, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return p, err
	}
	scratch, err := os.CreateTemp(folder, ".sorting-*")
	if err != nil {
		return p, err
	}
	// Without a name it is gone whatever happens to the program.
	defer func() { err = errors.Join(err, scratch.Close()) }()
	if err := os.Remove(scratch.Name()); err != nil {
		return p, err
	}
	r, to := io.Pipe()
	w := layer.NewWriter(to, scratch)
	for one, err := range all {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = p.add(w, one)
		}
		if err != nil {
			return p, err
		}
	}
	written := make(chan error)
	go func() {
		err := w.Close()
		to.CloseWithError(err) // nil is the end
		written <- err
	}()
	p.Blob, err = into.Put(ctx, r, layer.MaxBytes)
	r.CloseWithError(io.ErrClosedPipe) // nobody reads any more
	if wrong := <-written; wrong != nil && !errors.Is(wrong, io.ErrClosedPipe) {
		return p, tooMuch(wrong)
	}
	return p, err
}

// add adds a place.
func (p *packed) add(w *layer.Writer, one named) error {
	e, err := stock.Entry(one.ID, one.Sheet)
	if err != nil {
		return err
	}
	if err := w.Add(e); err != nil {
		return tooMuch(err)
	}
	p.Count++
	kind := int(one.Sheet.Details.Kind)
	for len(p.Kinds) < kind {
		p.Kinds = append(p.Kinds, 0)
	}
	p.Kinds[kind-1]++
	return nil
}

// tooMuch is an error of a layer in words, if it is one that a person can do something about.
func tooMuch(err error) error {
	switch {
	case errors.Is(err, layer.ErrMany):
		return errors.Join(hub.Errorf(hub.Invalid, "", "One list has at most %d places. Split the file into smaller ones.", layer.MaxEntries), err)
	case errors.Is(err, layer.ErrLarge):
		return errors.Join(hub.Errorf(hub.Invalid, "", "These places are too large for one list. Split the file into smaller ones, or shorten what is said of them."), err)
	}
	return err
}

// putLayer is what a form writes about a layer: that it is what a file holds. shown are the
// versions that the form has shown; nil for all that are here.
func putLayer(id string, here []Version[Layer], shown []place.Prefix, name string, form place.Prefix, p packed) ([]hub.Draft, error) {
	b := Layer{Name: name, Count: p.Count, Kinds: p.Kinds, Seen: Replaces(here, shown), Form: form}
	ds, err := draftsOf(layerKey+id, record.Place, life, b)
	if err == nil {
		ds[0].Blobs = []record.Blob{p.Blob}
	}
	return ds, err
}
