package gossip

import (
	"context"

	"golang.org/x/time/rate"
)

// The pace at which events are passed on. Whoever has the network key can make
// members up; what waits is one event a member.
const (
	tellRate  = 100 // a second
	tellBurst = 200
)

// tell passes on what changed, until ctx ends.
func (g *Gossip) tell(ctx context.Context) {
	pace := rate.NewLimiter(tellRate, tellBurst)
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.roll.wake:
		}
		for {
			m, e, ok := g.roll.next()
			if !ok {
				break
			}
			if e == Twin {
				g.log.Warn("a member says that it has this hub's identity, as whoever knows the network key can", "name", m.Name, "addr", m.Addr)
			}
			g.cfg.Heard(m, e)
			if pace.Wait(ctx) != nil {
				return
			}
		}
	}
}
