package store

import (
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
	db    *bbolt.DB
	path  string
	ready bool // the tables are there; the one writer's
}

// patience is how long opening waits for another process to let go.
const patience = time.Second

func openBolt(path string) (*bolt, error) {
	b := &bolt{path: path}
	err := b.guard(func() error {
		if err := examine(path); err != nil {
			return err
		}
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:         patience,
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: 64 << 20, // growing the map waits for readers
			NoStatistics:    true,
		})
		if err != nil {
			return openError(path, err)
		}
		db.AllocSize = 4 << 20 // how far the file grows at a time
		b.db = db
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

func openError(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("%w: %s", ErrInUse, path)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return damaged(path, err)
	}
	return fmt.Errorf("open the database: %w", err)
}

func damaged(path string, why any) error {
	return fmt.Errorf("%w: %s (%v). It was left as it is. To go on: move the file away and start again; "+
		"what other places hold comes back from them", ErrDamaged, path, why)
}

// fault is what boltTx panics with over a damaged page.
type fault struct{ why any }

// guard turns panics over damaged pages into an error, and a fault in mapped
// memory into such a panic first. Other panics pass: they are not the disk's.
func (b *bolt) guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch p := recover().(type) {
		case nil:
		case fault:
			err = damaged(b.path, p.why)
		case interface{ Addr() uintptr }: // of a runtime.Error: the memory that could not be read
			err = damaged(b.path, p)
		default:
			panic(p)
		}
	}()
	err = f()
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case errors.Is(err, berrors.ErrIncompatibleValue): // a table that is none
		return damaged(b.path, err)
	}
	return err
}

// caught makes bbolt's own panics faults.
func caught() {
	if p := recover(); p != nil {
		panic(fault{p})
	}
}

func (b *bolt) View(f func(tx) error) error {
	return b.guard(func() error {
		return b.db.View(func(t *bbolt.Tx) error { return f(&boltTx{tx: t}) })
	})
}

func (b *bolt) Update(f func(tx) error) error {
	return b.guard(func() error { return b.update(f) })
}

func (b *bolt) update(f func(tx) error) error {
	t, err := b.db.Begin(true)
	if err != nil {
		return err
	}
	defer t.Rollback() //nolint:errcheck // fails where the transaction has ended, as it should have
	if !b.ready {
		if err := createTables(t); err != nil {
			return err
		}
	}
	if err := f(&boltTx{tx: t}); err != nil {
		return err
	}
	defer caught()
	if err := t.Commit(); err != nil {
		return err
	}
	b.ready = true
	return nil
}

// createTables makes the tables in a file that is ours or empty.
func createTables(t *bbolt.Tx) error {
	defer caught()
	err := t.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if len(name) != 1 || name[0] >= byte(tables) {
			return fmt.Errorf("%w, to another program or to a newer version of this one", ErrOther)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range tables {
		if _, err := t.CreateBucketIfNotExists([]byte{byte(i)}); err != nil {
			return err
		}
	}
	return nil
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

func (t *boltTx) Get(b table, key []byte) []byte {
	defer caught()
	_, v := sound(b, key, t.bucket(b).Get(key))
	return v
}

func (t *boltTx) Put(b table, key, value []byte) error {
	defer caught()
	return t.bucket(b).Put(key, value)
}

func (t *boltTx) Delete(b table, key []byte) error {
	defer caught()
	return t.bucket(b).Delete(key)
}

// widths is how long the keys and the values of a table are, -1 where that
// differs, so that nobody else has to look.
func widths(b table) (key, value int) {
	switch b {
	case tRecord:
		return 8, -1
	case tID:
		return 32, 8
	case tSlot:
		return -1, 16
	case tAuthor:
		return 32 + rankLength, 8
	case tCount:
		return 32, 4
	case tOrder:
		return 41, 4
	case tSum:
		return 5, 40
	case tTerm, tCame:
		return -1, 8
	case tFirst:
		return 8, 8
	case tBlob:
		return 8, 0
	case tVouch:
		return 66, 8
	case tCursor:
		return 32, 16
	case tKnown, tBad:
		return 32, -1
	case tAside:
		return 48, -1
	}
	return -1, -1
}

// sound passes on an entry whose lengths are its table's.
func sound(b table, k, v []byte) ([]byte, []byte) {
	if kn, vn := widths(b); v != nil && (kn >= 0 && len(k) != kn || vn >= 0 && len(v) != vn) {
		panic(fmt.Sprintf("an entry of table %d has %d and %d bytes", b, len(k), len(v)))
	}
	return k, v
}

// cursor steps through a table, keeping bbolt's panics apart from those of
// whoever is shown the keys.
type cursor struct {
	of table
	c  *bbolt.Cursor
}

func (t *boltTx) cursor(b table) cursor {
	defer caught()
	return cursor{b, t.bucket(b).Cursor()}
}

func (c cursor) step(move func() (k, v []byte)) (k, v []byte) {
	defer caught()
	k, v = move()
	return sound(c.of, k, v)
}

// last is the last key below a bound; nil is the end.
func (c cursor) last(below []byte) (k, v []byte) {
	defer caught()
	if below != nil {
		if k, _ = c.c.Seek(below); k != nil {
			k, v = c.c.Prev()
			return sound(c.of, k, v)
		}
	}
	k, v = c.c.Last()
	return sound(c.of, k, v)
}

func (t *boltTx) Ascend(b table, from []byte, f func(k, v []byte) bool) {
	c := t.cursor(b)
	k, v := c.step(func() ([]byte, []byte) { return c.c.Seek(from) })
	for k != nil && f(k, v) {
		k, v = c.step(c.c.Next)
	}
}

func (t *boltTx) Descend(b table, below []byte, f func(k, v []byte) bool) {
	c := t.cursor(b)
	k, v := c.last(below)
	for k != nil && f(k, v) {
		k, v = c.step(c.c.Prev)
	}
}
