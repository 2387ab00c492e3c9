package server_test

import (
	"io"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestWhoStallAtOnceAreNotDroppedAtOnce: to drop many, and to have them all back, takes
// a moment in which nobody else is answered.
func TestWhoStallAtOnceAreNotDroppedAtOnce(t *testing.T) {
	const half = "POST /messages/town HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n"
	for name, c := range map[string]struct {
		sends string
		least time.Duration // until the first goes
		most  time.Duration // until the last has gone
	}{
		"half a header": {half, 4 * time.Second, 5 * time.Second},
		"half a body":   {half + "\r\ntext=so+far", 16 * time.Second, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inABubble(t, func(t *testing.T, s *station) {
				began := time.Now()
				held := make([]time.Duration, 100)
				var all sync.WaitGroup
				for i := range held {
					conn, err := s.dial(t.Context(), "", "")
					if err != nil {
						t.Fatal(err)
					}
					all.Go(func() {
						defer conn.Close()
						_, _ = io.WriteString(conn, c.sends)
						_, _ = io.Copy(io.Discard, conn)
						held[i] = time.Since(began)
					})
				}
				all.Wait()
				slices.Sort(held)
				first, last := held[0], held[len(held)-1]
				if first < c.least || last > c.most {
					t.Errorf("dropped after %v to %v", first, last)
				}
				tenth := (c.most - c.least) / 10
				for at := first; at <= last; at += tenth {
					within := 0
					for _, h := range held {
						if at <= h && h < at+tenth {
							within++
						}
					}
					if within > len(held)/3 {
						t.Errorf("%d of %d dropped within %v", within, len(held), tenth)
					}
				}
			})
		})
	}
}
