package street_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/street"
)

// hub is what a book asks, and may change.
type hub struct {
	mu     sync.Mutex
	tiles  towns
	maps   string
	around orb.Point
	broken error
	asked  int
}

func (h *hub) Streets(ctx context.Context, z uint8, x, y uint32) ([]byte, uint8, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	if h.broken != nil {
		return nil, 0, h.broken
	}
	return h.tiles.Streets(ctx, z, x, y)
}

func (h *hub) wanted() (string, orb.Point, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.maps, h.around, h.maps != ""
}

func (h *hub) change(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

func (h *hub) questions() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

// A book learns when maps come or change, or the hub moves; remembers over a new start;
// and keeps what it has where something goes wrong.
func TestABookLearnsWhatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{tiles: milltown(t), around: at(townX, townY, 500, 500)}
		file := filepath.Join(t.TempDir(), "streets")
		if err := os.WriteFile(file, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
		conf := street.Config{File: file, Tiles: h, Wanted: h.wanted}
		run := func() (*street.Book, func()) {
			b := street.Open(conf)
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- b.Run(ctx) }()
			return b, func() {
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
		}
		later := func() {
			time.Sleep(2 * time.Minute)
			synctest.Wait()
		}
		b, stop := run()
		later()
		if b.Learned().Names() != 0 || h.questions() != 0 {
			t.Error("it learned without a map")
		}
		h.change(func() { h.maps = "a" })
		later()
		if b.Learned().Names() != 25 {
			t.Errorf("it learned %d names", b.Learned().Names())
		}
		asked := h.questions()
		stop()

		b, stop = run()
		if b.Learned().Names() != 25 || len(b.Learned().Find("Main & 2nd Ave", orb.Point{}, 1)) != 1 {
			t.Error("it did not remember")
		}
		h.change(func() { h.around = at(townX, townY, 900, 500) })
		later()
		if h.questions() != asked {
			t.Error("it learned again for nothing")
		}
		h.change(func() {
			h.maps, h.broken = "b", errors.New("bad disk")
			h.tiles.build(t, townX, townY, ew("Elm Street", 100))
		})
		later()
		if b.Learned().Names() != 25 {
			t.Error("it forgot what it could not learn again")
		}
		h.change(func() { h.broken = nil })
		time.Sleep(10 * time.Minute)
		later()
		if b.Learned().Names() != 1 {
			t.Errorf("of the new map it knows %d names", b.Learned().Names())
		}
		h.change(func() { h.around = at(townX+300, townY, 0, 0) })
		later()
		if b.Learned().Names() != 0 {
			t.Error("far away it knows the old town")
		}
		stop()
	})
}
