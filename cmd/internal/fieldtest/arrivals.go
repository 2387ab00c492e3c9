package fieldtest

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Prepared is for how many newcomers a hub has made what they need.
func (h *Hub) Prepared(ctx context.Context) (int, error) {
	m, err := h.Console().Metrics(ctx)
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(m, "\nlamppost_newcomers_prepared ")
	line, _, _ := strings.Cut(rest, "\n")
	return strconv.Atoi(line)
}

// ArriveAll has phones arrive one after the other, so much apart, and returns when the
// last has posted.
func ArriveAll(ctx context.Context, apart time.Duration, guests ...*Guest) error {
	errs := make([]error, len(guests))
	var all sync.WaitGroup
	for i, g := range guests {
		all.Go(func() {
			if errs[i] = Pause(ctx, time.Duration(i)*apart); errs[i] == nil {
				errs[i] = g.Arrive(ctx)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
