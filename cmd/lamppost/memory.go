package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// leanPercent is how much the heap may grow before it is collected. The boxes that
// hubs run on have processor time to spare and little memory.
const leanPercent = 50

// beLean has the program keep less memory than is usual until the function that it
// returns is called, or the context ends, unless the operator has said how much (GOGC).
func beLean(ctx context.Context) (stop func()) {
	if _, said := os.LookupEnv("GOGC"); said {
		return func() {}
	}
	debug.SetGCPercent(leanPercent)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { giveBack(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// What a hub at rest gives back: the runtime by itself keeps a tenth of what the heap has
// been, and collects nothing for two minutes.
const (
	restLook   = 30 * time.Second
	restLittle = 1 << 20 // bytes that a hub at rest asks of the heap meanwhile, at the most
	restWorth  = 1 << 20 // bytes to be had back that are worth a collection
)

// heap is how the heap stands, in bytes.
type heap struct {
	made  uint64 // asked of it since the start
	spare uint64 // that are free or garbage, as far as is known, and not given back
}

// giveBack gives memory back to the machine whenever the hub has come to rest, until the
// context ends.
func giveBack(ctx context.Context) {
	tick := time.NewTicker(restLook)
	defer tick.Stop()
	before := readHeap()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := readHeap()
		if now.rests(before) {
			debug.FreeOSMemory()
			now = readHeap()
		}
		before = now
	}
}

// rests reports whether so little has happened that what is free will not be wanted soon.
func (h heap) rests(before heap) bool {
	return h.made-before.made <= restLittle && h.spare >= restWorth
}

func readHeap() (h heap) {
	all := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(all)
	free, objects, live := all[1].Value.Uint64(), all[2].Value.Uint64(), all[3].Value.Uint64()
	h.made, h.spare = all[0].Value.Uint64(), free
	if objects > live { // since the last collection
		h.spare += objects - live
	}
	return h
}
