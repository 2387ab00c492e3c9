package reconcile

import "fmt"

const (
	// MinFrame is the smallest frame limit that the protocol's implementations
	// accept.
	MinFrame = 4096
	// DefaultFrame is the frame limit where none is given.
	DefaultFrame = 64 << 10
	// MaxMessage is the longest message that is read, in bytes. A peer may have
	// a larger frame limit than ours.
	MaxMessage = 1 << 20
	// DefaultMaxIDs is the bound on the ids of a session where none is given;
	// about 20 MB for the initiator that learns so many.
	DefaultMaxIDs = 1 << 18
)

// Options are the limits of a session. The zero value stands for the defaults.
type Options struct {
	// FrameLimit is the longest message that is made, in bytes, at least
	// MinFrame. What does not fit is answered with one fingerprint of all the
	// rest, and so put off to the next round.
	FrameLimit int
	// MaxIDs bounds have and need together in an initiator, and in both the
	// ids that count towards MaxRounds.
	MaxIDs int
	// MaxRounds bounds the messages that are read. Where it is 0, a session may
	// take 64 rounds and one more for each item of the set and each id that it
	// has learned: more than any two honest peers need with any frame limit.
	MaxRounds int
	// Exhaustive makes an initiator walk the whole space with id lists, at the
	// cost of sending every id in both directions. It relies on no fingerprint,
	// so it finds differences that a forged collision hides. A responder needs
	// no such mode and ignores this.
	Exhaustive bool
}

func (o Options) withDefaults() (Options, error) {
	if o.FrameLimit == 0 {
		o.FrameLimit = DefaultFrame
	}
	if o.MaxIDs == 0 {
		o.MaxIDs = DefaultMaxIDs
	}
	switch {
	case o.FrameLimit < MinFrame:
		return o, fmt.Errorf("%w: frame limit %d is below %d", ErrOptions, o.FrameLimit, MinFrame)
	case o.FrameLimit > MaxMessage:
		return o, fmt.Errorf("%w: frame limit %d is above %d", ErrOptions, o.FrameLimit, MaxMessage)
	case o.MaxIDs < 0:
		return o, fmt.Errorf("%w: at most %d ids", ErrOptions, o.MaxIDs)
	case o.MaxRounds < 0:
		return o, fmt.Errorf("%w: at most %d rounds", ErrOptions, o.MaxRounds)
	}
	return o, nil
}

// run is what both ends of a session keep.
type run struct {
	set    Set
	opts   Options
	rounds int // messages read
	err    error
}

func newRun(set Set, opts Options) (run, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return run{}, err
	}
	if n := set.Len(); n > 0 && set.At(n-1).Time > MaxTime {
		return run{}, fmt.Errorf("%w: %d", ErrTime, set.At(n-1).Time)
	}
	return run{set: set, opts: opts}, nil
}

// read counts a message and opens it. told is the number of ids that the
// messages before it brought.
func (r *run) read(msg []byte, told int) (*decoder, error) {
	limit := r.opts.MaxRounds
	if limit == 0 {
		limit = 64 + r.set.Len() + min(told, r.opts.MaxIDs)
	}
	if r.rounds >= limit {
		return nil, fmt.Errorf("%w: %d", ErrTooManyRounds, r.rounds)
	}
	r.rounds++
	return newDecoder(msg)
}
