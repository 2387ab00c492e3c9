package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
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
	for _, n := range names() {
		if lines[n] != 2 {
			t.Errorf("%d lines of %s", lines[n], n)
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
