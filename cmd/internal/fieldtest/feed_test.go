package fieldtest_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// TestAFeedIsFetchedWhenTheInternetComes: its warning tops the pages of the hub and of
// another one behind it, byte for byte as it came; a feed in the fire station's own LAN is
// not asked.
func TestAFeedIsFetchedWhenTheInternetComes(t *testing.T) {
	t.Parallel()
	f := open(t)
	h, behind := f.hub("Fire Station"), f.hub("School")
	street := f.bridge("street")
	f.plug(h, street, "10.1.0.1/24")
	f.plug(behind, street, "10.1.0.2/24")
	u := f.uplink(h)
	root := f.found(h, behind)
	at := time.Now().UTC()
	warning := fmt.Sprintf(`<?xml version="1.0"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>1</identifier><sender>wx@example.org</sender><sent>%s</sent>
<status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><language>en-US</language><category>Met</category><event>Storm</event>
<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty><expires>%s</expires><headline>The storm comes ashore</headline>
<area><areaDesc>All of the coast</areaDesc></area></info></alert>`, at.Format("2006-01-02T15:04:05-07:00"), at.Add(time.Hour).Format("2006-01-02T15:04:05-07:00"))
	var asked atomic.Int64
	u.serve(u.internet, webAddr+":8081", func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path == "/storm.cap" {
			_, _ = io.WriteString(w, warning)
			return
		}
		_, _ = io.WriteString(w, `<feed xmlns="http://www.w3.org/2005/Atom"><id>a</id><title>a</title><updated>2026-01-01T00:00:00Z</updated>`+
			`<entry><id>b</id><title>b</title><updated>2026-01-01T00:00:00Z</updated><link href="storm.cap" type="application/cap+xml"/></entry></feed>`)
	})
	h.Flags = append(h.Flags, "--cap-feed", "http://printer.example.org/feed", "--cap-feed", "http://alerts.example.org:8081/feed")
	f.start(h, behind)
	f.linked(20*time.Second, h, behind)
	f.relays(root, h, "wx@example.org")
	if asked.Load() > 0 {
		t.Error("the feed was asked before there was internet")
	}

	f.ok(u.hub.Mend(f.ctx))
	for _, p := range []*fieldtest.Hub{h, behind} {
		var last string
		took, err := fieldtest.Await(f.ctx, 30*time.Second, 100*time.Millisecond, "the warning is on top at "+p.Label, func(ctx context.Context) (bool, error) {
			last = f.load(ctx, p, "/messages/town")
			return strings.Contains(last, "The storm comes ashore") && strings.Contains(last, "signature not checked here"), nil
		})
		if err != nil {
			t.Fatalf("%v; last:\n%s", err, last)
		}
		f.figure("the uplink is plugged in: the warning is on top at "+p.Label, took, 30*time.Second)
	}
	_, rest, _ := strings.Cut(f.load(f.ctx, h, "/api/v1/notices/current"), `"path":"/notices/x/`)
	id, _, _ := strings.Cut(rest, `"`)
	for _, p := range []*fieldtest.Hub{h, behind} {
		took, err := fieldtest.Await(f.ctx, 30*time.Second, 200*time.Millisecond, "the original is at "+p.Label, func(ctx context.Context) (bool, error) {
			return f.load(ctx, p, "/notices/cap/"+id+".cap") == warning, nil
		})
		f.ok(err)
		f.figure("the original is at "+p.Label, took, 30*time.Second)
	}
	if said := h.Said(); !strings.Contains(said, "its address is none of the internet") {
		t.Errorf("nothing is said of the feed in the LAN:\n%s", said)
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("the service was asked %d times for a feed and a warning", n)
	}
}

// relays has the root let a hub pass on a sender's warnings.
func (f *field) relays(root ed25519.PrivateKey, h *fieldtest.Hub, sender string) {
	f.Helper()
	folder, err := node.ReadFolder(h.Folder)
	f.ok(err)
	codec, err := record.NewCodec(folder.Founding.Community(), folder.Founding.Time)
	f.ok(err)
	c := roster.Certificate{Kind: roster.Hub, Subject: record.AuthorOf(folder.Key), Label: h.Label, Roles: roster.Admit | roster.Relay, Senders: []string{sender}}
	r, err := c.Record(record.Time(time.Now().UnixMilli())<<16, record.Via{}) //nolint:gosec // after 1970
	f.ok(err)
	r, err = codec.Sign(r, root)
	f.ok(err)
	f.send(h, r)
}

// load is what a hub answers to somebody on its own machine.
func (f *field) load(ctx context.Context, h *fieldtest.Hub, path string) string {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return h.Host.Dial(ctx, "tcp", "127.0.0.1:8080")
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:8080"+path, nil)
	if err != nil {
		return err.Error()
	}
	res, err := client.Do(req)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
