package metrics

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
)

// Bounds of a request, and of stopping.
const (
	maxTime    = 20 * time.Second
	maxHeader  = 16 << 10 // bytes
	shutWithin = time.Second
)

// Serve gives the metrics to everybody who asks at ln, until ctx ends. It closes ln.
func (m *Metrics) Serve(ctx context.Context, ln net.Listener, log *slog.Logger) error {
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, m)
	srv := &http.Server{
		Handler: mux, ReadTimeout: maxTime, WriteTimeout: maxTime, IdleTimeout: maxTime, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return httpserve.Until(ctx, srv, ln, shutWithin)
}
