package shelf_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
)

// files are the names in the folder, but what is remembered of checks.
func (f *folder) files() string {
	f.t.Helper()
	entries, err := os.ReadDir(f.dir)
	must(f.t, err)
	var names []string
	for _, e := range entries {
		if e.Name() != ".checked.json" {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

func TestAnUploadIsThereAtOnce(t *testing.T) {
	f := open(t, shelf.Config{})
	raw := world("a", 1)
	e, err := f.Add(t.Context(), shelf.Upload{Name: "C:\\maps\\Our Town (new).pmtiles", Size: int64(len(raw)), Sum: sha256.Sum256(raw)}, iotest.HalfReader(bytes.NewReader(raw)))
	must(t, err)
	if e.Name != "Our-Town-new.pmtiles" || e.State != shelf.Ready || e.Sum != sha256.Sum256(raw) || f.says(1, 0, 1) != "a 1/0/1" || f.files() != e.Name {
		t.Errorf("%+v, %s, %s", e, f.says(1, 0, 1), f.files())
	}
	if got := openIn(t, f.dir, shelf.Config{}).list(); got != e.Name+" ready" {
		t.Errorf("at the next start: %q", got)
	}
	next := world("b", 1)
	if _, err := f.Add(t.Context(), shelf.Upload{Name: e.Name}, bytes.NewReader(next)); !isCode(err, hub.Conflict) || f.says(0, 0, 0) != "a 0/0/0" {
		t.Errorf("under the same name: %v", err)
	}
	if _, err := f.Add(t.Context(), shelf.Upload{Name: "other"}, bytes.NewReader(raw)); !isCode(err, hub.Conflict) || !strings.Contains(err.Error(), "as Our-Town-new.pmtiles") {
		t.Errorf("the same once more: %v", err)
	}
	if _, err := f.Add(t.Context(), shelf.Upload{Name: e.Name, Replace: true}, bytes.NewReader(next)); err != nil || f.says(0, 0, 0) != "b 0/0/0" || f.files() != e.Name {
		t.Errorf("in its place: %v, %s, %s", err, f.says(0, 0, 0), f.files())
	}
	must(t, f.Remove(e.Name))
	if err := f.Remove(e.Name); !isCode(err, hub.NotFound) || f.files() != "" || f.list() != "" {
		t.Errorf("taken away twice: %v, %s", err, f.files())
	}
	for _, name := range []string{"../../etc/passwd", ".checked.json", ""} {
		if err := f.Remove(name); !isCode(err, hub.NotFound) {
			t.Errorf("%q was taken away: %v", name, err)
		}
	}
}

// Whatever is wrong with an upload is said, and leaves all as it was.
func TestAnUploadThatIsNotTakenLeavesNothing(t *testing.T) {
	raw := world("new", 2)
	size := int64(len(raw))
	gone := errors.New("the phone went away")
	disk := func(free, total uint64) func() (uint64, uint64, error) {
		return func() (uint64, uint64, error) { return free, total, nil }
	}
	for name, c := range map[string]struct {
		conf   shelf.Config
		up     shelf.Upload
		body   io.Reader
		code   hub.Code // 0: the reader's own error
		says   string
		create func(string) (*os.File, error)
	}{
		"no map":           {body: strings.NewReader("hello"), code: hub.Invalid, says: "no PMTiles file"},
		"nothing":          {body: strings.NewReader(""), code: hub.Invalid, says: "no PMTiles file"},
		"cut off":          {body: bytes.NewReader(raw[:size-1]), code: hub.Invalid, says: "cut off"},
		"damaged":          {body: bytes.NewReader(append(bytes.Clone(raw[:size-9]), "damaged!!"...)), code: hub.Invalid, says: "damaged: tile"},
		"less than it was": {up: shelf.Upload{Size: size}, body: bytes.NewReader(raw[:size/2]), code: hub.Invalid, says: "bytes of the map file have come"},
		"another hash":     {up: shelf.Upload{Sum: [32]byte{1}}, body: bytes.NewReader(raw), code: hub.Invalid, says: "SHA-256"},
		"breaks off":       {body: io.MultiReader(bytes.NewReader(raw[:100]), iotest.ErrReader(gone)), says: "the phone went away"},
		"too large, said":  {conf: shelf.Config{Most: 2 * size}, up: shelf.Upload{Size: 3 * size}, body: iotest.ErrReader(errors.New("was read")), code: hub.Unavailable, says: "no room here for a map file of 4 kB: it may have 2 kB."},
		"too large":        {conf: shelf.Config{Most: size + 10}, body: bytes.NewReader(raw), code: hub.Unavailable, says: "no room here for this map file"},
		"the last tenth":   {conf: shelf.Config{Disk: disk(uint64(size)+99, 1000)}, body: bytes.NewReader(raw), code: hub.Unavailable, says: "no room"},
		"a full disk":      {conf: shelf.Config{Disk: disk(50, 1000)}, body: bytes.NewReader(raw), code: hub.Unavailable, says: "no room"},
		"a disk that fills": {body: bytes.NewReader(raw), code: hub.Unavailable, says: "disk became full", create: func(string) (*os.File, error) {
			return os.OpenFile("/dev/full", os.O_WRONLY, 0)
		}},
		"no room for its name": {body: bytes.NewReader(raw), code: hub.Unavailable, says: "disk became full", create: func(name string) (*os.File, error) {
			return nil, &os.PathError{Op: "open", Path: name, Err: syscall.ENOSPC}
		}},
	} {
		f := open(t, c.conf)
		f.drop("old.pmtiles", world("old", 0))
		f.refresh()
		if c.create != nil {
			f.CreateBy(c.create)
		}
		c.up.Name, c.up.Replace = "old.pmtiles", name != "too large"
		if !c.up.Replace {
			c.up.Name = "new.pmtiles"
		}
		_, err := f.Add(t.Context(), c.up, c.body)
		if err == nil || !strings.Contains(err.Error(), c.says) || c.code != 0 && !isCode(err, c.code) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
		if f.files() != "old.pmtiles" || f.says(0, 0, 0) != "old 0/0/0" {
			t.Errorf("%s: left %s, and %s", name, f.files(), f.says(0, 0, 0))
		}
	}
}

func TestOneUploadAtATime(t *testing.T) {
	f := open(t, shelf.Config{})
	raw := world("a", 1)
	in, out := io.Pipe()
	done := make(chan error)
	go func() {
		_, err := f.Add(t.Context(), shelf.Upload{Name: "a"}, in)
		done <- err
	}()
	_, err := out.Write(raw[:200])
	must(t, err)
	if _, err := f.Add(t.Context(), shelf.Upload{Name: "b"}, bytes.NewReader(raw)); !isCode(err, hub.TooMany) {
		t.Errorf("a second one: %v", err)
	}
	if got := f.list(); got != "" {
		t.Errorf("half of it is listed: %q", got)
	}
	_, err = out.Write(raw[200:])
	must(t, err)
	must(t, out.Close())
	must(t, <-done)
	if got := f.list(); got != "a.pmtiles ready" {
		t.Errorf("%q", got)
	}
}

func TestAnUploadEndsWithItsContext(t *testing.T) {
	f := open(t, shelf.Config{})
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, err := f.Add(ctx, shelf.Upload{Name: "a"}, bytes.NewReader(world("a", 0))); !errors.Is(err, context.Canceled) || f.files() != "" {
		t.Errorf("%v, %s", err, f.files())
	}
}

func TestWhatACrashLeftOfAnUploadGoes(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, ".new-a.pmtiles"), []byte("half"), 0o644))
	f := openIn(t, dir, shelf.Config{})
	if f.files() != "" || f.list() != "" {
		t.Errorf("%s", f.files())
	}
}

func TestNamesAreMadeFitForFiles(t *testing.T) {
	for in, want := range map[string]string{
		"monaco.pmtiles":                      "monaco.pmtiles",
		"Monaco":                              "Monaco.pmtiles",
		"../../etc/passwd":                    "passwd.pmtiles",
		`C:\x\y.pmtiles`:                      "y.pmtiles",
		".hidden.pmtiles":                     "hidden.pmtiles",
		"":                                    "map.pmtiles",
		".pmtiles":                            "map.pmtiles",
		"地图.pmtiles":                          "map.pmtiles",
		"São Paulo\x00\n.pmtiles":             "S-o-Paulo.pmtiles",
		strings.Repeat("x", 300) + ".pmtiles": strings.Repeat("x", 56) + ".pmtiles",
	} {
		if got := shelf.FileName(in); got != want || shelf.FileName(got) != got {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// What fits exactly is taken, and makes room again when it goes.
func TestRoomIsCounted(t *testing.T) {
	raw := append(world("a", 1), make([]byte, 100)...)
	f := open(t, shelf.Config{Most: int64(len(raw)), Now: func() time.Time { return time.Unix(2e9, 0) }})
	for range 2 {
		e, err := f.Add(t.Context(), shelf.Upload{Name: "a"}, bytes.NewReader(raw))
		must(t, err)
		if _, err := f.Add(t.Context(), shelf.Upload{Name: "b"}, bytes.NewReader(world("b", 0))); !isCode(err, hub.Unavailable) {
			t.Error(err)
		}
		next := as(raw, world("A", 1))
		if _, err := f.Add(t.Context(), shelf.Upload{Name: "a", Replace: true}, bytes.NewReader(next)); err != nil {
			t.Errorf("in its place: %v", err)
		}
		must(t, f.Remove(e.Name))
	}
}
