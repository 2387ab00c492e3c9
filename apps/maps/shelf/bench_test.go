package shelf_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
)

// streets are the paths of all tiles of a real extract on a shelf.
func streets(tb testing.TB) (f *folder, paths []string) {
	tb.Helper()
	raw := pmtilestest.Streets(tb)
	f = open(tb, shelf.Config{})
	f.drop("streets.pmtiles", raw)
	f.refresh()
	all, err := f.Extracts()
	must(tb, err)
	e := all[0]
	for z := e.MinZoom; z <= e.MaxZoom; z++ {
		low := maptile.At(orb.Point{e.Bounds.Min[0], e.Bounds.Max[1]}, maptile.Zoom(z))
		high := maptile.At(orb.Point{e.Bounds.Max[0], e.Bounds.Min[1]}, maptile.Zoom(z))
		for x := low.X; x <= high.X; x++ {
			for y := low.Y; y <= high.Y; y++ {
				paths = append(paths, "/tiles/"+strconv.Itoa(int(z))+"/"+strconv.Itoa(int(x))+"/"+strconv.Itoa(int(y)))
			}
		}
	}
	return f, paths
}

// Real streets, from the folder to the client.
func TestRealStreetsAreServed(t *testing.T) {
	f, paths := streets(t)
	if got := f.list(); got != "streets.pmtiles ready" {
		t.Fatal(got)
	}
	there := 0
	for _, path := range paths {
		w, err := f.get(path, "Accept-Encoding", "gzip")
		if err != nil || w.Code != 200 && w.Code != 204 {
			t.Fatalf("%s: %d, %v", path, w.Code, err)
		}
		if w.Code == 200 {
			there++
		}
	}
	if all, err := f.Extracts(); err != nil || uint64(there) != all[0].Tiles {
		t.Errorf("%d of %d tiles were served", there, all[0].Tiles)
	}
}

// nothing is a map of all tiles down to zoom 13, and some of 14, around Monaco: one piece of
// data without a feature stands for each, and its header counts no tiles.
func nothing() []byte {
	return pmtilestest.File{
		Tiles: []pmtilestest.Tile{{Data: pmtilestest.Layer("nothing")}}, Bounds: [4]float64{7, 43, 8, 44},
		Directory: func(_ int, es []pmtiles.Entry) []pmtiles.Entry { es[0].Run = 300_000_000; return es },
		Header:    func(h []byte) { clear(h[72:80]); h[101] = 15 },
	}.Bytes()
}

// A map with nothing on it leaves each tile of real streets as it is.
func TestRealStreetsAreNotHidden(t *testing.T) {
	f, paths := streets(t)
	bodies := func() (all []string) {
		for _, path := range paths {
			w, err := f.get(path, "Accept-Encoding", "gzip")
			must(t, err)
			if w.Code == 200 { // where nobody has streets the other may say so
				all = append(all, path+" "+w.Header().Get("ETag"))
			}
		}
		return all
	}
	before := bodies()
	f.drop("nothing.pmtiles", nothing())
	f.refresh()
	if got := f.list(); got != "nothing.pmtiles ready\nstreets.pmtiles ready" {
		t.Fatal(got)
	}
	after := bodies()
	for _, one := range before {
		if !slices.Contains(after, one) {
			t.Errorf("%s is hidden", one)
		}
	}
}

// What the handler itself costs.
func BenchmarkServe(b *testing.B) {
	f, paths := streets(b)
	var requests []*http.Request
	for _, path := range paths {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		mux := http.NewServeMux()
		mux.HandleFunc(shelf.Pattern, func(_ http.ResponseWriter, with *http.Request) { requests = append(requests, with) })
		mux.ServeHTTP(httptest.NewRecorder(), r)
	}
	b.ReportAllocs()
	b.SetParallelism(50)
	b.RunParallel(func(pb *testing.PB) {
		for i := rand.N(len(requests)); pb.Next(); i++ {
			w := &discard{header: http.Header{}}
			if _, err := f.Serve(w, requests[i%len(requests)], hub.Request{}); err != nil {
				b.Error(err)
			}
		}
	})
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// Fifty phones at once over loopback connections; the clients run on the same machine.
func BenchmarkFiftyClients(b *testing.B) {
	f, paths := streets(b)
	server := httptest.NewServer(f.handler(func(err error) { b.Error(err) }))
	defer server.Close()
	const clients = 50
	transport := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var next, bytes atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+paths[i%len(paths)], nil)
				if err != nil {
					b.Error(err)
					return
				}
				r.Header.Set("Accept-Encoding", "gzip")
				res, err := client.Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				n, err := io.Copy(io.Discard, res.Body)
				if res.Body.Close(); err != nil {
					b.Error(err)
				}
				bytes.Add(n)
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tiles/s")
	b.ReportMetric(float64(bytes.Load())/float64(b.N), "B/tile")
}
