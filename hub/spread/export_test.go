package spread

import (
	"context"
	"time"
)

// Look is what Run does now and then.
func (s *Spread) Look(ctx context.Context, now time.Time, moved bool) error {
	return s.look(ctx, now, moved)
}
