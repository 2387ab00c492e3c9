package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
)

// Where made-up places are: around the harbor whose streets the sample data has.
const (
	harborLat, harborLon = 43.7375, 7.4255
	townWide             = 0.03 // degrees, of a town's places
	landWide             = 0.8  // of very many
)

// spot is where the i-th of made-up places is: no two are at one, and all parts have as many.
func spot(i int, wide float64) (lat, lon float64) {
	part := func(step float64) float64 { return math.Mod(float64(i)*step, 1) - .5 }
	return harborLat + wide*part(0.7548776662466927), harborLon + wide*part(0.5698402909980532)
}

// writePlaces writes a file of GeoJSON with so many places, as lists of shelters have them.
func writePlaces(path string, n int, wide float64) (size int64, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriter(f)
	fmt.Fprint(w, `{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			fmt.Fprint(w, ",\n")
		}
		lat, lon := spot(i, wide)
		fmt.Fprintf(w, `{"type":"Feature","id":"s%d","geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"name":"Shelter %d, Hill School","type":"shelter",`+
			`"status":"open","capacity":%d,"phone":"802-555-%04d","wheelchair":"yes","notes":"By the side door, behind house %d."}}`,
			i, lon, lat, i, 20+i*7919%400, i*6373%10_000, i*7907%1009)
	}
	fmt.Fprint(w, "]}\n")
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// tells is what the hub answers a program that asks for a path below /api/v1/maps/.
func (a *atlas) tells(ctx context.Context, path string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url("/api/v1/maps/"+path), nil)
	if err != nil {
		return err
	}
	res, err := fetch(&a.pages, req)
	if err != nil {
		return err
	}
	if res.status != http.StatusOK {
		return fmt.Errorf("%s: status %d: %.300s", path, res.status, res.body)
	}
	return json.Unmarshal([]byte(res.body), out)
}
