// Package httpserve is what the HTTP servers of a hub have in common: they run for as
// long as a context lasts, and read by which name they are asked.
package httpserve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Until answers at ln until ctx ends, then lets the requests at work finish for at
// most as long as grace, and what srv does not wait for itself, such as connections that
// were taken over, with them. It closes ln. An error is one of serving or of stopping.
func Until(ctx context.Context, srv *http.Server, ln net.Listener, grace time.Duration, others ...func(context.Context)) error {
	stopped := make(chan error, 1)
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		<-serving.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err := srv.Shutdown(end)
		if err != nil {
			err = srv.Close()
		}
		for _, wait := range others {
			wait(end)
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
