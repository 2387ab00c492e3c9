package webui_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/webui"
	"github.com/lamppost-hub/lamppost/webui/catalog"
)

func TestMomentsInWords(t *testing.T) {
	zone := time.FixedZone("here", -5*3600)
	now := time.Date(2026, 11, 22, 18, 42, 0, 0, zone) // a Sunday
	c := webui.Clock{Now: now, Plausible: true}
	for want, at := range map[string]time.Time{
		"just now":          now.Add(-59 * time.Second),
		"1 min ago":         now.Add(-time.Minute),
		"59 min ago":        now.Add(-time.Hour + 1),
		"1 h ago":           now.Add(-time.Hour),
		"5 h ago":           now.Add(-6*time.Hour + 1),
		"today 08:05":       time.Date(2026, 11, 22, 8, 5, 0, 0, zone),
		"yesterday 18:40":   time.Date(2026, 11, 21, 18, 40, 0, 0, zone),
		"yesterday 00:00":   time.Date(2026, 11, 21, 5, 0, 0, 0, time.UTC),
		"Friday 23:59":      time.Date(2026, 11, 20, 23, 59, 0, 0, zone),
		"Monday 00:00":      time.Date(2026, 11, 16, 0, 0, 0, 0, zone),
		"15 November 09:30": time.Date(2026, 11, 15, 9, 30, 0, 0, zone),
		"31 December 2025":  time.Date(2025, 12, 31, 23, 0, 0, 0, zone),
	} {
		if got := c.Moment(english(t), at); got.Words != want || got.ISO == "" {
			t.Errorf("%v: %+v, want %q", at, got, want)
		}
	}
	if got := c.Moment(english(t), now.Add(9*time.Minute)); got.Words != "just now" {
		t.Errorf("a clock slightly ahead: %+v", got)
	}
	for name, got := range map[string]webui.Moment{
		"far ahead":         c.Moment(english(t), now.Add(11*time.Minute)),
		"no time":           c.Moment(english(t), time.Time{}),
		"no plausible time": webui.Clock{Now: now}.Moment(english(t), now.Add(-time.Hour)),
	} {
		if got.Words != "time uncertain" || got.ISO != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestADayIsADayWhenTheClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	c := webui.Clock{Now: time.Date(2026, 11, 2, 0, 30, 0, 0, zone), Plausible: true} // after a day of 25 hours
	if got := c.Moment(english(t), time.Date(2026, 11, 1, 0, 10, 0, 0, zone)).Words; got != "yesterday 00:10" {
		t.Error(got)
	}
	if got := c.Moment(english(t), time.Date(2026, 10, 31, 23, 50, 0, 0, zone)).Words; got != "Saturday 23:50" {
		t.Error(got)
	}
}

func TestAssetsAreNamedByTheirContent(t *testing.T) {
	one, err := webui.LoadAssets(nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := webui.LoadAssets(nil)
	if err != nil || one.Style != two.Style {
		t.Errorf("%s, %s, %v", one.Style, two.Style, err)
	}
	for _, path := range []string{one.Style, one.Icon} {
		a, ok := one.Find(path)
		if !ok {
			t.Fatal(path)
		}
		plain, err := a.Plain()
		if err != nil || len(plain) <= len(a.Gzip) {
			t.Errorf("%s: %d bytes, %v", path, len(plain), err)
		}
		if bytes.Contains(plain, []byte("/*")) || bytes.Contains(plain, []byte("url(")) {
			t.Errorf("%s holds a comment or refers to another file", path)
		}
	}
}

func TestTheFrameIsWhole(t *testing.T) {
	set, err := webui.Templates(nil)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := webui.LoadAssets(nil)
	if err != nil {
		t.Fatal(err)
	}
	render := func(f *webui.Frame) string {
		f.Assets, f.Lang = assets, english(t)
		var b strings.Builder
		for _, part := range []string{"top", "bottom"} {
			if err := set.ExecuteTemplate(&b, part, f); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	page := render(&webui.Frame{
		Title: "Town <talk>", Path: "/x", Prefix: "/~t",
		Here: webui.Here{Place: "Fire Station", Community: "Mill<brook", Reach: 3, Internet: "No internet here"},
		Tabs: []webui.Tab{{Title: "Home", Path: "/", Here: true}},
	})
	for _, want := range []string{
		"<title>Town &lt;talk&gt; · Fire Station</title>", "Mill&lt;brook", `href="/~t/" aria-current="page"`, "3 places in reach",
		"No internet here", "Time uncertain: the clock here is not set", `href="/~t/x"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	if strings.Contains(page, "As of") {
		t.Error("tells a time that nobody knows")
	}
	if calm := render(&webui.Frame{Clock: webui.Clock{Now: time.Now(), Plausible: true}}); strings.Contains(calm, "nternet") || strings.Contains(calm, "ncertain") {
		t.Errorf("says what it does not know:\n%s", calm)
	}
}

func english(t *testing.T) *catalog.Language {
	t.Helper()
	c, err := catalog.Load(webui.Catalogs)
	if err != nil {
		t.Fatal(err)
	}
	return c.English()
}

var iconCall = regexp.MustCompile(`\.Icon "([^"]*)"`)

func TestEveryIconThatATemplateAsksForIsDrawn(t *testing.T) {
	sprite, err := os.ReadFile("icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, pattern := range []string{"layout/*.html", "../hub/server/templates/*.html", "../apps/*/templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range iconCall.FindAllStringSubmatch(string(b), -1) {
				asked++
				if !strings.Contains(string(sprite), `<symbol id="`+m[1]+`">`) {
					t.Errorf("%s asks for %q, which icons.svg does not have", file, m[1])
				}
			}
		}
	}
	if asked == 0 {
		t.Error("no template asks for any")
	}
}
