package place

import (
	"encoding/json"
	"slices"
	"strings"

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

// Choice is one choice: its name for programs and its words for people.
type Choice struct {
	Name  string
	Words hub.Phrase
}

var (
	kinds = [...]Choice{
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
	statusWords = [...]Choice{
		{"planned", "Planned, not open yet"},
		{"open", "Now open"},
		{"filling", "Open, filling up"},
		{"full", "Full"},
		{"closing", "Closing"},
		{"closed", "Closed"},
	}
	answerWords = [...]Choice{{"yes", "Yes"}, {"no", "No"}}
	thingWords  = [...]Choice{
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
)

// Kinds are all of them, in their order.
func Kinds() []Choice { return kinds[:] }

// Statuses are all of them, in their order.
func Statuses() []Choice { return statusWords[:] }

// Answers are all of them, in their order.
func Answers() []Choice { return answerWords[:] }

// AllThings are what a place can offer or need, in the order of their bits.
func AllThings() []Choice { return thingWords[:] }

// ChoiceAt is the n-th choice, from 1; the zero value for none.
func ChoiceAt[T ~uint8](all []Choice, n T) Choice {
	if n == 0 || int(n) > len(all) {
		return Choice{}
	}
	return all[n-1]
}

// Named is the choice of a name, from 1; 0 for none.
func Named[T ~uint8](all []Choice, name string) T {
	for i, v := range all {
		if v.Name == name {
			return T(i + 1) //nolint:gosec // a short list
		}
	}
	return 0
}

// String is its name for programs.
func (k Kind) String() string { return ChoiceAt(kinds[:], k).Name }

// Words are what people read.
func (k Kind) Words() hub.Phrase { return ChoiceAt(kinds[:], k).Words }

// MarshalText is its name for programs.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Harm reports whether it is something to keep away from.
func (k Kind) Harm() bool { return k == Hazard || k == Road }

// Holds reports whether people stay there, so that it may be full.
func (k Kind) Holds() bool { return k == Shelter || k == Warmth }

// String is its name for programs.
func (s Status) String() string { return ChoiceAt(statusWords[:], s).Name }

// Words are what people read.
func (s Status) Words() hub.Phrase { return ChoiceAt(statusWords[:], s).Words }

// MarshalText is its name for programs.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Open reports whether people can go there now.
func (s Status) Open() bool { return s == Open || s == Filling || s == Full }

// String is its name for programs; empty: not known.
func (a Answer) String() string { return ChoiceAt(answerWords[:], a).Name }

// Words are what people read.
func (a Answer) Words() hub.Phrase { return ChoiceAt(answerWords[:], a).Words }

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

// ThingsNamed reads things by their names, one or several a text. An error is about a field of a form.
func ThingsNamed(field string, texts []string) (all Things, _ error) {
	for _, one := range texts {
		for name := range strings.FieldsSeq(one) {
			i := slices.IndexFunc(thingWords[:], func(v Choice) bool { return v.Name == name })
			if i < 0 {
				return 0, hub.Errorf(hub.Invalid, field, "“%s” is none of the choices here. Please choose one of them.", name)
			}
			all |= 1 << i
		}
	}
	return all, nil
}
