package footprint

import (
	"slices"
	"strings"
	"testing"
)

func TestOnlyWhatOfTheFileCannotChangeIsLetGoOf(t *testing.T) {
	got, err := unchanging(strings.NewReader(`00400000-00f51000 r-xp 00000000 fd:00 13 /usr/bin/lamppost
00f51000-01ca6000 r--p 00b51000 fd:00 13 /usr/bin/lamppost
01ca6000-01d3e000 rw-p 018a6000 fd:00 13 /usr/bin/lamppost
01d3e000-01d4e000 rw-p 00000000 00:00 0
7f1ac6000000-7f1aca000000 r--s 00000000 fd:00 17 /var/lib/records.db
7f1aca000000-7f1aca001000 ---p 00000000 fd:00 13 /usr/bin/lamppost
7ffc0f2f3000-7ffc0f314000 rw-p 00000000 00:00 0 [stack]
`), "/usr/bin/lamppost")
	if err != nil {
		t.Fatal(err)
	}
	if want := []span{{0x400000, 0xf51000}, {0xf51000, 0x1ca6000}}; !slices.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}

func TestAListThatDoesNotReadIsAnError(t *testing.T) {
	for _, line := range []string{
		"00400000 r-xp 0 fd:00 13 /lamppost",
		"xyz-00f51000 r-xp 0 fd:00 13 /lamppost",
		"00f51000-00400000 r-xp 0 fd:00 13 /lamppost",
	} {
		if got, err := unchanging(strings.NewReader(line), "/lamppost"); err == nil {
			t.Errorf("%s: %v", line, got)
		}
	}
}
