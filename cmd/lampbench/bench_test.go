package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
)

// TestEveryMeasurementPrintsItsLines runs all on a small part of the full size.
func TestEveryMeasurementPrintsItsLines(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--scale", "0.005", "--runs", "1"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for dec := json.NewDecoder(&out); dec.More(); {
		var l struct {
			Name    string
			Errors  int
			Missing int
			Target  string
			Ratio   float64 `json:"wire_over_encoded"`
		}
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines[l.Name]++
		if l.Errors != 0 || l.Missing != 0 || l.Target == "" {
			t.Errorf("%+v", l)
		}
		if (l.Name == "catchup" || l.Name == "heal") && (l.Ratio < 1 || l.Ratio > 3) {
			t.Errorf("wire over encoded of %s: %v", l.Name, l.Ratio)
		}
	}
	for _, n := range []string{"posts", "live", "catchup", "heal"} { // the others take the program
		if lines[n] != 2 {
			t.Errorf("%d lines of %s", lines[n], n)
		}
	}
}

// TestTheProgramIsMeasuredAsAProcess runs what needs no root on a part of its size.
func TestTheProgramIsMeasuredAsAProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	program := filepath.Join(t.TempDir(), "lamppost")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../lamppost").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--only", "startup", "--scale", "0.01", "--runs", "1", "--lamppost", program}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for dec := json.NewDecoder(&out); dec.More(); {
		var l struct {
			Name    string
			Size    float64 `json:"program_mb"`
			Seconds float64
			RSS     float64 `json:"rss_mb"`
		}
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines[l.Name]++
		if l.Name == "size" && l.Size < 1 || l.Name != "size" && l.Seconds <= 0 || l.Name == "idle" && l.RSS < 1 {
			t.Errorf("%+v", l)
		}
	}
	if lines["size"] != 1 || lines["startup"] != 2 || lines["idle"] != 2 {
		t.Errorf("lines: %v", lines)
	}

	out.Reset()
	if err := run(t.Context(), []string{"--only", "people", "--scale", "0.01", "--lamppost", program}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(&out); dec.More(); {
		var l struct {
			Name           string
			Stalled, Reads int
			Errors         int
			First          string             `json:"first_error"`
			P99            map[string]float64 `json:"p99_ms"`
		}
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines[l.Name]++
		if l.Errors != 0 || l.Name == "people" && l.Reads == 0 || l.Name == "people_depth" && len(l.P99) == 0 {
			t.Errorf("%+v", l)
		}
	}
	if lines["people"] != 2 || lines["people_depth"] != 1 {
		t.Errorf("lines: %v", lines)
	}

	out.Reset()
	err := run(t.Context(), []string{"--only", "dns", "--scale", "0.05", "--lamppost", program}, &out, io.Discard)
	if errors.Is(err, errNoRival) || errors.Is(err, netnstest.ErrUnable) {
		t.Logf("names are not measured: %v", err)
		return
	}
	var l namesLine
	var f floodLine
	dec := json.NewDecoder(&out)
	if err := errors.Join(err, dec.Decode(&f), dec.Decode(&l)); err != nil || l.Queries == 0 || l.Rate <= 0 || l.Rival <= 0 || f.Queries == 0 || f.Flood <= 0 {
		t.Errorf("%+v, %+v, %v", f, l, err)
	}
}

// TestTheMapIsMeasured runs all of the map on a small part of its size, in a browser too where there is one.
func TestTheMapIsMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	program := filepath.Join(t.TempDir(), "lamppost")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../lamppost").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Chdir("../..")
	var out, notes bytes.Buffer
	if err := run(t.Context(), []string{"--only", "maps", "--scale", "0.01", "--lamppost", program}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for dec := json.NewDecoder(&out); dec.More(); {
		var l struct {
			Name, By string
			Gzip     map[string]int     `json:"gzip_bytes"`
			P50      map[string]float64 `json:"p50_ms"`
			Marker   float64            `json:"first_marker_ms"`
			Bytes    int
			Median   int     `json:"median_bytes"`
			Drawn    float64 `json:"drawn_p50_ms"`
			Kept     float64 `json:"kept_p50_ms"`
			Tiles    int
			Errors   int
			Places   int
			Found    float64 `json:"found_seconds"`
			Peak     float64 `json:"peak_mb"`
		}
		raw := json.RawMessage{}
		if err := dec.Decode(&raw); err != nil {
			t.Fatal(err)
		}
		// p50_ms of tiles is one number
		if err := json.Unmarshal(raw, &l); err != nil && !strings.Contains(err.Error(), "p50_ms") {
			t.Fatal(err)
		}
		lines[l.Name]++
		right := false
		switch l.Name {
		case "maps_first":
			right = l.Gzip["page"] > 1000 && l.Gzip["api map"] > 100 && len(l.P50) == 4
		case "maps_first_marker":
			right = l.Marker > 0 && l.Bytes > 10_000
		case "maps_picture":
			right = l.Median > 500 && l.Drawn > 0 && l.Kept > 0
		case "maps_tiles":
			right = l.Tiles > 0 && l.Errors == 0
		case "maps_import":
			right = l.Places == mostPlaces/100 && l.Found > 0 && l.Peak > 1 && l.By != ""
		case "maps_near":
			right = len(l.P50) == 4 && l.P50["index"] > 0
		}
		if !right {
			t.Errorf("%s", raw)
		}
	}
	want := map[string]int{"maps_first": 1, "maps_first_marker": 2, "maps_picture": 1, "maps_tiles": 1, "maps_import": 2, "maps_near": 1}
	if noBrowser() != "" {
		delete(want, "maps_first_marker")
	}
	if streetMap() == "" {
		delete(want, "maps_tiles")
	}
	if !maps.Equal(lines, want) {
		t.Errorf("lines: %v, not %v", lines, want)
	}
	if said := notes.String(); said != "" {
		t.Log(said)
	}
}

// A target that is missed is a failed exit at the full size, where all was measured.
func TestATargetThatIsMissedIsAFailedExit(t *testing.T) {
	for _, c := range []struct {
		scale float64
		met   bool
		fails bool
	}{{1, true, false}, {1, false, true}, {.5, false, false}} {
		b := &bench{scale: c.scale}
		b.judged("seconds < 2", true, "")
		b.judged("errors = 0", c.met, "")
		if err := b.verdict(); (err != nil) != c.fails || c.fails && err.Error() != "missed: errors = 0" {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestTheSummaryOfDnsperfIsRead(t *testing.T) {
	said := []byte("  Queries completed:    867653 (100.00%)\n  Queries per second:   30986.123456\n")
	if n, rate := figure(said, "Queries completed"), figure(said, "Queries per second"); n != 867653 || rate < 30986 || rate > 30987 {
		t.Errorf("%v, %v", n, rate)
	}
	if n := figure(said, "Queries lost"); n != 0 {
		t.Errorf("%v", n)
	}
}

func TestWhatCannotBeMeasuredHereIsSaid(t *testing.T) {
	args := []string{"--scale", "0.005", "--lamppost", filepath.Join(t.TempDir(), "none")}
	for _, only := range []string{"startup", "people", "field", "arrivals", "dns", "maps"} {
		if err := run(t.Context(), append(args, "--only", only), io.Discard, io.Discard); !errors.Is(err, errNoProgram) {
			t.Errorf("%s without the program: %v", only, err)
		}
	}
}

func TestAWrongCommandLineIsRefused(t *testing.T) {
	for _, args := range [][]string{{"--only", "nothing"}, {"--scale", "0"}, {"--scale", "nan"}, {"--runs", "0"}, {"surplus"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%s was taken", strings.Join(args, " "))
		}
	}
}
