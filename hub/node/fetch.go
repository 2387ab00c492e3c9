package node

import (
	"context"
	"errors"
	"time"
)

// fetchLook is how often Fetch looks how far it is.
const fetchLook = 200 * time.Millisecond

// Fetch runs a hub until it holds what one of its peers holds, or ctx ends, and
// tells now and then how many records that are. It reports whether it came so far;
// else the hub goes on with it when it runs.
func Fetch(ctx context.Context, c Config, progress func(records uint64)) (done bool, err error) {
	n, err := New(c)
	if err != nil {
		return false, err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- n.Run(running) }()
	tick := time.NewTicker(fetchLook)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return done, err
		case <-tick.C:
		}
		if done {
			continue
		}
		s, err := n.Status()
		if err != nil {
			stop()
			return false, errors.Join(err, <-ended)
		}
		progress(s.Records())
		for _, l := range s.Links {
			done = done || l.Up() && l.Equal
		}
		if done {
			stop()
		}
	}
}
