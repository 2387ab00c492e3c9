package store_test

import (
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/store"
	"github.com/lamppost-hub/lamppost/sync/store/storetest"
)

func TestMemory(t *testing.T) { storetest.Run(t, memory()) }

func TestBolt(t *testing.T) { storetest.Run(t, onDisk()) }

func memory() storetest.Kind {
	fork := func(t testing.TB, s *store.Store, c store.Config) *store.Store {
		t.Helper()
		return opened(t)(s.Fork(c))
	}
	return storetest.Kind{
		Audit: store.Audit,
		Open: func(t testing.TB, c store.Config) *store.Store {
			t.Helper()
			return opened(t)(store.Memory(c))
		},
		Reopen: func(t testing.TB, s *store.Store, c store.Config) *store.Store {
			t.Helper()
			shut(t, s)
			return fork(t, s, c)
		},
		Copy: fork,
	}
}

func onDisk() storetest.Kind {
	var paths sync.Map // of the stores
	open := func(t testing.TB, path string, c store.Config) *store.Store {
		t.Helper()
		s := opened(t)(store.Open(path, c))
		paths.Store(s, path)
		return s
	}
	pathOf := func(s *store.Store) string {
		p, _ := paths.Load(s)
		return p.(string)
	}
	return storetest.Kind{
		Audit: store.Audit,
		Open: func(t testing.TB, c store.Config) *store.Store {
			t.Helper()
			return open(t, filepath.Join(t.TempDir(), "db"), c)
		},
		Reopen: func(t testing.TB, s *store.Store, c store.Config) *store.Store {
			t.Helper()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, pathOf(s), c)
		},
		Copy: func(t testing.TB, s *store.Store, c store.Config) *store.Store {
			t.Helper()
			path := filepath.Join(t.TempDir(), "db")
			copyFile(t, pathOf(s), path)
			return open(t, path, c)
		},
	}
}

// shut closes a store, which may be closed already.
func shut(t testing.TB, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func opened(t testing.TB) func(*store.Store, error) *store.Store {
	t.Helper()
	return func(s *store.Store, err error) *store.Store {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { shut(t, s) })
		return s
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
