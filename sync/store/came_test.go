package store_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
	"go.etcd.io/bbolt"
)

// A file of before it was kept what came when opens, also on a full disk, where the
// tables for it cannot be made.
func TestAFileWithoutTheTablesOfWhatCameOpens(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 3, 10)
	late := c.posts[25:]
	c.posts = c.posts[:25]
	path := filled(t, c)
	conf := c.config()
	conf.Index = store.Index{Terms: byChannel, Versions: map[record.App]int{"messages": 1}}
	db := opened(t)(store.Open(path, conf))
	old := moment(t, db).Position
	shut(t, db)
	file, err := bbolt.Open(path, 0o600, nil)
	if err == nil {
		err = file.Update(func(tx *bbolt.Tx) error {
			for _, table := range []byte{14, 15} { // tCame, tFirst
				if err := tx.DeleteBucket([]byte{table}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	conf.Index.Counted = func(record.App, string) bool { return true }
	full := true
	s := opened(t)(store.HookedFile(path, conf, &store.Hooks{Commit: func() error {
		if full {
			return store.ErrFull
		}
		return nil
	}}))
	came := func(p store.Position) (n int, known bool) {
		t.Helper()
		if err := s.Read(func(v *store.View) error {
			all, ok := v.Came("messages", "town", p)
			if known = ok; ok {
				for _, err := range all {
					if err != nil {
						return err
					}
					n++
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n, known
	}
	if n, known := came(moment(t, s).Position); n != 0 || known {
		t.Errorf("on a full disk %d came, known: %v", n, known)
	}
	full = false
	apply(t, s, late...)
	if n, known := came(old); n != len(late) || !known {
		t.Errorf("%d came (%v), want %d", n, known, len(late))
	}
	shut(t, s)
}
