package local

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"

	"go.etcd.io/bbolt"
)

// inspect looks at all of a database, so that damage shows at the start and not
// in the middle of somebody's request. The database itself follows damaged pages
// in circles, and its own check runs where no fault can be caught. So first the
// shape of its trees is checked, then every entry is read and found by its key,
// and only then is it asked to compare its free pages with those in use.
func inspect(db *bbolt.DB, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%d bytes are missing at its end", tx.Size()-info.Size())
		}
		t := &trees{file: file, page: int64(db.Info().PageSize), seen: make([]bool, tx.Size()/int64(db.Info().PageSize))}
		if err := t.walk(uint64(tx.Cursor().Bucket().RootPage()), true); err != nil {
			return err
		}
		if err := tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if root := uint64(b.RootPage()); root != 0 { // else it lies within its parent's page
				if err := t.walk(root, false); err != nil {
					return err
				}
			}
			return readAll(name, b)
		}); err != nil {
			return err
		}
		if err := freelistEnds(tx, len(t.seen)); err != nil {
			return err
		}
		return check(tx)
	})
}

// trees follows the pages of a database file from a root down, in the format of
// bbolt's file version 2: a header of page number, kind, count and further pages;
// on a branch an element for each page below, on a leaf one for each entry.
type trees struct {
	file *os.File
	page int64
	seen []bool
}

const (
	headerSize  = 16
	elementSize = 16
	branchPage  = 1
	leafPage    = 2
)

// walk visits every page of one tree, and fails where it meets one twice. Each
// entry of the top tree is a bucket.
func (t *trees) walk(root uint64, top bool) error {
	native := binary.NativeEndian
	buf := make([]byte, t.page)
	for todo := []uint64{root}; len(todo) > 0; {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if id < 2 || id >= uint64(len(t.seen)) {
			return fmt.Errorf("page %d is not in it", id)
		}
		if _, err := t.file.ReadAt(buf, int64(id)*t.page); err != nil {
			return err
		}
		kind, count, more := native.Uint16(buf[8:]), int64(native.Uint16(buf[10:])), uint64(native.Uint32(buf[12:]))
		if id+more >= uint64(len(t.seen)) {
			return fmt.Errorf("page %d has no end", id)
		}
		for i := id; i <= id+more; i++ {
			if t.seen[i] {
				return fmt.Errorf("page %d is used twice", i)
			}
			t.seen[i] = true
		}
		if kind != branchPage && kind != leafPage || headerSize+count*elementSize > t.page*int64(more+1) {
			return fmt.Errorf("page %d is neither branch nor leaf", id)
		}
		if kind == leafPage && !top {
			continue
		}
		if headerSize+count*elementSize > t.page {
			return fmt.Errorf("page %d holds more than it can", id)
		}
		for at := int64(headerSize); at < headerSize+count*elementSize; at += elementSize {
			if kind == branchPage {
				todo = append(todo, native.Uint64(buf[at+8:]))
			} else if !bucketEnds(buf, at) {
				return fmt.Errorf("page %d holds an unreadable bucket", id)
			}
		}
	}
	return nil
}

// bucketEnds checks a bucket in the top tree: its value is the number of its root
// page and a counter, and if there is no such page, a leaf that lies there itself.
func bucketEnds(buf []byte, at int64) bool {
	native := binary.NativeEndian
	pos, key, size := native.Uint32(buf[at+4:]), native.Uint32(buf[at+8:]), native.Uint32(buf[at+12:])
	from := at + int64(pos) + int64(key)
	if size < headerSize || from+int64(size) > int64(len(buf)) {
		return false
	}
	value := buf[from : from+int64(size)]
	if native.Uint64(value) != 0 {
		return true
	}
	inline := value[headerSize:]
	return len(inline) >= headerSize && native.Uint16(inline[8:]) == leafPage
}

// readAll reads every entry and finds it by its key.
func readAll(name []byte, b *bbolt.Bucket) error {
	sum := uint32(0)
	return b.ForEach(func(k, v []byte) error {
		sum = crc32.Update(sum, crc32.IEEETable, v) // touches all of it
		if v == nil || !bytes.Equal(b.Get(k), v) {
			return fmt.Errorf("an entry in %q is not found by its key", name)
		}
		return nil
	})
}

// freelistEnds checks that the list of free pages says no more pages than there are.
func freelistEnds(tx *bbolt.Tx, pages int) error {
	for id := range pages {
		p, err := tx.Page(id)
		if err != nil {
			return err
		}
		if p.Type == "freelist" && id+p.OverflowCount >= pages {
			return errors.New("the list of free pages has no end")
		}
	}
	return nil
}

// check returns the first thing the database finds wrong with itself.
func check(tx *bbolt.Tx) (first error) {
	for err := range tx.Check(bbolt.WithKVStringer(unprinted{})) {
		if first == nil {
			first = err
		}
	}
	return first
}

// unprinted keeps the check from printing a key, whose length may be damaged.
type unprinted struct{}

func (unprinted) KeyToString([]byte) string   { return "a key" }
func (unprinted) ValueToString([]byte) string { return "a value" }
