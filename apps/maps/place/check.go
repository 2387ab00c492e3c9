package place

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
)

var errPrefix = errors.New("a version is named by 8 bytes")

// CheckID is an error for what cannot be the id of a place.
func CheckID(id string) error {
	if !hub.ValidID(id) {
		return errors.New("an id is 1 to 64 of a-z A-Z 0-9 . _ -")
	}
	return nil
}

// CheckVersions is an error for more versions than may be replaced.
func CheckVersions(all []Prefix) error {
	if len(all) > MaxSeen {
		return errors.New("this replaces too many versions")
	}
	return nil
}

// Fit reports whether a text keeps within its bounds.
func Fit(s string, chars, bytes int) bool {
	return len(s) <= bytes && utf8.ValidString(s) && utf8.RuneCountInString(s) <= chars
}

// Check reports what is wrong with it.
func (d Details) Check() error {
	switch {
	case d.Kind.String() == "":
		return errors.New("a place is of a kind")
	case !Fit(d.Name, MaxName, MaxNameBytes) || hub.Blank(d.Name):
		return errors.New("a place has a name, of at most 80 characters")
	case !Fit(d.About, MaxAbout, MaxAboutBytes) || !Fit(d.Contact, MaxLine, MaxLineBytes) || !Fit(d.Hours, MaxLine, MaxLineBytes):
		return errors.New("a text of a place is too long")
	case d.StepFree > No || d.Pets > No:
		return errors.New("an answer is yes, no or none")
	case d.Everyday > MaxPeople || d.Most > MaxPeople:
		return errors.New("a place holds at most 100,000 people")
	case len(d.Langs) > MaxLangs:
		return errors.New("these are too many languages")
	}
	for _, l := range d.Langs {
		if !ValidLang(l) {
			return errors.New("a language is named as BCP 47 has it")
		}
	}
	if len(d.Knew) > MaxKnew {
		return errors.New("who takes a place off the map names too many versions")
	}
	return errors.Join(d.Shape.Check(), d.AsOf.check(), CheckVersions(d.Seen))
}

// ValidLang reports whether a code can be that of a language (BCP 47).
func ValidLang(s string) bool {
	return s != "" && len(s) <= MaxLang && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// Check reports what is wrong with it.
func (s State) Check() error {
	all := Things(1<<len(thingWords)) - 1
	switch {
	case s.Status.String() == "":
		return errors.New("a place stands one way or another")
	case s.Offers&^all != 0 || s.Needs&^all != 0:
		return errors.New("what a place offers or needs is none of the choices")
	case !Fit(s.Offer, MaxLine, MaxLineBytes) || !Fit(s.Need, MaxLine, MaxLineBytes):
		return errors.New("a text about a place is too long")
	}
	return errors.Join(s.Of.Check(), s.AsOf.check(), CheckVersions(s.Seen))
}

// MomentOf is a time as it is kept; 0 for none, and for what no file of today can be from.
func MomentOf(t time.Time) Moment {
	m := Moment(t.Unix())
	if t.IsZero() || m.check() != nil {
		return 0
	}
	return m
}

// Of is a time, or the moment if that was earlier.
func (m Moment) Of(t time.Time) time.Time {
	if was := time.Unix(int64(m), 0).UTC(); m > 0 && was.Before(t) {
		return was
	}
	return t
}

const lastMoment = 1<<37 - 1 // the year 6325

func (m Moment) check() error {
	if m < 0 || m > lastMoment {
		return errors.New("a moment is between 1970 and 6325")
	}
	return nil
}

// Details are the place of a sketch, which its list has no more.
func (s *Sketch) Details() Details {
	return Details{Kind: s.Kind, Name: s.Name, Shape: Shape{Kind: Spot, Parts: []Part{{Steps{s.At}}}}, Gone: true}
}

// Check reports what is wrong with it; nothing with none.
func (s *Sketch) Check() error {
	if s == nil {
		return nil
	}
	return s.Details().Check()
}

// Countable reports whether people can be so many, or so many fewer.
func Countable(n int32) bool { return n >= -MaxPeople && n <= MaxPeople }

// HubDigits is how many hex digits name a box in a key.
const HubDigits = 16

// ValidHub reports whether a text can name a box in a key.
func ValidHub(s string) bool {
	return len(s) == HubDigits && strings.Trim(s, "0123456789abcdef") == ""
}

// Check reports what is wrong with it.
func (r Recount) Check() error {
	if r.Total < 0 || !Countable(r.Total) {
		return errors.New("a recount is of 0 to 100,000 people")
	}
	return errors.Join(checkIncluded(r.Included), r.Of.Check(), r.AsOf.check(), CheckVersions(r.Seen))
}

func checkIncluded(all []Included) error {
	if len(all) > MaxIncluded {
		return errors.New("a number of people includes at most 100 counts")
	}
	for _, i := range all {
		if !ValidHub(i.Hub) {
			return errors.New("a count is by a box")
		}
	}
	return nil
}

// Nothing reports whether it only takes back what was said.
func (s State) Nothing() bool { return s.None }

// Nothing reports whether it only takes back what was said.
func (r Recount) Nothing() bool { return r.None }

// Nothing reports whether it only takes back what was said.
func (d Details) Nothing() bool { return d.None }
