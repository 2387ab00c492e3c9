package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/paulmach/orb"
)

type importLine struct {
	Name    string  `json:"name"`
	By      string  `json:"by"` // the command, or a coordinator at the page
	Places  int     `json:"places"`
	Bytes   int64   `json:"file_bytes"`
	Seconds float64 `json:"seconds"` // until all places were taken over: written and synced
	Found   float64 `json:"found_seconds"`
	Peak    float64 `json:"peak_mb"` // VmHWM of the hub, the program's text and the database's file too
	Before  float64 `json:"peak_before_mb"`
	common
}

type nearLine struct {
	Name   string             `json:"name"`
	Places int                `json:"places"`
	P50    map[string]float64 `json:"p50_ms"` // by who asks
	P99    map[string]float64 `json:"p99_ms"`
	common
}

// How a file comes.
const (
	byCommand = "lamppost maps import"
	byPage    = "/maps/import"
)

const (
	importSetup = "one lamppost process, with a street map where there is one; a file of GeoJSON that becomes one list; seconds from the start of the command, or of the upload, until it is taken over; " +
		"found_seconds until a place is found by a program that asks; peak_mb is the hub's VmHWM by then"
	nearSetup = "one lamppost process with one list of places, and a street map where there is one; one client, HTTP over loopback, each time from elsewhere, 50 places each; " +
		"index is the index alone, in this process, its file in the page cache; the answers come packed with gzip"
)

// brought has very many places brought into a hub, and the nearest found.
func (b *bench) brought(program, streets, by string) (err error) {
	a, err := openAtlas(b.ctx, program, streets)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, a.close()) }()
	l := importLine{Name: "maps_import", By: by, Places: b.of(mostPlaces, ownPlaces)}
	if l.Before, err = a.peak(); err != nil {
		return err
	}
	if err := a.bring(b.ctx, &l); err != nil {
		return fmt.Errorf("import by %s: %w", by, err)
	}
	if l.Peak, err = a.peak(); err != nil {
		return err
	}
	l.common = b.judged("peak_mb < 150", l.Peak < 150, importSetup)
	if err := b.out.Encode(l); err != nil || by != byCommand {
		return err
	}
	return b.near(a, l.Places)
}

// bring makes the file up and brings it in, until its places are found.
func (a *atlas) bring(ctx context.Context, l *importLine) (err error) {
	file := filepath.Join(a.town.dir, "places.geojson")
	wide := landWide
	if l.Places <= mapPlaces {
		wide = townWide
	}
	if l.Bytes, err = writePlaces(file, l.Places, wide); err != nil {
		return err
	}
	c, err := a.clerk(ctx)
	if err != nil {
		return err
	}
	defer c.client.CloseIdleConnections()
	bring := a.order
	if l.By == byPage {
		bring = c.send
	}
	began := time.Now()
	waits, err := bring(ctx, file)
	if err == nil {
		err = c.take(ctx, waits)
	}
	if err != nil {
		return err
	}
	l.Seconds = seconds(time.Since(began))
	err = a.found(ctx, l.Places)
	l.Found = seconds(time.Since(began))
	return err
}

// order brings the file here by the command, and is the path of where it waits.
func (a *atlas) order(ctx context.Context, file string) (waits string, _ error) {
	said, err := exec.CommandContext(ctx, a.program, "maps", "import", file, "--name", "Shelters", "--data", a.folder).CombinedOutput()
	_, waits, found := strings.Cut(string(said), "It waits for a coordinator at ")
	if err == nil && !found {
		err = errors.New("it waits nowhere")
	}
	if err != nil {
		return "", fmt.Errorf("lamppost maps import: %w: %s", err, said)
	}
	return strings.TrimSpace(waits), nil
}

// peak is the most memory that the hub has taken so far, in millions of bytes.
func (a *atlas) peak() (float64, error) {
	u, err := fieldtest.UsageOf(a.cmd.Process.Pid)
	return rounded(float64(u.Peak)/1e6, 1), err
}

// near asks for the nearest of very many, by the page, by the API and by the index alone.
func (b *bench) near(a *atlas, places int) error {
	l := nearLine{Name: "maps_near", Places: places, P50: map[string]float64{}, P99: map[string]float64{}}
	from := func(i int) url.Values {
		lat, lon := spot(i, landWide)
		return url.Values{"near": {fmt.Sprintf("%.4f, %.4f", lat, lon)}}
	}
	var all struct {
		Features []fieldtest.Place `json:"features"`
	}
	if err := a.tells(b.ctx, "places?"+from(7).Encode(), &all); err != nil {
		return err
	}
	if len(all.Features) != 50 {
		return fmt.Errorf("%d places are the nearest 50", len(all.Features))
	}
	met := true
	tell := func(by string, k look) {
		l.P50[by], l.P99[by] = k.p50(), k.p99()
		met = met && l.P50[by] < 20
	}
	for _, w := range []struct{ by, path string }{
		{"page", "/maps/?"}, {"page, open with room", "/maps/?open=yes&room=yes&"}, {"api", "/api/v1/maps/places?"},
	} {
		k, err := b.looked(a, func(i int) string { return w.path + from(i).Encode() })
		if err != nil {
			return err
		}
		tell(w.by, k)
	}
	k, err := b.alone(a)
	if err != nil {
		return fmt.Errorf("the index alone: %w", err)
	}
	tell("index", k)
	met = met && k.p99() < 20
	l.common = b.judged("each p50_ms < 20, p99_ms of index < 20", met, nearSetup)
	return b.out.Encode(l)
}

// alone asks the index that the hub has made.
func (b *bench) alone(a *atlas) (k look, err error) {
	files, err := filepath.Glob(filepath.Join(a.folder, "maps", "layers", "*.index"))
	if err != nil || len(files) != 1 {
		return k, fmt.Errorf("there are %d of them: %w", len(files), err)
	}
	f, err := os.Open(files[0])
	if err != nil {
		return k, err
	}
	defer func() { joinErr(&err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return k, err
	}
	x, err := layer.Open(f, info.Size())
	if err != nil {
		return k, err
	}
	for i := range b.of(10*mapLooks, 10) {
		lat, lon := spot(i, landWide)
		n, last := 0, 0.0
		began := time.Now()
		for e, err := range x.Nearest(orb.Point{lon, lat}, layer.AllClasses(), nil) {
			if err != nil {
				return k, err
			}
			if e.Meters < last {
				return k, fmt.Errorf("one at %v m comes after one at %v m", e.Meters, last)
			}
			last = math.Max(last, e.Meters)
			if n++; n == 50 {
				break
			}
		}
		k.took = append(k.took, time.Since(began))
		if n != 50 {
			return k, fmt.Errorf("%d places are the nearest 50", n)
		}
	}
	return k, nil
}
