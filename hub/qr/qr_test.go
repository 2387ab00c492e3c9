package qr_test

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/qr"
	lib "rsc.io/qr"
)

const text = "7K3M-Q2XD-9FBT-0WHN-5RJV"

// modules is what the library says of the code, with the margin around it.
func modules(t *testing.T, level lib.Level) (rows []string) {
	t.Helper()
	c, err := lib.Encode(text, level)
	if err != nil {
		t.Fatal(err)
	}
	for y := -4; y < c.Size+4; y++ {
		row := ""
		for x := -4; x < c.Size+4; x++ {
			row += map[bool]string{true: "#", false: "."}[c.Black(x, y)]
		}
		rows = append(rows, row)
	}
	return rows
}

func encode(t *testing.T, level qr.Level) qr.Code {
	t.Helper()
	c, err := qr.Encode(text, level)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheTextShowsEveryModule(t *testing.T) {
	want := modules(t, lib.M)
	c := encode(t, qr.Screen)
	if len(want) != c.Size() {
		t.Fatalf("%d modules wide, want %d", c.Size(), len(want))
	}
	colours := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for name, drawn := range map[string]string{"paper": c.Text(), "terminal": colours.ReplaceAllString(c.Terminal(), "")} {
		var got []string
		for line := range strings.Lines(drawn) {
			line = strings.TrimSuffix(line, "\n")
			upper := strings.NewReplacer("█", "#", "▀", "#", "▄", ".", " ", ".").Replace(line)
			lower := strings.NewReplacer("█", "#", "▀", ".", "▄", "#", " ", ".").Replace(line)
			got = append(got, upper, lower)
		}
		if fmt.Sprint(got[:len(want)]) != fmt.Sprint(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	for line := range strings.Lines(c.Terminal()) {
		if !strings.HasPrefix(line, "\x1b[") || !strings.HasSuffix(line, "\x1b[0m\n") {
			t.Errorf("a line leaves its colours behind: %q", line)
		}
	}
}

func TestTheSVGShowsEveryModule(t *testing.T) {
	want := modules(t, lib.Q)
	c := encode(t, qr.Paper)
	svg := c.SVG(`root 2 of "3" <of> A&B`)
	var doc struct {
		Label string `xml:"aria-label,attr"`
		Box   string `xml:"viewBox,attr"`
		Path  []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Label != `root 2 of "3" <of> A&B` || doc.Box != fmt.Sprintf("0 0 %d %d", len(want), len(want)) {
		t.Errorf("label %q, box %q", doc.Label, doc.Box)
	}
	got := make([][]byte, len(want))
	for y := range got {
		got[y] = []byte(strings.Repeat(".", len(want)))
	}
	row, at := 0, 0
	for _, m := range regexp.MustCompile(`(?:M(\d+) (\d+)\.5|m(\d+) 0)h(\d+)`).FindAllStringSubmatch(doc.Path[1].D, -1) {
		n := make([]int, len(m))
		for i, s := range m[1:] {
			n[i+1], _ = strconv.Atoi(s)
		}
		x, y, run := at+n[3], row, n[4]
		if m[3] == "" {
			x, y = n[1], n[2]
		}
		row, at = y, x+run
		for i := range run {
			got[y][x+i] = '#'
		}
	}
	for y := range want {
		if string(got[y]) != want[y] {
			t.Errorf("row %d is %s, want %s", y, got[y], want[y])
		}
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	if _, err := qr.Encode(strings.Repeat("x", qr.MaxText+1), qr.Paper); err == nil {
		t.Error("taken")
	}
	if _, err := qr.Encode(strings.Repeat("x", qr.MaxText), qr.Paper); err != nil {
		t.Error(err)
	}
}
