package maps

import (
	"errors"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// check holds a record against the format of what its key says it is.
func check(r record.Record) error {
	prefix, rest := split(r.Key)
	f, known := map[string]func(record.Record, string) error{
		placeKey: checkDetails, statusKey: checkState, recountKey: checkRecount, allowKey: checkAllowance,
		hubKey: checkSite, verdictKey: checkVerdict, countKey: checkCount, askKey: checkAsk,
		seenKey: checkSighting, witnessKey: checkWitness, complaintKey: checkComplaint, importKey: checkImport,
		layerKey: checkLayer, lentKey: checkLent,
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

func checkDetails(r record.Record, id string) error {
	b, err := hub.Collection[place.Details]{}.Decode(r)
	if err != nil {
		return err
	}
	return errors.Join(place.CheckID(id), b.Check())
}

func checkState(r record.Record, id string) error {
	b, err := hub.Collection[place.State]{}.Decode(r)
	if err != nil {
		return err
	}
	return errors.Join(place.CheckID(id), b.Check())
}

func checkRecount(r record.Record, id string) error {
	b, err := hub.Collection[place.Recount]{}.Decode(r)
	if err != nil {
		return err
	}
	return errors.Join(place.CheckID(id), b.Check())
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
	return errors.Join(place.CheckID(id), place.CheckVersions(b.Seen))
}

func checkSite(r record.Record, box string) error {
	b, err := hub.Collection[Site]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !place.ValidHub(box):
		return errors.New("a box is named by 16 hex digits")
	case !b.At.OnEarth():
		return errors.New("a box is on earth")
	}
	return place.CheckVersions(b.Seen)
}

func checkVerdict(r record.Record, ref string) error {
	b, err := hub.Collection[Verdict]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !b.Re.Valid() || b.Re.Short() != ref:
		return errors.New("the verdict's key belongs to something else")
	case b.Place != "" && !hub.ValidID(b.Place):
		return errors.New("what it became is no place")
	}
	return place.CheckVersions(b.Seen)
}

func checkCount(r record.Record, rest string) error {
	b, err := hub.Collection[Count]{}.Decode(r)
	if err != nil {
		return err
	}
	id, box, _ := strings.Cut(rest, "/")
	switch {
	case !place.ValidHub(box):
		return errors.New("a count is by a box")
	case !place.Countable(b.Total) || len(b.Recent) > maxPresses:
		return errors.New("a count is of at most 100,000 people")
	}
	for _, p := range b.Recent {
		if !place.Countable(p.Add) {
			return errors.New("a count is of at most 100,000 people")
		}
	}
	return errors.Join(place.CheckID(id), b.Of.Check())
}

func checkAsk(r record.Record, id string) error {
	b, err := hub.Collection[Ask]{}.Decode(r)
	if err == nil && !place.Fit(b.Words, place.MaxLine, place.MaxLineBytes) {
		err = errors.New("the text is too long")
	}
	return errors.Join(err, place.CheckID(id))
}

func checkSighting(r record.Record, id string) error {
	b, err := hub.Collection[Sighting]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case b.What.String() == "":
		return errors.New("what was seen is none of the choices")
	case b.Place != "" && !hub.ValidID(b.Place):
		return errors.New("what it is about is no place")
	case b.Place == "" && b.At == nil && hub.Blank(b.Words):
		return errors.New("it says not where")
	case (b.What == place.Drafted) != (b.Draft != nil || b.State != nil):
		return errors.New("a draft says what it is to become")
	case b.At != nil && !b.At.OnEarth():
		return errors.New("it is nowhere on earth")
	case !place.Fit(b.Words, maxWords, maxWordsB):
		return errors.New("the text is too long")
	}
	if b.Draft != nil {
		err = b.Draft.Check()
	}
	if b.State != nil {
		err = errors.Join(err, b.State.Check())
	}
	return errors.Join(err, b.Of.Check(), place.CheckID(id))
}

func checkWitness(r record.Record, ref string) error {
	b, err := hub.Collection[Witness]{}.Decode(r)
	if err == nil && (!b.Re.Valid() || b.Re.Short() != ref) {
		err = errors.New("the key belongs to something else")
	}
	return err
}

func checkComplaint(r record.Record, ref string) error {
	b, err := hub.Collection[Complaint]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !b.Re.Valid() || b.Re.Short() != ref:
		return errors.New("the key belongs to something else")
	case !place.Fit(b.Reason, maxWords, maxWordsB):
		return errors.New("the text is too long")
	}
	return nil
}
