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
	pieces, err := piecesOf(b.ctx, a.streets)
	if err != nil {
		return err
	}
	l := tilesLine{Name: "maps_tiles", Clients: max(2, b.of(50, 2)), Of: len(pieces)}
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
		all.Go(func() { phones[i].browse(b.ctx, pieces, i*len(pieces)/len(phones), until) })
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

// piece is a tile of a street map, as it is stored.
type piece struct {
	path string // on a hub that has the map
	size int    // in bytes
}

// beneath is the zoom from which on a town's map has all: above it tiles are those of the small map
// of the world, as a town is little of them.
const beneath = 6

// piecesOf are all tiles of a town's street map.
func piecesOf(ctx context.Context, file string) (all []piece, err error) {
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
	for z := max(beneath, h.MinZoom); z <= h.MaxZoom; z++ {
		low, high := maptile.At(orb.Point{h.Bounds.Min[0], h.Bounds.Max[1]}, maptile.Zoom(z)), maptile.At(orb.Point{h.Bounds.Max[0], h.Bounds.Min[1]}, maptile.Zoom(z))
		for x := low.X; x <= high.X; x++ {
			for y := low.Y; y <= high.Y; y++ {
				switch data, err := m.Tile(ctx, z, x, y); {
				case err == nil:
					all = append(all, piece{fmt.Sprintf("/maps/tiles/%d/%d/%d", z, x, y), len(data)})
				case !errors.Is(err, pmtiles.ErrMissing):
					return nil, err
				}
			}
		}
	}
	if len(all) == 0 {
		err = fmt.Errorf("%s has no tiles", file)
	}
	return all, err
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
func (p *phone) browse(ctx context.Context, all []piece, from int, end time.Time) {
	// Of its own: the hub bounds what one address may do at once.
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: p.from}}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dialer.DialContext, DisableCompression: true}}
	defer client.CloseIdleConnections()
	for i := from; time.Now().Before(end) && ctx.Err() == nil; i++ {
		began := time.Now()
		n, err := all[i%len(all)].get(ctx, client, p.hub)
		if err != nil {
			p.failed++
			p.err = err
			continue
		}
		p.took, p.bytes = append(p.took, time.Since(began)), p.bytes+n
	}
}

// get asks for the tile as it is stored: where another map is beneath, what is not here is cut from that.
func (t piece) get(ctx context.Context, client *http.Client, hub string) (n int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, hub+t.path, nil)
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
	if err == nil && (res.StatusCode != http.StatusOK || n != int64(t.size)) {
		err = fmt.Errorf("%s: status %d, %d bytes of %d", t.path, res.StatusCode, n, t.size)
	}
	return n, err
}
