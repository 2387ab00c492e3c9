package maps

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/stock"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/paulmach/orb"
)

// listID is the id of the layer that a list becomes.
func listID(list string) string { return "list-" + exchange.FormOf(list).String() }

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

	nowhere  int    // entries that do not say where they are
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
	// stood is what the list was before: of each entry's id what its body was.
	stood    map[prefix]prefix
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
	r := reading{ctx: ctx, h: h, d: d, with: with, stood: map[prefix]prefix{}, progress: progress}
	err = h.Read(ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(seeing{s, d})
		if err != nil {
			return err
		}
		if r.on, err = groundOf(l.s, q); err != nil {
			return err
		}
		r.on = l.expects(r.on)
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
	all := exchange.NewReader(src, exchange.Options{Source: r.with.List, Kind: place.Named[place.Kind](place.Kinds(), r.with.Kind), Region: r.on.region, Swap: r.with.Swap, Flat: r.with.Format.Flat()})
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

// batched is of how many entries at once it is found out what would become of them.
const batched = 2000

// settle says what would become of the entries that were read, and gives them to the layer.
// It is false where that wants no more, or was given an error.
func (r *reading) settle(m *many, yield func(named, error) bool) bool {
	if err := r.judge(m); err != nil {
		yield(named{}, err)
		return false
	}
	for _, e := range r.batch {
		if !yield(named{ID: e.ID, Sheet: e.Sheet}, nil) {
			return false
		}
	}
	r.batch = r.batch[:0]
	return true
}

// judge holds the entries that were read against what stands.
func (r *reading) judge(m *many) error {
	return r.h.Read(r.ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(seeing{s, r.d})
		if err != nil {
			return err
		}
		j := judging{l: l, by: l.layerWord(listID(r.with.List)), besides: l.besides(), list: r.with.List}
		j.alone = !slices.ContainsFunc(l.layers, func(s stack) bool { return s.id != j.by.id })
		for i := range r.batch {
			e := &r.batch[i]
			key := prefixOf([]byte(e.ID))
			was, stood := r.stood[key]
			delete(r.stood, key)
			f, err := j.one(e, was, stood)
			if err != nil {
				return err
			}
			m.count(*e, f)
		}
		return nil
	})
}

// judging is what entries are held against at a moment.
type judging struct {
	l       *look
	list    string
	by      *stack
	besides map[string]bool // places of which somebody has said something by themselves
	alone   bool            // no other layer stands
}

// one says what would become of an entry, whose body was that in the list before.
func (j *judging) one(e *exchange.Entry, was prefix, stood bool) (f fate, _ error) {
	unheard := j.alone && !j.besides[e.ID] // nobody else says anything of it
	if e.Flat && (stood || !unheard) {
		here, _, err := j.l.place(e.ID)
		if err != nil {
			return f, err
		}
		e.Restore(here.Shape)
	}
	packed, err := stock.Entry(e.ID, e.Sheet)
	if err != nil {
		return f, err
	}
	same := stood && was == prefixOf(packed.Body)
	switch {
	case unheard && same:
		return fate{verdict: exchange.Same}, nil
	case unheard && !stood:
		return fate{verdict: exchange.New}, nil
	}
	if f, err = j.l.foretell(j.list, j.by, *e, packed); err != nil {
		return f, err
	}
	if stood && f.verdict == exchange.New { // the list has come, and is not to be found in yet
		f.verdict = exchange.Changed
		if same {
			f.verdict = exchange.Same
		}
	}
	return f, nil
}

// count counts a place, and shows it if it is one of the first.
func (m *many) count(e exchange.Entry, f fate) {
	n, some := &m.same, (*[]Coming)(nil)
	switch f.verdict {
	case exchange.New:
		n, some = &m.new, &m.some.new
	case exchange.Changed:
		n, some = &m.changed, &m.some.changed
	case exchange.Conflict:
		n, some = &m.kept, &m.some.kept
	case exchange.Same, exchange.Refused:
	}
	if *n++; some == nil || len(*some) == maxEach {
		return
	}
	c := comingOf(e.ID, e.Sheet)
	c.Diffs, c.Stays = f.turns, f.stays
	if f.verdict != exchange.New {
		c.Path = "/maps/" + placePath + "/" + e.ID
	}
	*some = append(*some, c)
}

// dropped counts the places that the list has no more, and shows the first of them.
func (r *reading) dropped(m *many) error {
	if m.gone = len(r.stood); m.gone == 0 {
		return nil
	}
	return r.h.Read(r.ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(seeing{s, r.d})
		if err != nil {
			return err
		}
		by := l.layerWord(listID(r.with.List))
		var wrong error
		err = r.former(func(e layer.Entry) bool {
			if _, gone := r.stood[prefixOf([]byte(e.ID))]; !gone {
				return true
			}
			sheet, err := stock.Sheet(e)
			if err != nil {
				return true // another hub let it through
			}
			c := comingOf(e.ID, sheet)
			c.Path = "/maps/" + placePath + "/" + e.ID
			var stays Place
			var ok bool
			if stays, ok, wrong = l.placeWith(by, e.ID, nil); wrong != nil {
				return false
			}
			if ok && !stays.Gone {
				c.Why = &hub.Said{Phrase: "It stays, as it is not only from this list."}
			}
			m.some.gone = append(m.some.gone, c)
			return len(m.some.gone) < maxEach
		})
		return errors.Join(err, wrong)
	})
}

// job is one file with many places that is read, or was.
type job struct {
	it    inbox.Item
	with  settings
	q     hub.Request
	begun atomic.Int64 // entries that have been read
	stop  atomic.Bool  // nobody asks for it any more
	done  chan struct{}

	// Set before done is closed.
	many *many
	err  error
	at   time.Time
}

// fresh is for how long what was put into the blobs can be counted on to be there.
const fresh = 50 * time.Minute

// jobs are the files with many places that are read, one after the other.
type jobs struct {
	queue chan *job

	mu  sync.Mutex
	all map[string]*job // by the id of the file
}

func newJobs() *jobs { return &jobs{queue: make(chan *job, inbox.MaxItems), all: map[string]*job{}} }

// of is the reading of a file as it is to be read now: begun if it was not, or too long ago,
// or if other lists stand since. versions are those that stand.
func (j *jobs) of(it inbox.Item, with settings, q hub.Request, versions string) (*job, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for id, one := range j.all { // those of files that are gone
		if one.ended() && time.Since(one.at) > fresh {
			delete(j.all, id)
		}
	}
	if one, has := j.all[it.ID]; has && string(one.it.Settings) == string(it.Settings) && one.holds(versions) {
		return one, nil // what was read too long ago is none of them any more
	}
	j.stop(it.ID)
	one := &job{it: it, with: with, q: hub.Request{Place: q.Place}, done: make(chan struct{})}
	select {
	case j.queue <- one:
		j.all[it.ID] = one
		return one, nil
	default:
		return nil, hub.Errorf(hub.TooMany, "file", "Too many files wait here already. Take one over, or throw one away, first.")
	}
}

// drop ends the reading of a file that nobody wants any more.
func (j *jobs) drop(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stop(id)
	delete(j.all, id)
}

func (j *jobs) stop(id string) {
	if one, has := j.all[id]; has {
		one.stop.Store(true)
	}
}

// wrongOf is what was wrong with a file that does not wait any more; nil for any other.
func (j *jobs) wrongOf(id string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if one, has := j.all[id]; has && one.ended() {
		return hopeless(one.err)
	}
	return nil
}

// holds reports whether what was read, or will be, is held against what stands.
func (o *job) holds(versions string) bool {
	return !o.ended() || o.err != nil || o.many.versions == versions
}

func (o *job) ended() bool {
	select {
	case <-o.done:
		return true
	default:
		return false
	}
}

// run reads files until its context ends.
func (j *jobs) run(ctx context.Context, d *desk, h hub.Host) {
	for {
		select {
		case <-ctx.Done():
			return
		case one := <-j.queue:
			reads, stop := context.WithCancel(ctx)
			one.many, one.err = d.readMany(reads, h, one.q, one.it, one.with, func(n int) {
				one.begun.Store(int64(n))
				if one.stop.Load() {
					stop()
				}
			})
			stop()
			if told := hopeless(one.err); told != nil { // whoever looks is told so; see wrongOf
				one.err = errors.Join(told, d.inbox().Drop(one.it.ID))
			}
			one.at = time.Now()
			close(one.done)
		}
	}
}

// patience is for how long a form waits until a file has been read.
const patience = 3 * time.Second

// begin begins to read a file, if it has many places, and waits a little for it. wrong is what
// is wrong with the file, as far as that is known by then.
func (a App) begin(ctx context.Context, h hub.Host, q hub.Request, id string) (wrong, err error) {
	var one *job
	err = h.Read(ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(a.sees(s))
		if err != nil {
			return err
		}
		it, p, err := a.desk.planOf(l, q, id)
		if err != nil {
			return err
		}
		if wrong = p.wrong; wrong == nil && p.many {
			one, err = a.desk.reading(l, it, p, q)
		}
		return err
	})
	if err != nil || one == nil {
		return wrong, err
	}
	enough := time.NewTimer(patience)
	defer enough.Stop()
	select {
	case <-one.done:
		return one.err, nil
	case <-enough.C:
	case <-ctx.Done():
	}
	return nil, nil
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
	var blobs []record.Blob
	if top, _, ok := Merge(here); ok {
		was := top.Value
		was.Seen, was.Form = nil, place.Prefix{}
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
