package reconcile

// Responder answers the messages of an initiator. It keeps nothing from one
// message to the next but the counts that bound the session.
type Responder struct {
	run  run
	told int // ids in the messages so far
}

// NewResponder returns a responder for one session. It fails with ErrOptions or
// ErrTime.
func NewResponder(set Set, opts Options) (*Responder, error) {
	r, err := newRun(set, opts)
	if err != nil {
		return nil, err
	}
	return &Responder{run: r}, nil
}

// Respond answers a message with one of at most Options.FrameLimit bytes. A
// message of another version of the protocol is answered with the single byte
// of version 1, so that the initiator may start again with that.
//
// It fails with an error that wraps ErrMalformed or ErrTooManyRounds; the
// session is over then, and every further call returns the same error.
func (r *Responder) Respond(msg []byte) ([]byte, error) {
	if r.run.err != nil {
		return nil, r.run.err
	}
	reply, err := r.respond(msg)
	if err != nil {
		r.run.err = err
		return nil, err
	}
	return reply, nil
}

func (r *Responder) respond(msg []byte) ([]byte, error) {
	d, err := r.run.read(msg, r.told)
	if err != nil {
		return nil, err
	}
	set := r.run.set
	w := newWriter(set, r.run.opts.FrameLimit)
	lo := 0
	for {
		p, ok, err := d.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return w.buf, nil
		}
		r.told += len(p.ids) / IDSize
		if w.full {
			continue // the rest is put off, but must still be well-formed
		}
		hi := search(set, p.upper)
		switch p.mode {
		case modeSkip:
			w.putSkip(p.upper, hi)
		case modeFingerprint:
			if set.Fingerprint(lo, hi) == p.fingerprint {
				w.putSkip(p.upper, hi)
			} else {
				w.putSplit(lo, hi, p.upper)
			}
		case modeIDList:
			w.putIDs(lo, hi, p.upper)
		}
		lo = hi
	}
}

func search(set Set, b Bound) int {
	if b.IsInfinity() {
		return set.Len()
	}
	return set.Search(b)
}
