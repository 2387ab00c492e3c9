package notices_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
)

// The page tells no seconds; at the time that it tells, its author may.
func TestOneMayReleaseAloneAtTheTimeThatIsTold(t *testing.T) {
	for seconds, want := range map[int]time.Duration{0: 15 * time.Minute, 18: 16 * time.Minute, 59: 16 * time.Minute} {
		m := newMoment(t)
		minute := now.Truncate(time.Minute)
		m.now = minute.Add(time.Duration(seconds) * time.Second)
		m.do(maria, "new", "t", "evacuate", "text", "Below Mill Road.", "client_id", "e")
		v := view[notices.OneView](m, m.ask(maria, at(maria, "e")))
		if got := v.May.LoneAt.Sub(minute); got != want {
			t.Errorf("written %d s after the minute, it is to be released alone %v after it", seconds, got)
		}
		m.now = v.May.LoneAt
		m.do(maria, at(maria, "e"), "alone", v.Signed.Hash)
	}
}
