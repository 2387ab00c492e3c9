package streets

import (
	"context"
	"errors"
	"sync"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/apps/maps/street"
)

// Run checks files as they come, and learns the names of the streets around the hub, until
// its context ends.
func (s *Streets) Run(ctx context.Context) error {
	var learned error
	var both sync.WaitGroup
	both.Go(func() { learned = s.book.Run(ctx) })
	err := s.Shelf.Run(ctx)
	both.Wait()
	return errors.Join(err, learned)
}

// Learn learns what Run would, now.
func (s *Streets) Learn(ctx context.Context) error { return s.book.Look(ctx) }

// Stands tells where the hub does. Around there streets are known by their names.
func (s *Streets) Stands(at orb.Point) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stands = &at
}

// Named reports whether streets are known by their names.
func (s *Streets) Named() bool { return s != nil && s.book.Learned().Names() > 0 }

// Find is what streets, or where two cross, a text means; see street.Index.
func (s *Streets) Find(text string, near orb.Point, most int) []street.Match {
	return s.book.Learned().Find(text, near, most)
}

// Suggest is what somebody may be about to write; see street.Index.
func (s *Streets) Suggest(text string, most int) []string {
	return s.book.Learned().Suggest(text, most)
}

// wanted is around which point streets are learned: where the hub stands if there is a
// street map of that, else in the middle of the first.
func (s *Streets) wanted() (maps string, around orb.Point, ok bool) {
	ready := s.extracts()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range ready {
		if e.MaxZoom < Zoom {
			continue
		}
		if s.stands != nil && e.Bounds.Contains(*s.stands) {
			return s.version, *s.stands, true
		}
		if !ok {
			maps, around, ok = s.version, e.Bounds.Center(), true
		}
	}
	return maps, around, ok
}

// deep is the tiles of a shelf, for learning.
type deep struct{ *shelf.Shelf }

// Streets is what a tile lies in, of the deepest zoom.
func (d deep) Streets(ctx context.Context, z uint8, x, y uint32) ([]byte, uint8, error) {
	p, err := d.Piece(ctx, z, x, y)
	if errors.Is(err, shelf.ErrUncovered) {
		return nil, z, nil
	}
	return p.Data, p.Z, err
}
