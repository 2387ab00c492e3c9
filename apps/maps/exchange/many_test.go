package exchange_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/feature/featuretest"
	"github.com/paulmach/orb"
)

// endless gives as many shelters as are asked for, none of them kept.
type endless struct{ n, most int }

func (s *endless) Next() (feature.Feature, error) {
	if s.n == s.most {
		return feature.Feature{}, io.EOF
	}
	s.n++
	return feature.Feature{
		ID: fmt.Sprint(s.n), Name: fmt.Sprint("Shelter ", s.n), Description: "Behind the church, by the side door.",
		Geometry: orb.Point{-73 - float64(s.n%1000)/1e4, 44 + float64(s.n/1000)/1e3}, At: feature.Nth(s.n),
		Props: []feature.Prop{{Name: "type", Value: "shelter"}, {Name: "capacity", Value: "120"}, {Name: "status", Value: "open"}, {Name: "OBJECTID", Value: fmt.Sprint(s.n)}},
	}, nil
}

func readAll(t testing.TB, r *exchange.Reader, most int) {
	n := 0
	for {
		_, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != most {
		t.Fatalf("%d of %d", n, most)
	}
}

// counted is a reader of places as a source, of which only is told whether there was one.
type counted struct{ *exchange.Reader }

func (c counted) Next() (feature.Feature, error) {
	_, err := c.Reader.Next()
	return feature.Feature{}, err
}

func TestAHundredThousandEntriesTakeLittleMemory(t *testing.T) {
	n, grown, err := featuretest.Peak(counted{exchange.NewReader(&endless{most: feature.MaxFeatures}, exchange.Options{Source: "x"})})
	if n != feature.MaxFeatures || err != nil || grown > 20<<20 {
		t.Errorf("%d entries, %v, %d MB more of memory", n, err, grown>>20)
	}
}

// BenchmarkRead100000 makes places of what a file of GeoJSON has.
func BenchmarkRead100000(b *testing.B) {
	var file bytes.Buffer
	w := exchange.NewSink(&file, exchange.GeoJSON, "")
	src := &endless{most: feature.MaxFeatures}
	for {
		f, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err := w.Put(f); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		f, err := exchange.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), exchange.GeoJSON, nil, nil)
		if err != nil {
			b.Fatal(err)
		}
		readAll(b, exchange.NewReader(f, exchange.Options{Source: "x"}), feature.MaxFeatures)
	}
}
