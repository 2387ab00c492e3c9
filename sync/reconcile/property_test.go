package reconcile

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// sizes favours the empty set, the single item, the edges of a list and of a
// frame, and now and then thousands.
var sizes = rapid.OneOf(
	rapid.SampledFrom([]int{0, 1, 2, 15, 16, 17, 31, 32, 33, 120, 121, 122, 123}),
	rapid.IntRange(0, 600),
	rapid.IntRange(0, 4000),
)

// drawSets draws two sets that share some items. The spans make anything from
// all times different to all times alike.
func drawSets(t *rapid.T) (a, b []Item) {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	span := rapid.SampledFrom([]uint64{1, 2, 50, 1 << 20, MaxTime + 1}).Draw(t, "span")
	both := items(rng, sizes.Draw(t, "both"), span)
	a = append(items(rng, sizes.Draw(t, "only a"), span), both...)
	b = append(items(rng, sizes.Draw(t, "only b"), span), both...)
	return a, b
}

func drawOptions(t *rapid.T, who string) Options {
	return Options{FrameLimit: rapid.SampledFrom([]int{0, MinFrame, MinFrame + 1, 5000, 20_000}).Draw(t, who)}
}

func TestTheInitiatorLearnsTheDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSets(t)
		if _, err := check(a, b, plain, drawOptions(t, "frame a"), drawOptions(t, "frame b")); err != nil {
			t.Fatal(err)
		}
	})
}

func TestExhaustiveLearnsTheDifferenceWhateverTheFingerprints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSets(t)
		forA := drawOptions(t, "frame a")
		forA.Exhaustive = true
		if _, err := check(a, b, asBlind, forA, drawOptions(t, "frame b")); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkReconcile50k(b *testing.B) {
	for _, d := range []int{0, 100, 1000} {
		b.Run(fmt.Sprintf("%d", d), func(b *testing.B) {
			x, y := scattered(rand.New(rand.NewPCG(4, 4)), 50_000, d)
			mine, theirs := NewFlat(x), NewFlat(y)
			var res result
			for b.Loop() {
				var err error
				if res, err = exchange(mine, theirs, Options{}, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(res.bytes), "wire-B/op")
			b.ReportMetric(float64(res.rounds), "rounds/op")
		})
	}
}
