package fieldtest

import (
	"math"
	"slices"
	"time"
)

// Percentile is the time that p of all (0 to 1) do not exceed; 0 of none.
func Percentile(ds []time.Duration, p float64) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	ds = slices.Sorted(slices.Values(ds))
	return ds[max(0, int(math.Ceil(p*float64(len(ds))))-1)]
}
