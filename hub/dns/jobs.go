package dns

import (
	"context"
	"net/netip"
	"slices"
	"sync"
)

// Bounds of what waits for other servers.
const (
	places     = 320 // queries over UDP that are asked elsewhere at a time
	maxWaiting = 512 // more are dropped; clients ask again
	maxOfOne   = 24  // of one client, waiting or at work
)

// job is a query over UDP that has to be asked elsewhere.
type job struct {
	ask  *ask
	addr netip.Addr
	send func(reply []byte)
}

// share is how many times what it has must be free for a client to get another place.
const share = 8

// jobs shares the places among clients. A name that nobody answers keeps its place for
// seconds, and any phone can ask for one after another: the fewer places are free, the
// fewer a client may have, so that of k clients that take all they get share/(k+share) of
// the places stay for the next. In the same way a client waits only while fewer of its
// jobs do than there is room for. See Choudhury and Hahne, Dynamic Queue Length
// Thresholds for Shared-Memory Packet Switches, 1998.
type jobs struct {
	ready chan job // have a place

	mu      sync.Mutex
	free    int                 // places
	waiting []job               // the longest first; none of them may have a place now
	of      map[netip.Addr]load // at most places + maxWaiting
}

// load is what one client has.
type load struct{ working, waiting int }

func newJobs() *jobs {
	return &jobs{ready: make(chan job, places), free: places, of: make(map[netip.Addr]load)}
}

// add reports whether there was room for a job.
func (j *jobs) add(one job) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch l := j.of[one.addr]; {
	case l.working+l.waiting >= maxOfOne:
		return false
	case l.working*share < j.free:
		j.begin(one, l)
	case l.waiting < maxWaiting-len(j.waiting):
		l.waiting++
		j.of[one.addr] = l
		j.waiting = append(j.waiting, one)
	default:
		return false
	}
	return true
}

// begin gives a job of a client with that load a place.
func (j *jobs) begin(one job, l load) {
	j.free--
	l.working++
	j.of[one.addr] = l
	j.ready <- one // there is room: it has as many as there are places
}

// done frees the place of a client's job, for one of who has the fewest.
func (j *jobs) done(addr netip.Addr) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.free++
	l := j.of[addr]
	l.working--
	if j.of[addr] = l; l == (load{}) {
		delete(j.of, addr)
	}
	for i := j.next(); i >= 0; i = j.next() {
		one := j.waiting[i]
		j.waiting = slices.Delete(j.waiting, i, i+1)
		l := j.of[one.addr]
		l.waiting--
		j.begin(one, l)
	}
}

// next is which of those that wait may have a place now, or -1.
func (j *jobs) next() int {
	next, fewest := -1, j.free
	for i, one := range j.waiting {
		if n := j.of[one.addr].working * share; n < fewest {
			next, fewest = i, n
		}
	}
	return next
}

// work does jobs until ctx ends. One goroutine for each place costs less for a query than
// one for each query (measured).
func (s *Server) work(ctx context.Context) error {
	var buf []byte
	for {
		select {
		case <-ctx.Done():
			return nil
		case one := <-s.jobs.ready:
			if buf == nil {
				buf = make([]byte, 0, maxUDP)
			}
			if reply := s.resolve(ctx, buf, one.ask); reply != nil {
				one.send(reply)
			}
			s.jobs.done(one.addr)
		}
	}
}
