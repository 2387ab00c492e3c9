package maps_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// onDisk is blobs in a folder, as a hub has them.
type onDisk string

func (d onDisk) path(sum [32]byte) string { return filepath.Join(string(d), fmt.Sprintf("%x", sum)) }

func (d onDisk) Put(_ context.Context, r io.Reader, _ int64) (b record.Blob, err error) {
	f, err := os.CreateTemp(string(d), "new")
	if err != nil {
		return b, err
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, hash), r)
	if err := errors.Join(err, f.Close()); err != nil {
		return b, err
	}
	b = record.Blob{Sum: [32]byte(hash.Sum(nil)), Size: uint64(n)} //nolint:gosec // not negative
	return b, os.Rename(f.Name(), d.path(b.Sum))
}

func (d onDisk) Open(_ context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
	return os.Open(d.path(sum))
}

// diskHost is a hub that keeps blobs on its disk.
type diskHost struct {
	behindFiles
	disk onDisk
}

func (h diskHost) Blobs() hub.Blobs { return h.disk }

// manyShelters writes a file of GeoJSON with so many places.
func manyShelters(b *testing.B, n int) string {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "shelters.geojson"))
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprint(w, `{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			fmt.Fprint(w, ",\n")
		}
		fmt.Fprintf(w, `{"type":"Feature","id":"s%d","geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"name":"Shelter %d, Hill School","type":"shelter","status":"open","capacity":%d,"phone":"802-555-%04d","wheelchair":"yes","notes":"By the side door, behind the church.","OBJECTID":%d}}`,
			i, -73+float64(i%997)/1e3, 44+float64(i%1009)/1e3, i, i%400, i%10000, i)
	}
	fmt.Fprint(w, "]}\n")
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
	return f.Name()
}

// BenchmarkImport100000 takes a file of 100,000 places over as the command does, into a hub's
// folder. MB is the most that the heap grew, as far as is seen by looking now and then.
func BenchmarkImport100000(b *testing.B) {
	name := manyShelters(b, 100_000)
	for b.Loop() {
		app := maps.New(maps.Options{Folder: b.TempDir()})
		f := &files{moment: newMoment(b), app: app}
		f.of = &app
		f.say(roster.Certificate{Kind: roster.Hub, Subject: author(station), Label: "Fire Station 4", Roles: roster.Maps})
		in, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		grown := watched(func() {
			err = app.Commands()["import"].Run(b.Context(), diskHost{behindFiles{f}, onDisk(b.TempDir())}, []string{name}, in, io.Discard)
		})
		if err = errors.Join(err, in.Close()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(grown)/(1<<20), "MB")
	}
}

// watched is by how many bytes the heap grows at the most while something is done.
func watched(do func()) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, uint64(0)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		look := time.NewTicker(5 * time.Millisecond)
		defer look.Stop()
		for {
			select {
			case <-end:
				return
			case <-look.C:
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}()
	do()
	close(end)
	<-ended
	return most - min(before, most)
}
