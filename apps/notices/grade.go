package notices

import (
	"fmt"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
)

// What a notice says of itself, in the terms of the Common Alerting Protocol 1.2
// (OASIS, §3.2). Each counts from 1, the worst first; 0 is none of them.
type (
	// Kind is what a notice does: CAP's msgType.
	Kind uint8
	// Status is whether it is meant.
	Status uint8
	// Category is what it is about.
	Category uint8
	// Severity is how bad it is.
	Severity uint8
	// Urgency is when to act.
	Urgency uint8
	// Certainty is how sure it is.
	Certainty uint8
	// Response is what to do, in one word.
	Response uint8
)

// The kinds.
const (
	Alert Kind = 1 + iota
	Update
	Cancel
)

// The statuses.
const (
	Actual Status = 1 + iota
	Exercise
	System
	Test
)

// The categories.
const (
	Geo Category = 1 + iota
	Met
	Safety
	Security
	Rescue
	Fire
	Health
	Env
	Transport
	Infra
	CBRNE
	Other
)

// The severities.
const (
	Extreme Severity = 1 + iota
	Severe
	Moderate
	Minor
	SeverityUnknown
)

// The urgencies.
const (
	Immediate Urgency = 1 + iota
	Expected
	Future
	Past
	UrgencyUnknown
)

// The certainties.
const (
	Observed Certainty = 1 + iota
	Likely
	Possible
	Unlikely
	CertaintyUnknown
)

// The responses.
const (
	Shelter Response = 1 + iota
	Evacuate
	Prepare
	Execute
	Avoid
	Monitor
	Assess
	AllClear
	None
)

// value is one of a scale: its name in CAP, and what people read.
type value struct {
	Name  string
	Words hub.Phrase
}

var (
	kinds      = [...]value{{"Alert", "Notice"}, {"Update", "Update"}, {"Cancel", "Cancelled"}}
	statuses   = [...]value{{"Actual", "Real"}, {"Exercise", "Practice"}, {"System", "Technical"}, {"Test", "Test"}}
	categories = [...]value{
		{"Geo", "Earth and ground"}, {"Met", "Weather"}, {"Safety", "Safety"}, {"Security", "Security"}, {"Rescue", "Rescue"}, {"Fire", "Fire"},
		{"Health", "Health"}, {"Env", "Environment"}, {"Transport", "Roads and transport"}, {"Infra", "Power, water, phone"}, {"CBRNE", "Dangerous substances"}, {"Other", "Something else"},
	}
	severities  = [...]value{{"Extreme", "Extreme danger"}, {"Severe", "Serious danger"}, {"Moderate", "Some danger"}, {"Minor", "Little or no danger"}, {"Unknown", "Danger not known"}}
	urgencies   = [...]value{{"Immediate", "Act now"}, {"Expected", "Act within the hour"}, {"Future", "Act later"}, {"Past", "It is over"}, {"Unknown", "Not known when to act"}}
	certainties = [...]value{{"Observed", "It is so"}, {"Likely", "Likely"}, {"Possible", "Possible"}, {"Unlikely", "Unlikely"}, {"Unknown", "Not known how likely"}}
	responses   = [...]value{
		{"Shelter", "Take shelter"}, {"Evacuate", "Leave"}, {"Prepare", "Get ready"}, {"Execute", "Do what it says"}, {"Avoid", "Stay away"},
		{"Monitor", "Watch for news"}, {"Assess", "Judge for yourself"}, {"AllClear", "Back to normal"}, {"None", "Nothing to do"},
	}
)

// at is the value of a scale; the zero value for none of it.
func at[N ~uint8](scale []value, n N) value {
	if n < 1 || int(n) > len(scale) {
		return value{}
	}
	return scale[n-1]
}

func (k Kind) String() string      { return at(kinds[:], k).Name }
func (s Status) String() string    { return at(statuses[:], s).Name }
func (c Category) String() string  { return at(categories[:], c).Name }
func (s Severity) String() string  { return at(severities[:], s).Name }
func (u Urgency) String() string   { return at(urgencies[:], u).Name }
func (c Certainty) String() string { return at(certainties[:], c).Name }
func (r Response) String() string  { return at(responses[:], r).Name }

// Words are what people read.
func (s Severity) Words() hub.Phrase { return at(severities[:], s).Words }

// Words are what people read.
func (u Urgency) Words() hub.Phrase { return at(urgencies[:], u).Words }

// Words are what people read.
func (c Certainty) Words() hub.Phrase { return at(certainties[:], c).Words }

// MarshalText is the name in CAP, for programs.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalText is the name in CAP, for programs.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText is the name in CAP, for programs.
func (c Category) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalText is the name in CAP, for programs.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText is the name in CAP, for programs.
func (u Urgency) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// MarshalText is the name in CAP, for programs.
func (c Certainty) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalText is the name in CAP, for programs.
func (r Response) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Grade is what a notice says of itself.
type Grade struct {
	_         struct{}  `cbor:",toarray"`
	Status    Status    `json:"status"`
	Category  Category  `json:"category"`
	Severity  Severity  `json:"severity"`
	Urgency   Urgency   `json:"urgency"`
	Certainty Certainty `json:"certainty"`
	Response  Response  `json:"response"`
}

// check is an error where something is none of its scale.
func (g Grade) check() error {
	for name, in := range map[string]bool{
		"status": g.Status.String() != "", "category": g.Category.String() != "", "severity": g.Severity.String() != "",
		"urgency": g.Urgency.String() != "", "certainty": g.Certainty.String() != "", "response": g.Response.String() != "",
	} {
		if !in {
			return fmt.Errorf("the %s of a notice is none of CAP's", name)
		}
	}
	return nil
}

// Practice reports whether nobody is to act on it.
func (g Grade) Practice() bool { return g.Status != Actual }

// Grave reports whether it moves so many people that two have to sign it: it tells them
// to leave, or it is of the highest severity and urgency. What is for practice never is.
func (g Grade) Grave() bool {
	return !g.Practice() && (g.Response == Evacuate || g.Severity == Extreme && g.Urgency == Immediate)
}

// Loud reports whether it is to be seen before all else.
func (g Grade) Loud() bool { return !g.Practice() && g.Severity <= Severe && g.Urgency <= Expected }

// set puts in what a form says of a grade, by CAP's names; what it leaves empty stays.
func (g *Grade) set(form func(string) string) error {
	for _, f := range []struct {
		field string
		scale []value
		to    func(uint8)
	}{
		{"status", statuses[:], func(n uint8) { g.Status = Status(n) }},
		{"category", categories[:], func(n uint8) { g.Category = Category(n) }},
		{"severity", severities[:], func(n uint8) { g.Severity = Severity(n) }},
		{"urgency", urgencies[:], func(n uint8) { g.Urgency = Urgency(n) }},
		{"certainty", certainties[:], func(n uint8) { g.Certainty = Certainty(n) }},
		{"response", responses[:], func(n uint8) { g.Response = Response(n) }},
	} {
		name := form(f.field)
		if name == "" {
			continue
		}
		n := uint8(0)
		for i, v := range f.scale {
			if strings.EqualFold(v.Name, name) {
				n = uint8(i + 1) //nolint:gosec // a short list
			}
		}
		if n == 0 {
			return hub.Errorf(hub.Invalid, f.field, "“%s” is none of the choices here. Please choose one of them.", name)
		}
		f.to(n)
	}
	return nil
}
