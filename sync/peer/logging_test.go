package peer_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

func TestWhatAnyPeerCanCauseIsLoggedAsDebug(t *testing.T) {
	for level, want := range map[slog.Level]string{slog.LevelInfo: "level=ERROR", slog.LevelDebug: "level=DEBUG"} {
		var out bytes.Buffer
		log := slog.New(peer.Quiet(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level})))
		log.Info("i")
		log.Warn("w")
		log.With("a", 1).WithGroup("g").Error("e")
		if got := out.String(); strings.Contains(got, "msg=i") || strings.Contains(got, "WARN") ||
			!strings.Contains(got, want) || !strings.Contains(got, "msg=e") {
			t.Errorf("at %v: %s", level, got)
		}
	}
}
