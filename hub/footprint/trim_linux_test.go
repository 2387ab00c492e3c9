package footprint_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/footprint"
)

// resident is how many KiB of this program's file are part of the process's memory,
// where they cannot be written to.
func resident(t *testing.T) (kib int) {
	t.Helper()
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Skip(err)
	}
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer smaps.Close()
	ours := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch {
		case !strings.HasSuffix(fields[0], ":"):
			ours = strings.HasSuffix(lines.Text(), file) && !strings.Contains(fields[1], "w")
		case ours && fields[0] == "Rss:":
			n, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			kib += n
		}
	}
	return kib
}

func TestWhatWasNeededOnceIsLetGoOfAndTheProgramGoesOn(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	before := resident(t)
	if before == 0 {
		t.Fatal("this test looks at the wrong file: ", exe)
	}
	if err := footprint.Trim(); err != nil {
		t.Fatal(err)
	}
	if after := resident(t); after > before*3/4 {
		t.Errorf("%d KiB are there, %d were", after, before)
	}
	t.Log("before", before, "after", resident(t))
}
