package fieldtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
)

// ErrLate means that something did not come about in time.
var ErrLate = errors.New("not in time")

// Await asks again and again until done says so, and returns how long that took.
func Await(ctx context.Context, within, every time.Duration, what string, done func(context.Context) (bool, error)) (time.Duration, error) {
	begun := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, within, ErrLate)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ok, err := done(ctx)
		took := time.Since(begun)
		switch {
		case ctx.Err() != nil:
			return took, fmt.Errorf("%s: %w, after %v", what, context.Cause(ctx), took.Round(time.Millisecond))
		case ok || err != nil:
			return took, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// Pause waits.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Equal waits until all hubs hold the same, and at least least records.
func Equal(ctx context.Context, within time.Duration, least int, hubs ...*Hub) (time.Duration, error) {
	var last []control.Status
	took, err := Await(ctx, within, pollEvery(hubs), "all hold the same", func(ctx context.Context) (bool, error) {
		now, err := statuses(ctx, hubs)
		if err == nil {
			last = now
		}
		return err == nil && same(now, least), err
	})
	if errors.Is(err, ErrLate) {
		err = fmt.Errorf("%w; %s", err, Describe(last))
	}
	return took, err
}

// pollEvery is how often so many hubs are asked: they share their processors with
// whoever asks.
func pollEvery(hubs []*Hub) time.Duration {
	return max(50*time.Millisecond, time.Duration(len(hubs))*10*time.Millisecond)
}

func statuses(ctx context.Context, hubs []*Hub) ([]control.Status, error) {
	out := make([]control.Status, len(hubs))
	for i, h := range hubs {
		var err error
		if out[i], err = h.Console().Status(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", h.Label, err)
		}
	}
	return out, nil
}

func same(all []control.Status, least int) bool {
	for _, s := range all {
		if !slices.Equal(s.Set, all[0].Set) || s.Records() < uint64(least) {
			return false
		}
	}
	return true
}

// Describe says in a line for each hub how it stands.
func Describe(all []control.Status) string {
	var out strings.Builder
	for _, s := range all {
		fmt.Fprintf(&out, "\n%s: %d records:", s.Place, s.Records())
		for _, c := range s.Set {
			fmt.Fprintf(&out, " %s %d %.8s", c.Name, c.Records, c.Digest)
		}
		for _, l := range s.Links {
			fmt.Fprintf(&out, "\n  %s at %s: up=%t equal=%t waiting=%d %s", l.Label, l.Addr, l.Up(), l.Equal, l.Waiting, l.Problem)
		}
	}
	return out.String()
}

// Linked is the hubs with which a hub has a link, by label, sorted.
func Linked(s control.Status) (labels []string) {
	for _, l := range s.Links {
		if l.Up() {
			labels = append(labels, l.Label)
		}
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}
