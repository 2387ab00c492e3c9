package capxml_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/captest"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"pgregory.net/rapid"
)

func TestAnAlertIsWrittenAsItWasRead(t *testing.T) {
	want := one(t, []byte(boil)).Alert
	out, err := capxml.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	f := one(t, out)
	if !reflect.DeepEqual(f.Alert, want) || len(f.Remarks) != 0 {
		t.Errorf("got  %+v\nwant %+v\n%v", f.Alert, want, f.Remarks)
	}
}

// What others get wrong: each is pinned here in the words of the file.
func TestWhatIsWrittenIsByTheLetter(t *testing.T) {
	a := one(t, []byte(boil)).Alert
	a.Sent = time.Date(2026, 3, 1, 15, 0, 0, 999, time.UTC)
	a.Infos[0].Expires = time.Date(2026, 3, 2, 15, 0, 0, 0, time.FixedZone("IST", 5*3600+1800))
	a.Infos[0].Areas[0].Polygons[0] = capxml.Polygon{{38.5, -120.1}, {38.25, 1e-300}, {0.000001, 180}, {38.5, -120.1}}
	a.Infos[1].Language = ""
	out, err := capxml.Encode(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, has := range []string{
		`<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">`,
		"<sent>2026-03-01T15:00:00-00:00</sent>",
		"<expires>2026-03-02T15:00:00+05:30</expires>",
		"<references>water@example.org,FS4-11,2026-03-01T07:00:00-07:00</references>",
		"<polygon>38.5,-120.1 38.25,0.000000000000000 0.000001,180 38.5,-120.1</polygon>",
		"<polygon>39.5,-120.1 39.6,-120.1 39.6,-120.2 39.5,-120.1</polygon>",
		"<circle>38.5,-120.5 2.5</circle>",
	} {
		if !bytes.Contains(out, []byte(has)) {
			t.Errorf("there is no %s in\n%s", has, out)
		}
	}
	if bytes.Contains(out, []byte("Z</")) || bytes.Count(out, []byte("<language>en-US</language>")) != 2 {
		t.Errorf("got\n%s", out)
	}
}

func TestWhatBreaksARuleIsNotWritten(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*capxml.Alert)
		says  string
	}{
		"no sender":        {func(a *capxml.Alert) { a.Sender = " " }, "alert/sender: it must not be empty"},
		"sender of two":    {func(a *capxml.Alert) { a.Sender = "Water Works" }, "alert/sender: it has no spaces"},
		"not sent":         {func(a *capxml.Alert) { a.Sent = time.Time{} }, "alert/sent: it must be there"},
		"status":           {func(a *capxml.Alert) { a.Status = "Real" }, "alert/status: it is one of"},
		"no scope":         {func(a *capxml.Alert) { a.Scope = "" }, "alert/scope: it must be there"},
		"no category":      {func(a *capxml.Alert) { a.Infos[0].Categories = nil }, "alert/info[1]/category: it must be there"},
		"language":         {func(a *capxml.Alert) { a.Infos[1].Language = "español" }, "alert/info[2]/language"},
		"open polygon":     {func(a *capxml.Alert) { a.Infos[0].Areas[0].Polygons[0][0].Lat = 1 }, "polygon[1]: a polygon is closed"},
		"swapped":          {func(a *capxml.Alert) { a.Infos[0].Areas[0].Circles[0].Center = capxml.Point{Lat: -120, Lon: 38} }, "circle[1]: a latitude"},
		"negative radius":  {func(a *capxml.Alert) { a.Infos[0].Areas[0].Circles[0].Radius = -1 }, "circle[1]: a radius is not negative"},
		"no references":    {func(a *capxml.Alert) { a.References = nil }, "alert/references"},
		"control":          {func(a *capxml.Alert) { a.Infos[0].Headline = "a\x00b" }, "info/headline: it has a character"},
		"not UTF-8":        {func(a *capxml.Alert) { a.Note = "\xff" }, "alert/note: it has a character"},
		"web":              {func(a *capxml.Alert) { a.Infos[0].Web = "javascript:alert(1)" }, "alert/info[1]/web"},
		"too many points":  {func(a *capxml.Alert) { a.Infos[0].Areas[0].Polygons[0] = make(capxml.Polygon, 50_001) }, "50000 points"},
		"too large":        {func(a *capxml.Alert) { a.Note = strings.Repeat("x", 5_000_000) }, "less than 5000000 bytes"},
		"replaces a later": {func(a *capxml.Alert) { a.References[0].Sent = a.Sent.Add(time.Hour) }, "sent later"},
	} {
		a := one(t, []byte(boil)).Alert
		c.spoil(a)
		_, err := capxml.Encode(a)
		if told, ok := errors.AsType[*capxml.Refusal](err); !ok || !strings.Contains(told.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// Generators of alerts that may be written.

func words(t *rapid.T, label string) string {
	return strings.Trim(rapid.StringOf(rapid.RuneFrom([]rune("ab <>&\"']é水\n\r\t🌊\u0085\u00a0"))).Draw(t, label), " \t\r\n")
}

func filled(t *rapid.T, label string) string { return "x" + words(t, label) + "x" }

func instant(t *rapid.T, label string) time.Time {
	at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, label), 0)
	if minutes := rapid.IntRange(-14*60, 14*60).Draw(t, label+" zone"); minutes != 0 {
		return at.In(time.FixedZone("", 60*minutes))
	}
	return at.UTC()
}

func pairs(t *rapid.T, label string) (out []capxml.Pair) {
	for range rapid.IntRange(0, 2).Draw(t, label) {
		out = append(out, capxml.Pair{Name: words(t, "name"), Value: words(t, "value")})
	}
	return out
}

func point(t *rapid.T) capxml.Point {
	return capxml.Point{Lat: float64(rapid.IntRange(-90e6, 90e6).Draw(t, "lat")) / 1e6, Lon: float64(rapid.IntRange(-180e6, 180e6).Draw(t, "lon")) / 1e6}
}

func id(t *rapid.T) capxml.ID {
	part := rapid.StringMatching(`[a-zA-Z0-9@.:_-]{1,20}`)
	return capxml.ID{Sender: part.Draw(t, "sender"), Identifier: part.Draw(t, "identifier"), Sent: instant(t, "sent")}
}

func drawArea(t *rapid.T) capxml.Area {
	a := capxml.Area{Desc: filled(t, "area"), Geocodes: pairs(t, "geocodes")}
	for range rapid.IntRange(0, 2).Draw(t, "polygons") {
		var p capxml.Polygon
		for range rapid.IntRange(3, 6).Draw(t, "points") {
			p = append(p, point(t))
		}
		a.Polygons = append(a.Polygons, append(p, p[0]))
	}
	for range rapid.IntRange(0, 2).Draw(t, "circles") {
		a.Circles = append(a.Circles, capxml.Circle{Center: point(t), Radius: float64(rapid.IntRange(0, 20e6).Draw(t, "radius")) / 1e3})
	}
	if rapid.Bool().Draw(t, "high") {
		a.Altitude, a.Ceiling = "-10.5", "3000"
	}
	return a
}

func drawInfo(t *rapid.T) capxml.Info {
	i := capxml.Info{
		Language:   rapid.SampledFrom([]string{"en-US", "es", "zh-Hans", "ht"}).Draw(t, "language"),
		Categories: rapid.SliceOfN(rapid.SampledFrom([]string{"Geo", "Met", "CBRNE", "Other"}), 1, 3).Draw(t, "categories"),
		Event:      filled(t, "event"),
		Level: capxml.Level{
			Urgency:   rapid.SampledFrom([]capxml.Urgency{capxml.Immediate, capxml.Past, capxml.UnknownUrgency}).Draw(t, "urgency"),
			Severity:  rapid.SampledFrom([]capxml.Severity{capxml.Extreme, capxml.Minor, capxml.UnknownSeverity}).Draw(t, "severity"),
			Certainty: rapid.SampledFrom([]capxml.Certainty{capxml.Observed, capxml.Unlikely, capxml.UnknownCertainty}).Draw(t, "certainty"),
		},
		Audience: words(t, "audience"), EventCodes: pairs(t, "codes"), SenderName: words(t, "name"), Headline: words(t, "headline"),
		Description: words(t, "description"), Instruction: words(t, "instruction"), Contact: words(t, "contact"), Parameters: pairs(t, "parameters"),
	}
	if rapid.Bool().Draw(t, "respond") {
		i.ResponseTypes = []string{"Shelter", "AllClear", "Avoid"}
	}
	if rapid.Bool().Draw(t, "times") {
		i.Times = capxml.Times{Effective: instant(t, "effective"), Onset: instant(t, "onset"), Expires: instant(t, "expires")}
	}
	if rapid.Bool().Draw(t, "web") {
		i.Web = "https://example.org/a?b=c&d=é"
		i.Resources = []capxml.Resource{{Desc: words(t, "resource"), MimeType: "image/png", Size: "0", URI: "map.png", Digest: strings.Repeat("0f", 20)}, {MimeType: "x/y", DerefURI: "AAAA"}}
	}
	for range rapid.IntRange(0, 2).Draw(t, "areas") {
		i.Areas = append(i.Areas, drawArea(t))
	}
	return i
}

func drawAlert(t *rapid.T) *capxml.Alert {
	a := &capxml.Alert{
		Version: "1.2", ID: id(t),
		Status:  rapid.SampledFrom([]capxml.Status{capxml.Actual, capxml.Exercise, capxml.System, capxml.Test, capxml.Draft}).Draw(t, "status"),
		MsgType: capxml.New, Source: words(t, "source"), Scope: capxml.Public, Note: words(t, "note"), Incidents: words(t, "incidents"),
	}
	for range rapid.IntRange(0, 2).Draw(t, "codes") {
		a.Codes = append(a.Codes, filled(t, "code"))
	}
	if rapid.Bool().Draw(t, "follows") {
		a.MsgType = rapid.SampledFrom([]capxml.MsgType{capxml.Update, capxml.Cancel, capxml.Ack, capxml.Error}).Draw(t, "type")
		for range rapid.IntRange(1, 3).Draw(t, "references") {
			earlier := id(t)
			earlier.Sent = a.Sent.Add(-time.Hour)
			a.References = append(a.References, earlier)
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "infos") {
		a.Infos = append(a.Infos, drawInfo(t))
	}
	return a
}

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawAlert(t)
		out, err := capxml.Encode(want)
		if err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		b, err := capxml.Parse(out)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Alerts[0].Alert; !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v\nin %s", got, want, out)
		}
	})
}

// The schema is OASIS's own, and so another reader than ours.
func TestWhatIsWrittenIsValidBySchema(t *testing.T) {
	dir := t.TempDir()
	n := 0
	write := func(a *capxml.Alert) error {
		out, err := capxml.Encode(a)
		if err != nil {
			return err
		}
		n++
		return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.cap", n)), out, 0o600)
	}
	if err := write(one(t, []byte(boil)).Alert); err != nil {
		t.Fatal(err)
	}
	for seed := range 200 {
		if err := write(rapid.Custom(drawAlert).Example(seed)); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.cap"))
	if err != nil || len(names) != n {
		t.Fatal(names, err)
	}
	if out, err := captest.Lint(t, names...); err != nil {
		t.Errorf("%v\n%.4000s", err, out)
	}
	// Or it would pass whatever we wrote.
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, with(t, "<sent>2026-03-01T08:00:00-07:00</sent>", "<sent>2026-03-01T15:00:00Z</sent>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := captest.Lint(t, bad); err == nil {
		t.Errorf("xmllint takes a time in Z: %s", out)
	}
}

func TestAFeedReadsTheSame(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	out, err := capxml.EncodeFeed(capxml.Feed{
		ID: "urn:feed", Title: "Notices of <Elm>", Author: "Elm", Self: "http://10.0.0.1/notices/feed.atom?a=1&b=2", Updated: at,
		Entries: []capxml.Entry{
			{ID: "urn:1", Title: "Boil & wait", Summary: "At once.", Updated: at, URL: "http://10.0.0.1/notices/cap/1.xml", Lang: "en", Expires: at.Add(time.Hour)},
			{ID: "urn:2", Title: "Second", Updated: at, URL: "2.xml"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := capxml.Parse(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sameLinks(t, b.Links, []capxml.Link{
		{URL: "http://10.0.0.1/notices/cap/1.xml", Type: "application/cap+xml", ID: "urn:1", Title: "Boil & wait", Updated: at},
		{URL: "2.xml", Type: "application/cap+xml", ID: "urn:2", Title: "Second", Updated: at},
	})
	for _, has := range []string{"<updated>2026-03-01T08:00:00-00:00</updated>", `<author>`, `rel="self"`, `xml:lang="en"`, "2026-03-01T09:00:00-00:00</cap:expires>", "?a=1&amp;b=2"} {
		if !bytes.Contains(out, []byte(has)) {
			t.Errorf("there is no %s in\n%s", has, out)
		}
	}
	for name, f := range map[string]capxml.Feed{
		"no id":        {Title: "x", Author: "x", Updated: at},
		"no entry's":   {ID: "x", Title: "x", Author: "x", Updated: at, Entries: []capxml.Entry{{ID: "x", Title: "x", Updated: at}}},
		"control":      {ID: "x", Title: "\x01", Author: "x", Updated: at},
		"control link": {ID: "x", Title: "x", Author: "x", Updated: at, Self: "\x01"},
	} {
		if _, err := capxml.EncodeFeed(f); err == nil {
			t.Errorf("a feed is written: %s", name)
		}
	}
}
