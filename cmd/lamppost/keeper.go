package main

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/hub/accesspoint"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// keeper runs a hub, and opens it anew when portal up or down has changed the phones'
// network: nobody has to start the program again.
type keeper struct {
	runCommand
	wall func() time.Time
	log  *slog.Logger
}

// open opens the hub for phones where a plan has them; nil if portal up has prepared
// nothing.
func (k keeper) open(p *accesspoint.Plan) (*node.Node, node.Wifi, error) {
	folder, err := node.ReadFolder(k.Data)
	if err != nil {
		return nil, node.Wifi{}, explain(k.Data, err)
	}
	k.Phones = slices.Clip(k.Phones) // a hub that is opened later begins with the same
	upstreams, err := k.upstreams()
	if err != nil {
		return nil, node.Wifi{}, err
	}
	wifi := node.Wifi{Portal: k.Portal, DNS: k.DNS, Upstreams: upstreams, AllowPrivate: k.AllowPrivate, Certificate: k.certificate()}
	if wifi.Unslowed, err = networks(k.Unslowed); err != nil {
		return nil, wifi, err
	}
	if p != nil {
		if err := k.meet(&wifi, *p); err != nil {
			return nil, wifi, err
		}
	}
	space, err := parseSize("--attachments", k.Attachments)
	if err != nil {
		return nil, wifi, err
	}
	n, err := node.New(node.Config{
		Folder: folder, Apps: apps.All(apps.Given{Warnings: k.warnings(k.log), Maps: k.maps(k.log)}), BlobSpace: int64(space),
		HTTP: k.HTTP, HTTPS: k.https(p), Listen: []string{k.Sync}, Peers: k.Peer, Control: true, Metrics: k.Metrics,
		Nearby: node.Nearby{Membership: k.membership(), Multicast: k.Multicast, LeaveAlone: k.Phones},
		Wifi:   wifi, Internet: k.internet(k.log),
		Version: version, Built: built(), Wall: k.wall, TrustClock: k.TrustClock, Newcomers: k.Newcomers, ClaimEvery: k.ClaimEvery, Log: k.log,
	})
	return n, wifi, explain(k.Data, err)
}

// run runs a hub that is open, and those that come after it, until ctx ends.
func (k keeper) run(ctx context.Context, n *node.Node, p *accesspoint.Plan) error {
	for {
		next, changed, err := k.runUntil(ctx, n, p)
		if err != nil || !changed {
			return explain(k.Data, err)
		}
		p = next
		if n, _, err = k.open(p); err != nil && p != nil {
			k.log.Error("phones are not met on the network that portal up has made; the hub goes on without it", "interface", p.Interface, "err", err)
			n, _, err = k.open(nil)
		}
		if err != nil {
			return err
		}
		k.log.Info("the hub is open again")
	}
}

// runUntil runs a hub until ctx ends, or it can go on with another plan.
func (k keeper) runUntil(ctx context.Context, n *node.Node, p *accesspoint.Plan) (next *accesspoint.Plan, changed bool, err error) {
	until, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		defer cancel()
		next, changed = k.await(until, p)
	})
	err = n.Run(until)
	cancel()
	watch.Wait()
	return next, changed && ctx.Err() == nil, err
}

// await returns the next plan with which the hub can go on; false when ctx ends.
func (k keeper) await(ctx context.Context, p *accesspoint.Plan) (*accesspoint.Plan, bool) {
	for {
		next, changed := accesspoint.AwaitChange(ctx, p, k.Data)
		if !changed {
			return nil, false
		}
		if next == nil {
			k.log.Info("there is no network of phones any more; the hub opens anew")
			return nil, true
		}
		if err := k.reachable(*next); err != nil {
			k.log.Error("phones are not met on the network that portal up has made", "interface", next.Interface, "err", err)
			p = next
			continue
		}
		k.log.Info("portal up has made a network of phones; the hub opens anew for it", "interface", next.Interface)
		return next, true
	}
}
