package fieldtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/hub/control"
)

// On a cable between two machines there are link-local addresses of IPv6 alone.
func TestHubsOnABareCableAreWell(t *testing.T) {
	t.Parallel()
	f := open(t)
	cable := f.bridge("cable")
	a, b := f.hub("Ash"), f.hub("Birch")
	f.plug(a, cable)
	f.plug(b, cable)
	f.found(a, b)
	f.start(a, b)
	f.linked(30*time.Second, a, b)
	var s control.Status
	_, err := fieldtest.Await(f.ctx, 15*time.Second, 100*time.Millisecond, "no warning", func(ctx context.Context) (_ bool, err error) {
		s, err = a.Console().Status(ctx)
		return len(s.Warnings) == 0, err
	})
	if err != nil {
		t.Errorf("%v: %+v", err, s.Warnings)
	}
}
