package exchange_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// read is all that a file has; each refusal in words.
func read(t fataler, f exchange.Format, b []byte, o exchange.Options) (all []exchange.Entry, refused []string, c exchange.Counts) {
	t.Helper()
	file := bytes.NewReader(b)
	var m *table.Mapping
	if f == exchange.CSV {
		p, err := exchange.Propose(file, int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		m = &p.Mapping
	}
	src, err := exchange.Open(file, int64(len(b)), f, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r := exchange.NewReader(src, o)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, refused, r.Counts()
		}
		if told, ok := errors.AsType[*feature.Refused](err); ok {
			refused = append(refused, told.Error())
			continue
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		all = append(all, e)
	}
}

func text(t *rapid.T, name string, chars, bytes int, line bool) string {
	s := rapid.StringMatching(`[=+\-@'"<&a-zé東][a-z ;,&<>"'0-9é東\n\t]{0,60}[.a-z'"]`).Draw(t, name)
	clean := hub.CleanText
	if line {
		clean = hub.CleanLine
	}
	s, err := clean("", s, chars, bytes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// updated is when that was said of which files are made here, in Unix time.
const updated = 1e9

// sheet is any place that somebody could have said, of one of the kinds of shapes.
func sheet(t *rapid.T, shapes ...place.ShapeKind) place.Sheet {
	d := place.Details{
		AsOf: updated,
		Kind: place.Kind(rapid.IntRange(1, len(place.Kinds())).Draw(t, "kind")), //nolint:gosec // few
		Name: text(t, "name", place.MaxName, place.MaxNameBytes, true),
	}
	some := func(name string) bool { return rapid.Bool().Draw(t, name) }
	if some("about") {
		d.About = text(t, "description", place.MaxAbout, place.MaxAboutBytes, false)
	}
	if some("contact") {
		d.Contact = text(t, "contact is", place.MaxLine, place.MaxLineBytes, true)
	}
	if some("hours") {
		d.Hours = text(t, "hours are", place.MaxLine, place.MaxLineBytes, true)
	}
	d.StepFree, d.Pets = place.Answer(rapid.IntRange(0, 2).Draw(t, "step-free")), place.Answer(rapid.IntRange(0, 2).Draw(t, "pets")) //nolint:gosec // few
	d.Everyday, d.Most = rapid.Uint32Range(0, place.MaxPeople).Draw(t, "everyday"), rapid.Uint32Range(0, place.MaxPeople).Draw(t, "most")
	if some("langs") {
		d.Langs = []string{"ar", "en", "pt-BR", "uk", "zh-Hans"}[rapid.IntRange(0, 2).Draw(t, "from"):]
	}
	s := place.Sheet{Details: d}
	if some("state") {
		all := place.Things(1)<<len(place.AllThings()) - 1
		s.State = &place.State{
			Status: place.Status(rapid.IntRange(1, len(place.Statuses())).Draw(t, "status")), //nolint:gosec // few
			Offers: place.Things(rapid.Uint32().Draw(t, "offers")) & all, Needs: place.Things(rapid.Uint32().Draw(t, "needs")) & all,
			AsOf: updated,
		}
		if some("offer") {
			s.State.Offer = text(t, "offer is", place.MaxLine, place.MaxLineBytes, true)
		}
		if some("need") {
			s.State.Need = text(t, "need is", place.MaxLine, place.MaxLineBytes, true)
		}
	}
	if some("people") {
		n := rapid.Uint32Range(0, place.MaxPeople).Draw(t, "present")
		s.People, s.AsOf = &n, updated
	}
	var err error
	if s.Details.Shape, err = place.ShapeOf(feature.Nth(1), geometry(t, shapes)); err != nil {
		t.Fatal(err)
	}
	return s
}

func geometry(t *rapid.T, shapes []place.ShapeKind) orb.Geometry {
	at := func() orb.Point {
		return orb.Point{float64(rapid.IntRange(-179e6, 178e6).Draw(t, "lon")) / 1e6, float64(rapid.IntRange(-89e6, 88e6).Draw(t, "lat")) / 1e6}
	}
	square := func(p orb.Point, side float64) orb.Ring {
		return orb.Ring{p, {p[0] + side, p[1]}, {p[0] + side, p[1] + side}, {p[0], p[1] + side}, p}
	}
	a := at()
	two := rapid.Bool().Draw(t, "two")
	switch rapid.SampledFrom(shapes).Draw(t, "shape") {
	case place.Spot:
		if two {
			return orb.MultiPoint{a, at()}
		}
		return a
	case place.Line:
		line := orb.LineString{a, {a[0] + 0.5, a[1]}, {a[0] + 0.5, a[1] + 0.25}}
		if two {
			b := at()
			return orb.MultiLineString{line, {b, {b[0], b[1] + 0.5}}}
		}
		return line
	}
	hole := square(orb.Point{a[0] + 0.25, a[1] + 0.25}, 0.125)
	if two {
		return orb.MultiPolygon{{square(a, 0.5), hole}, {square(orb.Point{a[0], a[1] + 0.625}, 0.25)}}
	}
	return orb.Polygon{square(a, 0.5), hole}
}

// What is exported and imported again is equal, whichever formats it goes through, one after
// the other.
func TestPlacesComeBackEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shapes := []place.ShapeKind{place.Spot, place.Line, place.Area}
		way := rapid.Permutation(exchange.Formats()).Draw(t, "way")
		if rapid.Bool().Draw(t, "no areas") {
			shapes = shapes[:2]
		} else {
			way = slices.DeleteFunc(way, func(f exchange.Format) bool { return f == exchange.GPX })
		}
		var want []exchange.Entry
		for i := range rapid.IntRange(1, 4).Draw(t, "n") {
			want = append(want, exchange.Entry{ID: fmt.Sprint("id-", i), Sheet: sheet(t, shapes...), Version: fmt.Sprintf("%016x", i)})
		}
		all := want
		for _, f := range way {
			var file bytes.Buffer
			w := exchange.NewSink(&file, f, "Places")
			for _, e := range all {
				if err := w.Put(exchange.FeatureOf(e.ID, e.Sheet, exchange.Told{Version: e.Version, By: "Maria", At: time.Unix(updated, 0)})); err != nil {
					t.Fatal(f, err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(f, err)
			}
			var refused []string
			var c exchange.Counts
			if got := exchange.Detect("", file.Bytes()); got != f && (got != exchange.KML || f != exchange.KML) {
				t.Fatalf("%s is taken as %s", f, got)
			}
			all, refused, c = read(t, f, file.Bytes(), exchange.Options{})
			for i := range all {
				all[i].At = hub.Said{}
			}
			if !reflect.DeepEqual(all, want) || refused != nil || len(c.Left) > 0 || c.Read != len(want) {
				t.Fatalf("by %s: refused %q, counts %+v\n%s\ngot  %+v\nwant %+v", f, refused, c, file.String(), all, want)
			}
		}
	})
}

// fataler is what a test and rapid have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func TestAnAreaComesBackFromGPXAsItsOutline(t *testing.T) {
	s := place.Sheet{Details: place.Details{Kind: place.Hazard, Name: "Flood"}}
	var err error
	if s.Details.Shape, err = place.ShapeOf(feature.Nth(1), orb.Polygon{{{-73, 44}, {-72, 44}, {-72, 45}, {-73, 44}}}); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	w := exchange.NewSink(&file, exchange.GPX, "")
	if err := errors.Join(w.Put(exchange.FeatureOf("x", s, exchange.Told{})), w.Close()); err != nil {
		t.Fatal(err)
	}
	all, refused, _ := read(t, exchange.GPX, file.Bytes(), exchange.Options{Flat: exchange.GPX.Flat()})
	if len(all) != 1 || refused != nil || all[0].Sheet.Details.Shape.String() != "44,-73 44,-72 45,-72 44,-73" || all[0].Sheet.Details.Kind != place.Hazard {
		t.Errorf("%+v, %q", all, refused)
	}
}

// An area that is here is the same where GPX has its outline, and no other area is.
func TestAnOutlineIsTheAreaThatIsHere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sheet(t, place.Area)
		var file bytes.Buffer
		w := exchange.NewSink(&file, exchange.GPX, "")
		if err := errors.Join(w.Put(exchange.FeatureOf("x", s, exchange.Told{Version: "00000000000000aa"})), w.Close()); err != nil {
			t.Fatal(err)
		}
		all, refused, _ := read(t, exchange.GPX, file.Bytes(), exchange.Options{Flat: true})
		if len(all) != 1 || refused != nil || all[0].ID != "x" {
			t.Fatalf("%+v, %q", all, refused)
		}
		here := exchange.Standing{ID: "x", Version: "00000000000000aa", Sheet: s}
		if step := exchange.Judge("list", all[0], &here); step.Verdict != exchange.Same {
			t.Fatalf("%d, %+v", step.Verdict, step.Diffs)
		}
		here.Sheet.Details.Shape.Parts = slices.Clone(here.Sheet.Details.Shape.Parts)
		here.Sheet.Details.Shape.Parts = append(here.Sheet.Details.Shape.Parts, here.Sheet.Details.Shape.Parts[0])
		if step := exchange.Judge("list", all[0], &here); step.Verdict != exchange.Changed {
			t.Fatalf("%d", step.Verdict)
		}
	})
}
