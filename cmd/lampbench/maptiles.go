package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

type tilesLine struct {
	Name    string  `json:"name"`
	Clients int     `json:"clients"`
	Seconds float64 `json:"seconds"`
	Of      int     `json:"of_tiles"` // that there are
	Tiles   int     `json:"tiles"`    // that came
	Errors  int     `json:"errors"`
	First   string  `json:"first_error,omitempty"`
	PerSec  float64 `json:"tiles_per_s"`
	MB      float64 `json:"mb_per_s"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	CPU     float64 `json:"cpu_percent"` // of one core, the hub's
	RSS     float64 `json:"rss_mb"`
	common
}

const tilesSetup = "one lamppost process with a real street map, HTTP over loopback, measured from the same processors; each client has an address and a connection of its own, " +
	"and asks for all tiles of the map, from another one on, each as soon as the last is there; packed as they are stored"

// tiles has many phones look at the streets.
func (b *bench) tiles(a *atlas) error {
	paths, err := tilePaths(b.ctx, a.streets)
	if err != nil {
		return err
	}
	l := tilesLine{Name: "maps_tiles", Clients: max(2, b.of(50, 2)), Of: len(paths)}
	before, err := fieldtest.UsageOf(a.cmd.Process.Pid)
	if err != nil {
		return err
	}
	began := time.Now()
	until := began.Add(b.lasting(10 * time.Second))
	phones := make([]*phone, l.Clients)
	var all sync.WaitGroup
	for i := range phones {
		phones[i] = &phone{hub: a.url(""), from: net.IPv4(127, 3, byte(i>>8), byte(i&0xff))}
		all.Go(func() { phones[i].browse(b.ctx, paths, i*len(paths)/len(phones), until) })
	}
	all.Wait()
	took := time.Since(began)
	after, err := fieldtest.UsageOf(a.cmd.Process.Pid)
	if err != nil {
		return err
	}
	var each []time.Duration
	var bytes int64
	for _, p := range phones {
		each, bytes = append(each, p.took...), bytes+p.bytes
		if l.Errors += p.failed; p.err != nil {
			l.First = p.err.Error()
		}
	}
	l.Seconds, l.Tiles = seconds(took), len(each)
	l.PerSec, l.MB = rounded(float64(l.Tiles)/took.Seconds(), 0), rounded(float64(bytes)/1e6/took.Seconds(), 1)
	l.P50, l.P99 = millis(percentile(each, 0.5)), millis(percentile(each, 0.99))
	l.CPU, l.RSS = rounded(100*float64(after.CPU-before.CPU)/float64(took), 1), rounded(float64(after.RSS)/1e6, 1)
	l.common = b.judged("errors = 0", l.Errors == 0, tilesSetup)
	return b.out.Encode(l)
}

// tilePaths are where the tiles of a street map are on a hub that has it.
func tilePaths(ctx context.Context, file string) (paths []string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { joinErr(&err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	m, err := pmtiles.Open(f, info.Size(), nil)
	if err != nil {
		return nil, err
	}
	h := m.Header()
	for z := h.MinZoom; z <= h.MaxZoom; z++ {
		low, high := maptile.At(orb.Point{h.Bounds.Min[0], h.Bounds.Max[1]}, maptile.Zoom(z)), maptile.At(orb.Point{h.Bounds.Max[0], h.Bounds.Min[1]}, maptile.Zoom(z))
		for x := low.X; x <= high.X; x++ {
			for y := low.Y; y <= high.Y; y++ {
				switch _, err := m.Find(ctx, z, x, y); {
				case err == nil:
					paths = append(paths, fmt.Sprintf("/maps/tiles/%d/%d/%d", z, x, y))
				case !errors.Is(err, pmtiles.ErrMissing):
					return nil, err
				}
			}
		}
	}
	if len(paths) == 0 {
		err = fmt.Errorf("%s has no tiles", file)
	}
	return paths, err
}

// phone is one that looks at the streets.
type phone struct {
	hub    string
	from   net.IP
	took   []time.Duration
	bytes  int64
	failed int
	err    error // the last
}

// browse asks for all tiles in turn, from one of them on, until the end.
func (p *phone) browse(ctx context.Context, paths []string, from int, end time.Time) {
	// Of its own: the hub bounds what one address may do at once.
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: p.from}}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dialer.DialContext, DisableCompression: true}}
	defer client.CloseIdleConnections()
	for i := from; time.Now().Before(end) && ctx.Err() == nil; i++ {
		began := time.Now()
		n, err := tile(ctx, client, p.hub+paths[i%len(paths)])
		if err != nil {
			p.failed++
			p.err = err
			continue
		}
		p.took, p.bytes = append(p.took, time.Since(began)), p.bytes+n
	}
}

// tile asks for a tile, and is how many bytes came.
func tile(ctx context.Context, client *http.Client, address string) (n int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { joinErr(&err, res.Body.Close()) }()
	n, err = io.Copy(io.Discard, res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || n == 0) {
		err = fmt.Errorf("%s: status %d, %d bytes", address, res.StatusCode, n)
	}
	return n, err
}
