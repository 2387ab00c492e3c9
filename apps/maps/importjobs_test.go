package maps

import (
	"errors"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// What is wrong with a file stays so; what went wrong beside it is tried again before long.
func TestAFileIsReadAgainAfterWhatWasNoFaultOfIts(t *testing.T) {
	passing, own := errors.New("the disk does not answer"), hub.Errorf(hub.Invalid, "file", "It is no file.")
	for _, c := range []struct {
		name string
		err  error
		ago  time.Duration
		want bool
	}{
		{"just now", passing, 0, true},
		{"a minute ago", passing, time.Minute, false},
		{"the file's fault", errors.Join(own, passing), time.Minute, true},
	} {
		o := &job{done: make(chan struct{}), err: c.err, at: time.Now().Add(-c.ago)}
		close(o.done)
		if got := o.holds("as it was"); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
