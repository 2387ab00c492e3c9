package haul_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/haul"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// runs is how many seeds are tried: 10 for LAMPPOST_COUNT=100.
func runs() uint64 {
	percent, err := strconv.ParseUint(os.Getenv("LAMPPOST_COUNT"), 10, 32)
	if err != nil {
		percent = 30
	}
	return max(2, percent/10)
}

// Whatever is cut, lost and started anew, and though one hub lies and another has
// little room: once all is mended each hub that has room has all that it is to have,
// nothing else than what it should be, and no honest hub was taken for a hostile one.
func TestChaos(t *testing.T) {
	for seed := range runs() {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			chaos(t, 100+seed)
		})
	}
}

func chaos(t *testing.T, seed uint64) {
	const n, liar, small = 6, 4, 5
	s := newScene(t, seed, n, func(s *scene) { s.lying[liar], s.most[small] = true, 1_000_000 })
	r := s.Rand()
	s.Faults.Lose, s.Faults.Delay = 0.0003, 150*time.Millisecond
	for i := 1; i < n; i++ {
		s.Connect(i, r.IntN(i))
		s.Connect(i, (i+1)%(n-2)) // beside the liar there is always another way
	}
	type made struct {
		blob record.Blob
		data []byte
		name record.Class
	}
	var all []made
	for round := range 12 {
		at := r.IntN(4)
		c := []record.Class{record.Notice, record.Notice, record.Place, record.Bulk}[r.IntN(4)]
		who := map[record.Class]string{record.Notice: "fire", record.Place: "maps", record.Bulk: simnet.HubName(at)}[c]
		data := some(byte(round), 1+r.IntN(700_000))
		all = append(all, made{s.publish(at, who, c, data), data, c})
		i := 1 + r.IntN(n-1)
		switch r.IntN(3) {
		case 0:
			s.Cut(i, r.IntN(i))
		case 1:
			ok(t, s.Crash(i))
			ok(t, s.Run(time.Second))
			ok(t, s.Start(i))
		}
		ok(t, s.Run(time.Duration(r.IntN(3000))*time.Millisecond))
		for i := 1; i < n; i++ {
			s.Connect(i, (i+1)%(n-2))
		}
	}
	s.Faults.Lose = 0
	s.until(15*time.Minute, "all is where it should be", func() bool {
		for _, m := range all {
			for i := range n {
				if i != small && m.name <= record.Place && m.blob.Size <= haul.EagerPlace && !s.has(i, m.blob) {
					return false
				}
			}
		}
		return true
	})
	for i, c := range s.hubs {
		for _, m := range all {
			if s.has(i, m.blob) {
				s.sound(i, m.data)
			}
		}
		if len(c.broke) > 0 {
			t.Errorf("hub %d was told what no honest hub says: %v", i, c.broke)
		}
		if st := c.blobs.Status(); st.Bytes > st.Most {
			t.Errorf("hub %d: %+v", i, st)
		}
	}
}
