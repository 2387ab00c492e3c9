package node_test

import (
	"context"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// holders is how many hubs an app is told hold what stands under a key.
func holders(t *testing.T, n interface {
	Read(context.Context, record.App, func(hub.Snapshot) error) error
}, slot string,
) (holders int, learned time.Time) {
	t.Helper()
	ok(t, n.Read(t.Context(), "notes", func(s hub.Snapshot) error {
		for it, err := range s.Slots(slot) {
			if err != nil {
				return err
			}
			holders, learned = it.Holders, it.Learned
		}
		return nil
	}))
	return holders, learned
}

func TestAnAppSeesHowManyHubsHoldAnItemAndIsToldOfMore(t *testing.T) {
	_, paths := folders(t, 2)
	first, _ := start(t, paths[0])
	ok(t, first.Enroll(t.Context(), key("ana"), "Ana"))
	write(t, first, key("ana"), "n/1", "water")
	if n, at := holders(t, first, "n/1"); n != 1 || !at.IsZero() {
		t.Errorf("held by %d since %v, with no other hub", n, at)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	reached := server.Topic{App: "notes", Term: hub.Reached}
	changed := first.Watch(ctx, reached)
	second, _ := start(t, paths[1], first.SyncAddrs()...)
	select {
	case topics := <-changed:
		if len(topics) != 1 || topics[0] != reached {
			t.Errorf("told of %v", topics)
		}
	case <-ctx.Done():
		t.Fatal("nobody was told")
	}
	if n, at := holders(t, first, "n/1"); n != 2 || at.IsZero() {
		t.Errorf("held by %d since %v", n, at)
	}
	if n, _ := holders(t, second, "n/1"); n < 1 {
		t.Errorf("at the second hub: held by %d", n)
	}
}
