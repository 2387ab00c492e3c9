package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

const (
	benchRecords = 50_000
	benchAuthors = 125
	benchBatch   = 2048 // as sync/replica does
)

// load is what the benchmarks write: a town, its vouches, and posts by enough
// residents that none exceeds its quota.
type load struct {
	town    *simnet.Town
	vouches []record.Record
	posts   []record.Record
}

var benchLoad = sync.OnceValues(func() (*load, error) {
	town, err := simnet.Found(1)
	if err != nil {
		return nil, err
	}
	l := &load{town: town}
	hub := simnet.Key(simnet.HubName(0))
	for i := range benchAuthors {
		who := simnet.Author(fmt.Sprintf("resident %d", i))
		v, err := town.Vouch(hub, i, town.Founding.Time+record.Time(100+i)<<16, who, "")
		if err != nil {
			return nil, err
		}
		l.vouches = append(l.vouches, v)
	}
	body := make([]byte, 80)
	for i := range benchRecords {
		who := simnet.Key(fmt.Sprintf("resident %d", i%benchAuthors))
		at := town.Founding.Time + record.Time(1000+i*20_000)<<16
		r, err := town.Post(who, simnet.Author("h0").Via(), fmt.Sprintf("town/%08x", i), at, 30, fmt.Sprintf("%08d%s", i, body))
		if err != nil {
			return nil, err
		}
		l.posts = append(l.posts, r)
	}
	return l, nil
})

func byChannel(record.Record) []string { return []string{"", "town"} }

func (l *load) config() store.Config {
	return store.Config{
		Founding: l.town.Founding,
		Index:    store.Index{Terms: byChannel, Versions: map[record.App]int{"messages": 1}},
	}
}

// open makes a store on disk with trust and vouches in it.
func (l *load) open(b *testing.B) *store.Store {
	b.Helper()
	s, err := store.Open(filepath.Join(b.TempDir(), "db"), l.config())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { shut(b, s) })
	l.apply(b, s, l.town.Trust)
	l.apply(b, s, l.vouches)
	return s
}

func (l *load) apply(b *testing.B, s *store.Store, rs []record.Record) {
	b.Helper()
	for part := range slices.Chunk(rs, benchBatch) {
		vs, err := s.Apply(b.Context(), part...)
		if err != nil {
			b.Fatal(err)
		}
		for i, v := range vs {
			if v.Outcome != store.Added {
				b.Fatalf("record %d: %v %v", i, v.Outcome, v.Err)
			}
		}
	}
}

func prepared(b *testing.B) *load {
	b.Helper()
	l, err := benchLoad()
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func BenchmarkCatchUp(b *testing.B) {
	l := prepared(b)
	var encoded int
	for i := range l.posts {
		encoded += len(l.posts[i].Encoding())
	}
	for _, order := range []string{"oldest first", "newest first"} {
		posts := slices.Clone(l.posts)
		if order == "newest first" {
			slices.Reverse(posts)
		}
		b.Run(order, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				s := l.open(b)
				b.StartTimer()
				l.apply(b, s, posts)
				b.StopTimer()
				b.ReportMetric(float64(s.Size())/float64(encoded), "file/encoded")
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(len(posts)*b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkDurablePost(b *testing.B) {
	l := prepared(b)
	s := l.open(b)
	for i := 0; b.Loop(); i++ {
		if _, err := s.Apply(b.Context(), l.posts[i%len(l.posts)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDurablePostsOf200(b *testing.B) {
	l := prepared(b)
	s := l.open(b)
	var next atomic.Int64
	b.SetParallelism(100)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Apply(b.Context(), l.posts[int(next.Add(1))%len(l.posts)]); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkRead(b *testing.B) {
	l := prepared(b)
	s := l.open(b)
	l.apply(b, s, l.posts)
	b.Run("since and load 50000", func(b *testing.B) {
		for b.Loop() {
			total := 0
			for at := uint64(0); ; {
				es, err := s.Since(at, 4096)
				if err != nil {
					b.Fatal(err)
				}
				if len(es) == 0 {
					break
				}
				var ns []uint64
				for _, e := range es {
					ns = append(ns, e.Arrival)
				}
				at = ns[len(ns)-1]
				for part := range slices.Chunk(ns, 64) {
					encs, err := s.Load(part...)
					if err != nil {
						b.Fatal(err)
					}
					total += len(encs)
				}
			}
			if total < benchRecords {
				b.Fatal(total)
			}
		}
	})
	b.Run("moment", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Moment(0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("set of 50000", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Set(record.Talk, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("newest 25", func(b *testing.B) {
		for b.Loop() {
			n := 0
			err := s.Read(func(v *store.View) error {
				for _, err := range v.Newest("messages", "town", 0) {
					if err != nil {
						return err
					}
					if n++; n == 25 {
						break
					}
				}
				return nil
			})
			if n != 25 || err != nil {
				b.Fatal(n, err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	l := prepared(b)
	path := filepath.Join(b.TempDir(), "db")
	s, err := store.Open(path, l.config())
	if err != nil {
		b.Fatal(err)
	}
	l.apply(b, s, l.town.Trust)
	l.apply(b, s, l.vouches)
	l.apply(b, s, l.posts)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := store.Open(path, l.config())
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
