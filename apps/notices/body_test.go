package notices_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

// What other hubs hold is read for ever: these bytes do not change.
func TestTheEncodingIsTheSameForEver(t *testing.T) {
	m := newMoment(t)
	r := m.do(maria, "new", "t", "road", "text", "Main St", "area", "Old town", "point", "44.5,-73", "radius", "2", "life", "6", "client_id", "a")
	const want = "a8" + "0163" + "465334" + // 1: "FS4"
		"0201" + // 2: 1
		"0301" + // 3: alert
		"0686010903010105" + // 6: actual, transport, moderate, immediate, observed, avoid
		"081a6b038bd8" + // 8: until
		"0964" + "726f6164" + // 9: "road"
		"0a818462656e60674d61696e20537460" + // 10: [["en", "", "Main St", ""]]
		"0ba20168" + "4f6c6420746f776e" + "028182821a0043e6d03a006f639f1907d0" // 11: words, a circle
	if got := hex.EncodeToString(r.Body); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if r.Key != "n/a" || r.Class != record.Notice || r.TTL != record.MaxTTL {
		t.Errorf("%s, class %v, %d days", r.Key, r.Class, r.TTL)
	}
}

func TestABodyThatMakesNoSenseIsNotTaken(t *testing.T) {
	ref := func(id string) *notices.Ref { a := author(tom); return &notices.Ref{Author: a[:], ID: id} }
	for name, c := range map[string]struct {
		change func(*notices.Body)
		says   string
	}{
		"no number":               {func(b *notices.Body) { b.Count = 0 }, "number"},
		"letters that are none":   {func(b *notices.Body) { b.Letters = "F-4" }, "number"},
		"no kind":                 {func(b *notices.Body) { b.Kind = 0 }, "alert, an update"},
		"an update of nothing":    {func(b *notices.Body) { b.Kind = notices.Update }, "name what"},
		"an alert about another":  {func(b *notices.Body) { b.Re = ref("x") }, "name what"},
		"about no notice":         {func(b *notices.Body) { b.Kind, b.Re = notices.Cancel, ref("a/b") }, "name what"},
		"a severity of its own":   {func(b *notices.Body) { b.Grade.Severity = 6 }, "severity"},
		"no status":               {func(b *notices.Body) { b.Grade.Status = 0 }, "status"},
		"no end":                  {func(b *notices.Body) { b.Until = 0 }, "before it ends"},
		"over before it began":    {func(b *notices.Body) { b.From = b.Until }, "before it ends"},
		"over when it was signed": {func(b *notices.Body) { b.Until = now.Unix() - 1 }, "ends after"},
		"for years":               {func(b *notices.Body) { b.Until = now.AddDate(2, 0, 0).Unix() }, "400 days"},
		"replacing for years":     {func(b *notices.Body) { b.Holds = now.AddDate(2, 0, 0).Unix() }, "400 days"},
		"no words":                {func(b *notices.Body) { b.Words = nil }, "languages"},
		"nothing said":            {func(b *notices.Body) { b.Template, b.Words[0].Text = "", " " }, "too long"},
		"blank":                   {func(b *notices.Body) { b.Template, b.Words[0].Text = "", "" }, "says nothing"},
		"a text too long":         {func(b *notices.Body) { b.Words[0].Text = strings.Repeat("x", 501) }, "too long"},
		"a text not clean":        {func(b *notices.Body) { b.Words[0].Text = "a\u202eb" }, "too long"},
		"no language":             {func(b *notices.Body) { b.Words[0].Lang = "" }, "language"},
		"an open polygon": {func(b *notices.Body) {
			b.Area = &notices.Area{Polygons: [][]notices.Point{{{1, 1}, {2, 2}, {3, 1}, {1, 2}}}}
		}, "closed"},
		"three points": {func(b *notices.Body) { b.Area = &notices.Area{Polygons: [][]notices.Point{{{1, 1}, {2, 2}, {1, 1}}}} }, "4 to"},
		"a circle off earth": {func(b *notices.Body) {
			b.Area = &notices.Area{Circles: []notices.Circle{{Center: notices.Point{9000001, 0}}}}
		}, "earth"},
		"a circle of 501 km":  {func(b *notices.Body) { b.Area = &notices.Area{Circles: []notices.Circle{{Meters: 501_000}}} }, "500 km"},
		"a contact too long":  {func(b *notices.Body) { b.Contact = strings.Repeat("x", 121) }, "contact"},
		"a template too long": {func(b *notices.Body) { b.Template = strings.Repeat("x", 65) }, "languages"},
	} {
		m := newMoment(t)
		r := m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
		var b notices.Body
		if err := cbor.Unmarshal(r.Body, &b); err != nil {
			t.Fatal(err)
		}
		c.change(&b)
		r.Body, _ = cbor.Marshal(b)
		if err := notices.New().Manifest().Check(r); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	check := notices.New().Manifest().Check
	for key, class := range map[string]record.Class{"n/a": record.Talk, "a/x": record.Notice, "s/x": record.Notice, "x": record.Notice, "n/": record.Notice, "n/a/b": record.Notice, "q/x": record.Talk, "d/x": record.Talk, "t/x": record.Notice} {
		if err := check(record.Record{Key: key, Class: class, Time: record.At(now), Body: []byte{0xa0}}); err == nil {
			t.Errorf("%s of class %v is taken", key, class)
		}
	}
}

func TestAnyBytesDoNoHarm(t *testing.T) {
	m := newMoment(t)
	good := m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	manifest := notices.New().Manifest()
	rapid.Check(t, func(t *rapid.T) {
		body := bytes.Clone(good.Body)
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			body[rapid.IntRange(0, len(body)-1).Draw(t, "where")] = rapid.Byte().Draw(t, "to")
		}
		r := good
		r.Key = rapid.SampledFrom([]string{"n/a", "s/a", "d/a", "q/a", "a/a", "t/a"}).Draw(t, "key")
		r.Body = body
		terms := manifest.Index(r)
		for _, term := range terms {
			if len(term) > 64 && manifest.Check(r) == nil {
				t.Fatalf("a term of %d bytes", len(term))
			}
		}
		if manifest.Check(r) != nil || r.Key != "n/a" {
			return
		}
		other := newMoment(m.t)
		other.put(maria, hub.Draft{Key: "n/a", Body: body}, now.Add(time.Second))
		other.list(ann)
	})
}
