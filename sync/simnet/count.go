package simnet

import (
	"os"
	"strconv"
)

// Count is how many of full repetitions a test is to do: LAMPPOST_COUNT percent,
// 10 if that is not set, at least one.
func Count(full int) int {
	percent, err := strconv.Atoi(os.Getenv("LAMPPOST_COUNT"))
	if err != nil || percent < 1 {
		percent = 10
	}
	return max(1, full*percent/100)
}
