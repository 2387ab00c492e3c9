package gpx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/feature/featuretest"
	"github.com/lamppost-hub/lamppost/apps/maps/gpx"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// walk is a file as a receiver saves it.
const walk = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="A receiver" xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="http://example.org/x">
	<metadata><name>A walk</name><bounds minlat="1" minlon="1" maxlat="2" maxlon="2"/></metadata>
	<wpt lat=" 44.4759" lon="-73.2121 ">
		<ele>61.5</ele>
		<time>2026-03-01T10:00:00Z</time>
		<name>School</name>
		<cmt>ask Ana</cmt>
		<desc>Open day &amp; night</desc>
		<link href="http://example.org/"><text>More</text></link>
		<sym>Lodging</sym>
		<extensions><x:beds>40</x:beds><x:deep><x:er>1</x:er></x:deep></extensions>
	</wpt>
	<rte>
		<name>Way out</name>
		<number>3</number>
		<rtept lat="44.1" lon="-73.1"><name>A</name></rtept>
		<rtept lat="44.2" lon="-73.2"/>
	</rte>
	<trk>
		<name>Walk</name>
		<trkseg><trkpt lat="1" lon="1"><ele>3</ele><time>2026-03-01T10:00:00Z</time></trkpt><trkpt lat="2" lon="2"/></trkseg>
		<trkseg/>
		<trkseg><trkpt lat="3" lon="3"/><trkpt lat="4" lon="4"/></trkseg>
	</trk>
	<trk><trkseg><trkpt lat="5" lon="5"/><trkpt lat="6" lon="6"/></trkseg></trk>
	<extensions><x:y/></extensions>
</gpx>
`

// read is all of a file, what is refused as a text in its place.
func read(s feature.Source) (all []any) {
	for f, err := range feature.All(s) {
		if err != nil {
			all = append(all, err.Error())
		} else {
			all = append(all, f)
		}
	}
	return all
}

func TestAFileOfAReceiverIsRead(t *testing.T) {
	want := []any{
		feature.Feature{
			Name: "School", Description: "Open day & night", Geometry: orb.Point{-73.2121, 44.4759}, At: feature.Line(4),
			Props: []feature.Prop{{Name: "ele", Value: "61.5"}, {Name: "time", Value: "2026-03-01T10:00:00Z"}, {Name: "cmt", Value: "ask Ana"}, {Name: "link", Value: "http://example.org/"}, {Name: "sym", Value: "Lodging"}, {Name: "beds", Value: "40"}},
		},
		feature.Feature{Name: "Way out", Geometry: orb.LineString{{-73.1, 44.1}, {-73.2, 44.2}}, At: feature.Line(14), Props: []feature.Prop{{Name: "number", Value: "3"}}},
		feature.Feature{Name: "Walk", Geometry: orb.MultiLineString{{{1, 1}, {2, 2}}, {{3, 3}, {4, 4}}}, At: feature.Line(20)},
		feature.Feature{Geometry: orb.LineString{{5, 5}, {6, 6}}, At: feature.Line(26)},
	}
	got := read(gpx.NewReader(strings.NewReader(walk)))
	if len(got) != len(want) {
		t.Fatalf("%d came, want %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}
}

func TestOlderFilesAreRead(t *testing.T) {
	want := []any{feature.Feature{Name: "Café", Geometry: orb.Point{2, 1}, At: feature.Line(1), Props: []feature.Prop{{Name: "url", Value: "http://example.org/"}, {Name: "beds", Value: "40"}}}}
	inner := "<wpt lat='1' lon='2'><name>Caf\xe9</name><url>http://example.org/</url><x:beds xmlns:x='urn:x'>40</x:beds></wpt></gpx>"
	utf8 := strings.ReplaceAll(inner, "\xe9", "é")
	for name, file := range map[string]string{
		"1.0":                 `<gpx version="1.0" xmlns="http://www.topografix.com/GPX/1/0">` + utf8,
		"in Latin-1":          `<?xml version="1.0" encoding="ISO-8859-1"?><gpx version="1.0" xmlns="http://www.topografix.com/GPX/1/0">` + inner,
		"without a namespace": "<gpx>" + utf8,
	} {
		if got := read(gpx.NewReader(strings.NewReader(file))); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatIsNotTakenIsSaidAndTheRestGoesOn(t *testing.T) {
	segment := func(n int, point string) string {
		return "<trk>\n<trkseg>" + strings.Repeat(point, n) + "</trkseg></trk>"
	}
	for _, c := range []struct{ element, want string }{
		{"<wpt lat='1'/>", "line 2: In <wpt> there is lat=“1” and lon=“”, which is no latitude and longitude."},
		{"<wpt lat='1,5' lon='2'/>", "line 2: In <wpt> there is lat=“1,5” and lon=“2”, which"},
		{"<wpt lat='-95' lon='120'/>", "line 2: The latitude -95 does not exist"},
		{segment(2, "<trkpt lat='x' lon='2'/>"), "line 3: In <trkpt> there is lat=“x” and lon=“2”, which"},
		{segment(1, "<trkpt lat='1' lon='2'/>"), "line 2: A line needs at least 2 points."},
		{segment(feature.MaxPoints+7, "<trkpt lat='1' lon='2'/>"), "line 2: It has 10007 points, and at most 10000 are read."},
		{"<wpt lat='1' lon='2'>" + strings.Repeat("<a>x</a>", 1000) + "</wpt>", "line 2: It has 251 values"},
		{"<wpt lat='1' lon='2'><desc>" + strings.Repeat("x", 100_000) + "</desc></wpt>", "line 2: Its description is too long"},
	} {
		got := read(gpx.NewReader(strings.NewReader("<gpx>\n" + c.element + "<wpt lat='1' lon='2'/></gpx>")))
		said, _ := got[0].(string)
		if len(got) != 2 || !strings.HasPrefix(said, c.want) {
			t.Errorf("%.80s: %.300v, want %s…", c.element, got, c.want)
		}
	}
}

func TestAFileThatIsNoneOrEndsIsNamed(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"a page", "<html><body>Not found</body></html>", "it begins with <html>, and GPX with <gpx>."},
		{"cut off", walk[:strings.Index(walk, "Way out")+3], "at line 15: it ends too early."},
		{"an entity bomb", `<!DOCTYPE gpx [<!ENTITY a "aaaa">]><gpx/>`, "at line 1: it has a document type"},
		{"a bare &", "<gpx>\n<wpt lat='1' lon='2'><name>Fish & Chips</name></wpt></gpx>", "at line 2: in <name> there is an & that is none of XML"},
		{"a tag that is not closed", "<gpx>\n<wpt lat='1' lon='2'><name>x</wpt></gpx>", "at line 2: in <name> it is not well-formed XML"},
		{"without end", "<gpx>" + strings.Repeat("<wpt>", 100), "more than 64 deep, at <wpt>"},
	} {
		r := gpx.NewReader(strings.NewReader(c.file))
		var last error
		for _, err := range feature.All(r) {
			last = err
		}
		if told, ok := errors.AsType[*hub.Error](last); !ok || !strings.Contains(told.Error(), c.want) {
			t.Errorf("%s: %v, want …%s…", c.name, last, c.want)
		}
		if _, again := r.Next(); again == nil || errors.Is(again, io.EOF) || last == nil || again.Error() != last.Error() {
			t.Errorf("%s: after the end it says %v", c.name, again)
		}
	}
}

func write(t interface{ Fatal(...any) }, all ...feature.Feature) []byte {
	var b bytes.Buffer
	w := gpx.NewWriter(&b, "Town & country")
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
		feature.Feature{ID: "a", Name: "School", Description: "Open <now>", Geometry: orb.Point{-73.2121, 44.4759}, Props: []feature.Prop{{Name: "ele", Value: "61.5"}, {Name: "sym", Value: "Lodging"}, {Name: "cmt", Value: "late"}, {Name: "beds", Value: "40"}}},
		feature.Feature{Name: "Odd", Geometry: orb.Point{1, 2}, Props: []feature.Prop{{Name: "ele", Value: "high"}}},
		feature.Feature{Name: "Flood", Geometry: orb.Polygon{{{0, 0}, {3, 0}, {3, 3}, {0, 0}}}, Props: []feature.Prop{{Name: "type", Value: "hazard"}}},
		feature.Feature{Name: "Taps", Geometry: orb.MultiPoint{{1, 2}, {3, 4}}},
	))
	want := `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Lamppost" xmlns="http://www.topografix.com/GPX/1/1" xmlns:l="urn:lamppost:gpx:1">
<metadata><name>Town &amp; country</name></metadata>
<wpt lat="44.4759" lon="-73.2121"><ele>61.5</ele><name>School</name><desc>Open &lt;now&gt;</desc><sym>Lodging</sym><extensions><l:id>a</l:id><l:value name="cmt">late</l:value><l:value name="beds">40</l:value></extensions></wpt>
<wpt lat="2" lon="1"><name>Odd</name><extensions><l:value name="ele">high</l:value></extensions></wpt>
<trk><name>Flood</name><type>hazard</type>
<trkseg><trkpt lat="0" lon="0"/><trkpt lat="0" lon="3"/><trkpt lat="3" lon="3"/><trkpt lat="0" lon="0"/></trkseg></trk>
<wpt lat="2" lon="1"><name>Taps</name></wpt>
<wpt lat="4" lon="3"><name>Taps</name></wpt>
</gpx>
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if empty := string(write(t)); !strings.HasSuffix(empty, "</gpx>\n") || !strings.Contains(empty, "<gpx ") {
		t.Errorf("of nothing:\n%s", empty)
	}
}

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	var b bytes.Buffer
	for _, g := range []orb.Geometry{nil, orb.LineString{}, orb.Point{200, 3}} {
		err := gpx.NewWriter(&b, "").Put(feature.Feature{At: feature.Nth(3), Geometry: g})
		if refused, ok := errors.AsType[*feature.Refused](err); !ok || refused.At.String() != "entry 3" {
			t.Errorf("%v: %v", g, err)
		}
	}
	full := errors.New("the disk is full")
	w := gpx.NewWriter(writerOf{full}, "")
	for range 1000 {
		_ = w.Put(feature.Feature{Name: strings.Repeat("x", 100), Geometry: orb.Point{}})
	}
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

type writerOf struct{ err error }

func (w writerOf) Write([]byte) (int, error) { return 0, w.err }

// text draws what XML can hold.
func text(t *rapid.T, name string) string {
	pick := rapid.OneOf(rapid.RuneFrom([]rune(" \t\n\r<>&\"'/;# abc\u00a0]")), rapid.RuneFrom(nil, unicode.Letter, unicode.Mark, unicode.Punct, unicode.Symbol, unicode.Digit))
	return strings.TrimSpace(rapid.StringOfN(pick, 0, 20, -1).Draw(t, name))
}

func TestWhatIsWrittenIsReadAsEqual(t *testing.T) {
	at := func(t *rapid.T) orb.Point {
		return orb.Point{feature.Round(rapid.Float64Range(-80, 80).Draw(t, "lon")), feature.Round(rapid.Float64Range(-90, 90).Draw(t, "lat"))}
	}
	line := func(t *rapid.T) orb.LineString {
		l := orb.LineString{at(t), at(t)}
		for range rapid.IntRange(0, 4).Draw(t, "more") {
			l = append(l, at(t))
		}
		return l
	}
	known := []string{"ele", "time", "magvar", "cmt", "src", "link", "number", "sym", "type", "name", "desc", "trkseg", "extensions", "a", "a"}
	values := []string{"61.5", "-3", "2026-03-01T10:00:00Z", "12", "", "x"}
	rapid.Check(t, func(t *rapid.T) {
		var all []feature.Feature
		for range rapid.IntRange(0, 4).Draw(t, "features") {
			f := feature.Feature{ID: text(t, "id"), Name: text(t, "name"), Description: text(t, "description")}
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				f.Geometry = at(t)
			case 1:
				f.Geometry = line(t)
			case 2:
				f.Geometry = orb.MultiLineString{line(t), line(t)}
			}
			for range rapid.IntRange(0, 5).Draw(t, "values") {
				f.Props = append(f.Props, feature.Prop{
					Name:  rapid.OneOf(rapid.SampledFrom(known), rapid.Just(text(t, "value's name"))).Draw(t, "value"),
					Value: rapid.OneOf(rapid.SampledFrom(values), rapid.Just(text(t, "value's text"))).Draw(t, "text"),
				})
			}
			all = append(all, f)
		}
		file := write(t, all...)
		var got []feature.Feature
		for f, err := range feature.All(gpx.NewReader(bytes.NewReader(file))) {
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

// waypoints is as many as are asked for, without holding them.
func waypoints(n int) io.Reader {
	i := -1
	var left []byte
	return readerFunc(func(p []byte) (int, error) {
		for len(left) == 0 {
			switch i++; {
			case i == 0:
				left = []byte("<gpx>")
			case i <= n:
				left = fmt.Appendf(nil, `<wpt lat="44.5" lon="%.5f"><ele>61.5</ele><name>Place %d</name><desc>Open day and night</desc><sym>Lodging</sym></wpt>`+"\n", -73+float64(i)/1e6, i)
			case i == n+1:
				left = []byte("</gpx>")
			default:
				return 0, io.EOF
			}
		}
		k := copy(p, left)
		left = left[k:]
		return k, nil
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Memory does not grow with the file.
func TestALargeFileTakesLittleMemory(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	count, grown, err := featuretest.Peak(gpx.NewReader(waypoints(n)))
	if err != nil {
		t.Fatal(err)
	}
	if over := grown >> 20; count != n || over > 16 {
		t.Errorf("%d of %d read, with %d MB more of memory", count, n, over)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(walk))
	f.Add([]byte("<gpx version='1.0'><wpt lat='1' lon='2'><x:y xmlns:x='z'>1</x:y></wpt><rte><rtept lat='1' lon='179'/><rtept lat='1' lon='-179'/></rte></gpx>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		var all []feature.Feature
		for g, err := range feature.All(gpx.NewReader(bytes.NewReader(file))) {
			_, refused := errors.AsType[*feature.Refused](err)
			_, told := errors.AsType[*hub.Error](err)
			switch {
			case err == nil && g.Geometry != nil:
				all = append(all, g)
			case err != nil && !refused && !told:
				t.Fatalf("refused with %v", err)
			}
		}
		// What has been read is written, and read again as many.
		again := 0
		for _, err := range feature.All(gpx.NewReader(bytes.NewReader(write(t, all...)))) {
			if again++; err != nil {
				t.Fatalf("what was read is written as what cannot be: %v", err)
			}
		}
		if again != len(all) {
			t.Fatalf("%d were read, and of them again %d", len(all), again)
		}
	})
}

func BenchmarkRead100000(b *testing.B) {
	for b.Loop() {
		n := 0
		for _, err := range feature.All(gpx.NewReader(waypoints(100_000))) {
			if n++; err != nil {
				b.Fatal(err)
			}
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}
