package server

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Newcomers limits how many new people one address brings: hub/local's Newcomers.
type Newcomers interface {
	// Allow takes one, or returns a *hub.Error that says when to come again.
	Allow(addr netip.Addr, now time.Time) error
}

// welcome makes somebody who is not signed in a person of this hub: a new
// return code, its key, sessions, and this hub's word for them. What was sent
// twice makes one person.
func (s *Server) welcome(v *visit, name string) error {
	t, err := s.joined.once(v.ctx(), v.once, func() (tokens, error) {
		if s.cfg.Newcomers != nil {
			if err := s.cfg.Newcomers.Allow(v.addr, time.Now()); err != nil {
				return tokens{}, err
			}
		}
		made, err := s.derive.newcomer(v.ctx(), v.addr, s.cfg.Community)
		if err != nil {
			return tokens{}, err
		}
		// The session comes first: nobody is to be known here who could not
		// look up their own code.
		t, err := s.start(v, made.key, made.code)
		if err != nil {
			return tokens{}, err
		}
		err = s.enroll(v, made.key, name)
		if err == nil {
			return t, nil
		}
		s.end(t)
		if errors.Is(err, local.ErrFull) {
			return s.asGuest(v)
		}
		return tokens{}, err
	})
	if err != nil {
		return err
	}
	return s.enter(v, t)
}

// enroll has this hub vouch for somebody, who is new here from now on.
func (s *Server) enroll(v *visit, key ed25519.PrivateKey, name string) error {
	err := s.cfg.Hub.Enroll(v.ctx(), key, name)
	if err == nil {
		s.writes.pace.arrive(record.AuthorOf(key))
	}
	return err
}

// asGuest signs somebody in under the key that all share who find no place.
func (s *Server) asGuest(v *visit) (tokens, error) {
	key, err := s.cfg.Sessions.Guest(v.about.Now)
	if err != nil {
		return tokens{}, err
	}
	if err := s.cfg.Hub.Enroll(v.ctx(), key, GuestName); err != nil {
		return tokens{}, err
	}
	return s.start(v, key, returncode.Code{})
}

// GuestName is what everybody without a place is called.
const GuestName = "Guest"

// isGuest reports whether somebody writes under the key that all without a
// place share, who can have no name of their own.
func (s *Server) isGuest(v *visit) (bool, error) {
	s.guest.Lock()
	defer s.guest.Unlock()
	if s.guest.author == (record.Author{}) {
		key, err := s.cfg.Sessions.Guest(v.about.Now)
		if err != nil {
			return false, err
		}
		s.guest.author = record.AuthorOf(key)
	}
	return v.author() == s.guest.author, nil
}

// Bounds of what is remembered of those who have just joined.
const (
	joinedKept = 1024
	joinedLife = 10 * time.Minute
)

// joined remembers for a while who joined by which form, so that one that is
// sent again, at once or after a lost answer, means the same person. The form's
// token names it: it is as secret as what it gives.
type joined struct {
	mu    sync.Mutex
	by    map[string]*joining
	order []*joining // oldest first
}

type joining struct {
	form string
	at   time.Time
	done chan struct{} // closed when what follows is set
	t    tokens
	err  error
}

func newJoined() *joined { return &joined{by: make(map[string]*joining)} }

// once runs f for a form, or waits for and returns what it returned before.
// Failures are not remembered.
func (j *joined) once(ctx context.Context, form string, f func() (tokens, error)) (tokens, error) {
	j.mu.Lock()
	if was, ok := j.by[form]; ok && time.Since(was.at) < joinedLife {
		j.mu.Unlock()
		select {
		case <-was.done:
			return was.t, was.err
		case <-ctx.Done():
			return tokens{}, ctx.Err()
		}
	}
	now := &joining{form: form, at: time.Now(), done: make(chan struct{})}
	j.by[form], j.order = now, append(j.order, now)
	for len(j.order) > joinedKept || time.Since(j.order[0].at) >= joinedLife {
		j.forget(j.order[0])
		j.order = j.order[1:]
	}
	j.mu.Unlock()

	defer func() {
		if now.t == (tokens{}) { // it failed or panicked
			j.mu.Lock()
			j.forget(now)
			j.mu.Unlock()
		}
		close(now.done)
	}()
	now.t, now.err = f()
	return now.t, now.err
}

// forget lets go of one. Callers hold mu.
func (j *joined) forget(one *joining) {
	if j.by[one.form] == one {
		delete(j.by, one.form)
	}
}
