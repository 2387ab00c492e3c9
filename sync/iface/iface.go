// Package iface follows the network interfaces of the machine: which are up, with
// which addresses, and when that changes.
package iface

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"
)

// Interface is one that is up.
type Interface struct {
	Name      string
	Index     int
	Multicast bool
	Loopback  bool
	Addrs     []netip.Prefix // without zones
}

func (i Interface) equal(o Interface) bool {
	return i.Name == o.Name && i.Index == o.Index && i.Multicast == o.Multicast && i.Loopback == o.Loopback && slices.Equal(i.Addrs, o.Addrs)
}

// List is the interfaces that are up, in the system's order. Those that go away
// while they are asked are left out.
func List() ([]Interface, error) {
	ifs, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var out []Interface
	for _, i := range ifs {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		one := Interface{
			Name: i.Name, Index: i.Index,
			Multicast: i.Flags&net.FlagMulticast != 0, Loopback: i.Flags&net.FlagLoopback != 0,
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(n.IP); ok {
					bits, _ := n.Mask.Size()
					one.Addrs = append(one.Addrs, netip.PrefixFrom(ip.Unmap(), bits))
				}
			}
		}
		out = append(out, one)
	}
	return out, nil
}

const (
	settle   = 200 * time.Millisecond // changes come in bursts
	pollFast = 5 * time.Second        // where the system does not tell of changes
	pollSlow = time.Minute            // in case it forgot to
)

// Watch calls changed with the interfaces at the start and whenever they are others
// than before, until ctx ends. A list that cannot be had is asked for again.
func Watch(ctx context.Context, changed func([]Interface)) {
	events := make(chan struct{}, 1)
	poll := pollSlow
	stop, err := subscribe(events)
	if err != nil {
		poll = pollFast
		stop = func() {}
	}
	defer stop()
	var last []Interface
	for first := true; ; first = false {
		if now, err := List(); err == nil && (first || !slices.EqualFunc(now, last, Interface.equal)) {
			last = now
			changed(slices.Clone(now))
		}
		if !wait(ctx, events, poll) || !wait(ctx, nil, settle) {
			return
		}
		select {
		case <-events: // of the same burst
		default:
		}
	}
}

// wait waits for an event or the end of d; false if ctx ends.
func wait(ctx context.Context, events <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-events:
	case <-t.C:
	}
	return true
}
