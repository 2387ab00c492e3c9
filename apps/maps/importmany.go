package maps

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/paulmach/orb"
)

// listID is the id of the layer that a list becomes.
func listID(list string) string { return listLayer(exchange.FormOf(list)) }

func listLayer(form place.Prefix) string { return "list-" + form.String() }

// many is what would become of a file that is to be one layer.
type many struct {
	counts  exchange.Counts
	new     int
	changed int // what stands of them
	same    int
	kept    int      // what somebody here has said of them stands above what the file says
	gone    int      // that the list has no more
	some    someMany // the first of each
	left    []LeftOut
	noted   []Noted
	packed  packed

	nowhere  int    // entries that are left out here: that do not say where they are, or are one place twice
	versions string // of the layers that stood
	hash     string
}

// someMany are the first places of each verdict.
type someMany struct{ new, changed, kept, gone []Coming }

// reading is one reading of a file with many places.
type reading struct {
	ctx  context.Context
	h    hub.Host
	d    *desk
	with settings
	on   ground
	now  time.Time // zero: nobody knows what time it is
	// stood is what the list was before: of each entry's id what its body was.
	stood    map[prefix]prefix
	taken    map[string]bool  // single places that an entry has been found to be
	before   []stack          // that version of the list
	batch    []exchange.Entry // of which it is not known yet what would become of them
	versions string           // of the layers that stand
	progress func(int)        // told now and then how many entries have been read; not nil
}

// prefix is how SHA-256 begins.
type prefix [8]byte

func prefixOf(b []byte) prefix {
	sum := sha256.Sum256(b)
	return prefix(sum[:8])
}

// readMany reads a file as one layer, and puts that into the hub's blobs. An Invalid is of the
// file.
func (d *desk) readMany(ctx context.Context, h hub.Host, q hub.Request, it inbox.Item, with settings, progress func(int)) (m *many, err error) {
	r := reading{ctx: ctx, h: h, d: d, with: with, stood: map[prefix]prefix{}, taken: map[string]bool{}, progress: progress}
	err = h.Read(ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(seeing{s, d})
		if err != nil {
			return err
		}
		if r.on, err = groundOf(l.s, q); err != nil {
			return err
		}
		r.on, r.now = l.expects(r.on), l.latest()
		here, err := layerAt(l, listID(with.List))
		r.versions = l.stacked()
		r.before = standing(map[string][]Version[Layer]{listID(with.List): here})
		return err
	})
	if err != nil {
		return nil, err
	}
	err = r.former(func(e layer.Entry) bool {
		r.stood[prefixOf([]byte(e.ID))] = prefixOf(e.Body)
		return true
	})
	if err != nil {
		return nil, err
	}
	f, err := d.inbox().Open(it.ID)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return r.read(f, it.Size)
}

// former are the places of the list as it was before, as far as that has come, until each
// wants no more.
func (r *reading) former(each func(layer.Entry) bool) error {
	for _, one := range r.before {
		if err := r.formerOf(one.by.Value.blob, each); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) formerOf(blob record.Blob, each func(layer.Entry) bool) (err error) {
	f, err := r.h.Blobs().Open(r.ctx, blob.Sum)
	if told, is := errors.AsType[*hub.Error](err); is && told.Code == hub.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	all, err := layer.NewReader(f)
	if err != nil {
		return nil // another hub let it through: it is no layer
	}
	defer all.Close()
	for e, err := range all.All() {
		if err != nil {
			return nil // likewise
		}
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if !each(e) {
			break
		}
	}
	return nil
}

// told is after how many entries progress is told.
const told = 1000

func (r *reading) read(file io.ReaderAt, size int64) (m *many, err error) {
	locate := func(s string) (orb.Point, error) {
		found, err := grid.Parse(s, r.on.near)
		return found.Point, err
	}
	src, err := exchange.Open(file, size, r.with.Format, r.with.Columns, locate)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	all := exchange.NewReader(src, exchange.Options{Source: r.with.List, Kind: place.Named[place.Kind](place.Kinds(), r.with.Kind), Region: r.on.region, Swap: r.with.Swap, Flat: r.with.Format.Flat(), Now: r.now})
	m = &many{}
	m.packed, err = pack(r.ctx, r.h.Blobs(), filepath.Join(r.d.Folder, layersFolder), func(yield func(named, error) bool) {
		for {
			e, err := all.Next()
			m.counts = all.Counts()
			if m.counts.Read%told == 0 {
				r.progress(m.counts.Read)
			}
			refused, is := errors.AsType[*feature.Refused](err)
			switch {
			case errors.Is(err, io.EOF):
				r.settle(m, yield)
				return
			case is:
				m.leave(leftOut(refused))
				continue
			case err != nil:
				yield(named{}, err)
				return
			case e.Nowhere:
				m.nowhere++
				m.leave(LeftOut{At: e.At, Name: e.Sheet.Details.Name, Why: hub.Said{Phrase: "It does not say where it is."}})
				continue
			}
			if len(e.Notes) > 0 && len(m.noted) < maxEach {
				m.noted = append(m.noted, Noted{Name: e.Sheet.Details.Name, Notes: e.Notes})
			}
			if r.batch = append(r.batch, e); len(r.batch) == batched && !r.settle(m, yield) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if err := r.dropped(m); err != nil {
		return nil, err
	}
	m.versions = r.versions
	m.counts.Refused += m.nowhere
	m.hash = hex.EncodeToString(m.packed.Blob.Sum[:8]) + prefixText(r.versions)
	return m, nil
}

func prefixText(s string) string {
	p := prefixOf([]byte(s))
	return hex.EncodeToString(p[:4])
}

func (m *many) leave(one LeftOut) {
	if len(m.left) < maxShownLeft {
		m.left = append(m.left, one)
	}
}

// draftsOfMany are the records of a file that becomes one layer.
func (l *look) draftsOfMany(it inbox.Item, with settings, m *many) ([]hub.Draft, error) {
	if m.new+m.changed+m.kept+m.gone == 0 {
		return nil, nothingNew()
	}
	id, form := listID(with.List), exchange.FormOf(with.List)
	here, err := layerAt(l, id)
	if err != nil {
		return nil, err
	}
	b := Import{
		List: with.List, File: firstOf(it.Name, place.MaxLine/3), Format: string(with.Format), Form: form, Layer: id, Sum: m.packed.Blob.Sum[:len(place.Prefix{})],
		New: m.new, Changed: m.changed, Same: m.same, Kept: m.kept, Refused: m.counts.Refused, Dropped: m.gone,
	}
	if b.Prior, err = l.prior(it.ID, with.List); err != nil {
		return nil, err
	}
	var blobs []record.Blob
	if top, _, ok := Merge(here); ok {
		was := top.Value
		was.Seen, was.Form, was.Since = nil, place.Prefix{}, cmp.Or(was.Since, top.Time)
		b.Was = &was
		if !was.Gone {
			blobs = []record.Blob{was.blob}
		}
	}
	all, err := putLayer(id, here, nil, firstOf(with.List, place.MaxName), form, m.packed)
	if err != nil {
		return nil, err
	}
	d, err := draftsOf(importKey+it.ID, record.Place, life, b)
	if err != nil {
		return nil, err
	}
	d[0].Blobs = blobs
	return append(all, d...), nil
}
