package notices

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capsig"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Sources is where alerts of others come from, and the keys by which their signatures
// are checked. Each may be empty.
type Sources struct {
	Feeds []string // addresses, at most MaxFeeds
	Fetch Fetcher  // nil: from the internet, and from nowhere else
	Log   *slog.Logger
	// Pins are the keys as they are now; an error leaves the earlier ones in force.
	Pins func() ([]capsig.Pin, error)
}

// state is what this hub knows of an original's signature.
type state uint8

const (
	unchecked state = iota // no key is known here, or the original has not come yet
	verified
	refuted  // it does not hold
	unsigned // there is none
)

// examined is what came of a check.
type examined struct {
	state state
	key   string   // SHA-256 of it in hex
	body  *Relayed // what the signature covers, if it holds
	pins  int      // how many changes of the keys there had been
}

// maxChecks bounds how many originals' checks are remembered.
const maxChecks = 1000

// relayDesk is what the app knows besides records: the hub behind it, keys, and which
// originals it has checked. A nil one knows nothing.
type relayDesk struct {
	sources Sources

	mu      sync.Mutex
	host    hub.Host
	own     record.Author // this hub's, once it has written
	pins    []capsig.Pin
	changes int // of the keys
	checks  map[[32]byte]examined
}

func newRelayDesk(s Sources) *relayDesk {
	return &relayDesk{sources: s, checks: map[[32]byte]examined{}}
}

// seeing is a moment of the store, with what the desk knows.
type seeing struct {
	hub.Snapshot
	desk *relayDesk
	less record.Author // who is taken not to write notices; zero for nobody
}

func (a App) sees(s hub.Snapshot) hub.Snapshot { return seeing{Snapshot: s, desk: a.desk} }

func (d *relayDesk) behind(h hub.Host) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.host = h
}

// checked is what is known of an original's signature.
func (d *relayDesk) checked(sum [32]byte) examined {
	if d == nil {
		return examined{}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.checks[sum]
}

// keys are the pinned ones, as they are now.
func (d *relayDesk) keys() ([]capsig.Pin, error) {
	if d == nil || d.sources.Pins == nil {
		return nil, nil
	}
	all, err := d.sources.Pins()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		return d.pins, fmt.Errorf("pinned keys: %w", err)
	}
	if !same(all, d.pins) {
		d.pins = all
		d.changes++
	}
	return all, nil
}

func same(a, b []capsig.Pin) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Sender != b[i].Sender || a[i].Fingerprint() != b[i].Fingerprint() {
			return false
		}
	}
	return true
}

// verify checks an alert's signature, and remembers what came of it.
func (d *relayDesk) verify(alone []byte, sum [32]byte, pins []capsig.Pin) {
	v, err := capsig.Verify(alone, pins)
	f := examined{}
	var failure *capsig.Failure
	switch {
	case err == nil:
		var b Relayed
		if b, err = shorten(v.Alert); err == nil {
			f.state, f.key, f.body = verified, v.Pin.Fingerprint(), &b
		}
	case errors.As(err, &failure):
		f.state = refuted
	case errors.Is(err, capsig.ErrUnsigned):
		f.state = unsigned
	}
	if d != nil && sum != [32]byte{} {
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.checks) >= maxChecks {
			clear(d.checks)
		}
		f.pins = d.changes
		d.checks[sum] = f
	}
}

// checkAll checks the originals that are here and were not checked with these keys.
func (d *relayDesk) checkAll(ctx context.Context, h hub.Host) error {
	pins, pinErr := d.keys()
	d.mu.Lock()
	changes, none := d.changes, len(pins) == 0 && len(d.checks) == 0
	d.mu.Unlock()
	if none {
		return pinErr
	}
	var todo []record.Blob
	err := h.Read(ctx, func(s hub.Snapshot) error {
		for it, err := range s.Newest(relayed, 0) {
			if err != nil {
				return err
			}
			c := hub.Made(it, relayingOf)
			if c.err != nil || len(todo) >= maxAll {
				continue
			}
			d.mu.Lock()
			f, was := d.checks[it.Blobs[0].Sum]
			d.mu.Unlock()
			if c.body.Signed && (!was || f.pins != changes) {
				todo = append(todo, it.Blobs[0])
			}
		}
		return nil
	})
	if err != nil {
		return errors.Join(pinErr, err)
	}
	for _, b := range todo {
		if raw, err := original(ctx, h, b.Sum); err == nil {
			d.verify(raw, b.Sum, pins)
		} else if !missing(err) {
			pinErr = errors.Join(pinErr, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return pinErr
}

// missing reports whether an original has not come yet.
func missing(err error) bool {
	told, ok := errors.AsType[*hub.Error](err)
	return ok && told.Code == hub.NotFound
}

// original is the bytes of an alert.
func original(ctx context.Context, h hub.Host, sum [32]byte) (_ []byte, err error) {
	r, err := h.Blobs().Open(ctx, sum)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(io.LimitReader(r, capxml.MaxBytes))
}

// whole is all that a relayed alert says; nil if its original is not here, or not yet.
func (d *relayDesk) whole(b record.Blob) (*capxml.Alert, error) {
	if d == nil {
		return nil, nil
	}
	d.mu.Lock()
	h, pins := d.host, d.pins
	d.mu.Unlock()
	if h == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	raw, err := original(ctx, h, b.Sum)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if v, err := capsig.Verify(raw, pins); err == nil {
		return v.Alert, nil // only what the signature covers
	}
	parsed, err := capxml.Parse(raw)
	if err != nil || len(parsed.Alerts) != 1 || parsed.Alerts[0].Alert == nil {
		return nil, nil // what is no alert is shown as one that is not here
	}
	return parsed.Alerts[0].Alert, nil
}
