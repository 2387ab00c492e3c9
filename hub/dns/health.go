package dns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Health of a server: given up after so many failures in a row, used again after so
// many successes.
const (
	checkEvery   = 5 * time.Second
	checkAgain   = time.Second // after the first success of one that was given up
	maxFails     = 3
	minSuccesses = 2
)

// upstream is a server that is asked. Forwarder.mu guards what changes.
type upstream struct {
	at        netip.AddrPort
	down      bool
	fails     int // in a row, while up
	successes int // in a row, while down
	took      time.Duration
}

// note takes an answer, or its failure, into account.
func (f *Forwarder) note(u *upstream, err error, took time.Duration) {
	f.mu.Lock()
	was := u.down
	if err != nil {
		u.fails, u.successes = u.fails+1, 0
		u.down = u.down || u.fails >= maxFails
	} else {
		u.fails, u.successes, u.took = 0, u.successes+1, (7*u.took+took)/8
		u.down = u.down && u.successes < minSuccesses
		if was && !u.down {
			f.recovered = time.Now()
		}
	}
	is := u.down
	f.mu.Unlock()
	switch {
	case is && !was:
		f.cfg.Log.Warn("a name server in the internet does not answer", "server", u.at, "err", err)
	case was && !is:
		f.cfg.Log.Info("a name server in the internet answers again", "server", u.at)
	}
}

// inOrder lists the servers to ask: those that are up, the ones that did not fail
// lately and answer soonest first.
func (f *Forwarder) inOrder() []*upstream {
	f.mu.Lock()
	defer f.mu.Unlock()
	up := slices.DeleteFunc(slices.Clone(f.upstreams), func(u *upstream) bool { return u.down })
	slices.SortStableFunc(up, func(a, b *upstream) int {
		if a.fails != b.fails {
			return a.fails - b.fails
		}
		return cmp.Compare(a.took, b.took)
	})
	return up
}

// health reports whether any server is up, and when one last came back.
func (f *Forwarder) health() (up bool, recovered time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.upstreams, func(u *upstream) bool { return !u.down }), f.recovered
}

// keepChecking checks all servers every few seconds until ctx ends.
func (f *Forwarder) keepChecking(ctx context.Context) {
	timer := time.NewTimer(checkEvery)
	defer timer.Stop()
	for {
		began := time.Now()
		var tasks sync.WaitGroup
		for _, u := range f.all() {
			tasks.Go(func() { _, _ = f.askOne(ctx, u, f.check) }) // what comes of it is taken into account
		}
		tasks.Wait()
		timer.Reset(f.untilCheck() - time.Since(began))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
	}
}

// untilCheck is how long the next check can wait after this one has begun: a server that
// may be back is wanted soon.
func (f *Forwarder) untilCheck() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.ContainsFunc(f.upstreams, func(u *upstream) bool { return u.down && u.successes > 0 }) {
		return checkAgain
	}
	return checkEvery
}

func (f *Forwarder) all() []*upstream {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.upstreams)
}

var errNoAnswer = errors.New("no name server in the internet answers")

// Try asks every server now, those that were given up too, and returns nil if one
// of them answers what an answer can be made of. It takes a little more than a
// second at most and changes nothing: it is for whoever watches whether there is
// internet.
func (f *Forwarder) Try(ctx context.Context) error {
	all := f.all()
	errs := make([]error, len(all))
	var tasks sync.WaitGroup
	for i, u := range all {
		tasks.Go(func() {
			m, err := f.askAt(ctx, u.at, f.check)
			switch {
			case err != nil:
				errs[i] = fmt.Errorf("%v: %w", u.at, err)
			case m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError:
				errs[i] = fmt.Errorf("%v says %s", u.at, dns.RcodeToString[m.Rcode])
			}
		})
	}
	tasks.Wait()
	if slices.Contains(errs, nil) {
		return nil
	}
	return fmt.Errorf("%w: %w", errNoAnswer, errors.Join(errs...))
}
