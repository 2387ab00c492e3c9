package peer

import (
	"errors"
	"fmt"
)

// Why two hubs do not link. Admit returns one of the first four, wrapped or
// not; the other hub is told which, and nothing more. Match with errors.Is.
var (
	ErrForeign       = errors.New("hub of another community")
	ErrNoCertificate = errors.New("hub without a valid certificate")
	ErrRevoked       = errors.New("hub's certificate is revoked")
	ErrRefused       = errors.New("hub is refused")
	ErrHello         = errors.New("hello is malformed")
	ErrBusy          = errors.New("hub has as many links as it takes")
	ErrBlocked       = errors.New("link is cut by hand")
	ErrSelf          = errors.New("this hub's own key answers: its own address, or a copy of it")
	ErrOtherHub      = errors.New("another hub answers at the address")
	ErrLeftAlone     = errors.New("the address lies on an interface by which no hub is spoken with")
	ErrUnanswered    = errors.New("whoever is at the address does not answer as a hub")
)

// SelfError is ErrSelf, with where the key answered and whose machine that is.
type SelfError struct {
	Addr   string // host:port
	Bearer Bearer
}

func (e *SelfError) Error() string {
	switch e.Bearer {
	case Itself:
		return "the address leads back to this hub (" + e.Addr + ")"
	case Twin:
		return "another machine answers with this hub's own key (" + e.Addr + ")"
	case Unsure:
	}
	return ErrSelf.Error() + " (" + e.Addr + ")"
}

// Is makes it match ErrSelf.
func (e *SelfError) Is(target error) bool { return target == ErrSelf }

// ourselves reports whether it is known who answered with our own key.
func ourselves(err error) bool {
	self, ok := errors.AsType[*SelfError](err)
	return ok && self.Bearer != Unsure
}

// ToldError is a verdict by the other hub on this one.
type ToldError struct{ Reason error }

func (e *ToldError) Error() string { return "the other hub refuses this one: " + e.Reason.Error() }

func (e *ToldError) Unwrap() error { return e.Reason }

// verdict is the one byte in which a hub says what it makes of a hello.
type verdict byte

const (
	welcome verdict = iota
	foreign
	uncertified
	revoked
	malformed
	busy
	refused verdict = 255 // for reasons of its own, and what a newer hub may say
)

// verdictOf is the code for an error, nil included.
func verdictOf(err error) verdict {
	switch {
	case err == nil:
		return welcome
	case errors.Is(err, ErrForeign):
		return foreign
	case errors.Is(err, ErrRevoked):
		return revoked
	case errors.Is(err, ErrNoCertificate):
		return uncertified
	case errors.Is(err, ErrHello):
		return malformed
	case errors.Is(err, ErrBusy):
		return busy
	default:
		return refused
	}
}

// told is a verdict received, as an error.
func (v verdict) told() error {
	reason := ErrRefused
	switch v {
	case welcome:
		return nil
	case foreign:
		reason = ErrForeign
	case uncertified:
		reason = ErrNoCertificate
	case revoked:
		reason = ErrRevoked
	case malformed:
		reason = ErrHello
	case busy:
		reason = ErrBusy
	case refused:
	default:
		reason = fmt.Errorf("%w (code %d)", ErrRefused, byte(v))
	}
	return &ToldError{Reason: reason}
}
