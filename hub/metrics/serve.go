package metrics

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
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
	stopped := make(chan error, 1)
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		<-serving.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutWithin)
		defer cancel()
		err := srv.Shutdown(end)
		if err != nil {
			err = srv.Close()
		}
		stopped <- err
	}()
	err := srv.Serve(ln)
	cancel()
	if stopErr := <-stopped; errors.Is(err, http.ErrServerClosed) {
		return stopErr
	}
	return err
}
