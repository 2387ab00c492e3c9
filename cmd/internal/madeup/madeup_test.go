package madeup_test

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/cmd/internal/madeup"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestTheStreetsAreTheSameEachTimeAndSmall(t *testing.T) {
	a, err := madeup.Streets()
	if err != nil {
		t.Fatal(err)
	}
	b, err := madeup.Streets()
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("made twice they are %d and %d bytes, %v", len(a), len(b), err)
	}
	if len(a) > 200_000 {
		t.Errorf("they are %d bytes", len(a))
	}
}

// The streets are read by our own reader of files and by somebody else's of tiles.
func TestTheStreetsAreAProtomapsBasemapThatSaysItIsMadeUp(t *testing.T) {
	raw, err := madeup.Streets()
	if err != nil {
		t.Fatal(err)
	}
	a, err := pmtiles.Open(bytes.NewReader(raw), int64(len(raw)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := a.Schema(); s != pmtiles.Protomaps4 || err != nil {
		t.Errorf("schema %v, %v", s, err)
	}
	if m := a.Metadata(); !strings.Contains(m.Name, "made-up") || m.Credit() != "Made up" {
		t.Errorf("it calls itself %q, by %q", m.Name, m.Credit())
	}
	if _, err := a.Check(t.Context()); err != nil {
		t.Errorf("it does not hold against its own rules: %v", err)
	}
	h := a.Header()
	names, layers := map[string]bool{}, map[string]int{}
	for _, at := range tilesIn(h.Bounds, maptile.Zoom(h.MaxZoom)) {
		for _, l := range layersOf(t, a, at) {
			layers[l.Name] += len(l.Features)
			for _, f := range l.Features {
				if name, ok := f.Properties["name"].(string); ok {
					names[name] = true
				}
			}
		}
	}
	for _, want := range []string{"High Lantern Street", "Elm Street", "Lantern River", "Lantern Green", "Elm Street School", madeup.Town + " (made up)", "Made-Up Sea"} {
		if !names[want] {
			t.Errorf("%s is on no tile", want)
		}
	}
	for layer, least := range map[string]int{"earth": 10, "water": 10, "landuse": 10, "roads": 50, "buildings": 300, "pois": 9, "places": 3} {
		if layers[layer] < least {
			t.Errorf("layer %s has %d features in all tiles", layer, layers[layer])
		}
	}
	for z := h.MinZoom; z < h.MaxZoom; z++ {
		if len(layersOf(t, a, maptile.At(h.Center, maptile.Zoom(z)))) == 0 {
			t.Errorf("nothing is in the middle at zoom %d", z)
		}
	}
}

func tilesIn(b orb.Bound, z maptile.Zoom) (all []maptile.Tile) {
	from, to := maptile.At(orb.Point{b.Min[0], b.Max[1]}, z), maptile.At(orb.Point{b.Max[0], b.Min[1]}, z)
	for x := from.X; x <= to.X; x++ {
		for y := from.Y; y <= to.Y; y++ {
			all = append(all, maptile.New(x, y, z))
		}
	}
	return all
}

func layersOf(t *testing.T, a *pmtiles.Archive, at maptile.Tile) mvt.Layers {
	t.Helper()
	data, err := a.Unpacked(t.Context(), uint8(at.Z), at.X, at.Y) //nolint:gosec // a zoom
	if err != nil {
		t.Fatalf("tile %v: %v", at, err)
	}
	ls, err := mvt.Unmarshal(data)
	if err != nil {
		t.Fatalf("tile %v: %v", at, err)
	}
	return ls
}

// written is what a town's people have written by now.
func written(t *testing.T, now time.Time) []record.Record {
	t.Helper()
	key := func(n byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
	}
	f := roster.Founding{Name: madeup.Town, Roots: []record.Author{record.AuthorOf(key(9))}, Threshold: 1, Time: record.At(now.Add(-24 * time.Hour))}
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		t.Fatal(err)
	}
	all, err := madeup.Cast{
		Codec: codec, Hubs: []ed25519.PrivateKey{key(1), key(2), key(3)}, Coordinators: []ed25519.PrivateKey{key(4), key(5)}, Now: now,
	}.Records()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What the apps' forms would not have written, the apps would not show.
func TestTheAppsTakeWhatIsWritten(t *testing.T) {
	checks := map[record.App]func(record.Record) error{}
	for _, a := range []hub.App{maps.New(maps.Options{}), messages.New(), notices.New(notices.Sources{})} {
		m := a.Manifest()
		checks[m.Name] = m.Check
	}
	count := map[record.App]int{}
	for _, r := range written(t, time.Now()) {
		if check := checks[r.App]; check != nil {
			if err := check(r); err != nil {
				t.Errorf("%s %s: %v", r.App, r.Key, err)
			}
		}
		count[r.App]++
	}
	for app, least := range map[record.App]int{"maps": 40, "messages": 10, "notices": 5, "roster": 9} {
		if count[app] < least {
			t.Errorf("%s has %d records", app, count[app])
		}
	}
}

// A page calls a status old after twelve hours, and a count after two.
func TestNothingIsOldOrAhead(t *testing.T) {
	now := time.Now()
	for _, r := range written(t, now) {
		age := now.Sub(r.Time.Wall())
		if age < time.Minute || age > 11*time.Hour || strings.HasPrefix(r.Key, "h/") && age > time.Hour {
			t.Errorf("%s %s is %v old", r.App, r.Key, age)
		}
	}
}

func TestSheltersStandInDifferentWays(t *testing.T) {
	var statuses []string
	for _, r := range written(t, time.Now()) {
		if strings.HasPrefix(r.Key, "s/") {
			b, err := hub.Collection[place.State]{}.Decode(r)
			if err != nil {
				t.Fatal(err)
			}
			statuses = append(statuses, b.Status.String())
		}
	}
	for _, want := range []string{"open", "filling", "full", "planned", "closed"} {
		if !slices.Contains(statuses, want) {
			t.Errorf("nothing is %s", want)
		}
	}
}
