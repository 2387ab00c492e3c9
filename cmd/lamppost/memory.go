package main

import (
	"os"
	"runtime/debug"
)

// leanPercent is how much the heap may grow before it is collected. The boxes that
// hubs run on have processor time to spare and little memory.
const leanPercent = 50

// beLean has the program keep less memory than is usual, unless the operator has
// said how much (GOGC).
func beLean() {
	if _, said := os.LookupEnv("GOGC"); !said {
		debug.SetGCPercent(leanPercent)
	}
}
