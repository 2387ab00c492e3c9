package server_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/hub/server"
)

// TestSocketsAreToldOfAChangeOneAfterAnother: all hear of it within a second, and no
// tenth of a second has most of them.
func TestSocketsAreToldOfAChangeOneAfterAnother(t *testing.T) {
	const n = 400
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		s := newStation(t, p, server.Limits{OpenRequests: n, SocketsEach: n, PerAddress: n})
		s.dial = p.dial
		began := make(chan struct{})
		took := make([]time.Duration, n)
		var ready, told sync.WaitGroup
		for i := range n {
			ready.Add(1)
			told.Go(func() {
				c := s.client()
				c.say(wish)
				c.hear(heard)
				ready.Done()
				<-began
				at := time.Now()
				c.hear(`{"changed":[{"app":"messages","terms":["c/1"]}]}`)
				took[i] = time.Since(at)
				_ = c.Close()
			})
		}
		ready.Wait()
		close(began)
		s.feed.change("c/1")
		told.Wait()
		slices.Sort(took)
		if last := took[n-1]; last > time.Second/2 {
			t.Errorf("the last is told after %v", last)
		}
		if early := took[n/10]; took[n-n/10]-early < time.Second/10 {
			t.Errorf("most are told between %v and %v", early, took[n-n/10])
		}
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}
