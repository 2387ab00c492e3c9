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

// Health of a server: given up after so many failures in a row, of which the last are
// checks, and used again after so many successes. Somebody's questions alone give no
// server up: for some names nobody answers, whoever is asked, and any phone can ask them.
const (
	checkEvery   = 5 * time.Second
	checkAgain   = time.Second // while a server is in doubt, or may be back
	maxFails     = 3
	minMissed    = 2
	minSuccesses = 2
)

// upstream is a server that is asked. Forwarder.mu guards what changes.
type upstream struct {
	at        netip.AddrPort
	down      bool
	fails     int // in a row, while up
	missed    int // checks among them
	successes int // in a row, while down
	took      time.Duration
}

// doubted reports whether checks have to say soon whether a server is still there.
func (u *upstream) doubted() bool { return !u.down && u.fails >= maxFails }

// note takes an answer, or its failure, into account.
func (f *Forwarder) note(u *upstream, check bool, err error, took time.Duration) {
	f.mu.Lock()
	was := u.down
	if err != nil {
		u.fails, u.successes = u.fails+1, 0
		if check {
			u.missed++
		}
		u.down = u.down || u.doubted() && u.missed >= minMissed
		if u.doubted() {
			select {
			case f.doubt <- struct{}{}:
			default:
			}
		}
	} else {
		u.fails, u.missed, u.successes, u.took = 0, 0, u.successes+1, (7*u.took+took)/8
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

// keepChecking checks all servers every few seconds until ctx ends, and sooner when one
// is in doubt.
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
		for waiting := true; waiting; {
			timer.Reset(f.untilCheck() - time.Since(began))
			select {
			case <-ctx.Done():
				return
			case <-f.doubt: // it may be wanted sooner
			case <-timer.C:
				waiting = false
			}
		}
	}
}

// untilCheck is how long the next check can wait after this one has begun: a server that
// may be back is wanted soon, and one that may be gone costs everybody time.
func (f *Forwarder) untilCheck() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.ContainsFunc(f.upstreams, func(u *upstream) bool { return u.down && u.successes > 0 || u.doubted() }) {
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
