package notices

import (
	"bytes"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// FuzzRelayed: whatever a relay writes is a sound body or none, and one that is sound is
// indexed and shown.
func FuzzRelayed(f *testing.F) {
	b := Relayed{Name: AlertName{Sender: "wx", Identifier: "1", Sent: 1}, Kind: Alert, Grade: graded(Met, Severe, Immediate, Likely, None), Words: []Words{{Lang: "en", Head: "Storm"}}, Way: ByHand}
	raw, err := encoded(b)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte{0xa1, 0x01, 0x83})
	f.Fuzz(func(t *testing.T, body []byte) {
		c := relayingOf(record.Record{App: "notices", Class: record.Notice, Key: b.Name.key(), Blobs: make([]record.Blob, 1), Body: body})
		if c.err != nil {
			return
		}
		again, err := encoded(c.body)
		if err != nil {
			t.Fatal(err)
		}
		d := relayingOf(record.Record{App: "notices", Class: record.Notice, Key: b.Name.key(), Blobs: make([]record.Blob, 1), Body: again})
		if d.err != nil || c.body.ends() < 0 || len(relayTerms(record.Record{Body: body})) != 2 {
			t.Fatalf("%v: %+v", d.err, c.body)
		}
	})
}

// FuzzShorten: what is read of any alert fits into a record, whatever is in it.
func FuzzShorten(f *testing.F) {
	f.Add("Storm", "en-US", "It comes\u202e from the\x01 north", 3, uint8(4))
	f.Add("أأأأ", "", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", 300, uint8(30))
	f.Fuzz(func(t *testing.T, head, lang, text string, times int, n uint8) {
		long := string(bytes.Repeat([]byte(text), min(max(times, 0), 400)))
		a := &capxml.Alert{ID: capxml.ID{Sender: "wx", Identifier: "1"}, Status: capxml.Actual, MsgType: capxml.Update, Scope: capxml.Public}
		a.Sent = a.Sent.AddDate(2026, 0, 0)
		for range n {
			a.References = append(a.References, capxml.ID{Sender: head, Identifier: lang, Sent: a.Sent})
			i := capxml.Info{Language: lang, Event: head, Headline: long, Description: long, Instruction: long, SenderName: long, Contact: long}
			i.Areas = []capxml.Area{{Desc: long, Polygons: []capxml.Polygon{make(capxml.Polygon, max(int(n), 4))}}}
			a.Infos = append(a.Infos, i)
			lang += "x"
		}
		b, err := shorten(a)
		if err != nil {
			t.Fatal(err)
		}
		b.Way, b.Feeds, b.Pin = ByHTTPS, []string{string(bytes.Repeat([]byte("x"), maxFeedURL))}, make([]byte, 32)
		if _, err := encoded(b); err != nil || b.check() != nil {
			t.Fatal(err, b.check())
		}
	})
}
