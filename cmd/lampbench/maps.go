package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

const (
	mapPlaces  = 5_000   // as many as the places of a large town
	mostPlaces = 100_000 // as many as one file brings
	ownPlaces  = 300     // as few as become one list
	mapLooks   = 100     // at each page
)

// atlas is a hub that runs by itself and may put places on the map.
type atlas struct {
	*process

	program string
	folder  string
	streets string // a real street map, which it has; empty where there is none
	town    *town
	officer returncode.Code // of a coordinator who may as well
}

// mapped measures the map: what it takes to see many places, to draw them, to bring very many,
// and to find those nearby.
func mapped(b *bench) error {
	program, err := b.lamppost()
	if err != nil {
		return err
	}
	streets := streetMap()
	return errors.Join(b.seen(program, streets), b.brought(program, streets, byCommand), b.brought(program, streets, byPage))
}

// streetMap is a real one among the sample data; empty where there is none.
func streetMap() string {
	dir := os.Getenv("LAMPPOST_CORPORA")
	if dir == "" {
		return ""
	}
	all, err := filepath.Glob(filepath.Join(dir, "maps", "*.pmtiles"))
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0]
}

// openAtlas founds a community of one hub that may put places on the map, gives it a street map,
// and has it run.
func openAtlas(ctx context.Context, program, streets string) (_ *atlas, err error) {
	t, err := foundTownOf(1, 0)
	if err != nil {
		return nil, err
	}
	a := &atlas{program: program, streets: streets, town: t, folder: t.folders[0].Path, officer: returncode.New(nil)}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.remove())
		}
	}()
	if err := a.certify(ctx); err != nil {
		return nil, err
	}
	if streets != "" {
		folder := filepath.Join(a.folder, "maps")
		if err := os.Mkdir(folder, 0o700); err != nil {
			return nil, err
		}
		if err := copyFile(streets, filepath.Join(folder, "streets.pmtiles")); err != nil {
			return nil, err
		}
	}
	a.process, _, err = launch(ctx, program, t.folders[0])
	return a, err
}

// certify has the roots let a coordinator put places on the map.
func (a *atlas) certify(ctx context.Context) error {
	here := a.town.folders[0]
	officer := record.AuthorOf(returncode.Key(a.officer, here.Founding.Community()))
	r, err := roster.Certificate{Kind: roster.Coordinator, Subject: officer, Label: "Maria Ortiz", Roles: roster.Maps}.Record(a.town.now(), here.ID().Via())
	if err == nil {
		r, err = a.town.codec.Sign(r, a.town.root)
	}
	if err != nil {
		return err
	}
	return a.town.put(ctx, 0, []record.Record{r})
}

// close ends the hub, and removes what it had.
func (a *atlas) close() error { return errors.Join(a.stop(), a.town.remove()) }

// url is where a path is.
func (a *atlas) url(path string) string { return "http://" + a.http + path }

// found waits until the hub finds so many places of a list.
func (a *atlas) found(ctx context.Context, count int) error {
	return await(ctx, 10*time.Millisecond, func() (bool, error) {
		var all struct {
			Lists []fieldtest.List `json:"lists"`
		}
		if err := a.tells(ctx, "lists", &all); err != nil {
			return false, err
		}
		for _, l := range all.Lists {
			if l.Here && l.Problem == "" {
				if l.Count != count {
					return false, fmt.Errorf("the list has %d places of %d", l.Count, count)
				}
				return true, nil
			}
		}
		return false, nil
	})
}

// get asks for a path as a browser does, unpacked or as it comes over the wire. Its time is
// that until all of it was there.
func (a *atlas) get(ctx context.Context, client *http.Client, path string, packed bool) (body []byte, took time.Duration, _ error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url(path), nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	if packed {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	began := time.Now()
	res, err := fetch(client, req)
	took = time.Since(began)
	if err == nil && res.status != http.StatusOK {
		err = fmt.Errorf("%s: status %d", path, res.status)
	}
	return []byte(res.body), took, err
}

// looked asks for one path after another, packed, which is timed, and not; the first does not count.
func (b *bench) looked(a *atlas, path func(i int) string) (l look, _ error) {
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	for i := range 1 + b.of(mapLooks, 2) {
		packed, took, err := a.get(b.ctx, client, path(i), true)
		if err != nil {
			return l, err
		}
		plain, _, err := a.get(b.ctx, client, path(i), false)
		if err != nil {
			return l, err
		}
		if i > 0 {
			l.took = append(l.took, took)
			l.packed, l.plain = max(l.packed, len(packed)), max(l.plain, len(plain))
		}
	}
	return l, nil
}

// look is what asking for one page has come to.
type look struct {
	took          []time.Duration
	packed, plain int // bytes
}

func (l look) p50() float64 { return millis(percentile(l.took, 0.5)) }
func (l look) p99() float64 { return millis(percentile(l.took, 0.99)) }

// around is the part of the map that has a middle, as addresses have it.
func around(lat, lon float64, zoom int) string {
	return url.Values{"center": {fmt.Sprintf("%.5f,%.5f", lat, lon)}, "zoom": {fmt.Sprint(zoom)}}.Encode()
}
