package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

type firstLine struct {
	Name   string             `json:"name"`
	Places int                `json:"places"`
	Gzip   map[string]int     `json:"gzip_bytes"`  // by what is asked for; the largest of all that came
	Plain  map[string]int     `json:"plain_bytes"` // likewise
	P50    map[string]float64 `json:"p50_ms"`
	P99    map[string]float64 `json:"p99_ms"`
	common
}

type markerLine struct {
	Name   string    `json:"name"`
	Places int       `json:"places"`
	Slower int       `json:"slower"` // times, than this machine's processor
	First  float64   `json:"first_marker_ms"`
	All    []float64 `json:"all_first_marker_ms"`
	Bytes  int       `json:"bytes"` // of all answers until then, as they came
	Asked  int       `json:"answers"`
	common
}

type pictureLine struct {
	Name     string  `json:"name"`
	Places   int     `json:"places"`
	Streets  bool    `json:"streets"`
	Pictures int     `json:"pictures"`
	Cold50   float64 `json:"drawn_p50_ms"`
	Cold99   float64 `json:"drawn_p99_ms"`
	Kept50   float64 `json:"kept_p50_ms"`
	Kept99   float64 `json:"kept_p99_ms"`
	Median   int     `json:"median_bytes"`
	Largest  int     `json:"largest_bytes"`
	common
}

const (
	firstSetup  = "one lamppost process with one list of places, and a street map where there is one; one client, HTTP over loopback, a part of the map at a time, from the request until all of the answer was there"
	markerSetup = firstSetup + "; the map's page in Chromium, its cache empty, from the beginning of the visit until the first sign stands in the page"
	drawnSetup  = firstSetup + "; each picture of the map's page twice: as it is drawn, and as it is kept; zooms 11 to 17, by day and by night, all sizes, also for fine screens"
)

// seen measures what it takes to see the places of a large town.
func (b *bench) seen(program, streets string) (err error) {
	a, err := openAtlas(b.ctx, program, streets)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, a.close()) }()
	l := importLine{By: byCommand, Places: b.of(mapPlaces, ownPlaces)}
	if err := a.bring(b.ctx, &l); err != nil {
		return err
	}
	if err := errors.Join(b.first(a, l.Places), b.marker(a, l.Places), b.pictures(a, l.Places)); err != nil {
		return err
	}
	if streets == "" {
		fmt.Fprintln(b.notes, "lampbench: no streets come and none are drawn: LAMPPOST_CORPORA names the folder of the sample data, in which maps/*.pmtiles is a street map")
		return nil
	}
	return b.tiles(a)
}

// first measures what comes until a map is there.
func (b *bench) first(a *atlas, places int) error {
	l := firstLine{Name: "maps_first", Places: places, Gzip: map[string]int{}, Plain: map[string]int{}, P50: map[string]float64{}, P99: map[string]float64{}}
	for _, w := range []struct {
		what string
		path func(lat, lon float64) string
	}{
		{"page", func(lat, lon float64) string { return "/maps/map?" + around(lat, lon, 15) }},
		{"api map", func(lat, lon float64) string { return "/api/v1/maps/map?" + around(lat, lon, 15) }},
		{"api places", func(lat, lon float64) string { return placesAround(lat, lon, .01, 15) }},
		{"api all places", func(lat, lon float64) string { return placesAround(lat, lon, .1, 12) }},
	} {
		k, err := b.looked(a, func(i int) string { return w.path(spot(i, townWide/2)) })
		if err != nil {
			return err
		}
		l.Gzip[w.what], l.Plain[w.what], l.P50[w.what], l.P99[w.what] = k.packed, k.plain, k.p50(), k.p99()
	}
	l.common = b.plain(firstSetup)
	return b.out.Encode(l)
}

// placesAround is what a program asks for a part of the map.
func placesAround(lat, lon, half float64, zoom int) string {
	return fmt.Sprintf("/api/v1/maps/places?bbox=%.4f,%.4f,%.4f,%.4f&zoom=%d", lon-half, lat-half, lon+half, lat+half, zoom)
}

// marks is the program that has a browser open the map.
const marks = "webui/e2e/first-sign.mjs"

// marker measures when the first sign is there in a browser, on this machine and on a slow phone.
func (b *bench) marker(a *atlas, places int) error {
	if why := noBrowser(); why != "" {
		fmt.Fprintln(b.notes, "lampbench: the map is opened in no browser:", why)
		return nil
	}
	for _, slower := range []int{1, 6} {
		l := markerLine{Name: "maps_first_marker", Places: places, Slower: slower}
		out, err := exec.CommandContext(b.ctx, "node", marks, a.url("/maps/map?"+around(harborLat, harborLon, 15)), fmt.Sprint(slower), fmt.Sprint(b.of(5, 1))).Output()
		if err != nil {
			if failed, ok := errors.AsType[*exec.ExitError](err); ok {
				err = fmt.Errorf("%w: %s", err, failed.Stderr)
			}
			return fmt.Errorf("%s: %w", marks, err)
		}
		var visits []struct {
			Sign           float64 // ms
			Bytes, Answers int
		}
		if err := json.Unmarshal(out, &visits); err != nil {
			return fmt.Errorf("%s: %w", marks, err)
		}
		for _, v := range visits {
			l.All, l.Bytes, l.Asked = append(l.All, rounded(v.Sign, 0)), max(l.Bytes, v.Bytes), max(l.Asked, v.Answers)
		}
		l.First = median(l.All)
		l.common = b.judged("first_marker_ms <= 4000", l.First <= 4000, markerSetup)
		if err := b.out.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// noBrowser is why no browser can be had; empty if one can.
func noBrowser() string {
	for _, need := range []string{marks, "webui/node_modules/playwright-core", "webui/dist/maps-map.js"} {
		if _, err := os.Stat(need); err != nil {
			return need + " is not here; run this in the root of the source, after `make webui`"
		}
	}
	if _, err := exec.LookPath("node"); err != nil {
		return "there is no node"
	}
	if _, err := exec.LookPath("chromium"); err != nil && os.Getenv("CHROMIUM") == "" {
		return "there is no chromium, and CHROMIUM does not say where"
	}
	return ""
}

var shown = regexp.MustCompile(`<img src="(/maps/picture\?[^"]+)"`)

// pictures measures how soon pictures of the map come, and how large they are.
func (b *bench) pictures(a *atlas, places int) error {
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	var drawn, kept []time.Duration
	var sizes []int64
	for i := range b.of(168, 4) {
		lat, lon := spot(i, townWide/2)
		page := "/maps/map?" + around(lat, lon, 11+i%7)
		if i%3 > 0 {
			page += "&size=" + []string{"large", "small"}[i%3-1]
		}
		body, _, err := a.get(b.ctx, client, page, false)
		if err != nil {
			return err
		}
		found := shown.FindSubmatch(body)
		if found == nil {
			return fmt.Errorf("%s shows no picture", page)
		}
		path := html.UnescapeString(string(found[1])) + []string{"", "&dark=1", "&scale=2", "&dark=1&scale=2"}[i%4]
		cold, took, err := a.get(b.ctx, client, path, false)
		if err != nil {
			return err
		}
		drawn, sizes = append(drawn, took), append(sizes, int64(len(cold)))
		again, took, err := a.get(b.ctx, client, path, false)
		if err != nil {
			return err
		}
		if kept = append(kept, took); string(again) != string(cold) || !strings.HasPrefix(string(cold), "\x89PNG") {
			return fmt.Errorf("%s: %d bytes, and then %d others", path, len(cold), len(again))
		}
	}
	l := pictureLine{
		Name: "maps_picture", Places: places, Streets: a.streets != "", Pictures: len(drawn),
		Cold50: millis(percentile(drawn, 0.5)), Cold99: millis(percentile(drawn, 0.99)),
		Kept50: millis(percentile(kept, 0.5)), Kept99: millis(percentile(kept, 0.99)), Median: int(median(sizes)),
	}
	for _, n := range sizes {
		l.Largest = max(l.Largest, int(n))
	}
	l.common = b.judged("largest_bytes <= 60000", l.Largest <= 60_000, drawnSetup)
	return b.out.Encode(l)
}
