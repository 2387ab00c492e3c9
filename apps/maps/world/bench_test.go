package world_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/apps/maps/world"
	"github.com/lamppost-hub/lamppost/hub"
)

func BenchmarkOpen(b *testing.B) {
	opened(b)
	for b.Loop() {
		if _, err := world.Open(nil); err != nil {
			b.Fatal(err)
		}
	}
}

func under(b *testing.B) *shelf.Shelf {
	w := opened(b)
	s, err := shelf.Open(b.TempDir(), shelf.Config{Under: &shelf.Under{Archive: w.Archive, Tag: w.Tag}})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkTile is tiles around Chicago as a browser gets them: as stored, and cut.
func BenchmarkTile(b *testing.B) {
	s := under(b)
	mux := http.NewServeMux()
	mux.HandleFunc(shelf.Pattern, func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.Serve(w, r, hub.Request{}); err != nil {
			b.Error(err)
		}
	})
	for name, path := range map[string]string{"stored": "/tiles/5/8/11", "cut from zoom 5 to 8": "/tiles/8/65/95", "cut from zoom 5 to 14": "/tiles/14/4203/6089"} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				w := httptest.NewRecorder()
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
				r.Header.Set("Accept-Encoding", "gzip")
				mux.ServeHTTP(w, r)
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size), "B/tile")
		})
	}
}

// BenchmarkPicture is a page's picture of where there are no streets.
func BenchmarkPicture(b *testing.B) {
	s := under(b)
	p, err := draw.New()
	if err != nil {
		b.Fatal(err)
	}
	for name, zoom := range map[string]float64{"country": 4, "county": 9, "town": 14} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				pic, err := p.Draw(b.Context(), draw.View{Center: orb.Point{-87.65, 41.85}, Zoom: zoom, Width: 320, Height: 320}, tiles{s, false}, nil, draw.Look{})
				if err != nil {
					b.Fatal(err)
				}
				size = len(pic.PNG)
			}
			b.ReportMetric(float64(size), "B/picture")
		})
	}
}
