package capxml_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
)

// boil is an alert with every kind of element, as far as CAP 1.2 has them.
const boil = `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
 <identifier>FS4-12</identifier>
 <sender>water@example.org</sender>
 <sent>2026-03-01T08:00:00-07:00</sent>
 <status>Actual</status>
 <msgType>Update</msgType>
 <source>Plant é</source>
 <scope>Public</scope>
 <code>local:1</code>
 <code>local:2</code>
 <note>a note</note>
 <references>water@example.org,FS4-11,2026-03-01T07:00:00-07:00</references>
 <incidents>flood</incidents>
 <info>
  <category>Health</category>
  <category>Infra</category>
  <event>Boil water</event>
  <responseType>Execute</responseType>
  <urgency>Immediate</urgency>
  <severity>Severe</severity>
  <certainty>Observed</certainty>
  <audience>all</audience>
  <eventCode><valueName>SAME</valueName><value>CEM</value></eventCode>
  <effective>2026-03-01T08:00:00-07:00</effective>
  <onset>2026-03-01T09:00:00-07:00</onset>
  <expires>2026-03-02T08:00:00-07:00</expires>
  <senderName>Water Works</senderName>
  <headline>Boil your water</headline>
  <description>One minute
at a rolling boil.</description>
  <instruction>Boil it.</instruction>
  <web>https://example.org/water</web>
  <contact>555-0100</contact>
  <parameter><valueName>zone</valueName><value>4</value></parameter>
  <resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType><size>17296</size><uri>https://example.org/map.png</uri><digest>1c8015126336af265ec36ef202e91611f9cfd7a7</digest></resource>
  <area>
   <areaDesc>North Millbrook</areaDesc>
   <polygon>38.5,-120.1 38.6,-120.1 38.6,-120.2 38.5,-120.1</polygon>
   <polygon>39.5,-120.1 39.6,-120.1 39.6,-120.2 39.5,-120.1</polygon>
   <circle>38.5,-120.5 2.5</circle>
   <geocode><valueName>FIPS</valueName><value>006017</value></geocode>
   <altitude>100</altitude>
   <ceiling>3000.5</ceiling>
  </area>
  <area><areaDesc>South</areaDesc></area>
 </info>
 <info>
  <language>es</language>
  <category>Health</category>
  <event>Hervir el agua</event>
  <urgency>Immediate</urgency>
  <severity>Severe</severity>
  <certainty>Observed</certainty>
  <expires>2026-03-02T08:00:00-07:00</expires>
 </info>
</alert>
`

// with is boil with pairs of old and new text in it.
func with(t *testing.T, pairs ...string) []byte {
	t.Helper()
	s := boil
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(s, pairs[i]) {
			t.Fatalf("there is no %q to replace", pairs[i])
		}
		s = strings.Replace(s, pairs[i], pairs[i+1], 1)
	}
	return []byte(s)
}

func one(t *testing.T, raw []byte) capxml.Found {
	t.Helper()
	b, err := capxml.Parse(raw)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if len(b.Alerts) != 1 || b.Alerts[0].Err != nil {
		t.Fatalf("got %d alerts, the first with %v", len(b.Alerts), b.Alerts[0].Err)
	}
	return b.Alerts[0]
}

func TestAnAlertIsReadWhole(t *testing.T) {
	raw := []byte(boil)
	f := one(t, raw)
	if !bytes.Equal(f.Original, raw) || !bytes.Equal(f.Alone(), raw) || len(f.Remarks) != 0 || f.Signed {
		t.Errorf("original changed, or remarks: %v", f.Remarks)
	}
	a := f.Alert
	zone := time.FixedZone("", -7*3600)
	want := &capxml.Alert{
		Version: "1.2",
		ID:      capxml.ID{Sender: "water@example.org", Identifier: "FS4-12", Sent: time.Date(2026, 3, 1, 8, 0, 0, 0, zone)},
		Status:  capxml.Actual, MsgType: capxml.Update, Source: "Plant é", Scope: capxml.Public,
		Codes: []string{"local:1", "local:2"}, Note: "a note", Incidents: "flood",
		References: []capxml.ID{{Sender: "water@example.org", Identifier: "FS4-11", Sent: time.Date(2026, 3, 1, 7, 0, 0, 0, zone)}},
		Infos: []capxml.Info{{
			Language: "en-US", Categories: []string{"Health", "Infra"}, Event: "Boil water", ResponseTypes: []string{"Execute"},
			Level:    capxml.Level{Urgency: capxml.Immediate, Severity: capxml.Severe, Certainty: capxml.Observed},
			Audience: "all", EventCodes: []capxml.Pair{{Name: "SAME", Value: "CEM"}},
			Times: capxml.Times{
				Effective: time.Date(2026, 3, 1, 8, 0, 0, 0, zone), Onset: time.Date(2026, 3, 1, 9, 0, 0, 0, zone), Expires: time.Date(2026, 3, 2, 8, 0, 0, 0, zone),
			},
			SenderName: "Water Works", Headline: "Boil your water", Description: "One minute\nat a rolling boil.", Instruction: "Boil it.",
			Web: "https://example.org/water", Contact: "555-0100", Parameters: []capxml.Pair{{Name: "zone", Value: "4"}},
			Resources: []capxml.Resource{{Desc: "map", MimeType: "image/png", Size: "17296", URI: "https://example.org/map.png", Digest: "1c8015126336af265ec36ef202e91611f9cfd7a7"}},
			Areas: []capxml.Area{{
				Desc: "North Millbrook",
				Polygons: []capxml.Polygon{
					{{38.5, -120.1}, {38.6, -120.1}, {38.6, -120.2}, {38.5, -120.1}},
					{{39.5, -120.1}, {39.6, -120.1}, {39.6, -120.2}, {39.5, -120.1}},
				},
				Circles:  []capxml.Circle{{Center: capxml.Point{Lat: 38.5, Lon: -120.5}, Radius: 2.5}},
				Geocodes: []capxml.Pair{{Name: "FIPS", Value: "006017"}}, Altitude: "100", Ceiling: "3000.5",
			}, {Desc: "South"}},
		}, {
			Language: "es", Categories: []string{"Health"}, Event: "Hervir el agua",
			Level: capxml.Level{Urgency: capxml.Immediate, Severity: capxml.Severe, Certainty: capxml.Observed},
			Times: capxml.Times{Expires: time.Date(2026, 3, 2, 8, 0, 0, 0, zone)},
		}},
	}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("got  %+v\nwant %+v", a, want)
	}
}

// Refusals name the element and the rule.
func TestWhatIsInDoubtIsRefused(t *testing.T) {
	area := "<areaDesc>North Millbrook</areaDesc>"
	for _, c := range []struct{ old, now, element, rule string }{
		{"<identifier>FS4-12</identifier>", "", "alert/identifier", "missing"},
		{"<identifier>FS4-12</identifier>", "<identifier> </identifier>", "alert/identifier", "empty"},
		{"<identifier>FS4-12</identifier>", "<identifier>FS4<!-- -->-1<b/>2</identifier>", "alert/identifier", "text only"},
		{"<identifier>FS4-12</identifier>", "<identifier>FS4\n12</identifier>", "alert/identifier", "one line"},
		{"<identifier>FS4-12</identifier>", "<identifier>" + strings.Repeat("9", 501) + "</identifier>", "alert/identifier", "500 bytes"},
		{"<sender>water@example.org</sender>", "", "alert/sender", "missing"},
		{"<sender>water@example.org</sender>", "<sender>a@example.org</sender><sender>b@example.org</sender>", "alert/sender", "once"},
		{"<sent>2026-03-01T08:00:00-07:00</sent>", "", "alert/sent", "missing"},
		{"<sent>2026-03-01T08:00:00-07:00</sent>", "<sent>2026-03-01T08:00:00</sent>", "alert/sent", "zone"},
		{"<sent>2026-03-01T08:00:00-07:00</sent>", "<sent>2026-03-01 08:00:00-07:00</sent>", "alert/sent", "is written"},
		{"<sent>2026-03-01T08:00:00-07:00</sent>", "<sent>2026-02-30T08:00:00-07:00</sent>", "alert/sent", "no such time"},
		{"<sent>2026-03-01T08:00:00-07:00</sent>", "<sent>2026-03-01T08:00:00-19:00</sent>", "alert/sent", "14 hours"},
		{"<sent>2026-03-01T08:00:00-07:00</sent>", "<sent>2026-03-01T08:00:00 MST</sent>", "alert/sent", "is written"},
		{"<status>Actual</status>", "<status>actual</status>", "alert/status", "one of Actual, Exercise, System, Test, Draft"},
		{"<msgType>Update</msgType>", "<msgType>Alarm</msgType>", "alert/msgType", "one of Alert"},
		{"<scope>Public</scope>", "", "alert/scope", "missing"},
		{"<references>water@example.org,FS4-11,2026-03-01T07:00:00-07:00</references>", "<references>FS4-11</references>", "alert/references", "sender,identifier,sent"},
		{"<references>water@example.org,FS4-11,2026-03-01T07:00:00-07:00</references>", "<references>water@example.org,FS4-11,2026-03-01T07:00:00</references>", "alert/references", "zone"},
		{"<category>Health</category>", "<category>Water</category>", "alert/info[1]/category[1]", "one of Geo"},
		{"<event>Boil water</event>", "", "alert/info[1]/event", "missing"},
		{"<responseType>Execute</responseType>", "<responseType>Boil</responseType>", "alert/info[1]/responseType[1]", "one of Shelter"},
		{"<urgency>Immediate</urgency>", "<urgency>Now</urgency>", "alert/info[1]/urgency", "one of Immediate"},
		{"<severity>Severe</severity>", "", "alert/info[1]/severity", "missing"},
		{"<certainty>Observed</certainty>", "<certainty>Sure</certainty>", "alert/info[1]/certainty", "one of Observed"},
		{"<value>CEM</value>", "", "alert/info[1]/eventCode[1]/value", "missing"},
		{"<expires>2026-03-02T08:00:00-07:00</expires>", "<expires>tomorrow</expires>", "alert/info[1]/expires", "is written"},
		{"<mimeType>image/png</mimeType>", "", "alert/info[1]/resource[1]/mimeType", "missing"},
		{"<size>17296</size>", "<size>17 kB</size>", "alert/info[1]/resource[1]/size", "whole number"},
		{area, "", "alert/info[1]/area[1]/areaDesc", "missing"},
		{"38.6,-120.2 38.5,-120.1</polygon>", "38.6,-120.2 38.5,-120.3</polygon>", "alert/info[1]/area[1]/polygon[1]", "closed"},
		{"38.5,-120.1 38.6,-120.1 38.6,-120.2 38.5,-120.1", "38.5,-120.1 38.6,-120.1 38.5,-120.1", "alert/info[1]/area[1]/polygon[1]", "at least 4"},
		{"38.5,-120.1 38.6,-120.1 38.6,-120.2 38.5,-120.1", "-120.1,38.5 -120.1,38.6 -120.2,38.6 -120.1,38.5", "alert/info[1]/area[1]/polygon[1]", "latitude, which comes first"},
		{"39.6,-120.2 39.5", "39.6,-181 39.5", "alert/info[1]/area[1]/polygon[2]", "longitude"},
		{"39.6,-120.2 39.5", "39.6 -120.2 39.5", "alert/info[1]/area[1]/polygon[2]", "latitude,longitude"},
		{"39.6,-120.2 39.5", "39.6,NaN 39.5", "alert/info[1]/area[1]/polygon[2]", "latitude,longitude"},
		{"39.6,-120.2 39.5", "39.6,1e1 39.5", "alert/info[1]/area[1]/polygon[2]", "latitude,longitude"},
		{"38.5,-120.5 2.5", "38.5,-120.5 -2.5", "alert/info[1]/area[1]/circle[1]", "not negative"},
		{"38.5,-120.5 2.5", "38.5,-120.5", "alert/info[1]/area[1]/circle[1]", "radius in kilometers"},
		{"38.5,-120.5 2.5", "98.5,-120.5 2", "alert/info[1]/area[1]/circle[1]", "latitude"},
		{"38.5,-120.5 2.5", "38.5,-120.5 2500000", "alert/info[1]/area[1]/circle[1]", "kilometers"},
		{"<altitude>100</altitude>", "<altitude>high</altitude>", "alert/info[1]/area[1]/altitude", "number of feet"},
		{"cap:1.2", "alerts:1.2", "alert", "namespace"},
		{`xmlns="urn:oasis:names:tc:emergency:cap:1.2"`, "", "alert", "namespace"},
	} {
		b, err := capxml.Parse(with(t, c.old, c.now))
		told, ok := errors.AsType[*capxml.Refusal](err)
		if !ok {
			t.Errorf("%q for %q: %v; %+v", c.now, c.old, err, b)
			continue
		}
		if p := told.Problems[0]; p.Element != c.element || !strings.Contains(p.Rule, c.rule) || len(told.Problems) != 1 {
			t.Errorf("%q for %q: %v; want %s: …%s…", c.now, c.old, told.Problems, c.element, c.rule)
		}
	}
}

// An alert of one that everybody understands is not lost for the letter of the standard.
func TestWhatIsClearIsReadAndRemarkedOn(t *testing.T) {
	for _, c := range []struct{ old, now, element, rule string }{
		{"<sent>2026-03-01T08:00:00-07:00</sent>", "<sent>2026-03-01T15:00:00Z</sent>", "alert/sent", "not in Z"},
		{"<sent>2026-03-01T08:00:00-07:00</sent>", "<sent>2026-03-01T08:00:00.000-07:00</sent>", "alert/sent", "whole seconds"},
		{"<sender>water@example.org</sender>", "<sender>Water Works</sender>", "alert/sender", "no spaces"},
		{"<status>Actual</status>\n <msgType>Update</msgType>", "<msgType>Update</msgType><status>Actual</status>", "alert/status", "before msgType"},
		{"<note>a note</note>", "<note>a note</note><password>x</password>", "alert/password", "no such element"},
		{"<note>a note</note>", "<note>a note</note><extra>x</extra>", "alert/extra", "no such element"},
		{"<note>a note</note>", `<note>a note</note><x xmlns="urn:x">x</x>`, "alert/x", "not of CAP"},
		{"<note>a note</note>", `<note>a note</note>stray`, "alert", `"stray"`},
		{"<note>a note</note>", `<note>a note</note><code xmlns="urn:oasis:names:tc:emergency:cap:1.1">x</code>`, "alert/code", "namespace"},
		{"<references>water@example.org,FS4-11,2026-03-01T07:00:00-07:00</references>", "", "alert/references", "replaces nothing"},
		{"FS4-11,2026-03-01T07:00:00-07:00", "FS4-11,2026-03-01T14:00:00Z", "alert/references", "not in Z"},
		{"FS4-11,2026-03-01T07:00:00-07:00", "FS4-11,2026-03-01T09:00:00-07:00", "alert/references", "later"},
		{"<scope>Public</scope>", "<scope>Private</scope>", "alert/addresses", "for whom"},
		{"<certainty>Observed</certainty>", "<certainty>Very Likely</certainty>", "alert/info[1]/certainty", "Likely"},
		{"<expires>2026-03-02T08:00:00-07:00</expires>", "", "alert/info[1]/expires", "assumed"},
		{"<expires>2026-03-02T08:00:00-07:00</expires>", "<expires>2026-02-02T08:00:00-07:00</expires>", "alert/info[1]/expires", "before it begins"},
		{"<language>es</language>", "<language>español</language>", "alert/info[2]/language", "en-US"},
		{"https://example.org/water", "www.example.org", "alert/info[1]/web", "full address"},
		{"<altitude>100</altitude>", "", "alert/info[1]/area[1]/ceiling", "altitude"},
		{"<areaDesc>South</areaDesc>", "<areaDesc/>", "alert/info[1]/area[2]/areaDesc", "empty"},
	} {
		f := one(t, with(t, c.old, c.now))
		if len(f.Remarks) != 1 || f.Remarks[0].Element != c.element || !strings.Contains(f.Remarks[0].Rule, c.rule) {
			t.Errorf("%q for %q: %v; want %s: …%s…", c.now, c.old, f.Remarks, c.element, c.rule)
		}
	}
}

func TestACancellationSaysWhat(t *testing.T) {
	_, err := capxml.Parse(with(t, "<msgType>Update</msgType>", "<msgType>Cancel</msgType>", "<references>water@example.org,FS4-11,2026-03-01T07:00:00-07:00</references>", "<references/>"))
	if err == nil || !strings.Contains(err.Error(), "alert/references: a cancellation says what it cancels") {
		t.Errorf("got %v", err)
	}
}

func TestAllProblemsOfAnAlertAreTold(t *testing.T) {
	_, err := capxml.Parse(with(t, "<status>Actual</status>", "", "<event>Boil water</event>", "", "38.5,-120.5 2.5", "?"))
	told, ok := errors.AsType[*capxml.Refusal](err)
	if !ok || len(told.Problems) != 3 {
		t.Fatalf("got %v", err)
	}
	many := strings.Repeat("<info/>", 100)
	_, err = capxml.Parse(with(t, "</alert>", many+"</alert>"))
	if told, ok = errors.AsType[*capxml.Refusal](err); !ok || len(told.Problems) != capxml.MaxProblems {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNotAnAlertIsToldSo(t *testing.T) {
	for raw, says := range map[string]string{
		"":                                 "empty",
		" \n ":                             "empty",
		"<html><body>log in</body></html>": "web page",
		"<gpx/>":                           `root is "gpx"`,
		"boil your water":                  "outside of its root",
		"\x89PNG\r\n\x1a\n":                "does not know",
		"<alert>":                          "ends before",
		`<?xml version="1.0" encoding="Big5"?><a>`: `"big5"`,
	} {
		_, err := capxml.Parse([]byte(raw))
		if told, ok := errors.AsType[*capxml.Refusal](err); !ok || !strings.Contains(told.Error(), says) {
			t.Errorf("%q: %v, want %q", raw, err, says)
		}
	}
}

// CAP 1.0 and 1.1 have other rules.
func TestEarlierVersions(t *testing.T) {
	raw := []byte(`<cap:alert xmlns:cap="http://www.incident.com/cap/1.0">
  <cap:identifier>KSTO1055887203</cap:identifier>
  <cap:sender>KSTO@NWS.NOAA.GOV</cap:sender>
  <cap:sent>2003-06-17T14:57:00-07:00</cap:sent>
  <cap:status>Actual</cap:status>
  <cap:msgType>Alert</cap:msgType>
  <cap:password>hunter2</cap:password>
  <cap:info>
    <cap:event>SEVERE THUNDERSTORM</cap:event>
    <cap:urgency>Immediate</cap:urgency>
    <cap:severity>Severe</cap:severity>
    <cap:certainty>Very Likely</cap:certainty>
    <cap:eventCode>same=SVR</cap:eventCode>
    <cap:expires>2003-06-17T16:00:00-07:00</cap:expires>
    <cap:area>
      <cap:areaDesc>EXTREME NORTH CENTRAL TUOLUMNE COUNTY</cap:areaDesc>
      <cap:geocode>fips6=006109</cap:geocode>
      <cap:altitude>low</cap:altitude>
    </cap:area>
  </cap:info>
</cap:alert>`)
	f := one(t, raw)
	i := f.Alert.Infos[0]
	if f.Alert.Version != "1.0" || f.Alert.Scope != capxml.Public || i.Certainty != capxml.Likely || i.Language != "en-US" ||
		!reflect.DeepEqual(i.EventCodes, []capxml.Pair{{Name: "same", Value: "SVR"}}) || !reflect.DeepEqual(i.Areas[0].Geocodes, []capxml.Pair{{Name: "fips6", Value: "006109"}}) {
		t.Errorf("got %+v", f.Alert)
	}
	if said := fmt.Sprint(f.Remarks); len(f.Remarks) != 2 || !strings.Contains(said, "alert/scope") || !strings.Contains(said, "alert/info[1]/area[1]/altitude") || strings.Contains(fmt.Sprintf("%+v", f), "{hunter2") {
		t.Errorf("remarks: %v", f.Remarks)
	}
	f = one(t, with(t, "cap:1.2", "cap:1.1", "<mimeType>image/png</mimeType>", "", "<altitude>100</altitude>", "<altitude>100 ft</altitude>", "<ceiling>3000.5</ceiling>", ""))
	if f.Alert.Version != "1.1" || len(f.Remarks) != 1 || f.Alert.Infos[0].Areas[0].Altitude != "" {
		t.Errorf("got %+v, %v", f.Alert, f.Remarks)
	}
}

func TestEncodings(t *testing.T) {
	want := one(t, []byte(boil)).Alert
	latin := strings.ReplaceAll(strings.Replace(boil, "UTF-8", "ISO-8859-1", 1), "é", "\xe9")
	wide := strings.Replace(boil, "UTF-8", "UTF-16", 1)
	for name, raw := range map[string][]byte{
		"UTF-8 with a mark": []byte("\ufeff" + boil),
		"no declaration":    []byte(bare()),
		"ISO-8859-1":        []byte(latin),
		"Windows-1252":      []byte(strings.Replace(latin, "ISO-8859-1", "windows-1252", 1)),
		"UTF-16LE":          utf16Bytes(binary.LittleEndian, wide),
		"UTF-16BE":          utf16Bytes(binary.BigEndian, wide),
		"line ends of DOS":  []byte(strings.ReplaceAll(boil, "\n", "\r\n")),
	} {
		f := one(t, raw)
		if !reflect.DeepEqual(f.Alert, want) || !bytes.Equal(f.Original, raw) || len(f.Remarks) != 0 {
			t.Errorf("%s: %+v, %v", name, f.Alert, f.Remarks)
		}
	}
	if f := one(t, []byte(wide)); !reflect.DeepEqual(f.Alert, want) || len(f.Remarks) != 1 {
		t.Errorf("UTF-8 that says UTF-16: %v", f.Remarks)
	}
	for name, raw := range map[string][]byte{
		"UTF-16 without a mark": utf16Bytes(binary.BigEndian, wide)[2:],
		"half a character":      utf16Bytes(binary.BigEndian, wide)[:801],
		"half a pair":           append(utf16Bytes(binary.BigEndian, "<a>"), 0xd8, 0x00),
		"pair the wrong way":    append(utf16Bytes(binary.BigEndian, "<a>"), 0xdc, 0, 0xd8, 0),
		"not UTF-8":             []byte(strings.Replace(boil, "é", "\xe9", 1)),
		"NUL":                   []byte(strings.Replace(boil, "é", "\x00", 1)),
		"unknown in 1252":       []byte(strings.Replace(latin, "ISO-8859-1", "windows-1252", 1) + "\x81"),
	} {
		if _, err := capxml.Parse(raw); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func utf16Bytes(order binary.AppendByteOrder, s string) (out []byte) {
	for _, unit := range utf16.Encode([]rune("\ufeff" + s)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

func TestWhenItEnds(t *testing.T) {
	sent := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	life := 24 * time.Hour
	for _, c := range []struct {
		times   capxml.Times
		want    time.Time
		assumed bool
	}{
		{capxml.Times{}, sent.Add(life), true},
		{capxml.Times{Effective: sent.Add(time.Hour)}, sent.Add(25 * time.Hour), true},
		{capxml.Times{Expires: sent.Add(time.Hour)}, sent.Add(time.Hour), false},
	} {
		if at, assumed := c.times.Ends(sent, life); !at.Equal(c.want) || assumed != c.assumed {
			t.Errorf("%+v ends %v, %v", c.times, at, assumed)
		}
	}
}
