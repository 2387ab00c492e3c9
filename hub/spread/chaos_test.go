package spread_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// On links that break and part, between hubs that are killed, no hub is counted
// that does not hold a post; in the end all are. Frames keep their order, as they
// do on a stream: a state that overtakes records says too much.
func TestNobodyIsCountedTooEarlyOnBadLinks(t *testing.T) {
	for seed := range uint64(simnet.Count(100)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			const n = 5
			s := open(t, 100+seed, n)
			r := s.w.Rand()
			s.w.Connect(0, 3)
			s.w.Faults = simnet.Faults{Lose: 0.01, Delay: 400 * time.Millisecond}
			links := [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 3}}
			var posts []record.ID
			for range 150 {
				l := links[r.IntN(len(links))]
				switch r.IntN(8) {
				case 0:
					s.w.Cut(l[0], l[1])
				case 1, 2:
					s.w.Connect(l[0], l[1])
				case 3:
					i := r.IntN(n)
					ok(t, s.w.Crash(i))
					ok(t, s.w.Start(i))
					s.follow(i)
				case 4, 5:
					posts = append(posts, s.post(r.IntN(n)))
				}
				s.run(time.Duration(1+r.IntN(6)) * time.Second)
				s.truthful(posts)
			}
			s.w.Faults = simnet.Faults{Delay: 40 * time.Millisecond}
			for _, l := range links {
				s.w.Connect(l[0], l[1])
			}
			s.run(time.Minute)
			last := s.post(0)
			s.run(4 * time.Minute) // an end of a link may learn only from the next state that both agree
			for i := range n {
				for _, p := range append(posts, last) {
					s.want(i, p, n-1)
				}
			}
		})
	}
}

// truthful checks all that hubs believe of each other against what they hold.
func (s *street) truthful(posts []record.ID) {
	s.t.Helper()
	at := make([][]uint64, len(s.w.Hubs))
	for i, h := range s.w.Hubs {
		var err error
		at[i], err = h.Store.Find(posts...)
		ok(s.t, err)
	}
	for i := range s.w.Hubs {
		for j, other := range s.w.Hubs {
			for k, n := range at[i] {
				if i != j && n > 0 && n <= s.spreads[i].Upto(other.Key.Via()) && at[j][k] == 0 {
					s.t.Fatalf("hub %d believes that hub %d holds post %d", i, j, k)
				}
			}
		}
	}
}
