package main

import "testing"

func TestOnlyAHubAtRestGivesMemoryBack(t *testing.T) {
	const mb = 1 << 20
	before := heap{made: 100 * mb}
	for name, c := range map[string]struct {
		now  heap
		want bool
	}{
		"after a burst":              {heap{made: 100*mb + 300_000, spare: 6 * mb}, true},
		"with nothing to give":       {heap{made: 100*mb + 300_000, spare: 3000}, false},
		"while much is being done":   {heap{made: 103 * mb, spare: 6 * mb}, false},
		"as much as it may at most":  {heap{made: 101 * mb, spare: mb}, true},
		"while pages are asked for":  {heap{made: 101*mb + 1, spare: 2 * mb}, false},
		"with a little less to give": {heap{made: 101 * mb, spare: mb - 1}, false},
	} {
		if got := c.now.rests(before); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheHeapKnowsWhatIsGarbage(t *testing.T) {
	before := readHeap()
	var kept []byte
	for range 64 {
		kept = make([]byte, 1<<20) // each before it is garbage
	}
	now := readHeap()
	if made := now.made - before.made; made < 64<<20 {
		t.Errorf("%d bytes were asked for", made)
	}
	if now.spare == 0 {
		t.Error("nothing is garbage")
	}
	_ = kept
}
