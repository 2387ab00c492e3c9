package capxml_test

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
)

// bare is boil without its declaration and the line end behind it.
func bare() string {
	_, rest, _ := strings.Cut(boil, "\n")
	return strings.TrimSpace(rest)
}

func TestAlertsAreCutOutOfWhatTheyComeIn(t *testing.T) {
	want := one(t, []byte(boil)).Alert
	for name, c := range map[string]struct {
		kind capxml.Kind
		raw  string
	}{
		"EDXL-DE 1.0": {capxml.EDXL, `<?xml version="1.0"?><EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><distributionID>1</distributionID><distributionStatus>Actual</distributionStatus>
			<contentObject><xmlContent><keyXMLContent>` + strings.Replace(bare(), "Actual", "Test", 1) + `</keyXMLContent><embeddedXMLContent>` + bare() + `</embeddedXMLContent></xmlContent></contentObject></EDXLDistribution>`},
		"EDXL-DE 2.0": {capxml.EDXL, `<de:edxlDistribution xmlns:de="urn:oasis:names:tc:emergency:EDXL:DE:2.0"><de:content><de:contentObject><de:contentXML><de:embeddedXMLContent>` + bare() + `</de:embeddedXMLContent></de:contentXML></de:contentObject></de:content></de:edxlDistribution>`},
		"Atom":        {capxml.Atom, `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><content type="application/cap+xml">` + bare() + `</content><link href="https://example.org/html"/></entry></feed>`},
		"RSS":         {capxml.RSS, `<rss version="2.0"><channel><item><title>x</title>` + bare() + `</item></channel></rss>`},
	} {
		b, err := capxml.Parse([]byte(c.raw))
		if err != nil || b.Kind != c.kind || len(b.Alerts) != 1 || len(b.Links) != 0 {
			t.Errorf("%s: %+v, %v", name, b, err)
			continue
		}
		f := b.Alerts[0]
		if f.Err != nil || !reflect.DeepEqual(f.Alert, want) || string(f.Original) != bare() || string(f.Alone()) != bare() {
			t.Errorf("%s: %v, %+v\n%s", name, f.Err, f.Alert, f.Alone())
		}
	}
}

func TestACutAlertStandsAlone(t *testing.T) {
	want := one(t, []byte(boil)).Alert
	prefixed := strings.NewReplacer("</", "</cap:", "<", "<cap:").Replace(strings.Replace(bare(), ` xmlns="urn:oasis:names:tc:emergency:cap:1.2"`, "", 1))
	feed := `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2" xmlns:other="urn:x"><entry><content>` + prefixed + `</content></entry></feed>`
	for name, c := range map[string]struct{ raw, original []byte }{
		"namespace from around": {[]byte(feed), []byte(prefixed)},
		"UTF-16":                {utf16Bytes(binary.LittleEndian, `<?xml version="1.0" encoding="UTF-16"?>`+feed), utf16Bytes(binary.LittleEndian, prefixed)[2:]},
		"ISO-8859-1":            {[]byte(`<?xml version="1.0" encoding="iso-8859-1"?><!-- ` + "\xe9 -->" + strings.ReplaceAll(feed, "é", "\xe9")), []byte(strings.ReplaceAll(prefixed, "é", "\xe9"))},
		"UTF-8 with a mark":     {[]byte("\ufeff<!-- é -->" + feed), []byte(prefixed)},
	} {
		b, err := capxml.Parse(c.raw)
		if err != nil || len(b.Alerts) != 1 {
			t.Errorf("%s: %+v, %v", name, b, err)
			continue
		}
		f := b.Alerts[0]
		if !bytes.Equal(f.Original, c.original) {
			t.Errorf("%s: cut out %.200q", name, f.Original)
		}
		if !reflect.DeepEqual(f.Alert, want) || !reflect.DeepEqual(one(t, f.Alone()).Alert, want) || bytes.Contains(f.Alone(), []byte("other")) {
			t.Errorf("%s: alone it is %+v\n%.200s", name, one(t, f.Alone()).Alert, f.Alone())
		}
	}
	// Without a prefix, in a wrapper whose own namespace is another.
	inherits := `<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0" xmlns:c="urn:oasis:names:tc:emergency:cap:1.2"><c:alert><identifier>1</identifier></c:alert></EDXLDistribution>`
	b, err := capxml.Parse([]byte(inherits))
	if err != nil || b.Alerts[0].Err == nil || !strings.Contains(b.Alerts[0].Err.Error(), "alert/identifier: it must be there") {
		t.Errorf("an identifier of another namespace counts: %v", err)
	}
}

func TestOneRefusedAlertDoesNotTakeOthersWithIt(t *testing.T) {
	bad := strings.Replace(bare(), "<scope>Public</scope>", "", 1)
	wrong := strings.Replace(bare(), "cap:1.2", "cap:1.3", 1)
	b, err := capxml.Parse([]byte(`<feed xmlns="http://www.w3.org/2005/Atom">` + bad + bare() + wrong + `</feed>`))
	if err != nil || len(b.Alerts) != 3 {
		t.Fatalf("%+v, %v", b, err)
	}
	if a := b.Alerts; a[0].Err == nil || a[0].Alert != nil || a[1].Err != nil || a[1].Alert == nil || a[2].Err == nil || !strings.Contains(a[2].Err.Error(), "namespace") {
		t.Errorf("%v, %v, %v", a[0].Err, a[1].Err, a[2].Err)
	}
}

// An alert that says Actual in a distribution that says Exercise is practice.
func TestAnExerciseIsNotTakenForReal(t *testing.T) {
	for name, raw := range map[string]string{
		"1.0": `<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><distributionStatus>Exercise</distributionStatus>` + bare() + `</EDXLDistribution>`,
		"2.0": `<edxlDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:2.0"><descriptor><distributionStatus><statusKindDefault>Exercise</statusKindDefault></distributionStatus></descriptor>` + bare() + `</edxlDistribution>`,
	} {
		b, err := capxml.Parse([]byte(raw))
		if err != nil || !b.Alerts[0].Practice || len(b.Alerts[0].Remarks) != 1 {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
}

func TestFeedsSayWhereTheirAlertsAre(t *testing.T) {
	b, err := capxml.Parse([]byte(`<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cap="urn:oasis:names:tc:emergency:cap:1.1"><id>urn:feed</id><link rel="self" href="https://example.org/feed"/>
 <entry><id>urn:1</id><title>Flood &amp; wind</title><updated>2026-03-01T08:00:00-07:00</updated><cap:event>Flood</cap:event>
  <link type="text/html" href="https://example.org/1.html"/><link rel="related" type="application/cap+xml; charset=utf-8" href="https://example.org/1.cap"/><link href="https://example.org/1"/></entry>
 <entry><id>urn:2</id><link href="/2.cap"/></entry>
 <entry><id>urn:3</id><content type="application/cap+xml" src="3.cap"/></entry>
 <entry><id>urn:4</id><link href="file:///etc/passwd"/></entry>
 <entry><id>urn:5</id><link type="text/html" href="https://example.org/5.html"/></entry>
</feed>`))
	if err != nil || b.Kind != capxml.Atom {
		t.Fatal(err)
	}
	want := []capxml.Link{
		{URL: "https://example.org/1.cap", Type: "application/cap+xml; charset=utf-8", ID: "urn:1", Title: "Flood & wind", Updated: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC)},
		{URL: "/2.cap", ID: "urn:2"},
		{URL: "3.cap", Type: "application/cap+xml", ID: "urn:3"},
	}
	sameLinks(t, b.Links, want)
	rss := `<channel><title>Alerts</title><link>https://example.org/</link>
 <item><title>Wind</title><guid>g1</guid><pubDate>Sun, 01 Mar 2026 08:00:00 -0700</pubDate><link>https://example.org/1</link><enclosure url="https://example.org/1.cap" type="application/cap+xml" length="1"/></item>
 <item><link> https://example.org/2.cap </link></item><item><title>none</title></item><item><link>javascript:alert(1)</link></item></channel>`
	want = []capxml.Link{
		{URL: "https://example.org/1.cap", Type: "application/cap+xml", ID: "g1", Title: "Wind", Updated: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC)},
		{URL: "https://example.org/2.cap"},
	}
	b, err = capxml.Parse([]byte(`<rss version="2.0">` + rss + `</rss>`))
	if err != nil || b.Kind != capxml.RSS {
		t.Fatal(err)
	}
	sameLinks(t, b.Links, want)
}

func sameLinks(t *testing.T, got, want []capxml.Link) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i, l := range got {
		if !l.Updated.Equal(want[i].Updated) {
			t.Errorf("link %d: updated %v", i, l.Updated)
		}
		if l.Updated = want[i].Updated; l != want[i] {
			t.Errorf("link %d: %+v, want %+v", i, l, want[i])
		}
	}
}
