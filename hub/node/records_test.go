package node_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// withConsole runs a hub that can be told things at its console.
func withConsole(t *testing.T, path string) (*node.Node, *control.Client) {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	n, err := node.New(node.Config{Folder: f, Apps: []hub.App{notes{}}, Listen: []string{"127.0.0.1:0"}, TrustClock: true, Control: true})
	ok(t, err)
	runs(t, n)
	return n, control.NewClient(path)
}

func TestTheConsoleTakesInRecordsAsAnotherHubsWouldBe(t *testing.T) {
	root, paths := folders(t, 2)
	n, console := withConsole(t, paths[0])
	other, _ := start(t, paths[1], n.SyncAddrs()...)
	codec := n.Store().Codec()
	certify := roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(key("ben")), Label: "Ben", Roles: roster.Notices}
	granted, err := certify.Record(record.At(time.Now()), record.Via{})
	ok(t, err)
	granted, err = codec.Sign(granted, root)
	ok(t, err)
	of := func(who string, class record.Class, app record.App, ttl record.Days, text string) record.Record {
		r, err := codec.Sign(record.Record{App: app, Class: class, Key: text, TTL: ttl, Body: []byte(text), Time: record.At(time.Now())}, key(who))
		ok(t, err)
		return r
	}
	notice := of("ben", record.Notice, "unheard", 7, "water")
	rs := []record.Record{
		notice, // before what allows it: a batch is judged as a whole
		granted,
		notice,
		of("cem", record.Notice, "unheard", 7, "lies"),
		of("cem", record.Talk, "notes", 7, "nobody"),
	}
	got, err := console.Records(t.Context(), rs...)
	ok(t, err)
	want := []control.Outcome{control.Added, control.Added, control.Known, control.Refused, control.Refused}
	for i, one := range got {
		if one.Outcome != want[i] || one.ID != rs[i].ID().String() || (one.Outcome == control.Refused) != (one.Why != "") {
			t.Errorf("record %d: %+v, want %s", i, one, want[i])
		}
	}
	until(t, other, "the notice at the other hub", holds(notice))

	forged := slices.Clone(of("ben", record.Notice, "unheard", 7, "forged").Encoding())
	forged[len(forged)-1] ^= 1
	var taken control.Taken
	ok(t, console.Call(t.Context(), "records", control.Records{Records: [][]byte{forged, []byte("junk"), nil}}, &taken))
	for i, one := range taken.Records {
		if one.Outcome != control.Refused || one.Why == "" {
			t.Errorf("forged record %d: %+v", i, one)
		}
	}
	err = console.Call(t.Context(), "records", control.Records{Records: make([][]byte, control.MaxRecords+1)}, nil)
	if err == nil || !strings.Contains(err.Error(), "501 records at once") {
		t.Errorf("too many at once: %v", err)
	}
}

func TestManyRecordsTakeSeveralCalls(t *testing.T) {
	_, paths := folders(t, 1)
	n, console := withConsole(t, paths[0])
	ok(t, n.Enroll(t.Context(), key("ana"), "Ana"))
	ok(t, n.Enroll(t.Context(), key("ben"), "Ben"))
	var rs []record.Record
	for i := range control.MaxRecords + 3 {
		r := record.Record{App: "notes", Class: record.Talk, Key: "n/" + string(rune('a'+i%26)) + string(rune('a'+i/26)), TTL: 7, Body: make([]byte, record.MaxBody), Time: record.At(time.Now())}
		r, err := n.Store().Codec().Sign(r, key([]string{"ana", "ben"}[i%2]))
		ok(t, err)
		rs = append(rs, r)
	}
	got, err := console.Records(t.Context(), rs...)
	ok(t, err)
	for i, one := range got {
		if one.Outcome != control.Added {
			t.Fatalf("record %d: %+v", i, one)
		}
	}
	if len(got) != len(rs) {
		t.Errorf("%d outcomes of %d records", len(got), len(rs))
	}
}
