package size_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/size"
)

// The map file of a small town has 75 kB, and is not said to have a megabyte.
func TestASizeIsToldAsPeopleWouldReadIt(t *testing.T) {
	for n, want := range map[int64]struct{ size, down string }{
		-1:            {"0 kB", "0 kB"},
		0:             {"0 kB", "0 kB"},
		1:             {"1 kB", "0 kB"},
		1_499:         {"1 kB", "1 kB"},
		75_300:        {"75 kB", "75 kB"},
		999_499:       {"999 kB", "999 kB"},
		999_500:       {"1.0 MB", "999 kB"},
		1_000_000:     {"1.0 MB", "1.0 MB"},
		3_450_000:     {"3.5 MB", "3.4 MB"},
		9_949_999:     {"9.9 MB", "9.9 MB"},
		9_950_000:     {"10 MB", "9.9 MB"},
		34_499_999:    {"34 MB", "34 MB"},
		34_500_000:    {"35 MB", "34 MB"},
		8_000_000_000: {"8000 MB", "8000 MB"},
	} {
		if got := size.Say(n).String(); got != want.size {
			t.Errorf("a file of %d bytes has %s; want %s", n, got, want.size)
		}
		if got := size.SayDown(n).String(); got != want.down {
			t.Errorf("of %d bytes %s are here; want %s", n, got, want.down)
		}
	}
}
