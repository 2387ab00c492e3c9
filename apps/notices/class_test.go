package notices_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices"
)

func TestWhatIsNotConfirmedHasNoPartOfTheOfficialFrame(t *testing.T) {
	over := &notices.End{How: notices.Cancelled}
	drill := notices.Grade{Status: notices.Exercise}
	for name, n := range map[string]notices.Notice{
		"holds": {}, "is over": {End: over}, "is practice": {Grade: drill}, "was practice": {Grade: drill, End: over},
	} {
		n.Relay = &notices.Relay{Claim: true}
		if got := (notices.Shown{Notice: n}).Class(); got != "claim" {
			t.Errorf("what %s: %q", name, got)
		}
	}
}
