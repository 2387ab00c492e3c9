package store_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/store"
)

// resident is how many KiB of a file are part of this process's memory.
func resident(t *testing.T, path string) (kib int) {
	t.Helper()
	b, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	ours := false
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		switch {
		case !strings.HasSuffix(fields[0], ":"):
			ours = strings.HasSuffix(strings.TrimSpace(line), path)
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

func TestWhatWasReadIsLetGoOfAndReadAgain(t *testing.T) {
	c := newCrowd(t, 5, 20)
	path, err := filepath.EvalSymlinks(filled(t, c))
	if err != nil {
		t.Fatal(err)
	}
	s := opened(t)(store.Open(path, c.config()))
	before := moment(t, s)
	if kib := resident(t, path); kib == 0 {
		t.Fatal("this test looks at the wrong file")
	}
	if err := s.Release(); err != nil {
		t.Fatal(err)
	}
	if kib := resident(t, path); kib > 0 {
		t.Errorf("%d KiB are still there", kib)
	}
	if after := moment(t, s); after != before {
		t.Errorf("%+v, was %+v", after, before)
	}
	apply(t, s, c.posts...)
	if err := s.Release(); err != nil {
		t.Fatal(err)
	}
	moment(t, s)
}
