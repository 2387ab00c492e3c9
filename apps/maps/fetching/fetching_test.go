package fetching_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/fetching"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var (
	elm  = record.Author{1}
	hill = record.Author{2}
	mill = record.Author{3}
)

// town is a sound street map of so many bytes and some more.
func town(n int) []byte {
	raw := pmtilestest.File{Tiles: []pmtilestest.Tile{{Data: pmtilestest.Layer("town")}}, Compression: pmtiles.None}.Bytes()
	return append(raw, ferrytest.Bytes(n)...)
}

// world is a hub at the mill, and two others that it is linked with.
type world struct {
	t       *testing.T
	dir     string
	shelf   *shelf.Shelf
	lines   map[record.Author]*ferrytest.Line
	network *ferrytest.Network
	holders []record.Author
	fetcher *fetching.Fetcher
	end     func()
}

// begun is a world of which the others have these files.
func begun(t *testing.T, bits float64, of map[record.Author][]byte) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), lines: map[record.Author]*ferrytest.Line{}, holders: []record.Author{elm, hill}}
	w.network = &ferrytest.Network{Self: mill, Lines: w.lines, Serve: map[record.Author]func(context.Context, record.Author, ferry.Stream){}}
	for _, one := range w.holders {
		there := w.ferry(&ferrytest.Network{})
		there.Share(t.Context(), func(context.Context, [32]byte) (io.ReadSeekCloser, error) {
			if of[one] == nil {
				return nil, ferry.ErrAbsent
			}
			return nopCloser{bytes.NewReader(of[one])}, nil // whatever was asked for
		})
		w.lines[one], w.network.Serve[one] = ferrytest.NewLine(bits, 10*time.Millisecond), there.Serve
	}
	w.start()
	return w
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

func (w *world) ferry(n ferry.Network) *ferry.Ferry {
	w.t.Helper()
	f, err := ferry.New(ferry.Config{Network: n})
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// start starts the hub, which may have stopped.
func (w *world) start() {
	w.t.Helper()
	var err error
	if w.shelf, err = shelf.Open(w.dir, shelf.Config{}); err != nil {
		w.t.Fatal(err)
	}
	holders := func(context.Context, [32]byte) ([]record.Author, error) { return w.holders, nil }
	w.fetcher = fetching.New(w.shelf, w.ferry(w.network), holders, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(w.t.Context())
	over := make(chan struct{})
	go func() {
		w.fetcher.Run(ctx)
		close(over)
	}()
	w.end = func() {
		cancel()
		<-over
		w.shelf.Close()
		w.network.Wait()
	}
}

// until waits for a state, for so long.
func (w *world) until(want fetching.State, d time.Duration) fetching.Status {
	w.t.Helper()
	end := time.After(d)
	for {
		changed := w.fetcher.Changed()
		s, _ := w.fetcher.Status()
		if s.State == want {
			return s
		}
		select {
		case <-changed:
		case <-end:
			w.t.Fatalf("it stands at %+v, and not at %d", s, want)
		}
	}
}

func (w *world) begin(raw []byte) {
	w.t.Helper()
	if err := w.fetcher.Begin(orderOf(raw)); err != nil {
		w.t.Fatal(err)
	}
}

func orderOf(raw []byte) fetching.Order {
	return fetching.Order{Name: "millbrook.pmtiles", Size: int64(len(raw)), Sum: sha256.Sum256(raw)}
}

// holds reports whether the file is here, just as it is, and nothing else.
func (w *world) holds(raw []byte) bool {
	got, err := os.ReadFile(filepath.Join(w.dir, "millbrook.pmtiles"))
	parts, _ := filepath.Glob(filepath.Join(w.dir, ".part-*"))
	return err == nil && bytes.Equal(got, raw) && len(parts) == 0
}

// A street map of 30 MB comes over two links of 2 Mbit/s each. The first is cut on the way,
// and the rest comes over the other; next to nothing comes twice.
func TestAMapComesAlthoughALinkIsCut(t *testing.T) {
	const size, bits = 30_000_000, 2e6
	raw := town(size)
	synctest.Test(t, func(t *testing.T) {
		w := begun(t, bits, map[record.Author][]byte{elm: raw, hill: raw})
		defer w.end()
		began := time.Now()
		time.AfterFunc(45*time.Second, func() { w.lines[elm].Cut() })
		w.begin(raw)
		if s := w.until(fetching.Coming, time.Minute); s.From != elm {
			t.Errorf("it comes from %v", s.From)
		}
		time.Sleep(44 * time.Second)
		if s, _ := w.fetcher.Status(); s.Have < 10_000_000 || s.Have > 12_000_000 {
			t.Errorf("after 44 s %d bytes are said to be here", s.Have)
		}
		s := w.until(fetching.Done, 5*time.Minute)
		if took := time.Since(began); !w.holds(raw) || took > 125*time.Second {
			t.Errorf("%+v after %v", s, took)
		}
		first, _ := w.lines[elm].Carried()
		second, _ := w.lines[hill].Carried()
		t.Logf("%d bytes in %v; %d over the first link, which was cut after 45 s, and %d over the second: %.2f %% more than the file",
			len(raw), time.Since(began).Round(time.Second), first, second, 100*float64(first+second-int64(len(raw)))/float64(len(raw)))
		if first+second > int64(len(raw))*101/100 {
			t.Error("too much came twice")
		}
	})
}

// While nobody can be reached it waits, however long, and goes on by itself where it was.
func TestItWaitsForALink(t *testing.T) {
	raw := town(3_000_000)
	synctest.Test(t, func(t *testing.T) {
		w := begun(t, 2e6, map[record.Author][]byte{elm: raw})
		defer w.end()
		w.holders = []record.Author{elm}
		w.lines[elm].Cut()
		w.begin(raw)
		w.until(fetching.Waiting, time.Second)
		time.Sleep(24 * time.Hour)
		w.lines[elm].Mend()
		for range 5 { // a link that breaks again and again brings a little more each time
			w.until(fetching.Coming, 3*time.Minute)
			time.Sleep(2 * time.Second)
			w.lines[elm].Cut()
			w.until(fetching.Waiting, time.Minute)
			w.lines[elm].Mend()
		}
		w.until(fetching.Done, 10*time.Minute)
		if to, _ := w.lines[elm].Carried(); !w.holds(raw) || to > int64(len(raw))*115/100 {
			t.Errorf("%d bytes went over the link", to)
		}
	})
}

// What was stopped, or was under way when the hub went down, goes on where it was.
func TestItIsStoppedAndGoesOn(t *testing.T) {
	raw := town(12_000_000)
	synctest.Test(t, func(t *testing.T) {
		w := begun(t, 2e6, map[record.Author][]byte{elm: raw})
		if w.fetcher.Stop(orderOf(raw).Sum) {
			t.Error("it stops what never began")
		}
		w.begin(raw)
		w.begin(raw) // twice is once
		time.Sleep(10 * time.Second)
		other := orderOf(raw)
		other.Sum[0]++
		var told *hub.Error
		if err := w.fetcher.Begin(other); !errors.As(err, &told) || told.Code != hub.TooMany {
			t.Errorf("two at once: %v", err)
		}
		if !w.fetcher.Stop(orderOf(raw).Sum) {
			t.Error("it does not stop")
		}
		s := w.until(fetching.Stopped, time.Second)
		if s.Have < 2_000_000 {
			t.Errorf("%+v", s)
		}
		w.begin(raw)
		time.Sleep(15 * time.Second)
		w.end() // the hub goes down
		w.start()
		defer w.end()
		if _, ordered := w.fetcher.Status(); ordered {
			t.Error("it knows of an order of before")
		}
		w.begin(raw)
		w.until(fetching.Done, time.Minute)
		if to, _ := w.lines[elm].Carried(); !w.holds(raw) || to > int64(len(raw))+5<<20 { // what was not synced
			t.Errorf("%d bytes went over the link", to)
		}
	})
}

// Who gives another file than the hash says is not asked again, and another hub is.
func TestWhoGivesAnotherFileIsLeftOut(t *testing.T) {
	raw := town(300_000)
	odd := slices.Clone(raw)
	odd[200_000]++
	synctest.Test(t, func(t *testing.T) {
		w := begun(t, 2e6, map[record.Author][]byte{elm: odd, hill: raw})
		defer w.end()
		w.begin(raw)
		w.until(fetching.Done, time.Minute)
		if !w.holds(raw) {
			t.Error("it is not the file")
		}
	})
	synctest.Test(t, func(t *testing.T) { // from both, and only one is right
		w := begun(t, 2e6, map[record.Author][]byte{elm: odd, hill: raw})
		defer w.end()
		w.begin(raw)
		w.until(fetching.Coming, time.Second)
		time.Sleep(time.Second)
		w.lines[elm].Cut()
		time.AfterFunc(time.Minute, w.lines[elm].Mend)
		w.until(fetching.Done, 10*time.Minute)
		if !w.holds(raw) {
			t.Error("it is not the file")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := begun(t, 2e6, map[record.Author][]byte{elm: odd, hill: odd})
		defer w.end()
		w.begin(raw)
		s := w.until(fetching.Failed, time.Minute)
		var told *hub.Error
		if !errors.As(s.Why, &told) || !strings.Contains(told.Error(), "not the map file") || w.holds(raw) {
			t.Error(s.Why)
		}
		// Neither is asked again before an hour is over.
		before, _ := w.lines[elm].Carried()
		w.begin(raw)
		w.until(fetching.Failed, time.Minute)
		if after, _ := w.lines[elm].Carried(); after != before {
			t.Error("who gave another file is asked again")
		}
		time.Sleep(time.Hour)
		w.begin(raw)
		w.until(fetching.Failed, time.Minute)
		if after, _ := w.lines[elm].Carried(); after == before {
			t.Error("who gave another file is never asked again")
		}
	})
}

// What cannot be taken in is said, and not tried again.
func TestWhatCannotBeTakenInIsSaid(t *testing.T) {
	raw := ferrytest.Bytes(50_000) // no map at all
	synctest.Test(t, func(t *testing.T) {
		w := begun(t, 2e6, map[record.Author][]byte{elm: raw})
		defer w.end()
		w.begin(raw)
		s := w.until(fetching.Failed, time.Minute)
		var told *hub.Error
		if !errors.As(s.Why, &told) || told.Code != hub.Invalid {
			t.Error(s.Why)
		}
	})
	raw = town(1000)
	synctest.Test(t, func(t *testing.T) { // nobody has it any more
		w := begun(t, 2e6, nil)
		defer w.end()
		w.begin(raw)
		w.until(fetching.Waiting, time.Minute)
		time.Sleep(time.Hour)
		if s, _ := w.fetcher.Status(); s.State != fetching.Waiting {
			t.Errorf("%+v", s)
		}
		w.fetcher.Stop(orderOf(raw).Sum)
		w.until(fetching.Stopped, time.Second)
	})
}
