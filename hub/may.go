package hub

import (
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// May reports whether somebody may do now what takes a role: they have it, and have not
// left. What they did before they left counts on, so whether that stands is asked of
// roster.State.Has.
func May(s *roster.State, who record.Author, role roster.Role) bool {
	return s.Has(who, role) && !s.Retired(who)
}
