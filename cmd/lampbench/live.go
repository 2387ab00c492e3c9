package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

type liveLine struct {
	Name    string  `json:"name"`
	Rate    int     `json:"records_per_s"`
	Seconds float64 `json:"seconds"`
	Written int     `json:"written"`
	Authors int     `json:"authors"`
	CPU     float64 `json:"cpu_seconds"` // of the three hubs, on all cores
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`
	Missing int     `json:"missing"`
	Saved50 float64 `json:"saved_p50_ms"` // of it, until hub 1 acknowledges
	Saved99 float64 `json:"saved_p99_ms"`
	common
	Rates rates `json:"live_rates"`
}

const liveSetup = "3 hubs in this process in a line 1-2-3, libp2p over loopback, 10,000 records in each beforehand; " +
	"from the moment a post is due to be written at hub 1 until it is in the synced set of hub 3; the posts of a run fit the hub's burst"

// live measures how long a post takes from hub 1 by hub 2 to hub 3.
func live(b *bench) error {
	for _, rate := range []int{10, 250} {
		if err := liveAt(b, rate); err != nil {
			return fmt.Errorf("%d a second: %w", rate, err)
		}
	}
	return nil
}

func liveAt(b *bench, rate int) (err error) {
	t, err := foundTown(3)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, t.remove()) }()
	if err := t.fill(b.ctx, b.of(10_000, 100)); err != nil {
		return err
	}
	if err := errors.Join(t.copyRecords(0, 1), t.copyRecords(0, 2)); err != nil {
		return err
	}
	line, err := startLine(b.ctx, t.folders)
	defer func() { stopAll(&err, line...) }()
	if err != nil {
		return err
	}
	for i := range 2 {
		if err := errors.Join(acquainted(b.ctx, line[i], line[i+1]), acquainted(b.ctx, line[i+1], line[i])); err != nil {
			return err
		}
	}
	l, err := stream(b, t, line[0], line[2], rate)
	if err != nil {
		return err
	}
	return b.out.Encode(l)
}

// stream writes posts at one hub at a steady rate and notes when they are at another.
func stream(b *bench, t *town, from, to *site, rate int) (liveLine, error) {
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	lasting := b.lasting(20 * time.Second)
	total := max(1, int(lasting.Seconds()*float64(rate)))
	here, err := arrivals(ctx, to)
	if err != nil {
		return liveLine{}, err
	}
	w := &writing{due: map[record.ID]time.Time{}}
	began, cpu := time.Now(), used()
	for i := range total {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if err := pause(ctx, time.Until(due)); err != nil {
			return liveLine{}, err
		}
		w.wg.Go(func() { w.write(ctx, t, from, i, due) })
	}
	w.wg.Wait()
	if w.err != nil {
		return liveLine{}, w.err
	}
	lasted := time.Since(began)
	// Live news come at once; what has not come after this is missing.
	err = await(ctx, 50*time.Millisecond, func() (bool, error) {
		return here.holds(w.due) || time.Since(began) > lasted+10*time.Second, here.failed()
	})
	if err != nil {
		return liveLine{}, err
	}
	delays, missing := here.delays(w.due)
	l := liveLine{
		Name: "live", Rate: rate, Seconds: seconds(lasted), CPU: seconds(used() - cpu), Written: len(w.due), Authors: min(total, residents),
		P50: millis(percentile(delays, 0.5)), P99: millis(percentile(delays, 0.99)), Max: millis(percentile(delays, 1)),
		Missing: missing, Saved50: millis(percentile(w.saved, 0.5)), Saved99: millis(percentile(w.saved, 0.99)),
		Rates: ratesInUse(),
	}
	l.common = b.judged("p99_ms < 250 and missing = 0", l.P99 < 250 && missing == 0, liveSetup)
	return l, nil
}

// writing is posts on their way into a hub.
type writing struct {
	wg    sync.WaitGroup
	mu    sync.Mutex
	due   map[record.ID]time.Time
	saved []time.Duration
	err   error
}

// write posts the i-th text as the next resident in turn.
func (w *writing) write(ctx context.Context, t *town, at *site, i int, due time.Time) {
	d := t.draft(1<<20+i, record.At(due))
	rs, err := at.Write(ctx, d.App, t.people[i%len(t.people)], hub.Draft{Key: d.Key, Body: d.Body})
	took := time.Since(due)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.err = errors.Join(w.err, err)
		return
	}
	w.due[rs[0].ID()] = due
	w.saved = append(w.saved, took)
}

// arrived is when which record came into a hub's set.
type arrived struct {
	mu  sync.Mutex
	at  map[record.ID]time.Time
	err error
}

// arrivals begins to note what comes into a hub's set from now on.
func arrivals(ctx context.Context, h *site) (*arrived, error) {
	m, err := h.Store().Moment(0)
	if err != nil {
		return nil, err
	}
	a := &arrived{at: map[record.ID]time.Time{}}
	changed := h.Store().Watch(ctx)
	go func() {
		pos := m.Arrival
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			now := time.Now()
			es, err := h.Store().Since(pos, 1<<20)
			a.mu.Lock()
			for _, e := range es {
				a.at[e.ID], pos = now, e.Arrival
			}
			a.err = errors.Join(a.err, err)
			a.mu.Unlock()
		}
	}()
	return a, nil
}

func (a *arrived) failed() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// holds reports whether all of the records are there.
func (a *arrived) holds(due map[record.ID]time.Time) bool {
	_, missing := a.delays(due)
	return missing == 0
}

// delays are how long the records took, without those that are missing.
func (a *arrived) delays(due map[record.ID]time.Time) (ds []time.Duration, missing int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, from := range due {
		if at, ok := a.at[id]; ok {
			ds = append(ds, at.Sub(from))
		} else {
			missing++
		}
	}
	return ds, missing
}
