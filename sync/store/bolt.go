package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// bolt is an engine on one bbolt file.
type bolt struct {
	db   *bbolt.DB
	path string
}

func openBolt(path string) (*bolt, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         time.Second,
		FreelistType:    bbolt.FreelistMapType,
		NoFreelistSync:  true,
		InitialMmapSize: 64 << 20, // growing the map waits for readers
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, damaged(path, err)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	b := &bolt{db: db, path: path}
	if err := b.probe(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := b.guard(func() error { return db.Update(createTables) }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return b, nil
}

func createTables(t *bbolt.Tx) error {
	for i := range tables {
		if _, err := t.CreateBucketIfNotExists([]byte{byte(i)}); err != nil {
			return err
		}
	}
	return nil
}

func damaged(path string, why any) error {
	return fmt.Errorf("%w: %s (%v). It was left as it is. To go on: move the file away and start again; "+
		"what other places hold comes back from them", ErrDamaged, path, why)
}

// probe finds a damaged file before anything is written to it.
func (b *bolt) probe() error {
	return b.guard(func() error {
		return b.db.View(func(t *bbolt.Tx) error {
			if info, err := os.Stat(b.path); err == nil && info.Size() < t.Size() {
				return damaged(b.path, "it is cut short")
			}
			var first error
			for err := range t.Check() { // the channel has to be drained
				if first == nil {
					first = damaged(b.path, err)
				}
			}
			return first
		})
	})
}

// guard turns bbolt's panics over damaged pages into an error. The flag makes
// a fault in mapped memory such a panic too.
func (b *bolt) guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = damaged(b.path, p)
		}
	}()
	err = f()
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

func (b *bolt) View(f func(tx) error) error {
	return b.guard(func() error {
		return b.db.View(func(t *bbolt.Tx) error { return f(&boltTx{tx: t}) })
	})
}

func (b *bolt) Update(f func(tx) error) error {
	return b.guard(func() error {
		return b.db.Update(func(t *bbolt.Tx) error { return f(&boltTx{tx: t}) })
	})
}

func (b *bolt) Size() int64 {
	info, err := os.Stat(b.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

func (b *bolt) Close() error { return b.db.Close() }

type boltTx struct {
	tx *bbolt.Tx
	b  [tables]*bbolt.Bucket
}

func (t *boltTx) bucket(n table) *bbolt.Bucket {
	if t.b[n] == nil {
		t.b[n] = t.tx.Bucket([]byte{byte(n)})
		if n == tRecord {
			t.b[n].FillPercent = 0.95 // keys only grow
		}
	}
	return t.b[n]
}

func (t *boltTx) Get(b table, key []byte) []byte { return t.bucket(b).Get(key) }

func (t *boltTx) Put(b table, key, value []byte) error { return t.bucket(b).Put(key, value) }

func (t *boltTx) Delete(b table, key []byte) error { return t.bucket(b).Delete(key) }

func (t *boltTx) Ascend(b table, from []byte, f func(k, v []byte) bool) {
	c := t.bucket(b).Cursor()
	for k, v := c.Seek(from); k != nil && f(k, v); k, v = c.Next() {
	}
}

func (t *boltTx) Descend(b table, below []byte, f func(k, v []byte) bool) {
	c := t.bucket(b).Cursor()
	var k, v []byte
	if below == nil {
		k, v = c.Last()
	} else if k, _ = c.Seek(below); k == nil {
		k, v = c.Last()
	} else {
		k, v = c.Prev()
	}
	for ; k != nil && (below == nil || bytes.Compare(k, below) < 0) && f(k, v); k, v = c.Prev() {
	}
}
