package reconcile

import (
	"fmt"
	"slices"
)

// Initiator runs a session and learns the difference of the sets.
type Initiator struct {
	run     run
	started bool
	done    bool
	// reported holds the ids returned so far. Where the peer puts a range off,
	// one that is settled already may come again.
	reported map[ID]struct{}
	from     Bound // exhaustive: everything below is settled
}

// NewInitiator returns an initiator for one session. It fails with ErrOptions
// or ErrTime.
func NewInitiator(set Set, opts Options) (*Initiator, error) {
	r, err := newRun(set, opts)
	if err != nil {
		return nil, err
	}
	return &Initiator{run: r, reported: make(map[ID]struct{})}, nil
}

// Start returns the first message. Called again, it returns the same.
func (i *Initiator) Start() []byte {
	i.started = true
	if i.run.opts.Exhaustive {
		return i.walk(Bound{})
	}
	w := newWriter(i.run.set, i.run.opts.FrameLimit)
	w.putSplit(0, i.run.set.Len(), Infinity())
	return w.buf
}

// Next reads the reply to the last message and returns the next one, of at most
// Options.FrameLimit bytes, or nil when the session is complete. have are ids
// of the set that the peer lacks, in the order of their items within a range;
// need are ids of the peer's set that this set lacks, in the order in which the
// peer named them. No id is returned twice in a session as have or need.
//
// It fails with an error that wraps ErrMalformed, ErrVersion, ErrTooManyRounds,
// ErrTooManyIDs or ErrState. Only with ErrTooManyIDs are have and need set as
// well. The session is over then; what earlier calls returned stays valid.
func (i *Initiator) Next(msg []byte) (reply []byte, have, need []ID, err error) {
	switch {
	case i.run.err != nil:
		return nil, nil, nil, i.run.err
	case !i.started:
		return nil, nil, nil, fmt.Errorf("%w: no message was sent", ErrState)
	case i.done:
		return nil, nil, nil, fmt.Errorf("%w: the session is complete", ErrState)
	}
	d, err := i.run.read(msg, len(i.reported))
	if err == nil && d.version != version1 {
		err = fmt.Errorf("%w: %d", ErrVersion, d.version-version1+1)
	}
	if err != nil {
		i.run.err = err
		return nil, nil, nil, err
	}
	diff := difference{i: i}
	if i.run.opts.Exhaustive {
		reply, err = i.nextWalk(d, &diff)
	} else {
		reply, err = i.next(d, &diff)
	}
	if err != nil {
		i.run.err = err
		return nil, nil, nil, err
	}
	if diff.over {
		i.run.err = fmt.Errorf("%w: more than %d", ErrTooManyIDs, i.run.opts.MaxIDs)
		return nil, diff.have, diff.need, i.run.err
	}
	i.done = reply == nil
	return reply, diff.have, diff.need, nil
}

func (i *Initiator) next(d *decoder, diff *difference) ([]byte, error) {
	set := i.run.set
	w := newWriter(set, i.run.opts.FrameLimit)
	lo := 0
	for {
		p, ok, err := d.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if w.full {
			continue // the rest is put off, but must still be well-formed
		}
		hi := search(set, p.upper)
		switch {
		case p.mode == modeIDList:
			diff.add(lo, hi, p.ids, d.sorted)
			w.putSkip(p.upper, hi)
		case p.mode == modeFingerprint && set.Fingerprint(lo, hi) != p.fingerprint:
			w.putSplit(lo, hi, p.upper)
		default:
			w.putSkip(p.upper, hi)
		}
		lo = hi
	}
	if w.empty() {
		return nil, nil
	}
	return w.buf, nil
}

// walk returns the message of an exhaustive initiator that settles what follows
// from: everything below is skipped, then come as many ids as fit, and the rest
// is skipped until its turn comes.
func (i *Initiator) walk(from Bound) []byte {
	set := i.run.set
	lo := search(set, from)
	w := newWriter(set, i.run.opts.FrameLimit)
	w.putSkip(from, lo)
	w.list(lo, set.Len(), Infinity()) // MinFrame has room for some
	return w.buf
}

// nextWalk reads the id lists that start where everything before is settled.
// Fingerprints, which a peer sends for what did not fit, are ignored: the next
// message asks for the ids.
func (i *Initiator) nextWalk(d *decoder, diff *difference) ([]byte, error) {
	set := i.run.set
	from, lower, lo := i.from, Bound{}, 0
	for {
		p, ok, err := d.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		hi := search(set, p.upper)
		if p.mode == modeIDList && lower == from {
			diff.add(lo, hi, p.ids, d.sorted)
			from = p.upper
		}
		lower, lo = p.upper, hi
	}
	if from == i.from {
		return nil, malformed("no id list where one was asked for")
	}
	i.from = from
	if from.IsInfinity() {
		return nil, nil
	}
	return i.walk(from), nil
}

// difference gathers what one message teaches the initiator.
type difference struct {
	i          *Initiator
	have, need []ID
	both       []bool // of the ids of a sorted list
	over       bool   // there was more than the session may report
}

// add compares the items lo <= k < hi with the peer's list for the same range,
// given as it stands in the message and sorted.
func (f *difference) add(lo, hi int, ids []byte, sorted []ID) {
	f.both = append(f.both[:0], make([]bool, len(sorted))...)
	for k := lo; k < hi && !f.over; k++ {
		id := f.i.run.set.At(k).ID
		if at, found := slices.BinarySearchFunc(sorted, id, compareIDs); found {
			f.both[at] = true
		} else if f.report(id) {
			f.have = append(f.have, id)
		}
	}
	for k := 0; k < len(ids)/IDSize && !f.over; k++ {
		id := idAt(ids, k)
		at, _ := slices.BinarySearchFunc(sorted, id, compareIDs)
		if !f.both[at] && f.report(id) {
			f.need = append(f.need, id)
		}
	}
}

// report returns whether an id is to be returned: not twice, and not beyond the
// bound.
func (f *difference) report(id ID) bool {
	if _, known := f.i.reported[id]; known {
		return false
	}
	if len(f.i.reported) >= f.i.run.opts.MaxIDs {
		f.over = true
		return false
	}
	f.i.reported[id] = struct{}{}
	return true
}
