package iface

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Alone knows the interfaces that are left alone, and so with whom nothing is to be
// spoken. It is asked at the moment of speaking and answers by the addresses that
// there are then: an interface may come, or get its address, at any time.
type Alone struct {
	names []string
	list  func() ([]Interface, error)

	mu      sync.Mutex
	changes changes
	known   bool // the list could be had once
	zones   []string
	addrs   []netip.Prefix
}

// changes tells whether interfaces or addresses may be others than when it was asked
// last.
type changes interface {
	any() bool
	close() error
}

// LeaveAlone is of the interfaces of these names, of which none has to be there. list
// is asked for the interfaces that are up, each time; nil is List, asked when the
// system tells of a change. Close it.
func LeaveAlone(names []string, list func() ([]Interface, error)) *Alone {
	a := &Alone{names: slices.Clone(names), list: list}
	switch {
	case len(names) == 0:
	case list != nil:
		a.changes = &polled{}
	default:
		a.list = List
		var err error
		if a.changes, err = listenForChanges(); err != nil {
			a.changes = &polled{every: time.Second}
		}
	}
	return a
}

// Holds reports whether what passes between two addresses goes by an interface that
// is left alone. Which one a connection takes the system does not tell; its ends do.
// Either may be zero, for not known.
func (a *Alone) Holds(local, remote netip.Addr) bool {
	if len(a.names) == 0 {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.look()
	if slices.Contains(a.zones, local.Zone()) || slices.Contains(a.zones, remote.Zone()) {
		return true
	}
	local, remote = local.Unmap().WithZone(""), remote.Unmap()
	return slices.ContainsFunc(a.addrs, func(p netip.Prefix) bool {
		return p.Addr() == local || !p.Addr().IsLinkLocalUnicast() && p.Contains(remote)
	})
}

// look takes in the interfaces if they may be others. While they cannot be had, those
// of before count.
func (a *Alone) look() {
	if a.changes == nil || !a.changes.any() && a.known {
		return
	}
	all, err := a.list()
	if a.known = err == nil; !a.known {
		return // and asks again
	}
	a.zones, a.addrs = slices.Clone(a.names), nil
	for _, i := range all {
		if slices.Contains(a.names, i.Name) {
			a.zones = append(a.zones, strconv.Itoa(i.Index))
			a.addrs = append(a.addrs, i.Addrs...)
		}
	}
}

// Close lets go of the system. What was known last then stays.
func (a *Alone) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.changes == nil {
		return nil
	}
	c := a.changes
	a.changes = nil
	return c.close()
}

// polled takes it that there may be a change after so long.
type polled struct {
	every time.Duration
	last  time.Time
}

func (p *polled) any() bool {
	now := time.Now()
	if now.Sub(p.last) < p.every {
		return false
	}
	p.last = now
	return true
}

func (p *polled) close() error { return nil }

// Missing are those of the names that no interface has, up or not.
func Missing(names []string) (out []string) {
	for _, name := range names {
		if _, err := net.InterfaceByName(name); err != nil {
			out = append(out, name)
		}
	}
	return out
}
