// Package featuretest measures what reads features.
package featuretest

import (
	"runtime"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

// looked is after how many features memory is looked at.
const looked = 1000

// Peak reads all of a source and is how many features came, by how many bytes the heap
// grew meanwhile at the most, as far as is seen by looking now and then, and the last error.
func Peak(src feature.Source) (n int, grown uint64, last error) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, m.HeapAlloc
	for _, err := range feature.All(src) {
		if last = err; err == nil {
			n++
		}
		if n%looked == 0 {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	return n, most - before, last
}
