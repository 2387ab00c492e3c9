package node_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/gateway"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/server"
)

func TestPagesSayThatTheInternetWorks(t *testing.T) {
	answers := func(context.Context) error { return nil }
	w := gateway.NewWatch(slog.New(slog.DiscardHandler), gateway.Means{Name: "one", Try: answers}, gateway.Means{Name: "another", Try: answers})
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	n, err := node.New(node.Config{Folder: f, Apps: []hub.App{notes{}}, Internet: w})
	ok(t, err)
	if about := n.About(); about.Internet != server.Unknown {
		t.Errorf("before the first look: %v", about.Internet)
	}
	changed := w.Changed()
	runs(t, n)
	select {
	case <-changed:
	case <-time.After(30 * time.Second):
		t.Fatal("nobody looks")
	}
	s, err := n.Status()
	ok(t, err)
	if about := n.About(); about.Internet != server.Up || s.Internet != "up" {
		t.Errorf("pages: %v; status: %s", about.Internet, s.Internet)
	}
}
