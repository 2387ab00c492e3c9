package maps_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var _ maps.Ferry = (*ferry.Ferry)(nil)

// lender is a hub at work whose street maps are for others: what it says goes into a moment.
type lender struct {
	behind
	as byte

	mu   sync.Mutex
	said []hub.Draft
}

func (l *lender) Read(_ context.Context, f func(hub.Snapshot) error) error {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return f(l.s.moment)
}

func (l *lender) Write(_ context.Context, ds ...hub.Draft) ([]record.Record, error) {
	l.mu.Lock()
	l.said = append(l.said, ds...)
	l.mu.Unlock()
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	for _, d := range ds {
		r := l.s.sign(key(l.as), d, l.s.now)
		if err := maps.New().Manifest().Check(r); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (l *lender) times() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.said)
}

// ways is what two hubs reach each other by: the school serves the station.
type ways struct {
	line       *ferrytest.Line
	station    *ferry.Ferry
	school     *ferry.Ferry
	network    *ferrytest.Network
	ofStation  maps.Options
	lendersApp maps.App
	dir        string
}

func newWays(t *testing.T) *ways {
	t.Helper()
	w := &ways{line: ferrytest.NewLine(2e6, 10*time.Millisecond), dir: t.TempDir()}
	w.network = &ferrytest.Network{
		Self: author(station), Lines: map[record.Author]*ferrytest.Line{author(school): w.line},
		Serve: map[record.Author]func(context.Context, record.Author, ferry.Stream){},
	}
	made := func(c ferry.Config) *ferry.Ferry {
		f, err := ferry.New(c)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	w.school = made(ferry.Config{Self: author(school), Network: &ferrytest.Network{}})
	w.station = made(ferry.Config{Self: author(station), Network: w.network})
	w.network.Serve[author(school)] = w.school.Serve
	w.ofStation.Ferry = func(hub.Host) maps.Ferry { return w.station }
	w.lendersApp = maps.New(maps.Options{Folder: w.dir, Ferry: func(hub.Host) maps.Ferry { return w.school }})
	return w
}

// streetsOf is a sound street map of some megabytes.
func streetsOf(bounds [4]float64, megabytes int) []byte {
	f := pmtilestest.File{Bounds: bounds, Compression: pmtiles.None}
	for z := range uint8(15) {
		f.Tiles = append(f.Tiles, pmtilestest.Tile{Z: z, Data: pmtilestest.Layer("earth")})
	}
	return append(f.Bytes(), ferrytest.Bytes(megabytes*1_000_000)...)
}

func drop(t *testing.T, dir, name string, raw []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	then := time.Now().Add(-time.Hour)
	if err := errors.Join(os.WriteFile(path, raw, 0o600), os.Chtimes(path, then, then)); err != nil {
		t.Fatal(err)
	}
}

// running runs an app until the test's end, or until it is stopped.
func running(t *testing.T, a maps.App, h hub.Host) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var over sync.WaitGroup
	over.Go(func() {
		if err := a.Run(ctx, h); err != nil {
			t.Error(err)
		}
	})
	return func() {
		cancel()
		over.Wait()
	}
}

// A coordinator sees which street maps another place has, fetches one, stops it, goes on,
// and it is in use. Nobody else is told of it, or may do it.
func TestStreetMapsComeFromOtherPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWays(t)
		s, dir := withMap(t, w.ofStation)
		raw := streetsOf([4]float64{-74, 44, -73, 45}, 8)
		drop(t, w.dir, "millbrook.pmtiles", raw)
		there, here := &lender{behind: behind{s}, as: school}, &lender{behind: behind{s}, as: station}
		stopThere, stopHere := running(t, w.lendersApp, there), running(t, s.app, here)
		defer w.network.Wait()
		defer stopThere()
		defer stopHere()
		synctest.Wait()
		if there.times() != 1 || here.times() != 0 {
			t.Fatalf("%d and %d records", there.times(), here.times())
		}
		kim, ann := s.coordinator(t), s.browser(t)
		s.do(maria, "here", "client_id", "h", "points", "44.47,-73.21")
		ann.open("/maps/extracts")
		ann.saysNot("Street maps at other places")
		id := hex.EncodeToString(sum(raw))
		if code := ann.ask(http.MethodPost, "/maps/extracts", url.Values{"fetch": {id}}).Code; code != 403 {
			t.Error(code)
		}
		kim.open("/maps/extracts")
		kim.says("Street maps at other places", "Hill School has streets of millbrook, 8.0 MB", "79 by 111 km", "© OpenStreetMap", "Fetch it")
		kim.saysNot("This place is not on it", "Throw away", "cannot be reached", "Also at")

		kim.send("/maps/extracts", "fetch", id)
		time.Sleep(10 * time.Second)
		kim.open("/maps/extracts")
		kim.says("It comes from Hill School: 2.4 MB of 8.0 MB are here.", "Messages and notices come first")
		kim.saysNot("Fetch it", "Go on")
		w.line.Cut()
		synctest.Wait()
		kim.open("/maps/extracts")
		kim.says("It goes on as soon as a place that has it can be reached. 2.4 MB of 8.0 MB are here.")
		w.line.Mend()
		time.Sleep(10 * time.Second)
		kim.open("/maps/extracts")
		kim.send("/maps/extracts", "stop", id)
		synctest.Wait()
		kim.open("/maps/extracts")
		kim.says("3.7 MB of 8.0 MB are here.", "Go on", "Throw away what has come")
		kim.send("/maps/extracts", "drop", id)
		kim.open("/maps/extracts")
		kim.says("Fetch it")
		kim.send("/maps/extracts", "fetch", id)
		time.Sleep(time.Minute)
		kim.open("/maps/extracts")
		kim.says("millbrook.pmtiles", "In use")
		kim.saysNot("Street maps at other places")
		got, err := os.ReadFile(filepath.Join(dir, "millbrook.pmtiles"))
		if err != nil || !bytes.Equal(got, raw) {
			t.Error(len(got), err)
		}
		if here.times() != 1 || here.said[0].Class != record.People || here.said[0].TTL != 30 {
			t.Errorf("what came is not for others: %+v", here.said)
		}
	})
}

func sum(raw []byte) []byte {
	s := sha256.Sum256(raw)
	return s[:]
}

// A hub says once which street maps it has, again when they are others, and anew before
// what it said expires; it takes it back with the last of them.
func TestAPlaceSaysWhichStreetMapsItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWays(t)
		s, _ := withMap(t, w.ofStation)
		l := &lender{behind: behind{s}, as: school}
		stop := running(t, w.lendersApp, l)
		synctest.Wait()
		if l.times() != 0 {
			t.Error("it says that it has nothing")
		}
		drop(t, w.dir, "a.pmtiles", streetsOf([4]float64{-74, 44, -73, 45}, 0))
		time.Sleep(11 * time.Minute)
		if l.times() != 1 {
			t.Fatalf("it says so %d times", l.times())
		}
		stop()
		// As after a restart.
		w.lendersApp = maps.New(maps.Options{Folder: w.dir, Ferry: func(hub.Host) maps.Ferry { return w.school }})
		stop = running(t, w.lendersApp, l)
		time.Sleep(time.Hour)
		if l.times() != 1 {
			t.Errorf("it says the same again: %d times", l.times())
		}
		s.mu.Lock()
		s.now = s.now.AddDate(0, 0, 11)
		s.mu.Unlock()
		time.Sleep(time.Hour)
		if l.times() != 2 {
			t.Errorf("after 11 days it has said so %d times", l.times())
		}
		if err := os.Remove(filepath.Join(w.dir, "a.pmtiles")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Minute)
		if l.times() != 3 || len(l.said[2].Body) != 0 {
			t.Errorf("it has said so %d times", l.times())
		}
		stop()
	})
}

// lentBody is what a hub says it has.
func lentBody(all ...maps.LentMap) []byte {
	b, err := place.Encoded(maps.Lent{All: all})
	if err != nil {
		panic(err)
	}
	return b
}

func aMap(n byte) maps.LentMap {
	return maps.LentMap{
		Name: fmt.Sprintf("map-%d.pmtiles", n), Size: 34_000_000, Sum: bytes.Repeat([]byte{n}, 32), From: place.PointAt(44, -74), To: place.PointAt(45, -73),
		Zooms: [2]uint8{0, 15}, Schema: pmtiles.Protomaps4, Credit: "© OpenStreetMap",
	}
}

func lentBy(who byte, body []byte) hub.Draft {
	via := author(who).Via()
	return hub.Draft{Key: "e/" + hex.EncodeToString(via[:]), Class: record.People, TTL: 30, Body: body}
}

// Only hubs are heard, of themselves, and what cannot be is not.
func TestOnlyHubsSayWhatTheyHave(t *testing.T) {
	w := newWays(t)
	s, _ := withMap(t, w.ofStation)
	kim := s.coordinator(t)
	offers := func() string {
		t.Helper()
		kim.open("/maps/extracts")
		_, rest, _ := strings.Cut(kim.text(), "Street maps at other places")
		rest, _, _ = strings.Cut(rest, "Get the streets")
		return rest
	}
	s.put(ann, lentBy(ann, lentBody(aMap(1))), s.now)         // no hub
	s.put(school, lentBy(station, lentBody(aMap(2))), s.now)  // of another
	s.put(station, lentBy(station, lentBody(aMap(3))), s.now) // this one
	odd := lentBy(school, lentBody(aMap(4)))
	odd.Class = record.Talk
	s.put(school, odd, s.now)
	if got := offers(); got != "" {
		t.Error(got)
	}
	for name, bad := range map[string]func(*maps.LentMap){
		"a path":            func(m *maps.LentMap) { m.Name = "../x.pmtiles" },
		"no size":           func(m *maps.LentMap) { m.Size = 0 },
		"a size of all":     func(m *maps.LentMap) { m.Size = 1 << 50 },
		"half a hash":       func(m *maps.LentMap) { m.Sum = m.Sum[:16] },
		"beyond the earth":  func(m *maps.LentMap) { m.To[0] = 91e6 },
		"inside out":        func(m *maps.LentMap) { m.From, m.To = m.To, m.From },
		"zooms upside down": func(m *maps.LentMap) { m.Zooms = [2]uint8{15, 0} },
		"a zoom of nothing": func(m *maps.LentMap) { m.Zooms[1] = 60 },
		"a credit of lines": func(m *maps.LentMap) { m.Credit = "a\nb" },
		"an unknown schema": func(m *maps.LentMap) { m.Schema = 9 },
	} {
		m := aMap(5)
		bad(&m)
		r := s.put(school, lentBy(school, lentBody(aMap(6), m)), s.now)
		if maps.New().Manifest().Check(r) == nil {
			t.Errorf("%s is taken", name)
		}
		if got := offers(); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	s.put(school, lentBy(school, lentBody(aMap(7))), s.now)
	w.line.Cut()
	if got := offers(); !strings.Contains(got, "Hill School has streets of map-7, 34 MB") || !strings.Contains(got, "No place that has it can be reached just now.") {
		t.Error(got)
	}
}

func TestStreetMapsOfOthersOnTheCommandLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWays(t)
		s, dir := withMap(t, w.ofStation)
		fetch := func(ctx context.Context, args ...string) (string, error) {
			var out bytes.Buffer
			err := s.app.Commands()["fetch"].Run(ctx, behind{s}, args, nil, &out)
			return out.String(), err
		}
		if out, err := fetch(t.Context()); err != nil || !strings.Contains(out, "No other place") {
			t.Error(out, err)
		}
		raw := streetsOf([4]float64{-74, 44, -73, 45}, 3)
		drop(t, w.dir, "millbrook.pmtiles", raw)
		drop(t, dir, "millbrook.pmtiles", streetsOf([4]float64{-84, 44, -83, 45}, 0)) // another of that name
		there := &lender{behind: behind{s}, as: school}
		stopThere, stopHere := running(t, w.lendersApp, there), running(t, s.app, &lender{behind: behind{s}, as: station})
		defer w.network.Wait()
		defer stopThere()
		defer stopHere()
		synctest.Wait()
		out, err := fetch(t.Context())
		if err != nil || !strings.HasPrefix(out, fmt.Sprintf("millbrook.pmtiles %x (%d bytes): zoom 0 to 14, 44.0000,-74.0000 to 45.0000,-73.0000", sum(raw)[:6], len(raw))) || !strings.Contains(out, "at Hill School\n") {
			t.Error(out, err)
		}
		if _, err := fetch(t.Context(), "nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Error(err)
		}
		if _, err := fetch(t.Context(), "stop"); err == nil {
			t.Error("it stops nothing")
		}
		ctx, gone := context.WithTimeout(t.Context(), 6*time.Second)
		defer gone()
		if out, err := fetch(ctx, "millbrook"); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(out, "It comes from Hill School.") {
			t.Error(out, err)
		}
		if out, err := fetch(t.Context(), "stop"); err != nil || !strings.Contains(out, "no longer fetched") {
			t.Error(out, err)
		}
		synctest.Wait()
		if out, err := fetch(t.Context()); err != nil || !strings.Contains(out, "bytes are here\n") {
			t.Error(out, err)
		}
		w.line.Cut()
		if out, err := fetch(t.Context()); err != nil || !strings.Contains(out, "bytes are here; it cannot be reached just now\n") {
			t.Error(out, err)
		}
		w.line.Mend()
		name := fmt.Sprintf("millbrook-%x.pmtiles", sum(raw)[:3])
		if out, err := fetch(t.Context(), hex.EncodeToString(sum(raw))[:8]); err != nil || !strings.HasSuffix(out, name+" is here.\n") {
			t.Error(out, err)
		}
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, raw) {
			t.Error(len(got), err)
		}
		if out, err := fetch(t.Context()); err != nil || !strings.Contains(out, "it is here") {
			t.Error(out, err)
		}
	})
}

// Where nothing is handed in, nothing is offered.
func TestWithoutAFerryNothingIsOffered(t *testing.T) {
	for _, of := range []maps.Options{{}, {Ferry: func(hub.Host) maps.Ferry { return nil }}} {
		s, _ := withMap(t, of)
		s.put(school, lentBy(school, lentBody(aMap(7))), s.now)
		kim := s.coordinator(t)
		kim.open("/maps/extracts")
		kim.saysNot("Street maps at other places")
		if code := kim.upload("", nil, "fetch", hex.EncodeToString(aMap(7).Sum)); code != 404 {
			t.Error(code)
		}
		if err := s.app.Commands()["fetch"].Run(t.Context(), behind{s}, nil, nil, io.Discard); err == nil {
			t.Error("a command fetches")
		}
	}
}

// FuzzLent: whatever stands where a hub says what it has, the page is whole.
func FuzzLent(f *testing.F) {
	f.Add(lentBody(aMap(1)))
	f.Add(lentBody(aMap(1), aMap(2), aMap(1)))
	f.Add([]byte{0xa1, 1, 0x80})
	check := maps.New().Manifest().Check
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) == 0 || len(body) > record.MaxBody {
			return
		}
		d := lentBy(school, body)
		r := record.Record{App: "maps", Key: d.Key, Class: d.Class, TTL: d.TTL, Author: author(school), Body: body}
		if check(r) != nil {
			return
		}
		v, err := hub.Collection[maps.Lent]{}.Decode(r)
		if err != nil || len(v.All) > 16 {
			t.Fatal(len(v.All), err)
		}
		for _, m := range v.All {
			if m.Size <= 0 || len(m.Sum) != 32 || strings.ContainsAny(m.Name, "/\\") || !m.From.OnEarth() || !m.To.OnEarth() {
				t.Fatalf("%+v", m)
			}
		}
	})
}
