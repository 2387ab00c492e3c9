package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
)

// maps asks the hub's maps on the command line.
func (h *hubProc) maps(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("lamppost", append(append([]string{"maps"}, args...), "--data", h.folder)...).CombinedOutput()
	if err != nil {
		t.Fatalf("maps %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// streetMap is a file of so many bytes and some more that is a sound street map.
func streetMap(size int) []byte {
	f := pmtilestest.File{Bounds: [4]float64{-74, 44, -73, 45}, Compression: pmtiles.None}
	for z := range uint8(15) {
		f.Tiles = append(f.Tiles, pmtilestest.Tile{Z: z, Data: pmtilestest.Layer("earth")})
	}
	return append(f.Bytes(), ferrytest.Bytes(size)...)
}

// A street map that one hub has is at another when somebody there asks for it, and not
// before: it goes on with what has come earlier, waits for whoever has it, and is what it is
// by its hash.
func TestAStreetMapComesFromAnotherHub(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 2)
	there, here := hubs[0], hubs[1]
	raw := streetMap(10_000_000)
	name := filepath.Join(t.TempDir(), "millbrook.pmtiles")
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	there.maps(t, "add", name)
	here.until(t, "hears of the map", func() bool { return strings.Contains(here.maps(t, "fetch"), "at Place 1") })
	folder, sum := filepath.Join(here.folder, "maps"), sha256.Sum256(raw)
	if found, err := filepath.Glob(filepath.Join(folder, "*millbrook*")); len(found) != 0 || err != nil {
		t.Fatalf("nobody has asked for %q (%v)", found, err)
	}

	here.stop(t)
	part := filepath.Join(folder, fmt.Sprintf(".part-%x-%d", sum, len(raw)))
	if err := os.WriteFile(part, raw[:8<<20], 0o600); err != nil {
		t.Fatal(err)
	}
	there.stop(t)
	here.start(t)
	if said := here.maps(t, "fetch"); !strings.Contains(said, "; 8388608 bytes are here") {
		t.Errorf("what has come is forgotten: %s", said)
	}
	var told bytes.Buffer
	fetch := exec.Command("lamppost", "maps", "fetch", "millbrook", "--data", here.folder)
	fetch.Stdout, fetch.Stderr = &told, &told
	if err := fetch.Start(); err != nil {
		t.Fatal(err)
	}
	there.start(t)
	if err := fetch.Wait(); err != nil {
		t.Fatalf("%v: %s", err, &told)
	}
	for _, want := range []string{"It goes on as soon as a place that has it can be reached.", "millbrook.pmtiles is here."} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("not said: %q\n%s", want, &told)
		}
	}
	got, err := os.ReadFile(filepath.Join(folder, "millbrook.pmtiles"))
	if err != nil || !bytes.Equal(got, raw) {
		t.Errorf("%d bytes of %d: %v", len(got), len(raw), err)
	}
	if _, err := os.Lstat(part); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the part is still there: %v", err)
	}
	if said := here.maps(t, "streets"); !strings.Contains(said, "millbrook.pmtiles") || strings.Contains(said, "cannot be used") {
		t.Error(said)
	}
}

// What a hub gives that is another file than it said is not used, whoever it is.
func TestAnotherStreetMapThanSaidIsNotUsed(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 2)
	there, here := hubs[0], hubs[1]
	raw := streetMap(3_000_000)
	name := filepath.Join(t.TempDir(), "millbrook.pmtiles")
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	there.maps(t, "add", name)
	here.until(t, "hears of the map", func() bool { return strings.Contains(here.maps(t, "fetch"), "at Place 1") })
	here.stop(t)
	folder, sum := filepath.Join(here.folder, "maps"), sha256.Sum256(raw)
	other := bytes.Clone(raw[:2<<20])
	other[1<<20]++
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf(".part-%x-%d", sum, len(raw))), other, 0o600); err != nil {
		t.Fatal(err)
	}
	here.start(t)
	here.maps(t, "fetch", "millbrook")
	got, err := os.ReadFile(filepath.Join(folder, "millbrook.pmtiles"))
	if err != nil || !bytes.Equal(got, raw) {
		t.Errorf("%d bytes of %d: %v", len(got), len(raw), err)
	}
}
