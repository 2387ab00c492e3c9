package store

import (
	"go.etcd.io/bbolt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Peek is the roster by a store on which no hub runs; it changes nothing. Errors wrap
// ErrInUse, ErrDamaged or ErrOther where they apply.
func Peek(path string, f roster.Founding) (state *roster.State, err error) {
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		return nil, err
	}
	b := &bolt{path: path}
	err = b.guard(func() error {
		if err := examine(path); err != nil {
			return err
		}
		b.db, err = bbolt.Open(path, 0, &bbolt.Options{Timeout: patience, ReadOnly: true})
		return openError(path, err)
	})
	if err != nil {
		return nil, err
	}
	defer b.Close() //nolint:errcheck // nothing was written
	s := &Store{engine: b, codec: codec, conf: Config{Founding: f}}
	err = b.View(func(t tx) error {
		if id := codec.Community(); string(t.Get(tMeta, metaCommunity)) != string(id[:]) {
			return ErrOther
		}
		state = s.compute(t)
		return nil
	})
	return state, err
}
