package shelf_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
)

var errLink = errors.New("the link went down")

// elsewhere is another place that has a file, over a link that breaks after some bytes.
type elsewhere struct {
	raw   []byte
	lasts int
	asked []int64 // from where, each time
}

func (e *elsewhere) source(_ context.Context, at int64) (io.ReadCloser, error) {
	e.asked = append(e.asked, at)
	rest := e.raw[at:]
	if len(rest) <= e.lasts {
		return io.NopCloser(bytes.NewReader(rest)), nil
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(rest[:e.lasts]), iotest.ErrReader(errLink))), nil
}

// large is a sound file of some 10 MB.
func large() []byte {
	raw := pmtilestest.File{Tiles: []pmtilestest.Tile{{Data: pmtilestest.Layer("large")}}, Compression: pmtiles.None}.Bytes()
	return append(raw, make([]byte, 10<<20)...)
}

func TestAFileIsFetchedInPieces(t *testing.T) {
	e := &elsewhere{raw: large(), lasts: 5 << 20}
	u := shelf.Upload{Name: "large", Size: int64(len(e.raw)), Sum: sha256.Sum256(e.raw)}
	conf := shelf.Config{Most: u.Size} // it fits exactly, and what has come counts once
	f := open(t, conf)
	if _, err := f.Fetch(t.Context(), u, e.source); !errors.Is(err, errLink) || f.list() != "" {
		t.Fatalf("when the link broke: %v, %s", err, f.list())
	}
	parts, err := f.Parts()
	if err != nil || len(parts) != 1 || parts[0] != (shelf.Part{Sum: u.Sum, Size: u.Size, Have: 5 << 20}) {
		t.Errorf("%+v, %v", parts, err)
	}
	f = openIn(t, f.dir, conf) // as after a restart
	if _, err := f.Fetch(t.Context(), u, e.source); !errors.Is(err, errLink) {
		t.Fatal(err)
	}
	got, err := f.Fetch(t.Context(), u, e.source)
	if err != nil || got.Name != "large.pmtiles" || got.State != shelf.Ready || got.Sum != u.Sum || f.says(0, 0, 0) != "large" || f.files() != "large.pmtiles" {
		t.Errorf("%+v, %v, %s", got, err, f.files())
	}
	// Only what was sure to be on disk was not asked for again: after a restart not all.
	if want := []int64{0, 4 << 20, 9 << 20}; len(e.asked) != 3 || e.asked[1] != want[1] || e.asked[2] != want[2] {
		t.Errorf("asked from %v, want %v", e.asked, want)
	}
	if _, err := f.Fetch(t.Context(), u, e.source); !isCode(err, hub.Conflict) || len(e.asked) != 3 {
		t.Errorf("once more: %v", err)
	}
}

// A hub that went down when all had come asks for nothing again.
func TestAWholePartIsOnlyChecked(t *testing.T) {
	f := open(t, shelf.Config{})
	raw := large()
	sum := sha256.Sum256(raw)
	must(t, os.WriteFile(filepath.Join(f.dir, fmt.Sprintf(".part-%x-%d", sum, len(raw))), raw, 0o644))
	if _, err := f.Fetch(t.Context(), shelf.Upload{Name: "a", Size: int64(len(raw)), Sum: sum}, nil); err != nil || f.list() != "a.pmtiles ready" {
		t.Errorf("%v, %s", err, f.list())
	}
}

func TestAFetchThatCannotBeEnds(t *testing.T) {
	raw := large()
	size, sum := int64(len(raw)), sha256.Sum256(raw)
	other := bytes.Clone(raw)
	other[len(other)-1] = 1
	broken := append([]byte("no map"), raw...)
	for name, c := range map[string]struct {
		conf shelf.Config
		up   shelf.Upload
		has  []byte
		code hub.Code
		says string
		left string
	}{
		"other bytes":      {up: shelf.Upload{Size: size, Sum: sum}, has: other, code: hub.Invalid, says: "SHA-256"},
		"no map":           {up: shelf.Upload{Size: int64(len(broken)), Sum: sha256.Sum256(broken)}, has: broken, code: hub.Invalid, says: "no PMTiles file"},
		"longer than said": {up: shelf.Upload{Size: size - 1, Sum: sum}, has: raw, code: hub.Invalid, says: "SHA-256"},
		"no room":          {conf: shelf.Config{Most: size - 1}, up: shelf.Upload{Size: size, Sum: sum}, has: raw, code: hub.Unavailable, says: "no room"},
		"shorter":          {up: shelf.Upload{Size: size + 1, Sum: sum}, has: raw, says: "broke off", left: ".part-"},
		"no hash":          {up: shelf.Upload{Size: size}, has: raw, says: "by its size and hash"},
		"the name is used": {up: shelf.Upload{Name: "old", Size: size, Sum: sum}, has: raw, code: hub.Conflict, says: "already"},
	} {
		f := open(t, c.conf)
		f.drop("old.pmtiles", world("old", 0))
		f.refresh()
		_, err := f.Fetch(t.Context(), c.up, (&elsewhere{raw: c.has, lasts: len(c.has)}).source)
		if err == nil || !strings.Contains(err.Error(), c.says) || c.code != 0 && !isCode(err, c.code) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
		if files := f.files(); files != "old.pmtiles" && (c.left == "" || !strings.HasPrefix(files, c.left)) {
			t.Errorf("%s: left %s", name, files)
		}
	}
}

func TestPartsAreFewAndCanBeGivenUp(t *testing.T) {
	f := open(t, shelf.Config{Most: 30_000})
	for i := range 5 {
		u := shelf.Upload{Name: "x", Size: 6000, Sum: [32]byte{byte(i + 1)}}
		_, err := f.Fetch(t.Context(), u, (&elsewhere{raw: make([]byte, 6000), lasts: 100}).source)
		if i < 4 && !errors.Is(err, errLink) || i == 4 && !isCode(err, hub.Conflict) {
			t.Errorf("part %d: %v", i, err)
		}
	}
	// What is on its way has its room.
	if _, err := f.Add(t.Context(), shelf.Upload{Name: "a", Size: 7000}, strings.NewReader("")); !isCode(err, hub.Unavailable) {
		t.Error(err)
	}
	must(t, f.GiveUp([32]byte{1}))
	must(t, f.GiveUp([32]byte{77}))
	parts, err := f.Parts()
	if err != nil || len(parts) != 3 {
		t.Errorf("%v, %v", parts, err)
	}
	sum := strings.Repeat("ab", 32)
	for _, name := range []string{".part-77-9", ".part-" + sum, ".part-" + sum + "-x", ".part-" + sum + "-007", ".part-" + sum + "--7", ".part-" + strings.ToUpper(sum) + "-7"} {
		must(t, os.WriteFile(filepath.Join(f.dir, name), nil, 0o644)) // nobody's
	}
	if again, err := f.Parts(); err != nil || len(again) != 3 {
		t.Errorf("%v, %v", again, err)
	}
}

func TestOneFetchAtATimeAndUploadsMeanwhile(t *testing.T) {
	f := open(t, shelf.Config{})
	raw := large()
	u := shelf.Upload{Name: "slow", Size: int64(len(raw)), Sum: sha256.Sum256(raw)}
	in, out := io.Pipe()
	done, begun := make(chan error), make(chan int64, 1)
	ctx, end := context.WithCancel(t.Context())
	go func() {
		_, err := f.Fetch(ctx, u, func(_ context.Context, at int64) (io.ReadCloser, error) {
			begun <- at
			return in, nil
		})
		done <- err
	}()
	<-begun
	_, err := out.Write(raw[:1000])
	must(t, err)
	if _, err := f.Fetch(t.Context(), u, nil); !isCode(err, hub.TooMany) {
		t.Errorf("a second one: %v", err)
	}
	if err := f.GiveUp(u.Sum); !isCode(err, hub.TooMany) {
		t.Errorf("given up meanwhile: %v", err)
	}
	if _, err := f.Add(t.Context(), shelf.Upload{Name: "a"}, bytes.NewReader(world("a", 1))); err != nil || f.list() != "a.pmtiles ready" {
		t.Errorf("an upload meanwhile: %v, %s", err, f.list())
	}
	end()
	must(t, out.Close())
	if err := <-done; err == nil {
		t.Error("it did not end with its context")
	}
	parts, err := f.Parts()
	if err != nil || len(parts) != 1 || parts[0].Have != 1000 {
		t.Errorf("%v, %v", parts, err)
	}
}

// Whoever has a fetch stopped does not wait for a file that somebody sends.
func TestAFetchEndsWhileAnotherFileComesIn(t *testing.T) {
	f := open(t, shelf.Config{})
	ctx, stop := context.WithCancel(t.Context())
	raw, coming := large(), make(chan struct{})
	r, w := io.Pipe()
	done := make(chan error)
	go func() {
		_, err := f.Add(t.Context(), shelf.Upload{Name: "other"}, r)
		done <- err
	}()
	_, err := w.Write([]byte("P")) // it is being taken in
	must(t, err)
	go func() {
		<-coming
		stop()
	}()
	_, err = f.Fetch(ctx, shelf.Upload{Name: "large", Size: int64(len(raw)), Sum: sha256.Sum256(raw)}, func(context.Context, int64) (io.ReadCloser, error) {
		close(coming)
		return io.NopCloser(bytes.NewReader(raw)), nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	must(t, w.Close())
	if err := <-done; !isCode(err, hub.Invalid) {
		t.Error(err)
	}
}
