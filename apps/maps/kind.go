package maps

import (
	"encoding/json"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

type (
	// Kind is what a place is. It counts from 1; 0 is none.
	Kind uint8
	// Status is how a place stands there. It counts from 1; 0 is not known.
	Status uint8
	// Answer is yes, no, or 0: not known.
	Answer uint8
	// Things are what a place offers or needs, one bit each.
	Things uint32
	// What is what somebody has seen. It counts from 1.
	What uint8
)

// The kinds.
const (
	Shelter Kind = 1 + iota
	Water
	Food
	Medical
	Charging
	Toilets
	Warmth
	Supplies
	Hazard
	Road
	Other
)

// The statuses.
const (
	Planned Status = 1 + iota
	Open
	Filling
	Full
	Closing
	Closed
)

// The answers.
const (
	Yes Answer = 1 + iota
	No
)

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

// value is one choice: its name for programs and its words for people.
type value struct {
	Name  string
	Words hub.Phrase
}

var (
	kinds = [...]value{
		{"shelter", "Shelter"},
		{"water", "Water"},
		{"food", "Food"},
		{"medical", "Medical help"},
		{"charging", "Charging phones"},
		{"toilets", "Toilets and showers"},
		{"warmth", "Warm or cool room"},
		{"supplies", "Supplies"},
		{"hazard", "Danger"},
		{"road", "Closed road"},
		{"other", "Other place"},
	}
	statusWords = [...]value{
		{"planned", "Planned, not open yet"},
		{"open", "Now open"},
		{"filling", "Open, filling up"},
		{"full", "Full"},
		{"closing", "Closing"},
		{"closed", "Closed"},
	}
	answerWords = [...]value{{"yes", "Yes"}, {"no", "No"}}
	thingWords  = [...]value{
		{"beds", "Beds"},
		{"meals", "Meals"},
		{"drinking-water", "Drinking water"},
		{"toilets", "Toilets"},
		{"showers", "Showers"},
		{"charging", "Charging phones"},
		{"medical", "Medical help"},
		{"warmth", "Warm or cool room"},
		{"blankets", "Blankets"},
		{"clothes", "Clothes"},
		{"baby", "Things for babies"},
		{"hygiene", "Soap and hygiene"},
		{"translation", "Interpreters"},
		{"volunteers", "Volunteers"},
		{"fuel", "Fuel and batteries"},
	}
	whats = [...]value{
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
)

// valueAt is the n-th choice, from 1; the zero value for none.
func valueAt[T ~uint8](all []value, n T) value {
	if n == 0 || int(n) > len(all) {
		return value{}
	}
	return all[n-1]
}

// named is the choice of a name, from 1; 0 for none.
func named[T ~uint8](all []value, name string) T {
	for i, v := range all {
		if v.Name == name {
			return T(i + 1) //nolint:gosec // a short list
		}
	}
	return 0
}

func (k Kind) String() string { return valueAt(kinds[:], k).Name }

// Words are what people read.
func (k Kind) Words() hub.Phrase { return valueAt(kinds[:], k).Words }

// MarshalText is its name for programs.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Harm reports whether it is something to keep away from.
func (k Kind) Harm() bool { return k == Hazard || k == Road }

// Holds reports whether people stay there, so that it may be full.
func (k Kind) Holds() bool { return k == Shelter || k == Warmth }

func (s Status) String() string { return valueAt(statusWords[:], s).Name }

// Words are what people read.
func (s Status) Words() hub.Phrase { return valueAt(statusWords[:], s).Words }

// MarshalText is its name for programs.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Open reports whether people can go there now.
func (s Status) Open() bool { return s == Open || s == Filling || s == Full }

func (a Answer) String() string { return valueAt(answerWords[:], a).Name }

// Words are what people read.
func (a Answer) Words() hub.Phrase { return valueAt(answerWords[:], a).Words }

// MarshalText is its name for programs; empty: not known.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// MarshalJSON is their names, in their order.
func (t Things) MarshalJSON() ([]byte, error) {
	all := []string{}
	for i, v := range thingWords {
		if t&(1<<i) != 0 {
			all = append(all, v.Name)
		}
	}
	return json.Marshal(all)
}

// Words are what people read.
func (t Things) Words() (all []hub.Phrase) {
	for i, v := range thingWords {
		if t&(1<<i) != 0 {
			all = append(all, v.Words)
		}
	}
	return all
}

func (w What) String() string { return valueAt(whats[:], w).Name }

// Words are what people read.
func (w What) Words() hub.Phrase { return valueAt(whats[:], w).Words }

// MarshalText is its name for programs.
func (w What) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// kind is what becomes of something seen that is about no place, once it is confirmed.
func (w What) kind() Kind {
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

// status is what something seen at a place says of it; 0 for nothing.
func (w What) status() Status {
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

// After how long what is known of a place fades.
const (
	oldCount   = 2 * time.Hour
	oldState   = 12 * time.Hour
	oldDetails = 30 * 24 * time.Hour
)
