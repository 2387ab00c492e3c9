package node_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestKeysThatAreUsedTwiceAreLoggedOnceAndWhenItIsOver(t *testing.T) {
	self, other := record.Author{1}, record.Author{2}
	var log bytes.Buffer
	look := node.NewAlarms(self, slog.New(slog.NewTextHandler(&log, nil)))
	claims := []string{"192.0.2.7:4681"}
	for _, step := range []struct {
		shared []record.Author
		claims []string
		want   string // in the one line that is logged; "" = none is
	}{
		{nil, nil, ""},
		{nil, claims, "claims to be this hub"},
		{nil, claims, ""},
		{nil, nil, "nobody claims any more"},
		{[]record.Author{self}, claims, "another machine uses this hub's key"},
		{[]record.Author{self}, claims, ""},
		{[]record.Author{self, other}, nil, "two machines show the key of one hub"},
		{[]record.Author{other}, nil, "no other machine is seen any more"},
		{nil, nil, "no two machines are seen any more"},
		{nil, nil, ""},
	} {
		log.Reset()
		shared := map[record.Author]bool{}
		for _, key := range step.shared {
			shared[key] = true
		}
		look(shared, step.claims)
		got := log.String()
		if strings.Count(got, "\n") != min(len(step.want), 1) || !strings.Contains(got, step.want) {
			t.Errorf("%v, %v: logged %q, want %q", step.shared, step.claims, got, step.want)
		}
	}
}
