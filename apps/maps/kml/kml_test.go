package kml_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/kml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// town is a map as a program for maps saves it.
const town = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:t="http://example.org/town">
<Document>
	<name>Town</name>
	<atom:author><atom:name>Somebody</atom:name></atom:author>
	<Style id="s"><IconStyle><Icon><href>http://example.org/x.png</href></Icon></IconStyle></Style>
	<Schema name="S" id="S"><SimpleField type="string" name="Kind"/></Schema>
	<Folder>
		<name>Shelters</name>
		<Placemark id="school">
			<name> North School </name>
			<visibility>1</visibility>
			<atom:link href="http://example.org/"/>
			<address>1 North Street</address>
			<phoneNumber>tel:555</phoneNumber>
			<description><![CDATA[<h1>Open</h1><p>Beds:&nbsp;<b>40</b><br>Pets &amp; people<script>alert("x")</script><img src="http://example.org/spy.gif"></p><a href="http://example.org/more">More</a>]]></description>
			<TimeStamp><when>2026-03-01</when></TimeStamp>
			<styleUrl>#s</styleUrl>
			<ExtendedData>
				<Data name="beds"><displayName>Beds</displayName><value>40</value></Data>
				<SchemaData schemaUrl="#S"><SimpleData name="Kind">school</SimpleData></SchemaData>
				<t:code>7</t:code>
				<t:deep><t:er>8</t:er></t:deep>
			</ExtendedData>
			<Point><altitudeMode>absolute</altitudeMode><coordinates> -73.2121 , 44.4759,30
			</coordinates></Point>
		</Placemark>
		<Folder>
			<name>More</name>
			<Placemark><name>Nowhere yet</name></Placemark>
		</Folder>
	</Folder>
	<Placemark>
		<name>River</name>
		<LineString><tessellate>1</tessellate><coordinates>-73.2,44.4 -73.3,44.5,0
			-73.4,44.6</coordinates></LineString>
	</Placemark>
	<Placemark>
		<name>Flood</name>
		<Polygon>
			<outerBoundaryIs><LinearRing><coordinates>0,0 0,3 3,3 3,0 0,0</coordinates></LinearRing></outerBoundaryIs>
			<innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,2 1,1</coordinates></LinearRing></innerBoundaryIs>
		</Polygon>
	</Placemark>
	<Placemark>
		<name>Park</name>
		<MultiGeometry>
			<Point><coordinates>1,1</coordinates></Point>
			<MultiGeometry><Point><coordinates>2,2</coordinates></Point></MultiGeometry>
			<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 3,0 3,3 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon>
		</MultiGeometry>
	</Placemark>
	<Placemark>
		<name>Walk</name>
		<gx:Track>
			<when>2026-03-01T10:00:00Z</when><when>2026-03-01T10:01:00Z</when>
			<gx:coord>-73.1 44.1 90</gx:coord><gx:coord>-73.2 44.2 91</gx:coord>
		</gx:Track>
	</Placemark>
</Document>
</kml>`

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

func TestAMapOfAnotherProgramIsRead(t *testing.T) {
	want := []any{
		feature.Feature{
			ID: "school", Name: "North School", Geometry: orb.Point{-73.2121, 44.4759}, At: feature.Line(10),
			Description: "Open\n\nBeds: 40\nPets & people\n\nMore (http://example.org/more)",
			Props:       []feature.Prop{{Name: "folder", Value: "Shelters"}, {Name: "address", Value: "1 North Street"}, {Name: "phone", Value: "tel:555"}, {Name: "when", Value: "2026-03-01"}, {Name: "beds", Value: "40"}, {Name: "Kind", Value: "school"}, {Name: "code", Value: "7"}},
		},
		feature.Feature{Name: "Nowhere yet", At: feature.Line(30), Props: []feature.Prop{{Name: "folder", Value: "Shelters / More"}}},
		feature.Feature{Name: "River", At: feature.Line(33), Geometry: orb.LineString{{-73.2, 44.4}, {-73.3, 44.5}, {-73.4, 44.6}}},
		feature.Feature{Name: "Flood", At: feature.Line(38), Geometry: orb.Polygon{{{0, 0}, {3, 0}, {3, 3}, {0, 3}, {0, 0}}, {{1, 1}, {1, 2}, {2, 2}, {2, 1}, {1, 1}}}},
		feature.Feature{Name: "Park", At: feature.Line(45), Geometry: orb.Polygon{{{0, 0}, {3, 0}, {3, 3}, {0, 0}}}},
		feature.Feature{Name: "Park", At: feature.Line(45), Geometry: orb.MultiPoint{{1, 1}, {2, 2}}, Part: true},
		feature.Feature{Name: "Walk", At: feature.Line(53), Geometry: orb.LineString{{-73.1, 44.1}, {-73.2, 44.2}}, Props: []feature.Prop{{Name: "begin", Value: "2026-03-01T10:00:00Z"}, {Name: "end", Value: "2026-03-01T10:01:00Z"}}},
	}
	got := read(kml.NewReader(strings.NewReader(town)))
	if len(got) != len(want) {
		t.Fatalf("%d came, want %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}
}

// Other namespaces, other beginnings: as they are found.
func TestOtherDialectsAreRead(t *testing.T) {
	const point = "<Placemark><name>Caf\xe9</name><Point><coordinates>1,2</coordinates></Point></Placemark>"
	utf8 := strings.ReplaceAll(point, "\xe9", "é")
	for name, file := range map[string]string{
		"without a namespace":     "<kml>" + utf8 + "</kml>",
		"an older one":            `<kml xmlns="http://earth.google.com/kml/2.1"><Document>` + utf8 + "</Document></kml>",
		"one that is not known":   `<kml xmlns="http://example.org/maps">` + utf8 + "</kml>",
		"a Placemark alone":       utf8,
		"a Folder alone":          "<Folder>" + utf8 + "</Folder>",
		"in Latin-1":              "<?xml version='1.0' encoding='ISO-8859-1'?><kml>" + point + "</kml>",
		"a byte order mark first": "\ufeff<kml>" + utf8 + "</kml>",
		"with prefixes": `<k:kml xmlns:k="http://www.opengis.net/kml/2.2">` +
			strings.NewReplacer("<P", "<k:P", "</P", "</k:P", "<n", "<k:n", "</n", "</k:n", "<c", "<k:c", "</c", "</k:c").Replace(utf8) + "</k:kml>",
	} {
		got := read(kml.NewReader(strings.NewReader(file)))
		want := []any{feature.Feature{Name: "Café", Geometry: orb.Point{1, 2}, At: feature.Line(1)}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatIsNotTakenIsSaidAndTheRestGoesOn(t *testing.T) {
	placemark := func(inner string) string { return "<Placemark><name>x</name>" + inner + "</Placemark>" }
	line := func(coordinates string) string {
		return placemark("<LineString><coordinates>" + coordinates + "</coordinates></LineString>")
	}
	var many strings.Builder
	for i := range feature.MaxPoints + 5 {
		fmt.Fprintf(&many, "%d.5,1 ", i%90)
	}
	for _, c := range []struct{ element, want string }{
		{"<NetworkLink><name>n</name><Link><href>http://example.org/all.kml</href></Link></NetworkLink>", "This leads to another file, which is not fetched: http://example.org/all.kml. Save that file, and import it for itself."},
		{"<NetworkLink><Url><href>\\\\server\\x</href></Url></NetworkLink>", `which is not fetched: \\server\x.`},
		{"<GroundOverlay><Icon><href>http://example.org/x.png</href></Icon></GroundOverlay>", "This is a picture laid over the map"},
		{placemark("<Model><Link><href>x.dae</href></Link></Model>"), "a model in three dimensions"},
		{line("1,2 3;4 5,6"), "In <LineString> there is “3;4”, which is no longitude and latitude."},
		{line("1 2 3 4"), "In <LineString> there is “1”, which"},
		{line("1,2,3,4 5,6"), "In <LineString> there is “1,2,3,4”, which"},
		{line("1,2 3,"), "In <LineString> there is “3,”, which"},
		{line("1,2"), "A line needs at least 2 points."},
		{line("1,2 NaN,3"), "A coordinate is not a number."},
		{line("44.1,-73.2 44.2,-193.2"), "The latitude -193.2 does not exist"},
		{line(many.String()), "It has 10005 points, and at most 10000 are read."},
		{placemark("<Point><coordinates>1,2 3,4</coordinates></Point>"), "In <Point> there are 2 positions, and a point has one."},
		{placemark("<Polygon><innerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing></innerBoundaryIs></Polygon>"), "In <Polygon> there are holes, and no outline around them."},
		{placemark("<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,1 1,0 0,1 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon>"), "The outline crosses itself"},
		{placemark("<Track><coord>1 x 3</coord></Track>"), "In <Track> there is “1 x 3”, which"},
		{placemark("<description>" + strings.Repeat("x", 300_000) + "</description>"), "Its description is too long"},
		{placemark("<ExtendedData>" + strings.Repeat(`<Data name="a"><value>b</value></Data>`, 1000) + "</ExtendedData>"), "It has 251 values"},
		{`<Placemark id="` + strings.Repeat("x", 1000) + `"/>`, "Its id is too long"},
	} {
		got := read(kml.NewReader(strings.NewReader("<kml>\n<Document>\n" + c.element + placemark("<Point><coordinates>1,2</coordinates></Point>") + "</Document></kml>")))
		said, _ := got[0].(string)
		if len(got) != 2 || !strings.HasPrefix(said, "line 3: ") || !strings.Contains(said, c.want) {
			t.Errorf("%.80s: %.300v, want …%s…", c.element, got, c.want)
		}
	}
}

func TestAFileThatIsNoneOrEndsIsNamed(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"a page", "<html><body>Not found</body></html>", "it begins with <html>, and KML with <kml>."},
		{"GPX", "<gpx/>", "it begins with <gpx>"},
		{"no XML", "lat,lon\n1,2\n", "it ends too early"},
		{"cut off", town[:strings.Index(town, "Flood")+3], "at line 39: it ends too early."},
		{"an entity bomb", `<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><kml><name>&b;</name></kml>`, "at line 1: it has a document type"},
		{"a bare &", "<kml>\n<Placemark><name>Fish & Chips</name></Placemark></kml>", "at line 2: in <name> there is an & that is none of XML"},
		{"folders without end", "<kml>" + strings.Repeat("<Folder>", 100), "more than 64 deep, at <Folder>"},
		{"geometry without end", "<kml><Placemark>" + strings.Repeat("<MultiGeometry>", 100), "more than 64 deep, at <MultiGeometry>"},
		{"something after it", "<kml/><kml/>", "after its end there is another element"},
	} {
		r := kml.NewReader(strings.NewReader(c.file))
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

func TestADescriptionIsShownAsText(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{"", ""},
		{"Two lines\nare two lines  with blanks", "Two lines\nare two lines  with blanks"},
		{"Fish & Chips, 3 < 4 > 2", "Fish & Chips, 3 < 4 > 2"},
		{"Fish &amp; Chips", "Fish & Chips"},
		{"<p>One</p>\n\n<p>Two <i>and</i> a half</p>", "One\n\nTwo and a half"},
		{"a<br>b<br/>c<br><br><br>d", "a\nb\nc\n\nd"},
		{"<ul><li>a<li>b</ul>c", "a\nb\n\nc"},
		{"<table><tr><td>Beds</td><td>40</td></tr><tr><td>Pets</td><td>yes</td></tr></table>", "Beds 40\nPets yes"},
		{"<style>p{}</style><script>evil()</script>ok<!-- no -->", "ok"},
		{"<script>evil()", ""},
		{`<a href="javascript:evil()">tap</a> <a href="http://example.org/">http://example.org/</a> <a href="https://example.org/x"><img></a>`, "tap http://example.org/ https://example.org/x"},
		{"&lt;script&gt;evil()&lt;/script&gt;", "<script>evil()</script>"},
		{"<pre>a  b\n c &lt;d&gt;</pre>", "a  b\n c <d>"},
		{"a<b", "a<b"},
		{"<b>a</b>\u00a0&nbsp;b", "a b"},
	} {
		file := "<Placemark><description><![CDATA[" + c.html + "]]></description></Placemark>"
		f, err := kml.NewReader(strings.NewReader(file)).Next()
		if err != nil || f.Description != c.want {
			t.Errorf("%q: %q %v, want %q", c.html, f.Description, err, c.want)
		}
	}
}

// A description that forgot its CDATA has elements in it: their text counts.
func TestTagsOfADescriptionOutsideCDATAAreTakenOff(t *testing.T) {
	f, err := kml.NewReader(strings.NewReader("<Placemark><description><b>Open</b> now</description></Placemark>")).Next()
	if err != nil || f.Description != "Open now" {
		t.Errorf("%q %v", f.Description, err)
	}
}
