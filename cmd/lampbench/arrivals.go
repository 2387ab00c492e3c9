package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
)

type arrivalsLine struct {
	Name     string  `json:"name"`
	Phones   int     `json:"phones"`
	Prepared float64 `json:"prepared_seconds"` // from the hub's start until all may come
	Seconds  float64 `json:"seconds"`          // from the first that arrives until the last has posted
	Lease99  float64 `json:"lease_p99_ms"`
	Name99   float64 `json:"name_p99_ms"`
	Page50   float64 `json:"page_p50_ms"`
	Page99   float64 `json:"page_p99_ms"`
	Post50   float64 `json:"post_p50_ms"`
	Post99   float64 `json:"post_p99_ms"`
	CPU      float64 `json:"cpu_seconds"` // the hub's, meanwhile
	RSS      float64 `json:"rss_mb"`
	common
}

const arrivalsSetup = "one lamppost process after portal up, in a network namespace; each phone has a hardware address of its own, arrives 50 ms after the one before, gets its lease, " +
	"asks 6 names, is led from a probe to the page, taps to stay, loads the page that follows, a probe, the first page and the talk, and sends the form (303: saved and synced to disk); new connections, measured from the same processors"

// arriving measures a hub to which a street comes at once.
func arriving(b *bench) error { return b.machines(b.street) }

func (b *bench) street(net *netnstest.Net, dir, program string) (err error) {
	air, err := net.Bridge(b.ctx, "air")
	if err != nil {
		return err
	}
	host, err := net.Host(b.ctx, "hub")
	if err != nil {
		return err
	}
	wifi, err := host.Plug(b.ctx, air)
	if err != nil {
		return err
	}
	h := &fieldtest.Hub{
		Label: "Fire Station", Program: program, Host: host, Folder: filepath.Join(dir, "hub"), Log: filepath.Join(dir, "log"),
		Flags: []string{"--newcomers", "30"}, // as usual
	}
	if _, err := fieldtest.Found(h); err != nil {
		return err
	}
	if out, err := h.Run(b.ctx, "portal", "up", "--data", h.Folder, "--interface", wifi.Dev, "--pages", "8080"); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if err := h.Start(b.ctx); err != nil {
		return err
	}
	defer func() { joinErr(&err, h.Stop()) }()
	stations, end, err := net.Stations(b.ctx, "street", air, b.of(200, 3))
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, end()) }()
	var guests []*fieldtest.Guest
	defer func() {
		for _, g := range guests {
			g.Done()
		}
	}()
	for _, s := range stations {
		g, err := fieldtest.NewGuest(s)
		if err != nil {
			return err
		}
		guests = append(guests, g)
	}
	l, err := b.arrive(h, guests)
	return errors.Join(err, b.out.Encode(l))
}

// arrive has the phones come once the hub is prepared for them.
func (b *bench) arrive(h *fieldtest.Hub, guests []*fieldtest.Guest) (l arrivalsLine, _ error) {
	l = arrivalsLine{Name: "arrivals", Phones: len(guests)}
	prepared, err := fieldtest.Await(b.ctx, 5*time.Minute, time.Second, "newcomers are prepared for", func(ctx context.Context) (bool, error) {
		n, err := h.Prepared(ctx)
		return n >= len(guests), err
	})
	if err != nil {
		return l, err
	}
	before, err := h.Usage()
	if err != nil {
		return l, err
	}
	began := time.Now()
	if err := fieldtest.ArriveAll(b.ctx, 50*time.Millisecond, guests...); err != nil {
		return l, err
	}
	took := time.Since(began)
	after, err := h.Usage()
	if err != nil {
		return l, err
	}
	var leases, names, pages, posts []time.Duration
	for _, g := range guests {
		leases, posts = append(leases, g.Lease), append(posts, g.Post)
		names, pages = append(names, g.Names...), append(pages, g.Pages...)
	}
	l.Prepared, l.Seconds = seconds(prepared), seconds(took)
	l.Lease99, l.Name99 = millis(percentile(leases, 0.99)), millis(percentile(names, 0.99))
	l.Page50, l.Page99 = millis(percentile(pages, 0.5)), millis(percentile(pages, 0.99))
	l.Post50, l.Post99 = millis(percentile(posts, 0.5)), millis(percentile(posts, 0.99))
	l.CPU, l.RSS = seconds(after.CPU-before.CPU), rounded(float64(after.RSS)/1e6, 1)
	l.common = b.judged("page_p99_ms < 300, post_p99_ms < 1000, no error", l.Page99 < 300 && l.Post99 < 1000, arrivalsSetup)
	return l, nil
}
