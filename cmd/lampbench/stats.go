package main

import (
	"math"
	"slices"
	"syscall"
	"time"
)

// used is the processor time that this process has taken.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// millis is a time in milliseconds with two decimals.
func millis(d time.Duration) float64 { return rounded(d.Seconds()*1000, 2) }

// seconds is a time in seconds with three decimals.
func seconds(d time.Duration) float64 { return rounded(d.Seconds(), 3) }

func rounded(x float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(x*p) / p
}

// percentile is the value that p of all (0 to 1) do not exceed; 0 of none.
func percentile(ds []time.Duration, p float64) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	ds = slices.Sorted(slices.Values(ds))
	return ds[max(0, int(math.Ceil(p*float64(len(ds))))-1)]
}

// median of an even number is the lower middle one.
func median[T int64 | float64 | time.Duration](xs []T) T {
	xs = slices.Sorted(slices.Values(xs))
	return xs[(len(xs)-1)/2]
}

// result is what one repetition came to.
type result struct {
	took, cpu     time.Duration
	wire, encoded int64
}

type results []result

// median is that of each figure by itself.
func (rs results) median() (m result) {
	var took, cpu []time.Duration
	var wire, encoded []int64
	for _, r := range rs {
		took, cpu = append(took, r.took), append(cpu, r.cpu)
		wire, encoded = append(wire, r.wire), append(encoded, r.encoded)
	}
	return result{median(took), median(cpu), median(wire), median(encoded)}
}

func (rs results) seconds() (out []float64) {
	for _, r := range rs {
		out = append(out, seconds(r.took))
	}
	return out
}
