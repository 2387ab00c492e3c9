package stock_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/stock"
)

// sheet draws a place.
func sheet(t *rapid.T) place.Sheet {
	at := func() place.Point {
		return place.PointAt(float64(rapid.IntRange(-80e6, 80e6).Draw(t, "lat"))/1e6, float64(rapid.IntRange(-170e6, 170e6).Draw(t, "lon"))/1e6)
	}
	d := place.Details{
		Kind: place.Kind(rapid.IntRange(1, len(place.Kinds())).Draw(t, "kind")), Name: rapid.StringMatching(`[A-Z][a-z é]{0,20}[a-z]`).Draw(t, "name"),
		Pets: place.Answer(rapid.IntRange(0, 2).Draw(t, "pets")), StepFree: place.Answer(rapid.IntRange(0, 2).Draw(t, "stepfree")),
		Most: rapid.SampledFrom([]uint32{0, 10, 100}).Draw(t, "most"), Everyday: rapid.SampledFrom([]uint32{0, 5}).Draw(t, "everyday"),
	}
	a := at()
	east := place.Point{a[0], a[1] + 5000}
	north := place.Point{a[0] + 3000, a[1]}
	switch rapid.IntRange(0, 3).Draw(t, "shape") {
	case 0:
		d.Shape = place.Shape{Kind: place.Line, Parts: []place.Part{{place.Steps{a, east}}}}
	case 1:
		d.Shape = place.Shape{Kind: place.Area, Parts: []place.Part{{place.Steps{a, east, north}}}}
	case 2:
		d.Shape = place.Shape{Kind: place.Spot, Parts: []place.Part{{place.Steps{a}}, {place.Steps{at()}}}}
	default:
		d.Shape = place.Shape{Kind: place.Spot, Parts: []place.Part{{place.Steps{a}}}}
	}
	s := place.Sheet{Details: d}
	if rapid.Bool().Draw(t, "stands") {
		s.State = &place.State{Status: place.Status(rapid.IntRange(1, len(place.Statuses())).Draw(t, "status"))}
	}
	if rapid.Bool().Draw(t, "counted") {
		n := uint32(rapid.IntRange(0, 200).Draw(t, "people"))
		s.People = &n
	}
	return s
}

func TestAPlaceIsTheSameInALayer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sheet(t)
		e, err := stock.Entry("id", s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := stock.Sheet(e)
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Fatalf("%+v became %+v, %v", s, got, err)
		}
		from := place.PointAt(44, -73)
		_, want := s.Details.Shape.Offset(from)
		if meters, ok := stock.Away(from, e); !ok || meters != want {
			t.Fatalf("it is %f away, not %f", meters, want)
		}
	})
}

// TestOneIsChosenForWhatItIs holds the class of an entry against what its place says.
func TestOneIsChosenForWhatItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sheet(t)
		d := s.Details
		open := s.State != nil && s.State.Status.Open()
		most := d.Most
		if most == 0 {
			most = d.Everyday
		}
		room := open && s.State.Status != place.Full && (s.People == nil || most == 0 || *s.People < most)
		kind := place.Kind(rapid.IntRange(1, len(place.Kinds())).Draw(t, "wanted"))
		c := stock.Choice{
			Kind: func(k place.Kind) bool { return k == kind },
			Open: rapid.Bool().Draw(t, "open"), Room: rapid.Bool().Draw(t, "room"), Pets: rapid.Bool().Draw(t, "with pets"), StepFree: rapid.Bool().Draw(t, "without steps"),
		}
		want := d.Kind == kind && (!c.Open || open) && (!c.Room || room) && (!c.Pets || d.Pets == place.Yes) && (!c.StepFree || d.StepFree == place.Yes)
		if c.Classes().Has(stock.Class(s)) != want {
			t.Fatalf("%+v of %+v: %v", c, s, !want)
		}
	})
}

// TestVersionsChangeWithWhatIsSaid says one thing otherwise after another.
func TestVersionsChangeWithWhatIsSaid(t *testing.T) {
	one, two := uint32(1), uint32(2)
	base := place.Sheet{Details: place.Details{Kind: place.Water, Name: "Tap"}, State: &place.State{Status: place.Open}, People: &one}
	of := func(id string, s place.Sheet) stock.Versions {
		v, err := stock.VersionsOf(id, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	was := of("a", base)
	if of("a", base) != was || of("b", base) == was {
		t.Error("the same is not the same, or another place is")
	}
	other := base
	other.Details.Name = "Well"
	if v := of("a", other); v.Details == was.Details || v.State != was.State || v.People != was.People {
		t.Error("what it is")
	}
	other = base
	other.State = &place.State{Status: place.Full}
	if v := of("a", other); v.Details != was.Details || v.State == was.State || v.People != was.People {
		t.Error("how it stands")
	}
	other = base
	other.People = &two
	if v := of("a", other); v.Details != was.Details || v.State != was.State || v.People == was.People {
		t.Error("how many are there")
	}
}

func TestWhatIsNoPlaceIsNotTakenForOne(t *testing.T) {
	good, err := stock.Entry("a", place.Sheet{Details: place.Details{Kind: place.Water, Name: "Tap", Shape: place.Shape{Kind: place.Spot, Parts: []place.Part{{place.Steps{{1, 2}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]layer.Entry{
		"nothing":    {ID: "a"},
		"no CBOR":    {ID: "a", Body: []byte{0xff}},
		"no kind":    {ID: "a", Body: []byte{0xa1, 1, 0xa0}},
		"no shape":   {ID: "a", Body: good.Body, Bound: orb.Bound{Max: orb.Point{1, 1}}},
		"half of it": {ID: "a", Body: good.Body[:len(good.Body)/2]},
	} {
		if s, err := stock.Sheet(e); err == nil {
			t.Errorf("%s is %+v", name, s)
		}
		if e.Bound.Min != e.Bound.Max {
			if _, ok := stock.Away(place.Point{}, e); ok {
				t.Errorf("%s is somewhere", name)
			}
		}
	}
	for name, s := range map[string]place.Sheet{
		"nothing":  {},
		"nowhere":  {Details: place.Details{Kind: place.Water, Name: "Tap"}},
		"too long": {Details: place.Details{Kind: place.Water, Name: strings.Repeat("n", 500)}},
	} {
		if _, err := stock.Entry("a", s); err == nil {
			t.Errorf("%s has an entry", name)
		}
	}
}

// FuzzSheet reads any body. What is a place is one again.
func FuzzSheet(f *testing.F) {
	e, err := stock.Entry("a", place.Sheet{Details: place.Details{Kind: place.Water, Name: "Tap", Shape: place.Shape{Kind: place.Line, Parts: []place.Part{{place.Steps{{1, 2}, {3, 4}}}}}}, State: &place.State{Status: place.Open}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(e.Body, 44.0, -73.0)
	f.Fuzz(func(t *testing.T, body []byte, lat, lon float64) {
		if !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180) {
			return
		}
		at := place.PointAt(lat, lon).Orb()
		s, err := stock.Sheet(layer.Entry{ID: "a", Bound: at.Bound(), Body: body})
		if err != nil {
			return
		}
		e, err := stock.Entry("a", s)
		if err != nil {
			return // said in more words than fit
		}
		if again, err := stock.Sheet(e); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v became %+v, %v", s, again, err)
		}
	})
}
