package maps_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	mapsapp "github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// town is a hub with a folder for layers. It is its own Host, and its own Blobs.
type town struct {
	*moment

	mu      sync.Mutex // guards what the program uses while it runs
	blobs   map[[32]byte][]byte
	changed chan struct{}
	folder  string
}

func newTown(t testing.TB) *town {
	t.Helper()
	h := &town{moment: newMoment(t), blobs: map[[32]byte][]byte{}, changed: make(chan struct{}, 1)}
	h.begin(t)
	return h
}

// begin is a start of the hub's program, with nothing in its folder.
func (h *town) begin(t testing.TB) {
	t.Helper()
	h.folder = t.TempDir()
	app := mapsapp.New(mapsapp.Options{Folder: h.folder})
	h.moment.of = &app
}

// apart is another hub that holds the same, its files as well.
func (h *town) apart(t testing.TB) *town {
	t.Helper()
	o := &town{moment: h.copyOf(), blobs: maps.Clone(h.blobs), changed: make(chan struct{}, 1)}
	o.begin(t)
	o.follow()
	return o
}

func (h *town) Read(_ context.Context, f func(hub.Snapshot) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return f(h.moment)
}

func (h *town) Write(context.Context, ...hub.Draft) ([]record.Record, error) {
	return nil, nil
}

func (h *town) Watch(context.Context, ...hub.Term) <-chan struct{} { return h.changed }

func (h *town) Blobs() hub.Blobs { return h }

func (h *town) Online() bool { return false }

func (h *town) Put(_ context.Context, r io.Reader, most int64) (record.Blob, error) {
	raw, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return record.Blob{}, err
	}
	sum := sha256.Sum256(raw)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blobs[sum] = raw
	return record.Blob{Sum: sum, Size: uint64(len(raw))}, nil
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

func (h *town) Open(_ context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	raw, ok := h.blobs[sum]
	if !ok {
		return nil, hub.Errorf(hub.NotFound, "", "This file is not here yet.")
	}
	return file{bytes.NewReader(raw)}, nil
}

func (h *town) follow() int {
	h.t.Helper()
	missing, err := h.app().Follow(h.t.Context(), h)
	if err != nil {
		h.t.Fatal(err)
	}
	return missing
}

// sheet is a place for a layer.
func sheet(kind place.Kind, name, points string) place.Sheet {
	var all []place.Steps
	for p := range strings.FieldsSeq(points) {
		var lat, lon float64
		if _, err := fmt.Sscanf(p, "%f,%f", &lat, &lon); err != nil {
			panic(err)
		}
		all = append(all, place.Steps{place.PointAt(lat, lon)})
	}
	d := place.Details{Kind: kind, Name: name, Shape: place.Shape{Kind: place.Spot, Parts: []place.Part{all}}}
	if len(all) > 1 {
		d.Shape = place.Shape{Kind: place.Line, Parts: []place.Part{{slices.Concat(all...)}}}
	}
	return place.Sheet{Details: d}
}

// open is a shelter that is open and holds so many.
func open(name, points string, most, there uint32) place.Sheet {
	s := sheet(place.Shelter, name, points)
	s.Details.Most, s.State, s.People = most, &place.State{Status: place.Open}, &there
	return s
}

// bring puts a layer on the map, and has it indexed.
func (h *town) bring(who byte, id, name string, all map[string]place.Sheet) record.Record {
	h.t.Helper()
	ds, err := mapsapp.Pack(h.t.Context(), h.moment, h, h.folder, id, name, all)
	if err != nil || len(ds) != 1 {
		h.t.Fatal(ds, err)
	}
	r := h.put(who, ds[0], h.now)
	if err := mapsapp.New().Manifest().Check(r); err != nil {
		h.t.Fatal(err)
	}
	if h.follow() != 0 {
		h.t.Fatal("it is not here")
	}
	return r
}

func some() map[string]place.Sheet {
	return map[string]place.Sheet{
		"tap":    sheet(place.Water, "Tap", "44.01,-73"),
		"well":   sheet(place.Water, "Well", "44.03,-73"),
		"school": open("School", "44.02,-73", 100, 40),
		"gym":    open("Gym", "44.04,-73", 50, 50),
		"bridge": sheet(place.Road, "Bridge", "44.001,-73.1 44.001,-72.9"),
	}
}
