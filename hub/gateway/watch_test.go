package gateway_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/hub/gateway"
)

var errNone = errors.New("no answer")

// uplink is two means and a page, each of which may work.
type uplink struct{ names, connections, page atomic.Pointer[error] }

func (u *uplink) set(names, connections, page error) {
	u.names.Store(&names)
	u.connections.Store(&connections)
	u.page.Store(&page)
}

func (u *uplink) means() (ms []gateway.Means) {
	for name, p := range map[string]*atomic.Pointer[error]{"names": &u.names, "connections": &u.connections, "page": &u.page} {
		ms = append(ms, gateway.Means{Name: name, Try: func(context.Context) error { return *p.Load() }})
	}
	return ms
}

// watched runs a watch of u in a bubble of its own time.
func watched(t *testing.T, u *uplink, then func(w *gateway.Watch)) {
	synctest.Test(t, func(t *testing.T) {
		w := gateway.NewWatch(slog.New(slog.DiscardHandler), u.means()...)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		then(w)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// within waits for a state and returns how long that took.
func within(t *testing.T, w *gateway.Watch, want gateway.State, bound time.Duration) time.Duration {
	t.Helper()
	begun := time.Now()
	late := time.After(bound)
	for changed := w.Changed(); w.State() != want; changed = w.Changed() {
		select {
		case <-changed:
		case <-late:
			t.Fatalf("after %v it is %v, not %v", bound, w.State(), want)
		}
	}
	return time.Since(begun)
}

func TestTheInternetComesAndGoes(t *testing.T) {
	var u uplink
	u.set(errNone, errNone, errNone)
	watched(t, &u, func(w *gateway.Watch) {
		if w.State() != gateway.Unknown {
			t.Error("something is known before anybody looked")
		}
		within(t, w, gateway.Down, 5*time.Second)
		u.set(nil, nil, nil)
		if took := within(t, w, gateway.Up, 10*time.Second); took < time.Second {
			t.Errorf("one look was enough: %v", took)
		}
		u.set(errNone, errNone, errNone)
		within(t, w, gateway.Down, 45*time.Second)
		if since := time.Since(w.Since()); since != 0 {
			t.Errorf("down since %v ago", since)
		}
	})
}

func TestTwoMeansHaveToSeeIt(t *testing.T) {
	for name, c := range map[string]struct {
		names, connections, page error
		want                     gateway.State
	}{
		"no page by that name there":        {nil, nil, errNone, gateway.Up},
		"name servers are kept from us":     {errNone, nil, nil, gateway.Up},
		"only connections, to who knows":    {errNone, nil, errNone, gateway.Down},
		"a sign-in page answers for others": {nil, nil, gateway.ErrPortal, gateway.Down},
	} {
		t.Run(name, func(t *testing.T) {
			var u uplink
			u.set(c.names, c.connections, c.page)
			watched(t, &u, func(w *gateway.Watch) { within(t, w, c.want, 10*time.Second) })
		})
	}
}

func TestALossyUplinkDoesNotFlicker(t *testing.T) {
	var lossy atomic.Bool
	var looks atomic.Int64
	twoOfThreeFail := func(context.Context) error {
		if lossy.Load() && looks.Add(1)%3 != 0 {
			return errNone
		}
		return nil
	}
	synctest.Test(t, func(t *testing.T) {
		w := gateway.NewWatch(slog.New(slog.DiscardHandler), gateway.Means{Name: "names", Try: twoOfThreeFail},
			gateway.Means{Name: "connections", Try: func(context.Context) error { return nil }})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		within(t, w, gateway.Up, 10*time.Second)
		lossy.Store(true)
		select {
		case <-w.Changed():
			t.Errorf("it is %v after %d looks", w.State(), looks.Load())
		case <-time.After(time.Hour):
		}
		cancel()
		if err := <-ended; err != nil || looks.Load() < 100 {
			t.Errorf("%d looks: %v", looks.Load(), err)
		}
	})
}
