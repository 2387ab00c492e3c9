package node

import (
	"context"
	"errors"
	"time"

	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/sync/store"
)

const (
	fetchLook = 200 * time.Millisecond // between two looks how far Fetch is
	// Nothing more comes for so long, and there is less room than so many bytes:
	// then it is the disk on which Fetch would wait in vain.
	fetchStall = 2 * time.Second
	fetchRoom  = 1 << 20
)

// Why a hub that was a member cannot go on as one. Match with errors.Is.
var (
	ErrRevoked = errors.New("this hub was revoked for good")
	ErrRetired = errors.New("this hub is marked as no longer in use")
)

// Fetched is how far Fetch is.
type Fetched struct {
	Records uint64
	Alone   time.Duration // without a link for so long; 0 = there is one
}

// Fetch runs a hub until it holds what one of its peers holds, or ctx ends, and
// tells every 200 ms how far it is. It reports whether it came so far;
// else the hub goes on with it when it runs. It fails with ErrRevoked or ErrRetired
// as soon as the hub's own records or a peer say so, and with store.ErrFull where the
// disk keeps it from going on.
func Fetch(ctx context.Context, c Config, progress func(Fetched)) (done bool, err error) {
	n, err := New(c)
	if err != nil {
		return false, err
	}
	if out := n.putOut(); out != nil {
		return false, errors.Join(out, n.Close())
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- n.Run(running) }()
	tick := time.NewTicker(fetchLook)
	defer tick.Stop()
	var last uint64
	moved, linked := time.Now(), time.Now()
	for {
		select {
		case err := <-ended:
			return false, err
		case <-tick.C:
		}
		s, err := n.Status()
		if err != nil {
			stop()
			return false, errors.Join(err, <-ended)
		}
		if s.Records() != last {
			last, moved = s.Records(), time.Now()
		}
		alone := time.Since(linked)
		for _, l := range s.Links {
			if l.Up() {
				linked, alone = time.Now(), 0
			}
			done = done || l.Up() && l.Equal
		}
		progress(Fetched{last, alone})
		out := n.putOut() // what came may have said so
		if d := n.disk(); !done && out == nil && time.Since(moved) > fetchStall && d.Total > 0 && d.Free < fetchRoom {
			out = store.ErrFull
		}
		if done || out != nil {
			stop()
			return done, errors.Join(out, <-ended)
		}
	}
}

// putOut says whether this hub is a member no more, as far as it knows or was told
// by one that it dialled; nil while it is.
func (n *Node) putOut() error {
	switch n.standing() {
	case doctor.Revoked, doctor.Disowned:
		return ErrRevoked
	case doctor.Retired:
		return ErrRetired
	case doctor.Certified, doctor.Uncertified:
	}
	return nil
}
