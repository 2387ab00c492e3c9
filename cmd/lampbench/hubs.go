package main

import (
	"context"
	"errors"
	"time"

	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// loopback is any free port.
const loopback = "127.0.0.1:0"

// patience bounds every wait for hubs.
const patience = 2 * time.Minute

var errLate = errors.New("the hubs did not get there in time")

// site is a hub that runs.
type site struct {
	*node.Node
	self record.Author
	stop func() error
}

// start runs a hub that serves pages and other hubs, and dials peers.
func start(ctx context.Context, f node.Folder, peers ...string) (*site, error) {
	n, err := node.New(node.Config{
		Folder: f, Apps: apps.All(apps.Given{}), HTTP: loopback, Listen: []string{loopback}, Peers: peers,
		TrustClock: true, Limits: replica.DefaultLimits(),
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	return &site{Node: n, self: record.AuthorOf(f.Key), stop: func() error {
		cancel()
		return <-ended
	}}, nil
}

// stopAll is deferred: it stops hubs and adds what that says to err.
func stopAll(err *error, hubs ...*site) {
	for _, h := range hubs {
		*err = errors.Join(*err, h.stop())
	}
}

// startLine runs hubs each of which dials the one before. Those that run are
// returned with the error too.
func startLine(ctx context.Context, fs []node.Folder) (line []*site, _ error) {
	var before []string
	for _, f := range fs {
		s, err := start(ctx, f, before...)
		if err != nil {
			return line, err
		}
		line, before = append(line, s), s.SyncAddrs()
	}
	return line, nil
}

// rates are the limits of live forwarding, for the lines to tell.
type rates struct {
	AuthorBurst int     `json:"author_burst"`
	AuthorRate  float64 `json:"author_per_s"`
	HubBurst    int     `json:"hub_burst"`
	HubRate     float64 `json:"hub_per_s"`
}

func ratesInUse() rates {
	l := replica.DefaultLimits()
	return rates{l.AuthorBurst, l.AuthorRate, l.ViaBurst, l.ViaRate}
}

// equal waits until the hubs' digests are equal and tell want posts.
func equal(ctx context.Context, want int, hubs ...*site) error {
	return await(ctx, 5*time.Millisecond, func() (bool, error) {
		var first store.Moment
		for i, h := range hubs {
			m, err := h.Store().Moment(0)
			if err != nil {
				return false, err
			}
			if i == 0 {
				first = m
			}
			if m.Digests != first.Digests || m.Digests[record.Talk].Count != uint64(want) {
				return false, nil
			}
		}
		return true, nil
	})
}

// acquainted waits until a hub remembers, durably, a place in another's log.
func acquainted(ctx context.Context, h, peer *site) error {
	return await(ctx, 50*time.Millisecond, func() (bool, error) {
		p, err := h.Store().Cursor(peer.self)
		return p != store.Position{}, err
	})
}

// await asks again and again until done says so.
func await(ctx context.Context, every time.Duration, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errLate)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ratio says a share with three decimals.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return rounded(float64(a)/float64(b), 3)
}
