package place

import "github.com/lamppost-hub/lamppost/hub"

// What is what somebody has seen. It counts from 1.
type What uint8

// What can be seen.
const (
	RoadClosed What = 1 + iota
	Danger
	WaterOff
	PowerOff
	SeemsOpen
	SeemsFull
	SeemsClosed
	Found
	Else
	Drafted // by a coordinator who could not sign where they were
)

// Whats are all of them, in their order; the last one is Drafted.
func Whats() []Choice { return whats[:] }

var whats = [...]Choice{
	{"road", "A road is closed"},
	{"danger", "Danger"},
	{"water-off", "The tap is dry"},
	{"power-off", "The power is out"},
	{"open", "It is open"},
	{"full", "It is full"},
	{"closed", "It is closed"},
	{"found", "There is something on offer"},
	{"other", "Something else"},
	{"draft", "Draft of a coordinator"},
}

// String is its name for programs.
func (w What) String() string { return ChoiceAt(whats[:], w).Name }

// Words are what people read.
func (w What) Words() hub.Phrase { return ChoiceAt(whats[:], w).Words }

// MarshalText is its name for programs.
func (w What) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// Becomes is what becomes of something seen that is about no place, once it is confirmed.
func (w What) Becomes() Kind {
	switch w {
	case RoadClosed:
		return Road
	case Found:
		return Supplies
	case Else:
		return Other
	}
	return Hazard
}

// Says is how a place stands by what somebody has seen there; 0 for nothing.
func (w What) Says() Status {
	switch w {
	case SeemsOpen:
		return Open
	case SeemsFull:
		return Full
	case SeemsClosed, WaterOff:
		return Closed
	}
	return 0
}
