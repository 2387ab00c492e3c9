package shelf_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paulmach/orb/encoding/mvt"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// town makes a file of all tiles of some zooms that lie in a square of web maps' degrees;
// each tile says its name and the town's.
func town(name string, bounds [4]float64, tiles ...pmtilestest.Tile) []byte {
	for i := range tiles {
		tiles[i].Data = pmtilestest.Shown(fmt.Sprintf("%s %d/%d/%d", name, tiles[i].Z, tiles[i].X, tiles[i].Y))
	}
	metadata := strings.Replace(pmtilestest.V4, "Protomaps Basemap", name, 1)
	return pmtilestest.File{Tiles: tiles, Bounds: bounds, Metadata: metadata}.Bytes()
}

func tile(z uint8, x, y uint32) pmtilestest.Tile { return pmtilestest.Tile{Z: z, X: x, Y: y} }

// world is a file with the first zooms of the earth.
func world(name string, deepest uint8) []byte {
	var all []pmtilestest.Tile
	for z := range deepest + 1 {
		for x := range uint32(1) << z {
			for y := range uint32(1) << z {
				all = append(all, tile(z, x, y))
			}
		}
	}
	return town(name, [4]float64{-180, -85.06, 180, 85.06}, all...)
}

// as is a file of the same size as another.
func as(other, raw []byte) []byte { return append(raw, make([]byte, len(other)-len(raw))...) }

// folder is a shelf over a folder of the test's.
type folder struct {
	*shelf.Shelf

	t   testing.TB
	dir string
}

func open(t testing.TB, c shelf.Config) *folder { return openIn(t, t.TempDir(), c) }

func openIn(t testing.TB, dir string, c shelf.Config) *folder {
	t.Helper()
	s, err := shelf.Open(dir, c)
	must(t, err)
	t.Cleanup(s.Close)
	return &folder{s, t, dir}
}

// drop puts a file into the folder as somebody would who copied it an hour ago.
func (f *folder) drop(name string, raw []byte) {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	must(f.t, os.WriteFile(path, raw, 0o644))
	hour := time.Now().Add(-time.Hour)
	must(f.t, os.Chtimes(path, hour, hour))
}

func (f *folder) refresh() {
	f.t.Helper()
	_, err := f.Refresh(f.t.Context())
	must(f.t, err)
}

// list is the files in short: name, state, why.
func (f *folder) list() string {
	f.t.Helper()
	all, err := f.Extracts()
	must(f.t, err)
	var lines []string
	for _, e := range all {
		line := e.Name + " " + [...]string{"", "checking", "ready", "broken"}[e.State]
		if e.State == shelf.Broken {
			line += ": " + e.Why.String()
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// says is what a tile is drawn from, in words.
func (f *folder) says(z uint8, x, y uint32) string {
	p, err := f.Piece(f.t.Context(), z, x, y)
	if err != nil {
		return err.Error()
	}
	return layer(p.Data)
}

// layer is the name of a tile's only layer.
func layer(data []byte) string {
	if layers, err := mvt.Unmarshal(data); err == nil && len(layers) == 1 {
		return layers[0].Name
	}
	return fmt.Sprintf("no tile: %q", data)
}

func TestTheShelfFollowsItsFolder(t *testing.T) {
	f := open(t, shelf.Config{})
	if got := f.list(); got != "" || f.says(0, 0, 0) != "no map here covers this tile" {
		t.Errorf("an empty folder has %q", got)
	}
	empty := f.Version()
	f.drop("b.pmtiles", world("b", 1))
	f.drop("notes.txt", []byte("not a map"))
	must(t, os.Mkdir(filepath.Join(f.dir, "folder.pmtiles"), 0o755))
	if got := f.list(); got != "b.pmtiles checking" || f.says(0, 0, 0) == "b 0/0/0" {
		t.Errorf("before it was checked: %q", got)
	}
	f.refresh()
	if got := f.list(); got != "b.pmtiles ready" || f.says(1, 1, 0) != "b 1/1/0" {
		t.Errorf("after it was checked: %q, %s", got, f.says(1, 1, 0))
	}
	one := f.Version()
	f.drop("a.pmtiles", world("a", 2))
	f.drop("c.pmtiles", []byte("PMTiles, but no more"))
	f.refresh()
	if got := f.list(); got != "a.pmtiles ready\nb.pmtiles ready\nc.pmtiles broken: This map file is cut off: 20 bytes are here of at least 127. Copy it here again." {
		t.Errorf("with one that is broken: %q", got)
	}
	if f.says(1, 1, 0) != "a 1/1/0" || f.says(2, 3, 3) != "a 2/3/3" || f.says(3, 7, 7) != "a 2/3/3" {
		t.Errorf("the deeper one is not asked first: %s, %s, %s", f.says(1, 1, 0), f.says(2, 3, 3), f.says(3, 7, 7))
	}
	two := f.Version()
	must(t, os.Remove(filepath.Join(f.dir, "a.pmtiles")))
	f.drop("b.pmtiles", world("b2", 1))
	f.drop("c.pmtiles", world("c", 0))
	if got := f.list(); got != "b.pmtiles checking\nc.pmtiles checking" {
		t.Errorf("after changes: %q", got)
	}
	f.refresh()
	if got := f.list(); got != "b.pmtiles ready\nc.pmtiles ready" || f.says(1, 0, 0) != "b2 1/0/0" {
		t.Errorf("after changes: %q, %s", got, f.says(1, 0, 0))
	}
	if three := f.Version(); empty == one || one == two || two == three || one == three {
		t.Errorf("the version stays: %s, %s, %s, %s", empty, one, two, three)
	}
}

func TestAReadyFileSaysWhatItIs(t *testing.T) {
	f := open(t, shelf.Config{})
	raw := town("Ville \u202e<b>", [4]float64{7.4, 43.7, 7.5, 43.8}, tile(3, 4, 2), tile(4, 8, 5))
	f.drop("ville.pmtiles", raw)
	f.refresh()
	all, err := f.Extracts()
	must(t, err)
	e := all[0]
	if e.State != shelf.Ready || e.Size != int64(len(raw)) || e.Sum != sha256.Sum256(raw) || e.Title != "Ville <b>" || e.Credit != "© OpenStreetMap" ||
		e.Schema != pmtiles.Protomaps4 || e.MinZoom != 3 || e.MaxZoom != 4 || e.Tiles != 2 || e.Bounds.Min[0] != 7.4 || !e.Bounds.Contains(e.Center) {
		t.Errorf("%+v", e)
	}
	file, same, err := f.File(e.Sum)
	must(t, err)
	defer file.Close()
	if again, err := io.ReadAll(file); err != nil || string(again) != string(raw) || same.Name != e.Name {
		t.Errorf("%v, %+v", err, same)
	}
	if _, _, err := f.File([32]byte{1}); err == nil {
		t.Error("a file that is not here was opened")
	}
}

// A file is checked once: at the next start it is ready before anything is checked, unless
// it has changed meanwhile.
func TestWhatWasCheckedIsKnownAtTheNextStart(t *testing.T) {
	f := open(t, shelf.Config{})
	f.drop("a.pmtiles", world("a", 1))
	b := append(world("b", 1), make([]byte, 100)...)
	f.drop("b.pmtiles", b)
	f.drop("c.pmtiles", world("b", 1)[:500])
	f.refresh()
	f.drop("b.pmtiles", as(b, world("B", 1)))
	changed := time.Now().Add(-time.Minute)
	must(t, os.Chtimes(filepath.Join(f.dir, "b.pmtiles"), changed, changed))
	again := openIn(t, f.dir, shelf.Config{})
	if got := again.list(); got != "a.pmtiles ready\nb.pmtiles checking\nc.pmtiles checking" || again.says(1, 0, 0) != "a 1/0/0" {
		t.Errorf("%q, %s", got, again.says(1, 0, 0))
	}
	must(t, os.WriteFile(filepath.Join(f.dir, ".checked.json"), []byte(`[{"name":"a.pmtiles","sha256":7}`), 0o644))
	again = openIn(t, f.dir, shelf.Config{})
	again.refresh()
	if got := again.list(); !strings.HasPrefix(got, "a.pmtiles ready\nb.pmtiles ready\nc.pmtiles broken") {
		t.Errorf("with a list that does not read: %q", got)
	}
}

func TestAFileThatStillComesInIsNotCalledBroken(t *testing.T) {
	now := time.Now()
	f := open(t, shelf.Config{Now: func() time.Time { return now }})
	whole := world("a", 2)
	must(t, os.WriteFile(filepath.Join(f.dir, "a.pmtiles"), whole[:len(whole)/2], 0o644))
	again, err := f.Refresh(t.Context())
	if got := f.list(); err != nil || !again || got != "a.pmtiles checking" {
		t.Errorf("half of it: %q, %v, %v", got, again, err)
	}
	now = now.Add(time.Minute)
	again, err = f.Refresh(t.Context())
	if got := f.list(); err != nil || again || !strings.HasPrefix(got, "a.pmtiles broken: This map file is cut off") {
		t.Errorf("half of it, a minute later: %q, %v, %v", got, again, err)
	}
	must(t, os.WriteFile(filepath.Join(f.dir, "a.pmtiles"), whole, 0o644))
	f.refresh()
	if got := f.list(); got != "a.pmtiles ready" {
		t.Errorf("all of it: %q", got)
	}
}

// What was found of a file that has changed since is not said of what it is now.
func TestAFileThatChangesWhileItIsCheckedIsCheckedAgain(t *testing.T) {
	f := open(t, shelf.Config{})
	a := append(world("a", 1), make([]byte, 100)...) // what follows the sections does not matter
	f.drop("a.pmtiles", a)
	f.OpenBy(func(path string) (*os.File, error) {
		f.OpenBy(nil)
		file, err := os.Open(path)
		must(t, os.Remove(path))
		f.drop("a.pmtiles", as(a, world("A", 1)))
		minute := time.Now().Add(-time.Minute)
		must(t, os.Chtimes(path, minute, minute))
		return file, err
	})
	again, err := f.Refresh(t.Context())
	if got := f.list(); err != nil || !again || got != "a.pmtiles checking" {
		t.Errorf("%q, %v, %v", got, again, err)
	}
	f.refresh()
	if got := f.says(0, 0, 0); got != "A 0/0/0" {
		t.Errorf("%s", got)
	}
}

func TestMoreFilesThanAreLookedAtSaySo(t *testing.T) {
	f := open(t, shelf.Config{})
	raw := world("a", 0)
	for i := range shelf.MaxFiles + 1 {
		f.drop(fmt.Sprintf("%02d.pmtiles", i), raw)
	}
	f.refresh()
	if got := f.list(); !strings.HasSuffix(got, "31.pmtiles ready\n32.pmtiles broken: There are more than 32 map files here, so this one is not used. Take some away.") {
		t.Errorf("%q", got)
	}
	must(t, os.Remove(filepath.Join(f.dir, "07.pmtiles")))
	f.refresh()
	if got := f.list(); strings.Contains(got, "broken") || !strings.HasSuffix(got, "32.pmtiles ready") {
		t.Errorf("after one went: %q", got)
	}
}

// A file that cannot be opened says so, is tried again ever more rarely, and is used once it
// can be.
func TestAFileThatCannotBeOpenedIsTriedAgain(t *testing.T) {
	now, tries := time.Now(), 0
	f := open(t, shelf.Config{Now: func() time.Time { return now }})
	f.drop("real", world("a", 0))
	link := filepath.Join(f.dir, "a.pmtiles")
	must(t, os.Symlink("real", link))
	if _, err := f.Extracts(); err != nil {
		t.Fatal(err)
	}
	f.OpenBy(func(path string) (*os.File, error) {
		tries++
		return nil, &os.PathError{Op: "open", Path: path, Err: syscall.EACCES}
	})
	f.refresh()
	if got := f.list(); got != "a.pmtiles broken: This map file cannot be read here (permission denied). See to its permissions, and to the disk." {
		t.Errorf("%q", got)
	}
	for range 60 * 60 / 5 { // an hour
		now = now.Add(5 * time.Second)
		f.refresh()
	}
	if tries < 12 || tries > 20 {
		t.Errorf("it was tried %d times in an hour", tries)
	}
	f.OpenBy(nil)
	now = now.Add(5 * time.Minute)
	f.refresh()
	if got := f.list(); got != "a.pmtiles ready" || f.says(0, 0, 0) != "a 0/0/0" {
		t.Errorf("when it could be opened, by a link: %q", got)
	}
}

// A file that the reader does not survive is refused, and nothing else ends.
func TestAFileThatIsTooMuchForItsReaderIsRefused(t *testing.T) {
	var log bytes.Buffer
	f := open(t, shelf.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	f.drop("a.pmtiles", world("a", 0))
	f.OpenBy(func(string) (*os.File, error) { panic("not foreseen") })
	f.refresh()
	const refused = "This map file is damaged: it cannot be read to its end. Copy it here again, or make it anew."
	if got := f.list(); got != "a.pmtiles broken: "+refused || !strings.Contains(log.String(), "not foreseen") {
		t.Errorf("%q, logged: %s", got, &log)
	}
	if _, err := f.Add(t.Context(), shelf.Upload{Name: "b"}, bytes.NewReader(world("b", 0))); !isCode(err, hub.Invalid) || err.Error() != refused || f.files() != "a.pmtiles" {
		t.Errorf("%v, %s", err, f.files())
	}
}

// What a library says of a file is for the log only.
func TestWhatALibrarySaysIsInTheLogOnly(t *testing.T) {
	var log bytes.Buffer
	f := open(t, shelf.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	raw := pmtilestest.File{Metadata: "<html>", Tiles: []pmtilestest.Tile{{Data: pmtilestest.Shown("a")}}}.Bytes()
	_, err := f.Add(t.Context(), shelf.Upload{Name: "b"}, bytes.NewReader(raw))
	if !isCode(err, hub.Invalid) || strings.Contains(err.Error(), "invalid") || !strings.Contains(log.String(), "invalid character '<'") {
		t.Errorf("%v, logged: %s", err, &log)
	}
}

func TestAFolderThatIsGoneIsMadeAgain(t *testing.T) {
	f := openIn(t, filepath.Join(t.TempDir(), "maps"), shelf.Config{})
	must(t, os.RemoveAll(f.dir))
	if got := f.list(); got != "" {
		t.Errorf("%q", got)
	}
	if _, err := f.Add(t.Context(), shelf.Upload{Name: "a"}, bytes.NewReader(world("a", 0))); err != nil || f.list() != "a.pmtiles ready" {
		t.Errorf("%v, %q", err, f.list())
	}
}

// Run checks what comes without being asked, once somebody looks.
func TestRunFollowsTheFolder(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := openIn(t, dir, shelf.Config{})
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- f.Run(ctx) }()
		synctest.Wait()
		f.drop("a.pmtiles", world("a", 1))
		synctest.Wait()
		if got := f.says(0, 0, 0); got != "no map here covers this tile" {
			t.Errorf("so soon after the last look: %s", got)
		}
		time.Sleep(6 * time.Second)
		f.says(0, 0, 0)
		synctest.Wait()
		if got := f.says(0, 0, 0); got != "a 0/0/0" {
			t.Errorf("after a request: %s", got)
		}
		f.drop("b.pmtiles", world("b", 2))
		f.list()
		synctest.Wait()
		if got := f.list(); got != "a.pmtiles ready\nb.pmtiles ready" {
			t.Errorf("after a look at the list: %s", got)
		}
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Files come and go under those who read: each gets a tile that is whole, or none.
func TestReadersMeetFilesThatComeAndGo(t *testing.T) {
	f := open(t, shelf.Config{})
	f.drop("base.pmtiles", world("base", 3))
	f.refresh()
	raws := [][]byte{world("one", 4), world("two", 5)}
	ctx, end := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				z := uint8(rand.N(4))
				x, y := rand.N(uint32(1)<<z), rand.N(uint32(1)<<z)
				p, err := f.Piece(ctx, z, x, y)
				_, rest, _ := strings.Cut(layer(p.Data), " ")
				if err == nil && rest != fmt.Sprintf("%d/%d/%d", z, x, y) || err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("%d/%d/%d: %q, %v", z, x, y, p.Data, err)
					return
				}
			}
		})
	}
	for i := range 60 {
		path := filepath.Join(f.dir, "other.pmtiles")
		if i%3 == 2 {
			must(t, os.Remove(path))
		} else { // as whoever knows files puts one in the place of another
			must(t, os.WriteFile(path+".new", raws[i%2], 0o644))
			must(t, os.Rename(path+".new", path))
		}
		f.refresh()
	}
	end()
	readers.Wait()
}
