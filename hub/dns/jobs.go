package dns

import (
	"context"
	"net/netip"
	"sync"
)

// Bounds of what waits for other servers.
const (
	workers    = 64  // queries over UDP that are asked elsewhere at a time
	maxWaiting = 256 // more are dropped; clients ask again
	maxOfOne   = 24  // of one client, waiting or at work
)

// job is a query over UDP that has to be asked elsewhere.
type job struct {
	ask  *ask
	addr netip.Addr
	send func(reply []byte)
}

// jobs is the queue of the workers.
type jobs struct {
	queue chan job
	mu    sync.Mutex
	of    map[netip.Addr]int // at most maxWaiting + workers
}

func newJobs() *jobs {
	return &jobs{queue: make(chan job, maxWaiting), of: make(map[netip.Addr]int)}
}

// add reports whether there was room for a job.
func (j *jobs) add(one job) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.of[one.addr] >= maxOfOne {
		return false
	}
	select {
	case j.queue <- one:
		j.of[one.addr]++
		return true
	default:
		return false
	}
}

// done makes room for another job of a client.
func (j *jobs) done(addr netip.Addr) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.of[addr]--; j.of[addr] <= 0 {
		delete(j.of, addr)
	}
}

// work does jobs until ctx ends.
func (s *Server) work(ctx context.Context) error {
	buf := make([]byte, 0, maxUDP)
	for {
		select {
		case <-ctx.Done():
			return nil
		case one := <-s.jobs.queue:
			if reply := s.resolve(ctx, buf, one.ask); reply != nil {
				one.send(reply)
			}
			s.jobs.done(one.addr)
		}
	}
}
