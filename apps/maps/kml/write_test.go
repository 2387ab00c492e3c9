package kml_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/feature/featuretest"
	"github.com/lamppost-hub/lamppost/apps/maps/kml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func write(t interface{ Fatal(...any) }, all ...feature.Feature) []byte {
	var b bytes.Buffer
	w := kml.NewWriter(&b, "Town & country")
	for _, f := range all {
		if err := w.Put(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFileIsWrittenByTheLetter(t *testing.T) {
	got := string(write(t,
		feature.Feature{ID: "a", Name: "North <School>", Description: "Open <now>\nto all", Geometry: orb.Point{-73.21210004, 44.4759}, Props: []feature.Prop{{Name: "folder", Value: "Shelters"}, {Name: `"beds"`, Value: "40"}}},
		feature.Feature{Name: "Flood", Geometry: orb.Polygon{{{0, 0}, {3, 0}, {3, 3}, {0, 0}}, {{2, 1}, {2, 1.5}, {2.5, 2}, {2, 1}}}, Props: []feature.Prop{{Name: "folder", Value: "Shelters"}}},
		feature.Feature{Geometry: orb.MultiPoint{{1, 2}, {3, 4}}},
		feature.Feature{Name: "Nowhere", Props: []feature.Prop{{Name: "a", Value: ""}, {Name: "folder", Value: "not the first"}}},
	))
	want := `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2">
<Document>
<name>Town &amp; country</name>
<Folder><name>Shelters</name>
<Placemark id="a"><name>North &lt;School&gt;</name><description>&lt;pre&gt;Open &amp;lt;now&amp;gt;&#xA;to all&lt;/pre&gt;</description><ExtendedData><Data name="&#34;beds&#34;"><value>40</value></Data></ExtendedData><Point><coordinates>-73.2121,44.4759</coordinates></Point></Placemark>
<Placemark><name>Flood</name><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 3,0 3,3 0,0</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>2,1 2,1.5 2.5,2 2,1</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark>
</Folder>
<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4</coordinates></Point></MultiGeometry></Placemark>
<Placemark><name>Nowhere</name><ExtendedData><Data name="a"><value></value></Data><Data name="folder"><value>not the first</value></Data></ExtendedData></Placemark>
</Document>
</kml>
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if empty := string(write(t)); !strings.Contains(empty, "<name>Town") || !strings.HasSuffix(empty, "</kml>\n") {
		t.Errorf("of nothing:\n%s", empty)
	}
}

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	var b bytes.Buffer
	crossing := orb.Polygon{{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}}}
	for _, g := range []orb.Geometry{orb.Collection{orb.Point{}, orb.LineString{}}, crossing} {
		err := kml.NewWriter(&b, "").Put(feature.Feature{Geometry: g})
		if _, refused := errors.AsType[*feature.Refused](err); !refused {
			t.Errorf("%v: %v", g, err)
		}
	}
	full := errors.New("the disk is full")
	w := kml.NewWriter(writerOf{full}, "")
	for range 1000 {
		_ = w.Put(feature.Feature{Name: strings.Repeat("x", 100)})
	}
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

type writerOf struct{ err error }

func (w writerOf) Write([]byte) (int, error) { return 0, w.err }

// text draws what XML can hold.
func text(t *rapid.T, name string) string {
	ranges := []*unicode.RangeTable{unicode.Letter, unicode.Mark, unicode.Punct, unicode.Symbol, unicode.Zs, unicode.Digit}
	pick := rapid.OneOf(rapid.RuneFrom([]rune(" \t\n\r<>&\"'/;# abcpre\u00a0]")), rapid.RuneFrom(nil, ranges...))
	return strings.TrimSpace(rapid.OneOf(rapid.StringOfN(pick, 0, 30, -1), rapid.SampledFrom([]string{"", "<b>x</b>", "a  b", "&amp;", "<pre>x</pre>", "<p>", "a\r\nb", "]]>", "&#xfffd;"})).Draw(t, name))
}

// shape draws a sound geometry, or none.
func shape(t *rapid.T) orb.Geometry {
	at := func() orb.Point {
		return orb.Point{feature.Round(rapid.Float64Range(-170, 170).Draw(t, "lon")), feature.Round(rapid.Float64Range(-80, 80).Draw(t, "lat"))}
	}
	line := func() orb.LineString {
		l := orb.LineString{at()}
		for range rapid.IntRange(1, 5).Draw(t, "more") {
			last := l[len(l)-1]
			l = append(l, orb.Point{feature.Round(last[0] + rapid.Float64Range(-1, 1).Draw(t, "east")), feature.Round(last[1] + rapid.Float64Range(-1, 1).Draw(t, "north"))})
		}
		return l
	}
	area := func(n int) orb.Polygon {
		p := at()
		x, y := feature.Round(p[0]/10+float64(n)*20), feature.Round(p[1]/10) // apart from each other
		box := func(d float64, hole bool) orb.Ring {
			w, s, e, n := feature.Round(x-d), feature.Round(y-d), feature.Round(x+d), feature.Round(y+d)
			if hole {
				return orb.Ring{{w, s}, {w, n}, {e, n}, {e, s}, {w, s}}
			}
			return orb.Ring{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}
		}
		out := orb.Polygon{box(1, false)}
		if rapid.Bool().Draw(t, "hole") {
			out = append(out, box(0.5, true))
		}
		return out
	}
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 1:
		return at()
	case 2:
		return line()
	case 3:
		return area(0)
	case 4:
		return orb.MultiPoint{at(), at()}
	case 5:
		return orb.MultiLineString{line(), line()}
	case 6:
		return orb.MultiPolygon{area(0), area(3)}
	}
	return nil
}

func TestWhatIsWrittenIsReadAsEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []feature.Feature
		for range rapid.IntRange(0, 4).Draw(t, "features") {
			f := feature.Feature{ID: text(t, "id"), Name: text(t, "name"), Description: text(t, "description"), Geometry: shape(t)}
			if rapid.Bool().Draw(t, "in a folder") {
				if folder := text(t, "folder"); folder != "" {
					f.Props = append(f.Props, feature.Prop{Name: kml.PropFolder, Value: folder})
				}
			}
			for range rapid.IntRange(0, 3).Draw(t, "values") {
				name := rapid.OneOf(rapid.SampledFrom([]string{"folder", "when", "address", "a", "a"}), rapid.Just(text(t, "value's name"))).Draw(t, "value")
				if len(f.Props) == 0 && name == kml.PropFolder {
					continue
				}
				f.Props = append(f.Props, feature.Prop{Name: name, Value: text(t, "value's text")})
			}
			all = append(all, f)
		}
		file := write(t, all...)
		var got []feature.Feature
		for f, err := range feature.All(kml.NewReader(bytes.NewReader(file))) {
			if err != nil {
				t.Fatalf("%v in\n%s", err, file)
			}
			f.At = hub.Said{}
			got = append(got, f)
		}
		if !reflect.DeepEqual(got, all) {
			t.Fatalf("got  %q\nwant %q\n%s", fmt.Sprint(got), fmt.Sprint(all), file)
		}
	})
}

// town is as many Placemarks as are asked for, without holding them.
func placemarks(n int) io.Reader {
	i := -1
	var left []byte
	return iotest.DataErrReader(readerFunc(func(p []byte) (int, error) {
		for len(left) == 0 {
			switch i++; {
			case i == 0:
				left = []byte(xml.Header + "<kml><Document>")
			case i <= n:
				left = fmt.Appendf(nil, `<Placemark id="p%d"><name>Place %d</name><description>Open day and night</description><ExtendedData><Data name="beds"><value>%d</value></Data></ExtendedData><Point><coordinates>%.5f,44.5,0</coordinates></Point></Placemark>`+"\n", i, i, i, -73+float64(i)/1e6)
			case i == n+1:
				left = []byte("</Document></kml>")
			default:
				return 0, io.EOF
			}
		}
		k := copy(p, left)
		left = left[k:]
		return k, nil
	}))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Memory does not grow with the file.
func TestALargeFileTakesLittleMemory(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	count, grown, err := featuretest.Peak(kml.NewReader(placemarks(n)))
	if err != nil {
		t.Fatal(err)
	}
	if over := grown >> 20; count != n || over > 16 {
		t.Errorf("%d of %d read, with %d MB more of memory", count, n, over)
	}
}

// One Placemark of very many points is left out, and takes no more memory than one that fits.
func TestALargePlacemarkTakesLittleMemory(t *testing.T) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, over := m.HeapAlloc, int64(0)
	line := []byte("<LineString><coordinates>" + strings.Repeat("1,1 ", 400_000) + "</coordinates></LineString>")
	parts := []io.Reader{strings.NewReader("<kml><Placemark><MultiGeometry>")}
	for range 4 {
		parts = append(parts, bytes.NewReader(line))
	}
	parts = append(parts, readerFunc(func([]byte) (int, error) {
		runtime.GC()
		runtime.ReadMemStats(&m)
		over = int64(m.HeapAlloc) - int64(before)
		return 0, io.EOF
	}), strings.NewReader("</MultiGeometry></Placemark><Placemark/></kml>"))
	got := read(kml.NewReader(io.MultiReader(parts...)))
	if len(got) != 2 || got[0] != "line 1: It has 1600000 points, and at most 10000 are read. Simplify it." {
		t.Errorf("got %v", got)
	}
	if over > 12<<20 || over == 0 {
		t.Errorf("it takes %d MB", over>>20)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(town))
	f.Add([]byte("<Placemark><description>&lt;a href='http://x'&gt;y&lt;/a&gt;</description><Polygon><outerBoundaryIs><LinearRing><coordinates>179,0 -179,0 -179,3 179,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"))
	f.Add([]byte("<kml><NetworkLink><Link><href>x</href></Link></NetworkLink><GroundOverlay/></kml>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		var all []feature.Feature
		for g, err := range feature.All(kml.NewReader(bytes.NewReader(file))) {
			_, refused := errors.AsType[*feature.Refused](err)
			_, told := errors.AsType[*hub.Error](err)
			switch {
			case err == nil:
				g.At = hub.Said{}
				all = append(all, g)
			case !refused && !told:
				t.Fatalf("refused with %v", err)
			}
		}
		// What has been read is written, and read again as many.
		again := 0
		for _, err := range feature.All(kml.NewReader(bytes.NewReader(write(t, all...)))) {
			if again++; err != nil {
				t.Fatalf("what was read is written as what cannot be: %v", err)
			}
		}
		if again != len(all) {
			t.Fatalf("%d were read, and of them again %d", len(all), again)
		}
	})
}

func FuzzOpenFile(f *testing.F) {
	f.Add(packed(f, entry{name: "doc.kml", body: named("a")}, entry{name: "x/y.kml", body: "…", stored: true}))
	f.Add(packed(f, entry{name: "../doc.kml", body: named("a")}))
	f.Add([]byte(named("plain")))
	f.Fuzz(func(t *testing.T, file []byte) {
		if got := names(file, 1<<16); strings.HasPrefix(got, "not in words") {
			t.Fatal(got)
		}
	})
}

func BenchmarkRead100000(b *testing.B) {
	for b.Loop() {
		n := 0
		for _, err := range feature.All(kml.NewReader(placemarks(100_000))) {
			if n++; err != nil {
				b.Fatal(err)
			}
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}

func BenchmarkWrite100000(b *testing.B) {
	f := feature.Feature{ID: "p", Name: "Place", Description: "Open day and night", Geometry: orb.Point{-73.12345, 44.5}, Props: []feature.Prop{{Name: "beds", Value: "40"}}}
	for b.Loop() {
		w := kml.NewWriter(io.Discard, "Town")
		for range 100_000 {
			if err := w.Put(f); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
