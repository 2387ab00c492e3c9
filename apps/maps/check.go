package maps

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var errPrefix = errors.New("a version is named by 8 bytes")

func unmarshal(b []byte, v any) error { return cbor.Unmarshal(b, v) }

// check holds a record against the format of what its key says it is.
func check(r record.Record) error {
	prefix, rest := split(r.Key)
	f, known := map[string]func(record.Record, string) error{
		placeKey: checkDetails, statusKey: checkState, recountKey: checkRecount, allowKey: checkAllowance,
		hubKey: checkSite, verdictKey: checkVerdict, countKey: checkCount, askKey: checkAsk,
		seenKey: checkSighting, witnessKey: checkWitness, complaintKey: checkComplaint,
	}[prefix]
	switch {
	case !known:
		return errors.New("nothing of the places has a key like this")
	case r.Class != classOf(prefix):
		return errors.New("this is of another class than it should be")
	case r.Withdrawn():
		return nil
	}
	return f(r, rest)
}

func checkedID(id string) error {
	if !validID(id) {
		return errors.New("an id is 1 to 64 of a-z A-Z 0-9 . _ -")
	}
	return nil
}

func checkVersions(all []Prefix) error {
	if len(all) > maxSeen {
		return errors.New("this replaces too many versions")
	}
	return nil
}

// fit reports whether a text keeps within its bounds.
func fit(s string, chars, bytes int) bool {
	return len(s) <= bytes && utf8.ValidString(s) && utf8.RuneCountInString(s) <= chars
}

func checkDetails(r record.Record, id string) error {
	b, err := hub.Collection[Details]{}.Decode(r)
	if err != nil {
		return err
	}
	return errors.Join(checkedID(id), b.check())
}

func (d Details) check() error {
	switch {
	case d.Kind.String() == "":
		return errors.New("a place is of a kind")
	case !fit(d.Name, maxName, maxNameB) || hub.Blank(d.Name):
		return errors.New("a place has a name, of at most 80 characters")
	case !fit(d.About, maxAbout, maxAboutB) || !fit(d.Contact, maxLine, maxLineB) || !fit(d.Hours, maxLine, maxLineB):
		return errors.New("a text of a place is too long")
	case d.StepFree > No || d.Pets > No:
		return errors.New("an answer is yes, no or none")
	case d.Everyday > maxPeople || d.Most > maxPeople:
		return errors.New("a place holds at most 100,000 people")
	case len(d.Langs) > maxLangs:
		return errors.New("these are too many languages")
	}
	for _, l := range d.Langs {
		if !validLang(l) {
			return errors.New("a language is named as BCP 47 has it")
		}
	}
	return errors.Join(d.Shape.check(), checkVersions(d.Seen))
}

func validLang(s string) bool {
	return s != "" && len(s) <= maxLang && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

func checkState(r record.Record, id string) error {
	b, err := hub.Collection[State]{}.Decode(r)
	if err != nil {
		return err
	}
	return errors.Join(checkedID(id), b.check())
}

func (s State) check() error {
	all := Things(1<<len(thingWords)) - 1
	switch {
	case s.Status.String() == "":
		return errors.New("a place stands one way or another")
	case s.Offers&^all != 0 || s.Needs&^all != 0:
		return errors.New("what a place offers or needs is none of the choices")
	case !fit(s.Offer, maxLine, maxLineB) || !fit(s.Need, maxLine, maxLineB):
		return errors.New("a text about a place is too long")
	}
	return checkVersions(s.Seen)
}

func people(n int32) bool { return n >= -maxPeople && n <= maxPeople }

func checkRecount(r record.Record, id string) error {
	b, err := hub.Collection[Recount]{}.Decode(r)
	if err != nil {
		return err
	}
	if b.Total < 0 || !people(b.Total) || len(b.Included) > maxSlots {
		return errors.New("a recount is of 0 to 100,000 people and at most 100 counts")
	}
	for _, i := range b.Included {
		if !validHub(i.Hub) {
			return errors.New("a count is by a box")
		}
	}
	return errors.Join(checkedID(id), checkVersions(b.Seen))
}

func checkAllowance(r record.Record, id string) error {
	b, err := hub.Collection[Allowance]{}.Decode(r)
	if err != nil {
		return err
	}
	if len(b.Who) > maxAllowed {
		return errors.New("too many people count at this door")
	}
	for _, who := range b.Who {
		if len(who) != len(record.Author{}) {
			return errors.New("a person is named by their key")
		}
	}
	return errors.Join(checkedID(id), checkVersions(b.Seen))
}

// hubDigits is how many hex digits name a box in a key.
const hubDigits = 16

func validHub(s string) bool {
	return len(s) == hubDigits && strings.Trim(s, "0123456789abcdef") == ""
}

func checkSite(r record.Record, box string) error {
	b, err := hub.Collection[Site]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !validHub(box):
		return errors.New("a box is named by 16 hex digits")
	case !b.At.onEarth():
		return errors.New("a box is on earth")
	}
	return checkVersions(b.Seen)
}

func checkVerdict(r record.Record, ref string) error {
	b, err := hub.Collection[Verdict]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !b.Re.valid() || b.Re.short() != ref:
		return errors.New("the verdict's key belongs to something else")
	case b.Place != "" && !validID(b.Place):
		return errors.New("what it became is no place")
	}
	return checkVersions(b.Seen)
}

func checkCount(r record.Record, rest string) error {
	b, err := hub.Collection[Count]{}.Decode(r)
	if err != nil {
		return err
	}
	id, box, _ := strings.Cut(rest, "/")
	switch {
	case !validHub(box):
		return errors.New("a count is by a box")
	case !people(b.Total) || len(b.Recent) > maxPresses:
		return errors.New("a count is of at most 100,000 people")
	}
	for _, p := range b.Recent {
		if !people(p.Add) {
			return errors.New("a count is of at most 100,000 people")
		}
	}
	return checkedID(id)
}

func checkAsk(r record.Record, id string) error {
	b, err := hub.Collection[Ask]{}.Decode(r)
	if err == nil && !fit(b.Words, maxLine, maxLineB) {
		err = errors.New("the text is too long")
	}
	return errors.Join(err, checkedID(id))
}

func checkSighting(r record.Record, id string) error {
	b, err := hub.Collection[Sighting]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case b.What.String() == "":
		return errors.New("what was seen is none of the choices")
	case b.Place != "" && !validID(b.Place):
		return errors.New("what it is about is no place")
	case b.Place == "" && b.At == nil && hub.Blank(b.Words):
		return errors.New("it says not where")
	case (b.What == Drafted) != (b.Draft != nil || b.State != nil):
		return errors.New("a draft says what it is to become")
	case b.At != nil && !b.At.onEarth():
		return errors.New("it is nowhere on earth")
	case !fit(b.Words, maxWords, maxWordsB):
		return errors.New("the text is too long")
	}
	if b.Draft != nil {
		err = b.Draft.check()
	}
	if b.State != nil {
		err = errors.Join(err, b.State.check())
	}
	return errors.Join(err, checkedID(id))
}

func checkWitness(r record.Record, ref string) error {
	b, err := hub.Collection[Witness]{}.Decode(r)
	if err == nil && (!b.Re.valid() || b.Re.short() != ref) {
		err = errors.New("the key belongs to something else")
	}
	return err
}

func checkComplaint(r record.Record, ref string) error {
	b, err := hub.Collection[Complaint]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !b.Re.valid() || b.Re.short() != ref:
		return errors.New("the key belongs to something else")
	case !fit(b.Reason, maxWords, maxWordsB):
		return errors.New("the text is too long")
	}
	return nil
}
