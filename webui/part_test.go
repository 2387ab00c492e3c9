package webui_test

import (
	"html/template"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/webui"
	"pgregory.net/rapid"
)

func TestAMomentIsToldInTheSameWordsUntilItSays(t *testing.T) {
	zones := []*time.Location{time.UTC, time.FixedZone("Kathmandu", 5*3600+45*60)}
	for _, name := range []string{"America/New_York", "Australia/Lord_Howe"} {
		if z, err := time.LoadLocation(name); err == nil {
			zones = append(zones, z)
		}
	}
	l := english(t)
	start := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC) // clocks are set back in these days
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		span := rapid.SampledFrom([]time.Duration{2 * time.Minute, 2 * time.Hour, 24 * time.Hour, 14 * 24 * time.Hour}).Draw(t, "span")
		after := func(base time.Time, name string, from, to time.Duration) time.Time {
			return base.Add(time.Duration(rapid.Int64Range(int64(from), int64(to)).Draw(t, name)))
		}
		now := after(start, "now", 0, 14*24*time.Hour)
		at := after(now, "at", -span, min(span, 30*time.Minute))
		c := webui.Clock{Now: now.In(zone), Plausible: rapid.IntRange(0, 9).Draw(t, "plausible") > 0}
		until := c.Until(at)
		if !until.After(now) {
			t.Fatalf("%v at %v holds until %v", at, now, until)
		}
		later := c
		later.Now = after(now, "later", 0, min(until.Sub(now), 30*24*time.Hour)-1).In(zone)
		if was, is := c.Moment(l, at), later.Moment(l, at); was != is {
			t.Fatalf("at %v it is %q, at %v %q, and it was to hold until %v", c.Now, was.Words, later.Now, is.Words, until)
		}
	})
}

// shelf keeps parts, and counts what is asked.
type shelf struct {
	parts map[webui.PartKey]webui.Part
	put   int
}

func (s *shelf) Get(k webui.PartKey) (webui.Part, bool) {
	p, ok := s.parts[k]
	return p, ok
}

func (s *shelf) Put(k webui.PartKey, p webui.Part, _ int) {
	s.parts[k] = p
	s.put++
}

// note is a thing with a part of its own.
type note struct {
	Text string
	At   time.Time
	Mine bool
}

func (n note) Whole() any { return n }

func TestAPartIsKeptForThoseForWhomItIsTheSame(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 42, 0, 0, time.UTC)
	set := template.Must(template.New("").Parse(`{{define "note"}}{{.Item.Text}} {{.Frame.Link "/x"}} {{(.Frame.When .Item.At).Words}}{{if .Item.Mine}} mine{{end}}{{end}}`))
	s := &shelf{parts: map[webui.PartKey]webui.Part{}}
	l, one := english(t), note{Text: "<hello>", At: now.Add(-30 * time.Second)}
	other := *l
	part := func(change func(*webui.Frame), n note) string {
		t.Helper()
		f := &webui.Frame{Lang: l, Clock: webui.Clock{Now: now, Plausible: true}, Parts: webui.Parts{Set: set, Kept: s}}
		change(f)
		html, err := f.Part("note", n)
		if err != nil {
			t.Fatal(err)
		}
		return string(html)
	}
	same := func(*webui.Frame) {}
	at := func(after time.Duration) func(*webui.Frame) {
		return func(f *webui.Frame) { f.Clock.Now = now.Add(after) }
	}
	for _, step := range []struct {
		what   string
		change func(*webui.Frame)
		n      note
		want   string
		anew   bool
	}{
		{"the first", same, one, "&lt;hello&gt; /x just now", true},
		{"another reader", same, one, "&lt;hello&gt; /x just now", false},
		{"a little later", at(29 * time.Second), one, "&lt;hello&gt; /x just now", false},
		{"the writer", same, note{one.Text, one.At, true}, "&lt;hello&gt; /x just now mine", true},
		{"another text", same, note{"bye", one.At, false}, "bye /x just now", true},
		{"another path", func(f *webui.Frame) { f.Prefix = "/~es" }, one, "&lt;hello&gt; /~es/x just now", true},
		{"another language", func(f *webui.Frame) { f.Lang = &other }, one, "&lt;hello&gt; /x just now", true},
		{"an unsure clock", func(f *webui.Frame) { f.Clock.Plausible = false }, one, "&lt;hello&gt; /x time uncertain", true},
		{"a minute later", at(time.Minute), one, "&lt;hello&gt; /x 1 min ago", true},
		{"a clock set back", same, one, "&lt;hello&gt; /x just now", true},
	} {
		before := s.put
		if got := part(step.change, step.n); got != step.want {
			t.Errorf("%s: %q, want %q", step.what, got, step.want)
		}
		if anew := s.put > before; anew != step.anew {
			t.Errorf("%s: rendered anew is %v", step.what, anew)
		}
	}
	if got := part(func(f *webui.Frame) { f.Parts.Kept = nil }, one); got != "&lt;hello&gt; /x just now" {
		t.Errorf("where nothing is kept: %q", got)
	}
}

var _ webui.Parted = note{}
