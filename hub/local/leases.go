package local

import (
	"errors"
	"net/netip"

	"go.etcd.io/bbolt"
)

// Bounds of the leases that are kept.
const (
	MaxLeases     = 8192
	maxLeaseOwner = 2 + 2*64
)

// Leases are the addresses that this hub gave to devices, by the device's name. An
// entry that cannot be read is left out: that device gets another address.
func (l *Local) Leases() map[string]netip.Addr {
	all := map[string]netip.Addr{}
	_ = l.db.View(func(tx *bbolt.Tx) error { // a closed file has none
		b := tx.Bucket(bucketLeases)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			if a, ok := netip.AddrFromSlice(v); ok && len(k) <= maxLeaseOwner && len(all) < MaxLeases {
				all[string(k)] = a
			}
			return nil
		})
	})
	return all
}

// SaveLeases writes the leases that are new, and removes those with the zero Addr. It
// is on disk on return.
func (l *Local) SaveLeases(changed map[string]netip.Addr) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return l.update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucketLeases)
		if err != nil {
			return err
		}
		for owner, at := range changed {
			switch {
			case owner == "" || len(owner) > maxLeaseOwner:
				return errors.New("not the name of a device")
			case !at.IsValid():
				err = b.Delete([]byte(owner))
			default:
				err = b.Put([]byte(owner), at.AsSlice())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
