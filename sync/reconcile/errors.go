package reconcile

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed is wrapped, with the detail, by every error about a message
	// that no conforming peer sends.
	ErrMalformed = errors.New("malformed reconciliation message")

	// ErrVersion reports that the responder speaks only another version of the
	// protocol.
	ErrVersion = errors.New("peer speaks another version of the reconciliation protocol")

	// ErrTooManyRounds reports that a session went on longer than
	// Options.MaxRounds.
	ErrTooManyRounds = errors.New("reconciliation takes too many rounds")

	// ErrTooManyIDs reports that the sets differ by more than Options.MaxIDs.
	// The ids returned with it, and by earlier calls, are valid: exchange those
	// records, then start a new session.
	ErrTooManyIDs = errors.New("sets differ by too many ids for one reconciliation")

	// ErrState reports a call out of order: Next before Start, or any call
	// after the session has ended.
	ErrState = errors.New("reconciliation call out of order")

	// ErrOptions reports options that cannot work.
	ErrOptions = errors.New("unusable reconciliation options")

	// ErrTime reports a set with an item later than MaxTime.
	ErrTime = errors.New("time of an item exceeds 48 bits")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}
