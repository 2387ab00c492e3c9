package spread

import (
	"context"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Look is what Run does now and then.
func (s *Spread) Look(ctx context.Context, now time.Time, moved bool) error {
	return s.look(ctx, now, moved)
}

// Upto is up to where another hub is known to hold this one's log.
func (s *Spread) Upto(hub record.Via) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.history.Upto(hub)
}
