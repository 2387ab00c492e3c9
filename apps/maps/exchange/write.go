package exchange

import (
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
)

// Told is what a file says of who said what it has of a place, and when.
type Told struct {
	Version string    // of what the place is, 16 hex digits: a hub knows by it that it made the file
	By      string    // who said so last; may be empty
	At      time.Time // when; zero if that is not known
}

// columns are the values that a table of places has, besides those of every table.
func columns() []string {
	return []string{
		string(table.Kind), string(table.Status), string(table.Everyday), string(table.Evacuation), string(table.People),
		string(table.Contact), string(table.Hours), string(table.StepFree), string(table.Pets), string(table.Languages),
		offersProp, offerProp, needsProp, needProp, updatedProp, countedProp, byProp, versionProp,
	}
}

// FeatureOf is a place as files have it. What is not known is left out.
func FeatureOf(id string, s place.Sheet, told Told) feature.Feature {
	d := s.Details
	f := feature.Feature{ID: id, Name: d.Name, Description: d.About, Geometry: d.Shape.Geometry()}
	text := func(name, value string) {
		if value != "" {
			f.Props = append(f.Props, feature.Prop{Name: name, Value: value})
		}
	}
	people := func(name table.Role, n uint32) {
		f.Props = append(f.Props, feature.Prop{Name: string(name), Value: strconv.FormatUint(uint64(n), 10), JSON: true})
	}
	text(string(table.Kind), d.Kind.String())
	if s.State != nil {
		text(string(table.Status), s.State.Status.String())
	}
	if d.Everyday > 0 {
		people(table.Everyday, d.Everyday)
	}
	if d.Most > 0 {
		people(table.Evacuation, d.Most)
	}
	if s.People != nil {
		people(table.People, *s.People)
	}
	text(string(table.Contact), d.Contact)
	text(string(table.Hours), d.Hours)
	text(string(table.StepFree), d.StepFree.String())
	text(string(table.Pets), d.Pets.String())
	text(string(table.Languages), strings.Join(d.Langs, " "))
	if st := s.State; st != nil {
		text(offersProp, names(st.Offers))
		text(offerProp, st.Offer)
		text(needsProp, names(st.Needs))
		text(needProp, st.Need)
	}
	at := s.Details.AsOf.Of(told.At)
	if s.State != nil {
		at = s.State.AsOf.Of(told.At)
	}
	moment := func(name string, at time.Time) {
		if !at.IsZero() {
			text(name, at.UTC().Format(time.RFC3339))
		}
	}
	moment(updatedProp, at)
	if s.People != nil {
		moment(countedProp, s.AsOf.Of(told.At))
	}
	text(byProp, told.By)
	text(versionProp, told.Version)
	return f
}

// names are things by their names, with blanks between them.
func names(t place.Things) string {
	var all []string
	for i, c := range place.AllThings() {
		if t&(1<<i) != 0 {
			all = append(all, c.Name)
		}
	}
	return strings.Join(all, " ")
}
