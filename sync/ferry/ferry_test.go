package ferry_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var (
	elm  = record.Author{1}
	hill = record.Author{2}
	mill = record.Author{3}
)

// rig is a hub at the mill that is linked with two others by lines.
type rig struct {
	t       *testing.T
	network *ferrytest.Network
	there   map[record.Author]*ferry.Ferry
	here    *ferry.Ferry
}

func newRig(t *testing.T, bits float64, conf ferry.Config) *rig {
	t.Helper()
	r := &rig{t: t, there: map[record.Author]*ferry.Ferry{}, network: &ferrytest.Network{
		Self: mill, Lines: map[record.Author]*ferrytest.Line{}, Serve: map[record.Author]func(context.Context, record.Author, ferry.Stream){},
	}}
	for _, hub := range []record.Author{elm, hill} {
		r.network.Lines[hub] = ferrytest.NewLine(bits, 10*time.Millisecond)
		conf.Network = &ferrytest.Network{Self: hub}
		r.there[hub] = r.made(conf)
		r.network.Serve[hub] = r.there[hub].Serve
	}
	r.here = r.made(ferry.Config{Network: r.network})
	return r
}

func (r *rig) made(c ferry.Config) *ferry.Ferry {
	r.t.Helper()
	f, err := ferry.New(c)
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

func (r *rig) open(hub record.Author, raw []byte, at int64) io.ReadCloser {
	r.t.Helper()
	in, err := r.here.Open(r.t.Context(), hub, sha256.Sum256(raw), int64(len(raw)), at)
	if err != nil {
		r.t.Fatal(err)
	}
	return in
}

// fetch takes what comes until its end.
func (r *rig) fetch(hub record.Author, raw []byte, at int64) ([]byte, error) {
	in := r.open(hub, raw, at)
	got, err := io.ReadAll(in)
	return got, errors.Join(err, in.Close())
}

func TestLinesInMemoryConform(t *testing.T) {
	ferrytest.Conform(t, func(_ *testing.T, serve ferrytest.Served) ferrytest.Pair {
		line := ferrytest.NewLine(1e9, 0)
		return ferrytest.Pair{Near: mill, Far: elm, Cut: line.Cut, Network: &ferrytest.Network{
			Self: mill, Lines: map[record.Author]*ferrytest.Line{elm: line}, Serve: map[record.Author]func(context.Context, record.Author, ferry.Stream){elm: serve},
		}}
	})
}

// A street map comes over two links of 2 Mbit/s, the first of which is cut in the middle of
// it: the rest comes over the other, and no more than the pieces that were under way comes
// twice. Most of what a link carries is used.
func TestAMapComesOverTwoLinksOfWhichOneIsCut(t *testing.T) {
	const bits, size, cutAt = 2e6, 30_000_000, 11_000_000
	raw := ferrytest.Bytes(size)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, bits, ferry.Config{})
		for _, f := range r.there {
			f.Share(t.Context(), ferrytest.Files(raw))
		}
		began := time.Now()
		in := r.open(elm, raw, 0)
		var got []byte
		for len(got) < cutAt {
			b := make([]byte, 16<<10)
			n, err := in.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, b[:n]...)
		}
		r.network.Lines[elm].Cut()
		rest, err := io.ReadAll(in)
		if !errors.Is(err, ferrytest.ErrCut) {
			t.Fatal(err)
		}
		in.Close()
		got = append(got, rest...)
		rest, err = r.fetch(hill, raw, int64(len(got)))
		if got = append(got, rest...); err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		took := time.Since(began)
		first, _ := r.network.Lines[elm].Carried()
		second, _ := r.network.Lines[hill].Carried()
		share := size * 8 / bits / took.Seconds()
		t.Logf("%d bytes in %v, %.0f %% of the link; %d and %d bytes over the two links, %.2f %% more than the file", size, took.Round(time.Second), 100*share, first, second, 100*float64(first+second-size)/size)
		if share < .8 || first+second > size*101/100 || first == 0 || second == 0 {
			t.Error("that is too slow, or too much")
		}
		r.network.Wait()
	})
}

// While a map comes, messages that share the link are there within 300 ms.
func TestMessagesStayLive(t *testing.T) {
	const bits = 2e6
	raw := ferrytest.Bytes(8_000_000)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, bits, ferry.Config{})
		r.there[elm].Share(t.Context(), ferrytest.Files(raw))
		near, far, err := r.network.Lines[elm].Stream()
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { // each says when it was written
			defer far.Close()
			for {
				select {
				case <-done:
					return
				case <-time.After(137 * time.Millisecond):
				}
				b, err := time.Now().MarshalBinary()
				if err == nil {
					_, err = far.Write(append(b, make([]byte, 300-len(b))...))
				}
				if err != nil {
					return
				}
			}
		}()
		late := make(chan []time.Duration)
		go func() {
			var all []time.Duration
			b := make([]byte, 300)
			for {
				if _, err := io.ReadFull(near, b); err != nil {
					late <- all
					return
				}
				var at time.Time
				if at.UnmarshalBinary(b[:15]) == nil {
					all = append(all, time.Since(at))
				}
			}
		}()
		began := time.Now()
		if got, err := r.fetch(elm, raw, 0); err != nil || !bytes.Equal(got, raw) {
			t.Fatal(len(got), err)
		}
		share := float64(len(raw)) * 8 / bits / time.Since(began).Seconds()
		close(done)
		all := <-late
		slices.Sort(all)
		p99 := all[len(all)*99/100]
		t.Logf("%d messages: half within %v, p99 %v, the last %v; the file has %.0f %% of the link", len(all), all[len(all)/2], p99, all[len(all)-1], 100*share)
		if p99 > 300*time.Millisecond || share < .7 {
			t.Error("messages wait for the map, or the map for nothing")
		}
		r.network.Wait()
	})
}

// Where records fill the link, a map takes next to nothing of it, and does not stand still.
func TestRecordsComeFirst(t *testing.T) {
	const bits = 2e6
	raw := ferrytest.Bytes(8_000_000)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, bits, ferry.Config{})
		r.there[elm].Share(t.Context(), ferrytest.Files(raw))
		in := r.open(elm, raw, 0)
		if _, err := io.ReadFull(in, make([]byte, 1_000_000)); err != nil {
			t.Fatal(err)
		}
		near, far, err := r.network.Lines[elm].Stream()
		if err != nil {
			t.Fatal(err)
		}
		var records, pieces int
		end := time.Now().Add(time.Minute)
		go func() { // as much as the link takes, 64 kB under way
			defer near.Close()
			frame := make([]byte, 4<<10)
			for range 16 {
				if _, err := far.Write(frame); err != nil {
					return
				}
			}
			for time.Now().Before(end) {
				if _, err := io.ReadFull(near, frame); err != nil {
					return
				}
				records += len(frame)
				if _, err := far.Write(frame); err != nil {
					return
				}
			}
		}()
		b := make([]byte, 16<<10)
		for time.Now().Before(end) {
			n, err := in.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			pieces += n
		}
		in.Close()
		synctest.Wait()
		t.Logf("in a minute %d kB of records, %d kB of the map", records/1000, pieces/1000)
		if pieces > records/5 || pieces < 1000 || float64(records)*8 < bits*60*.75 {
			t.Error("the map takes too much, or nothing")
		}
		r.network.Wait()
	})
}

// A hub that knows what else it has to say on a link holds pieces back.
func TestAPieceWaitsForWhatIsBusy(t *testing.T) {
	raw := ferrytest.Bytes(100_000)
	synctest.Test(t, func(t *testing.T) {
		var busy atomic.Bool
		busy.Store(true)
		r := newRig(t, 1e8, ferry.Config{Busy: func(hub record.Author) bool { return busy.Load() && hub == mill }})
		r.there[elm].Share(t.Context(), ferrytest.Files(raw))
		in := r.open(elm, raw, 0)
		began := time.Now()
		if _, err := io.ReadFull(in, make([]byte, 3<<10)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 2*time.Second || took > 5*time.Second {
			t.Errorf("three pieces came within %v", took)
		}
		busy.Store(false)
		began = time.Now()
		if _, err := io.Copy(io.Discard, in); err != nil || time.Since(began) > 5*time.Second {
			t.Error(time.Since(began), err)
		}
		in.Close()
		r.network.Wait()
	})
}

// All that a hub gives stays within a rate.
func TestGivingHasARate(t *testing.T) {
	raw := ferrytest.Bytes(1_000_000)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1e9, ferry.Config{Rate: 100_000})
		r.there[elm].Share(t.Context(), ferrytest.Files(raw))
		began := time.Now()
		if _, err := r.fetch(elm, raw, 0); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 9*time.Second || took > 12*time.Second {
			t.Errorf("it took %v", took)
		}
		r.network.Wait()
	})
}

func TestWhoStopsIsHeardAtOnce(t *testing.T) {
	raw := ferrytest.Bytes(1_000_000)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1e6, ferry.Config{})
		r.there[elm].Share(t.Context(), ferrytest.Files(raw))
		ctx, stop := context.WithCancel(t.Context())
		in, err := r.here.Open(ctx, elm, sha256.Sum256(raw), int64(len(raw)), 0)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, stop)
		began := time.Now()
		if _, err := io.Copy(io.Discard, in); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Error(time.Since(began), err)
		}
		if _, err := in.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		in.Close()
		r.network.Wait() // nothing is served any more either
	})
}

// What is shared ends with its context, and a hub answers for the exact file only.
func TestOnlyWhatIsSharedIsGiven(t *testing.T) {
	raw := ferrytest.Bytes(5000)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1e6, ferry.Config{})
		ctx, stop := context.WithCancel(t.Context())
		r.there[elm].Share(ctx, ferrytest.Files(nil))
		r.there[elm].Share(ctx, ferrytest.Files(raw))
		if got, err := r.fetch(elm, raw, 0); err != nil || !bytes.Equal(got, raw) {
			t.Error(err)
		}
		for _, size := range []int64{4999, 5001} {
			if _, err := r.here.Open(t.Context(), elm, sha256.Sum256(raw), size, 0); !errors.Is(err, ferry.ErrAbsent) {
				t.Errorf("of another size: %v", err)
			}
		}
		for _, at := range []int64{-1, 5001} {
			if _, err := r.here.Open(t.Context(), elm, sha256.Sum256(raw), 5000, at); err == nil {
				t.Error("outside of it")
			}
		}
		stop()
		synctest.Wait()
		if _, err := r.here.Open(t.Context(), elm, sha256.Sum256(raw), 5000, 0); !errors.Is(err, ferry.ErrAbsent) {
			t.Errorf("what is shared no more: %v", err)
		}
		r.network.Wait()
	})
}
