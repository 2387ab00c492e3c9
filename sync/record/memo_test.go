package record_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestWhatIsMadeOfARecordIsMadeOnce(t *testing.T) {
	var m record.Memo
	n := 0
	count := func() int { n++; return n }
	for range 2 {
		if record.Once(&m, count) != 1 {
			t.Error("it was made again")
		}
	}
	if s := record.Once(&m, func() string { return "another thing" }); s != "another thing" {
		t.Errorf("%q was made as something else", s)
	}
	for range 2 {
		record.Once(nil, count)
	}
	if n != 3 {
		t.Errorf("nothing keeps it, and it was made %d times", n)
	}
}
