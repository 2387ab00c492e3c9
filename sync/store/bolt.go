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
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = fmt.Errorf("%w: %w", ErrFull, err)
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
	return sound(b, t.bucket(b).Get(key))
}

func (t *boltTx) Put(b table, key, value []byte) error {
	defer caught()
	return t.bucket(b).Put(key, value)
}

func (t *boltTx) Delete(b table, key []byte) error {
	defer caught()
	return t.bucket(b).Delete(key)
}

// width is how long the values of a table are, where all are equally long, so
// that nobody else has to look.
func width(b table) int {
	switch b {
	case tID, tAuthor, tTerm, tVouch:
		return 8
	case tSlot, tCursor:
		return 16
	case tCount, tOrder:
		return 4
	case tSum:
		return 40
	}
	return -1
}

func sound(b table, v []byte) []byte {
	if n := width(b); v != nil && n >= 0 && len(v) != n {
		panic(fmt.Sprintf("a value of table %d has %d bytes", b, len(v)))
	}
	return v
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
	return k, sound(c.of, v)
}

// last is the last key below a bound; nil is the end.
func (c cursor) last(below []byte) (k, v []byte) {
	defer caught()
	if below != nil {
		if k, _ = c.c.Seek(below); k != nil {
			k, v = c.c.Prev()
			return k, sound(c.of, v)
		}
	}
	k, v = c.c.Last()
	return k, sound(c.of, v)
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
