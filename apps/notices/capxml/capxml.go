// Package capxml reads and writes alerts of the Common Alerting Protocol (OASIS CAP 1.0,
// 1.1 and 1.2), bare or in what they travel in: EDXL-DE, Atom, RSS. It does no I/O and
// knows no clock.
//
// What is read comes from anyone. Parse refuses a document that is too large, too deep or
// has a document type, before it builds any tree, and an alert that breaks a rule which
// changes what it says. What breaks a rule but leaves no doubt about its meaning (a time
// that ends in Z) is read and remarked on. Encode is stricter: it writes nothing that
// another reader might refuse.
//
// Coordinates are degrees of WGS 84, latitude first as CAP writes them; GeoJSON has the
// longitude first. Radii are kilometers, altitudes feet above mean sea level.
package capxml

import (
	"strings"
	"time"
)

// The namespaces of the versions.
const (
	Namespace10 = "http://www.incident.com/cap/1.0"
	Namespace11 = "urn:oasis:names:tc:emergency:cap:1.1"
	Namespace12 = "urn:oasis:names:tc:emergency:cap:1.2"
)

// MediaType is what a file of one alert is served as (CAP 1.2 section 4.2 leaves
// application/cap+xml to practice, which has settled on it).
const MediaType = "application/cap+xml"

// DefaultLanguage is that of an info block which names none (CAP 1.2 section 3.2.2).
const DefaultLanguage = "en-US"

// The codes are those of CAP 1.2 section 3.2. A value that is none of them is refused.
type (
	// Status is what to make of an alert at all.
	Status string
	// MsgType is what it does to earlier ones.
	MsgType string
	// Scope is whom it is meant for.
	Scope string
	// Urgency is how soon to act.
	Urgency string
	// Severity is how bad it is.
	Severity string
	// Certainty is how sure it is.
	Certainty string
)

// Of status.
const (
	Actual   Status = "Actual"
	Exercise Status = "Exercise"
	System   Status = "System"
	Test     Status = "Test"
	Draft    Status = "Draft"
)

// Of msgType.
const (
	New    MsgType = "Alert"
	Update MsgType = "Update"
	Cancel MsgType = "Cancel"
	Ack    MsgType = "Ack"
	Error  MsgType = "Error"
)

// Of scope.
const (
	Public     Scope = "Public"
	Restricted Scope = "Restricted"
	Private    Scope = "Private"
)

// Of urgency, severity and certainty, worst first; each ends in Unknown.
const (
	Immediate Urgency = "Immediate"
	Expected  Urgency = "Expected"
	Future    Urgency = "Future"
	Past      Urgency = "Past"

	Extreme  Severity = "Extreme"
	Severe   Severity = "Severe"
	Moderate Severity = "Moderate"
	Minor    Severity = "Minor"

	Observed Certainty = "Observed"
	Likely   Certainty = "Likely"
	Possible Certainty = "Possible"
	Unlikely Certainty = "Unlikely"

	UnknownUrgency   Urgency   = "Unknown"
	UnknownSeverity  Severity  = "Unknown"
	UnknownCertainty Certainty = "Unknown"
)

// ID is which alert it is: all three together (CAP 1.2 section 3.2.1).
type ID struct {
	Sender     string
	Identifier string
	Sent       time.Time
}

// Same reports whether two are the same. A time is the same in whatever zone.
func (id ID) Same(other ID) bool {
	return id.Sender == other.Sender && id.Identifier == other.Identifier && id.Sent.Equal(other.Sent)
}

// Key is the id as a text: equal for those that are the same, and for no others.
func (id ID) Key() string {
	return id.Sender + "\n" + id.Identifier + "\n" + id.Sent.UTC().Format(time.RFC3339Nano)
}

// String is the id as references have it: sender,identifier,sent.
func (id ID) String() string {
	return id.Sender + "," + id.Identifier + "," + FormatTime(id.Sent)
}

// Alert is one alert. Texts have no white space at their ends.
type Alert struct {
	Version string // "1.0", "1.1" or "1.2", as it came; Encode writes 1.2
	ID
	Status      Status
	MsgType     MsgType
	Source      string
	Scope       Scope
	Restriction string
	Addresses   string
	Codes       []string
	Note        string
	References  []ID
	Incidents   string
	Infos       []Info
}

// Level is how much it matters.
type Level struct {
	Urgency   Urgency
	Severity  Severity
	Certainty Certainty
}

// Times is when it holds. Each may be zero: not said.
type Times struct {
	Effective time.Time // of the information; if not said, when it was sent
	Onset     time.Time // of what is expected
	Expires   time.Time // of the information
}

// Begins is from when the information counts.
func (t Times) Begins(sent time.Time) time.Time {
	if t.Effective.IsZero() {
		return sent
	}
	return t.Effective
}

// Ends is until when the information counts. CAP leaves it to the reader where expires is
// missing (1.2 section 3.2.2); it is then taken to be life after it began, and assumed is
// true, which a page ought to say.
func (t Times) Ends(sent time.Time, life time.Duration) (at time.Time, assumed bool) {
	if t.Expires.IsZero() {
		return t.Begins(sent).Add(life), true
	}
	return t.Expires, false
}

// Info is what an alert says, in one language. Several may be in the same one: about
// different places, or of different levels.
type Info struct {
	Language      string // DefaultLanguage where none is given
	Categories    []string
	Event         string
	ResponseTypes []string
	Level
	Audience   string
	EventCodes []Pair
	Times
	SenderName  string
	Headline    string
	Description string
	Instruction string
	Web         string
	Contact     string
	Parameters  []Pair
	Resources   []Resource
	Areas       []Area
}

// Pair is a value by the name of a list that both sides know.
type Pair struct{ Name, Value string }

// Resource is a file that goes with it.
type Resource struct {
	Desc     string
	MimeType string
	Size     string // bytes, a whole number; "" if not said
	URI      string
	DerefURI string // the file itself, in Base64
	Digest   string // SHA-1 of the file in hexadecimal
}

// Area is where. A place is in it that lies in any of its polygons or circles.
type Area struct {
	Desc     string
	Polygons []Polygon
	Circles  []Circle
	Geocodes []Pair
	Altitude string // feet above mean sea level, a decimal number; "" if not said
	Ceiling  string // the same; only with Altitude, which is then the lower bound
}

// Point is a place in degrees of WGS 84.
type Point struct{ Lat, Lon float64 }

// Polygon is a ring of at least four points, the last of which is the first.
type Polygon []Point

// Circle is all within Radius kilometers of Center.
type Circle struct {
	Center Point
	Radius float64
}

// Problem is one rule that is broken, at one element.
type Problem struct {
	Element string // "alert/info[2]/area[1]/polygon[1]"; "" is the document as a whole
	Rule    string // in English: what the rule is, and what is there instead
}

func (p Problem) String() string {
	if p.Element == "" {
		return p.Rule
	}
	return p.Element + ": " + p.Rule
}

// Refusal is the error of what is not taken: the first of its problems, no more than
// MaxProblems of them.
type Refusal struct{ Problems []Problem }

func (r *Refusal) Error() string {
	said := make([]string, len(r.Problems))
	for i, p := range r.Problems {
		said[i] = p.String()
	}
	return strings.Join(said, "; ")
}

func refuse(element, rule string) error {
	return &Refusal{Problems: []Problem{{Element: element, Rule: rule}}}
}
