package haul

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
)

// task is one thing to be done with the disk: a piece is written, or what has come is
// let go of, or checked as a whole; or a blob is checked before a peer is given it.
type task struct {
	blob   record.Blob
	at     int64
	data   []byte
	drop   bool
	finish bool
	job    *job
	link   replica.LinkID // the job's

	err error
}

// Work is what is to be done with the disk, beside the haul.
type Work struct{ tasks []task }

// Take gives what is to be done; nil if there is nothing or some is being done. Hand
// it back with Done after Run.
func (h *Haul) Take() *Work {
	if h.out || len(h.work) == 0 {
		return nil
	}
	w := &Work{tasks: joined(h.work)}
	h.work, h.out = nil, true
	return w
}

// joined writes together what follows each other.
func joined(ts []task) []task {
	out := ts[:0]
	for _, t := range ts {
		if n := len(out); n > 0 && t.data != nil {
			last := &out[n-1]
			if last.blob == t.blob && last.data != nil && last.at+int64(len(last.data)) == t.at {
				last.data = append(last.data, t.data...)
				continue
			}
		}
		out = append(out, t)
	}
	return out
}

// Run does it. The haul may go on meanwhile.
func (w *Work) Run(ctx context.Context, s *blob.Store) {
	for i := range w.tasks {
		t := &w.tasks[i]
		switch {
		case t.job != nil:
			t.err = s.Check(ctx, t.blob.Sum)
		case t.drop:
			t.err = s.Drop(t.blob)
		case t.finish:
			t.err = s.Finish(ctx, t.blob)
		default:
			t.err = s.Add(t.blob, t.at, t.data)
		}
	}
}

// Done takes work back. Its error is the disk's, for the log; the haul goes on.
func (h *Haul) Done(now time.Time, w *Work) error {
	h.out = false
	var errs []error
	for _, t := range w.tasks {
		errs = append(errs, h.done(now, t))
	}
	h.begin(now)
	return errors.Join(errs...)
}

func (h *Haul) done(now time.Time, t task) error {
	if t.job != nil {
		return h.checked(t)
	}
	f := h.fetches[t.blob.Sum]
	if f == nil || f.blob != t.blob {
		return nil // it is not wanted any more
	}
	switch {
	case t.drop:
		return t.err
	case t.finish:
		return h.finished(now, f, t.err)
	case t.err != nil:
		return h.failed(now, f, t.err)
	}
	f.stored = t.at + int64(len(t.data))
	h.drain(f)
	h.ask(now, f)
	return nil
}

// checked lets a job begin, or refuses it.
func (h *Haul) checked(t task) error {
	l := h.links[t.link]
	if t.err == nil {
		t.job.checked = true
		return nil
	}
	if l != nil {
		h.refuse(l, t.job)
	}
	if errors.Is(t.err, blob.ErrDamaged) {
		h.looked = time.Time{} // it is to be fetched again
	}
	if errors.Is(t.err, blob.ErrMissing) {
		return nil
	}
	return t.err
}

// finished is how the check of what came has ended. Who gave all of it by itself and
// gave something else is not asked for it again; where several did, one has to give
// all of it next.
func (h *Haul) finished(now time.Time, f *fetch, err error) error {
	if err == nil {
		delete(h.fetches, f.blob.Sum)
		delete(h.wanted, f.blob)
		for _, l := range h.order {
			h.tick(now, l)
		}
		return nil
	}
	if !errors.Is(err, blob.ErrDamaged) {
		return h.failed(now, f, err)
	}
	if len(f.givers) == 1 && !f.before && len(h.liars) < maxLiars {
		for peer := range f.givers {
			h.liars[liar{peer, f.blob}] = now.Add(liarFor)
		}
	}
	f.whole, f.from, f.before, f.single = false, nil, false, true
	f.at, f.upto, f.stored = 0, 0, 0
	clear(f.givers)
	h.due = true
	return fmt.Errorf("what peers sent is not what it should be: %w", err)
}

// failed gives a fetch up for a while: there is no room, or the disk does not work.
func (h *Haul) failed(now time.Time, f *fetch, err error) error {
	delete(h.fetches, f.blob.Sum)
	h.later[f.blob] = now.Add(noRoomFor)
	if errors.Is(err, blob.ErrMissing) {
		return nil // nothing names it any more
	}
	return err
}
