package capxml_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"pgregory.net/rapid"
)

func TestWhatReplacesWhat(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	first := capxml.Held{ID: capxml.ID{Sender: "nws", Identifier: "1", Sent: at}, MsgType: capxml.New, Status: capxml.Actual, Provenance: "key:1"}
	update := capxml.Held{ID: capxml.ID{Sender: "nws", Identifier: "2", Sent: at.Add(time.Hour)}, MsgType: capxml.Update, Status: capxml.Actual, References: []capxml.ID{first.ID}, Provenance: "key:1"}
	for name, c := range map[string]struct {
		change func(later, earlier *capxml.Held)
		want   capxml.Relation
	}{
		"update":            {func(_, _ *capxml.Held) {}, capxml.Replaces},
		"cancellation":      {func(l, _ *capxml.Held) { l.MsgType = capxml.Cancel }, capxml.Cancels},
		"at the same time":  {func(l, _ *capxml.Held) { l.Sent = at }, capxml.Replaces},
		"in another zone":   {func(l, _ *capxml.Held) { l.References[0].Sent = at.In(time.FixedZone("", 3600)) }, capxml.Replaces},
		"an alert":          {func(l, _ *capxml.Held) { l.MsgType = capxml.New }, capxml.Mentions},
		"acknowledgement":   {func(l, _ *capxml.Held) { l.MsgType = capxml.Ack }, capxml.Mentions},
		"names another":     {func(l, _ *capxml.Held) { l.References[0].Identifier = "0" }, capxml.Unrelated},
		"names another one": {func(l, _ *capxml.Held) { l.References[0].Sent = at.Add(time.Second) }, capxml.Unrelated},
		"names itself":      {func(l, e *capxml.Held) { e.ID, l.References[0] = l.ID, l.ID }, capxml.Unrelated},
		"older than it":     {func(l, _ *capxml.Held) { l.Sent = at.Add(-time.Second) }, capxml.WrongOrder},
		"someone else's":    {func(l, _ *capxml.Held) { l.Sender = "nws2" }, capxml.WrongSender},
		// A relay that reuses the name of a real sender cancels nothing of his.
		"by a rogue relay": {func(l, _ *capxml.Held) { l.MsgType, l.Provenance = capxml.Cancel, "author:rogue" }, capxml.WrongProvenance},
		"by nobody":        {func(l, e *capxml.Held) { l.Provenance, e.Provenance = "", "" }, capxml.WrongProvenance},
		"an exercise":      {func(l, _ *capxml.Held) { l.MsgType, l.Status = capxml.Cancel, capxml.Exercise }, capxml.WrongStatus},
	} {
		later, earlier := update, first
		later.References = []capxml.ID{first.ID}
		c.change(&later, &earlier)
		got := capxml.Relate(later, earlier)
		if got != c.want || got.Ends() != (c.want == capxml.Replaces || c.want == capxml.Cancels) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if capxml.Relate(earlier, later) != capxml.Unrelated {
			t.Errorf("%s: the other way as well", name)
		}
	}
}

func TestNoTwoReplaceEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
		all := make([]capxml.Held, rapid.IntRange(1, 5).Draw(t, "alerts"))
		for i := range all {
			all[i] = capxml.Held{
				ID:      capxml.ID{Sender: "s", Identifier: string(rune('a' + i)), Sent: at.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "sent")) * time.Second)},
				MsgType: capxml.Update, Status: capxml.Actual, Provenance: "p",
			}
		}
		for i := range all {
			for j := range all {
				if rapid.Bool().Draw(t, "names") {
					all[i].References = append(all[i].References, all[j].ID)
				}
			}
		}
		for i, a := range all {
			for _, b := range all[i+1:] {
				if capxml.Relate(a, b).Ends() && capxml.Relate(b, a).Ends() {
					t.Fatalf("%+v and %+v end each other", a, b)
				}
			}
		}
	})
}
