package fieldtest_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/sync/ferry"
)

// errCut ends what is done until the cable is cut.
var errCut = errors.New("the cable is cut")

// A street map that one hub has is fetched by another one, as whoever looks after that asks for it,
// over 2 Mbit/s, beside which messages stay live. The cable is cut on the way: what has come stays, the
// rest comes by itself once it is mended, and then the same tiles are served at both.
func TestAStreetMapIsFetchedOverASlowLinkThatIsCutOnTheWay(t *testing.T) {
	f := open(t)
	air := f.bridge("air")
	a, b := f.hub("Ash"), f.hub("Birch")
	cable := f.plug(a, air, "10.1.0.1/24")
	f.plug(b, air, "10.1.0.2/24")
	f.ok(cable.Rate(f.ctx, "2mbit"))
	f.found(a, b)
	knows(b, "10.1.0.1")
	f.start(a, b)
	people := []*fieldtest.Person{f.person(a, "Ana"), f.person(b, "Ben")}
	for _, p := range people {
		f.post(p, 1, "the first")
	}
	f.agree("started,", 15*time.Second, 2, a, b)

	const name = "valley.pmtiles"
	size := f.streetMap(name, sized(12, 4))
	f.console(a, "maps", "add", filepath.Join(f.dir, name))
	_, err := fieldtest.Await(f.ctx, 15*time.Second, 200*time.Millisecond, "the other hub hears of it", func(ctx context.Context) (bool, error) {
		said, err := b.Run(ctx, "maps", "fetch", "--data", b.Folder)
		return strings.Contains(said, name), err
	})
	f.ok(err)
	type fetched struct {
		said string
		err  error
	}
	ended := make(chan fetched, 1)
	begun := time.Now()
	go func() {
		said, err := b.Run(f.ctx, "maps", "fetch", name, "--data", b.Folder)
		ended <- fetched{said, err}
	}()
	done, end := context.WithCancelCause(f.ctx)
	defer end(nil)
	cut := make(chan error, 1)
	go func() {
		_, err := fieldtest.Await(f.ctx, time.Minute, 100*time.Millisecond, "half of it has come", func(ctx context.Context) (bool, error) {
			n, err := ferried(ctx, b)
			return n > size/2, err
		})
		end(errCut)
		cut <- err
	}()
	took, err := talk(f.ctx, done, people, []*fieldtest.Hub{a, b})
	f.ok(err, <-cut)
	f.ok(cable.Cut(f.ctx))
	f.hold("a message, meanwhile, is at both hubs", took, time.Second)
	f.linked(time.Minute, b)
	f.pause(sized(time.Minute, 5*time.Second))
	select {
	case e := <-ended:
		t.Fatalf("it is not waited for: %+v", e)
	default:
	}
	there, err := ferried(f.ctx, b)
	f.ok(err)
	if there > size*9/10 {
		t.Fatalf("%d of %d bytes had come: this shows nothing", there, size)
	}
	f.ok(cable.Mend(f.ctx))
	mended := time.Now()
	const bound = 2 * time.Minute
	select {
	case e := <-ended:
		f.ok(e.err)
		if !strings.HasSuffix(e.said, name+" is here.\n") {
			t.Error(e.said)
		}
	case <-time.After(bound):
		t.Fatal("mended, it does not come")
	}
	all, err := ferried(f.ctx, b)
	f.ok(err)
	f.figure(fmt.Sprintf("mended, the rest of %d bytes is there, %v after all was begun,", size, time.Since(begun).Round(time.Millisecond)), time.Since(mended), bound)
	f.Logf("%d bytes had come when it was cut, %d in all", there, all)
	if all > size+size/20+100_000 {
		t.Errorf("%d bytes came of %d: it has begun again", all, size)
	}
	f.sameTiles(a, b)
}

// streetMap writes a file of tiles that cannot be packed, of so many MB, and returns its size.
func (f *field) streetMap(name string, megabytes int) (size uint64) {
	f.Helper()
	random := rand.NewChaCha8([32]byte{2})
	var of pmtilestest.File
	for i := range 20 * megabytes {
		b := make([]byte, 50_000)
		_, _ = random.Read(b)
		of.Tiles = append(of.Tiles, pmtilestest.Tile{Z: streetZoom, X: uint32(i % 16), Y: uint32(i / 16), Data: pmtilestest.Layer(base64.RawStdEncoding.EncodeToString(b))}) //nolint:gosec // few
	}
	raw := of.Bytes()
	f.ok(os.WriteFile(filepath.Join(f.dir, name), raw, 0o600))
	return uint64(len(raw))
}

// streetZoom is that of the tiles of a made-up street map.
const streetZoom = 8

// console runs a command at a hub that has to go well.
func (f *field) console(h *fieldtest.Hub, args ...string) string {
	f.Helper()
	said, err := h.Run(f.ctx, append(args, "--data", h.Folder)...)
	f.ok(err)
	return said
}

// ferried is how much has come to a hub that it has asked others for.
func ferried(ctx context.Context, h *fieldtest.Hub) (uint64, error) {
	s, err := h.Console().Status(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range s.Program.Traffic {
		if p.Protocol == ferry.Protocol {
			return p.Received, nil
		}
	}
	return 0, nil
}

// sameTiles holds two hubs to serving the same.
func (f *field) sameTiles(a, b *fieldtest.Hub) {
	f.Helper()
	one, other := f.browser(a), f.browser(b)
	for i := range 40 {
		tile := fmt.Sprintf("/maps/tiles/%d/%d/%d", streetZoom, i%16, i/16)
		want, err := one.Get(f.ctx, tile)
		f.ok(err)
		got, err := other.Get(f.ctx, tile)
		f.ok(err)
		if want.Status != http.StatusOK || len(want.Page) < 50_000 || got.Page != want.Page {
			f.Fatalf("%s: %d with %d bytes, %d with %d", tile, want.Status, len(want.Page), got.Status, len(got.Page))
		}
	}
}
