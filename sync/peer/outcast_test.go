package peer_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// diary is a log to be read while it is written.
type diary struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (d *diary) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(b)
}

// count is how many lines hold a text.
func (d *diary) count(text string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Count(d.text.String(), text)
}

func TestWhoIsTurnedAwayAgainAndAgainIsLoggedOnce(t *testing.T) {
	var asked atomic.Int32
	var revoked atomic.Bool
	var here, there diary
	hears := func(d *diary) func(*peer.Config) {
		return func(c *peer.Config) { c.Log = slog.New(slog.NewTextHandler(d, nil)) }
	}
	a := start(t, lower(), hears(&here), func(c *peer.Config) {
		c.Admit = func(context.Context, record.Author, peer.Hello) error {
			asked.Add(1)
			if revoked.Load() {
				return peer.ErrRevoked
			}
			return peer.ErrNoCertificate
		}
	})
	b := start(t, higher(), hears(&there), peers(a.Addrs()...), hasty(soon, time.Millisecond))
	until(t, "the fifth attempt", func() bool { return asked.Load() >= 5 })
	revoked.Store(true)
	b.untilStatus(t, peer.ErrRevoked)
	before := asked.Load()
	until(t, "three more", func() bool { return asked.Load() >= before+3 })
	if n := here.count("hub turned away"); n != 2 {
		t.Errorf("%d lines for two reasons", n)
	}
	if n := there.count("hub not reached"); n != 2 {
		t.Errorf("%d lines at the other end", n)
	}
}

func TestAHubWithoutACertificateIsDialledEverMoreSeldom(t *testing.T) {
	if first, last := peer.OutcastAfter(1), peer.OutcastAfter(1000); first > 5*time.Second || last != 5*time.Minute {
		t.Errorf("the wait grows from %v to %v", first, last)
	}
	s := peer.NewSeeker()
	begun := time.Unix(1, 0)
	s.Set([]peer.Want{{Peer: hubKey(1), Addrs: []string{"10.0.0.1:1"}}}, begun)
	dials := 0
	for d := time.Duration(0); d < time.Hour; d += time.Second {
		dials += len(s.Due(begun.Add(d), nil, peer.Tell(peer.ErrRevoked)))
	}
	if dials < 10 || dials > 25 {
		t.Errorf("%d dials in an hour", dials)
	}
}
