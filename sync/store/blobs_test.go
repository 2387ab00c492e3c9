package store_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
	"go.etcd.io/bbolt"
)

// What names blobs in a file of before it was noted is found, once there is room for
// the note.
func TestAFileWithoutTheTableOfBlobsOpens(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1, 10)
	r, err := c.Codec.Sign(record.Record{
		App: "any", Class: record.Bulk, Key: "a", Time: c.Founding.Time + 1, TTL: 30, Blobs: []record.Blob{{Size: 7}}, Body: []byte("x"),
	}, simnet.Key("h0"))
	if err != nil {
		t.Fatal(err)
	}
	path := filled(t, c)
	s := opened(t)(store.Open(path, c.config()))
	apply(t, s, r)
	shut(t, s)
	file, err := bbolt.Open(path, 0o600, nil)
	if err == nil {
		err = file.Update(func(tx *bbolt.Tx) error {
			if err := tx.DeleteBucket([]byte{16}); err != nil { // tBlob
				return err
			}
			return tx.Bucket([]byte{0}).Delete([]byte("blobs"))
		})
	}
	if err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	named := func() (n int) {
		t.Helper()
		if err := s.Read(func(v *store.View) error {
			for range v.Naming() {
				n++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	s = opened(t)(store.HookedFile(path, c.config(), &store.Hooks{Commit: func() error { return store.ErrFull }}))
	if n := named(); n != 0 {
		t.Errorf("on a full disk %d are known", n)
	}
	shut(t, s)
	for range 2 {
		s = opened(t)(store.Open(path, c.config()))
		if n := named(); n != 1 {
			t.Errorf("%d are known, not one", n)
		}
		shut(t, s)
	}
}
