package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
)

// golden compares a text with testdata/NAME, or writes it with GOLDEN=1.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("GOLDEN") == "1" {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("it is:\n%s\nnot:\n%s", text, want)
	}
	for line := range strings.Lines(text) {
		if n := columns(strings.TrimRight(line, "\n")); n > screen {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func ago(d time.Duration) time.Time {
	return time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC).Add(-d)
}

// busyHub is a hub with a bit of everything, and with long names.
func busyHub() control.Status {
	id := func(c string) string { return strings.Repeat(c, 32) }
	return control.Status{
		Community: "Millbrook", Place: "Fire Station", ID: id("1a"), HTTP: "[::]:80", Sync: []string{"[::]:4680"}, Internet: "down",
		Clock:   control.Clock{Now: ago(0), Plausible: true, Why: "network time"},
		Program: control.Program{Version: "v0.2.0", Uptime: 26*3600 + 59},
		Links: []control.Link{
			{Peer: id("2b"), Label: "Library", Addr: "192.168.100.107:4680", Since: ago(26 * time.Hour), Equal: true, Dialled: true},
			{Peer: id("3c"), Label: "消防署と市民センターの間にある小さな学校", Addr: "10.0.0.3:51234", Since: ago(23*time.Hour + 59*time.Minute), Waiting: 3, Behind: control.Behind{They: new(uint64(12)), We: new(uint64(1203))}},
			{Peer: id("4d"), Label: "The school at the end of Elm Street", Addr: "[fd00:1234:5678:9abc:def0:1234:5678:9abc]:51234", Since: ago(5 * time.Second)},
			{Peer: id("5e"), Label: "Town Hall", Addr: "192.168.1.9:4680", Problem: "no route to host"},
			{Addr: "192.168.1.77:4680", Problem: "connection refused"},
		},
		Hubs: []control.Hub{
			{ID: id("2b"), Label: "Library", Linked: true, Up: true},
			{ID: id("6f"), Label: "Old barn", Retired: true},
			{ID: id("7a"), Label: "Shelter", Up: true, Heard: ago(90 * time.Minute)},
			{ID: id("5e"), Label: "Town Hall", Heard: ago(50 * time.Hour)},
			{ID: id("8b"), Label: "Zoo"},
		},
		Apps:  []control.App{{Name: "hubs", Records: 3}, {Name: "maps", Records: 7}, {Name: "messages", Records: 1203}, {Name: "people", Records: 12}, {Name: "roster", Records: 48}},
		Disk:  control.Disk{Records: 64 << 20, Free: 12_400_000_000, Total: 31_900_000_000},
		Blobs: control.Blobs{Kept: 12, Bytes: 34 << 20, Most: 256 << 20, Waiting: 3, WaitingBytes: 5 << 20, NoRoom: 1},
		Warnings: []doctor.Finding{
			{Code: "disk", Level: doctor.Warn, Text: "The disk is nearly full: 120 MB of 32 GB are free on the disk of the data folder.", Todo: "Make room on it: delete what is not Lamppost's, or move the data folder to a larger disk while the hub is stopped."},
			{Code: "x", Level: doctor.Bad, Text: "Something else."},
		},
	}
}

func TestAStatusFitsOnAScreen(t *testing.T) {
	golden(t, "status.txt", statusText(busyHub()))
}

func TestAStatusOfALonelyHub(t *testing.T) {
	golden(t, "status-lonely.txt", statusText(control.Status{
		Community: "My street", ID: strings.Repeat("1a", 32), Clock: control.Clock{Now: ago(0), Why: "none"}, Program: control.Program{Version: "unknown"},
	}))
}

func TestHowLongACodeLastsIsRoundedToItsUnit(t *testing.T) {
	for d, want := range map[time.Duration]string{
		20 * time.Second: "1 min", 89*time.Minute + 31*time.Second: "90 min", 24*time.Hour - time.Second: "24 hours", 23*time.Hour + 20*time.Minute: "23 hours",
		48*time.Hour - time.Second: "48 hours", 72*time.Hour - time.Minute: "3 days", 7*24*time.Hour - time.Minute: "7 days",
	} {
		if got := lasting(d); got != want {
			t.Errorf("%v: %q", d, got)
		}
	}
}

func TestColumnsAreCountedAsTheyAreDrawn(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "消防署": 6, "e\u0301": 1, "👍": 2, "مدرسة": 5, "a\u200db": 2} {
		if got := columns(text); got != want {
			t.Errorf("%q takes %d columns, not %d", text, got, want)
		}
		for most := 1; most <= want; most++ {
			if got := columns(shortened(text, most)); got > most {
				t.Errorf("%q in %d columns takes %d", text, most, got)
			}
		}
	}
}
