package roster_test

import (
	"fmt"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// bigTown has a little over n trust records: half of the hubs by the roots,
// three signatures each, the rest by the station; one in ten revoked.
func bigTown(t fataler, n int) *town {
	w := found(t, 3, "root1", "root2", "root3", "root4", "root5")
	w.say(hubCert("station", roster.Admit), "root1", "root2", "root3")
	for i := 0; len(w.seen) < n; i++ {
		name := fmt.Sprint("hub", i)
		if i%2 == 0 {
			w.say(hubCert(name, 0), "root1", "root3", "root5")
		} else {
			w.say(hubCert(name, 0), "station")
		}
		if i%10 == 0 {
			w.say(revoke(name), "root1", "root2", "root3")
		}
	}
	return w
}

func BenchmarkCompute(b *testing.B) {
	w := bigTown(b, 2000)
	for b.Loop() {
		roster.Compute(w.f, w.seen)
	}
	b.ReportMetric(float64(len(w.seen)), "records")
}

func BenchmarkAdmits(b *testing.B) {
	w := bigTown(b, 2000)
	s := w.state()
	r := w.post("hub1", record.Talk, "k")
	for b.Loop() {
		if err := s.Admits(r, false); err != nil {
			b.Fatal(err)
		}
	}
}
