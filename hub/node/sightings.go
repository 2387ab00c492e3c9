package node

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// seenLately is how long an address counts as used after its phone was met there: one
	// that sleeps is met seldom.
	seenLately = 10 * time.Minute
	// lookAgain is between two looks for one who asks.
	lookAgain = time.Second
	// extraLooks at once, and extraPerSecond, are for addresses where nobody was met yet: a
	// phone may have come since.
	extraLooks, extraPerSecond = 50, 20
	// lookAnyway is between two looks when nobody asks: of many entries that are not used
	// the kernel forgets those older than a minute (gc_stale_time in arp(7)).
	lookAnyway = 30 * time.Second
	// seenSince is how far a look goes back after the first one: a neighbor that has just
	// come is told of as of a minute ago.
	seenSince = 2 * time.Minute
	// maxSightings bounds what is remembered, in addresses.
	maxSightings = 8192
)

// sightings knows which devices were met at which addresses lately.
type sightings struct {
	confirmed func(within time.Duration) (map[netip.Addr]net.HardwareAddr, error)
	log       *slog.Logger

	mu     sync.Mutex
	at     map[netip.Addr]met
	looked time.Time
	extra  *rate.Limiter
	blind  bool // the kernel did not tell; said once
}

// met is a device that was met at an address.
type met struct {
	hw   net.HardwareAddr
	last time.Time
}

func newSightings(confirmed func(time.Duration) (map[netip.Addr]net.HardwareAddr, error), log *slog.Logger) *sightings {
	return &sightings{confirmed: confirmed, log: log, at: map[netip.Addr]met{}, extra: rate.NewLimiter(extraPerSecond, extraLooks)}
}

// used reports whether a device other than this one, with a nil one any device, was met
// at an address lately.
func (s *sightings) used(at netip.Addr, by net.HardwareAddr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.at[at]
	if time.Since(s.looked) >= lookAgain || !known && s.extra.Allow() {
		s.look()
	}
	m, ok := s.at[at]
	return ok && time.Since(m.last) < seenLately && !bytes.Equal(m.hw, by)
}

// met reports whether any device was met at an address lately, by a look of the last second;
// where the kernel does not tell, it may have been.
func (s *sightings) met(at netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.looked) >= lookAgain {
		s.look()
	}
	m, ok := s.at[at]
	return s.blind || ok && time.Since(m.last) < seenLately
}

// look asks the kernel whom it has met since the last look.
func (s *sightings) look() {
	now := time.Now()
	since := seenLately
	if !s.looked.IsZero() {
		since = seenSince
	}
	s.looked = now
	all, err := s.confirmed(since)
	if err != nil {
		if !s.blind {
			s.log.Warn("it is not known which addresses phones use; they are given by what was given before", "err", err)
		}
		s.blind = true
		return
	}
	s.blind = false
	for at, m := range s.at {
		if now.Sub(m.last) >= seenLately {
			delete(s.at, at)
		}
	}
	for at, hw := range all {
		if _, known := s.at[at]; known || len(s.at) < maxSightings {
			s.at[at] = met{slices.Clone(hw), now}
		}
	}
}

// run looks now and then until ctx ends.
func (s *sightings) run(ctx context.Context) error {
	tick := time.NewTicker(lookAnyway)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			s.mu.Lock()
			s.look()
			s.mu.Unlock()
		}
	}
}
