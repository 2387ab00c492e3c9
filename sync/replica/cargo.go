package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Cargo is what travels on links beside records: its words with what is said to keep
// a link going, its loads when no record waits. Each is one message of at most
// MaxCargo bytes. Its methods are called by the engine's.
type Cargo interface {
	// Up and Down begin and end a link whose peer takes cargo.
	Up(now time.Time, id LinkID, peer record.Author)
	Down(now time.Time, id LinkID)
	// Receive takes a message. An error wraps ErrProtocol and ends the link.
	Receive(now time.Time, id LinkID, message []byte) error
	// Word and Load are the next message of each kind; nil if there is none.
	Word(now time.Time, id LinkID) []byte
	Load(now time.Time, id LinkID) []byte
}

// MaxCargo is the size of a cargo message, in bytes: what fits into a frame.
const MaxCargo = MaxFrame - 2

// Carry says that the peer of a link that is up takes cargo.
func (e *Engine) Carry(now time.Time, id LinkID) {
	if l := e.links[id]; l != nil && e.conf.Cargo != nil {
		l.carries = true
		e.conf.Cargo.Up(now, id, l.key)
	}
}

// word is the next of the cargo's words as a frame; nil if there is none.
func (e *Engine) word(now time.Time, l *link) []byte {
	if !l.carries {
		return nil
	}
	return crate(control, e.conf.Cargo.Word(now, l.id))
}

func (e *Engine) load(now time.Time, l *link) []byte {
	if !l.carries {
		return nil
	}
	return crate(lane(record.Bulk), e.conf.Cargo.Load(now, l.id))
}

// crate is the frame of a cargo message; nil of nil.
func crate(where lane, m []byte) []byte {
	if m == nil {
		return nil
	}
	return append([]byte{byte(where), byte(kCargo)}, m...)
}

// onCargo hands a cargo message on. It is whole in its frame, so that none holds up
// what is urgent, or the records of its lane.
func (e *Engine) onCargo(now time.Time, l *link, where lane, m []byte) error {
	if !l.carries || len(m)-1 > MaxCargo || where != control && where != lane(record.Bulk) {
		return violation("cargo where there is none")
	}
	return e.conf.Cargo.Receive(now, l.id, m[1:])
}
