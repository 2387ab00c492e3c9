package maps

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/hub"
)

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

// readAgain is after how long a file is read again of which that failed by no fault of its own.
const readAgain = 30 * time.Second

// holds reports whether what was read, or will be, is held against what stands.
func (o *job) holds(versions string) bool {
	switch {
	case !o.ended():
		return true
	case o.err == nil:
		return o.many.versions == versions
	}
	_, own := errors.AsType[*hub.Error](o.err)
	return own || time.Since(o.at) < readAgain
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
			one.many, one.err = d.survive(reads, h, one, func(n int) {
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

// survive reads a file, which may be anybody's: what was not foreseen in it is a file that is
// refused, and no more.
func (d *desk) survive(ctx context.Context, h hub.Host, one *job, progress func(int)) (m *many, err error) {
	defer func() {
		if what := recover(); what != nil {
			d.Log.Error("a file with places was too much for its reader", "file", one.it.Name, "panic", fmt.Sprint(what), "stack", string(debug.Stack()))
			err = hub.Errorf(hub.Invalid, "file", "Something went wrong here. Please tell whoever looks after this box: its log says what.")
		}
	}()
	return d.readMany(ctx, h, one.q, one.it, one.with, progress)
}

// patience is for how long a form waits until a file has been read.
const patience = 3 * time.Second

// begin begins to read a file, if it has many places; one is nil if not. wrong is what is
// wrong with the file, as far as that is known by now.
func (a App) begin(ctx context.Context, h hub.Host, q hub.Request, id string) (one *job, wrong, err error) {
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
	return one, wrong, err
}

// beginAndWait is begin, and waits a little for what it begins.
func (a App) beginAndWait(ctx context.Context, h hub.Host, q hub.Request, id string) (wrong, err error) {
	one, wrong, err := a.begin(ctx, h, q, id)
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

// readOf is what was read of a file with many places; nil while that is not known.
func (j *jobs) readOf(id string) *many {
	j.mu.Lock()
	defer j.mu.Unlock()
	if one, has := j.all[id]; has && one.ended() {
		return one.many
	}
	return nil
}
