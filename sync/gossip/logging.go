package gossip

import (
	"bytes"
	"context"
	"log/slog"
)

// quiet takes memberlist's messages to slog at debug, because any of them can be
// caused by others at will. None of them holds a key.
type quiet struct{ log *slog.Logger }

// maxLine bounds a line, which may quote what others sent.
const maxLine = 400

func (q quiet) Write(p []byte) (int, error) {
	if q.log.Enabled(context.Background(), slog.LevelDebug) {
		q.log.Debug("memberlist", "line", string(bytes.TrimSpace(p[:min(len(p), maxLine)])))
	}
	return len(p), nil
}
