package local

import (
	"errors"
	"time"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"
)

// MaxAccepted is how many devices can be known to have been let through.
const MaxAccepted = 4096

// ErrManyDevices means that so many are known: one has to be forgotten first.
var ErrManyDevices = errors.New("no more devices can be known")

// maxDevice is the longest name of a device: an IPv6 address.
const maxDevice = 45

// acceptance is of a device, under its hardware or IP address as text.
type acceptance struct {
	Used  time.Duration `cbor:"1,keyasint"` // by the hub's running time
	dirty bool
}

// Accepted are the devices let through, and how long ago each was seen, while this
// hub ran.
func (l *Local) Accepted() map[string]time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make(map[string]time.Duration, len(l.accepted))
	for who, a := range l.accepted {
		all[who] = l.ran() - a.Used
	}
	return all
}

// Accept lets a device through. It is on disk on return. Beyond MaxAccepted it fails
// with ErrManyDevices.
func (l *Local) Accept(device string) error {
	if device == "" || len(device) > maxDevice {
		return errors.New("not the address of a device")
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if l.fullOfDevices(device) {
		return ErrManyDevices
	}
	a := acceptance{Used: l.ran()}
	if err := l.update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucketAccepted)
		if err != nil {
			return err
		}
		return put(b, []byte(device), &a)
	}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted[device] = &a
	return nil
}

// fullOfDevices reports whether there is no room for one more, if it is one.
func (l *Local) fullOfDevices(device string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.accepted[device] == nil && len(l.accepted) >= MaxAccepted
}

// SeenDevice notes that a device which was let through is there. It does not wait for the
// disk.
func (l *Local) SeenDevice(device string) {
	l.mu.Lock()
	if a := l.accepted[device]; a != nil {
		a.Used, a.dirty = l.ran(), true
	}
	l.mu.Unlock()
	l.flushIfDue()
}

// ForgetDevice drops a device: it is asked again. The file follows with the next flush.
func (l *Local) ForgetDevice(device string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.accepted, device)
}

// loadAcceptance reads an entry. One that cannot be read is left out: somebody is
// asked again.
func (l *Local) loadAcceptance(k, v []byte) error {
	var a acceptance
	if err := cbor.Unmarshal(v, &a); err != nil || len(k) > maxDevice || len(l.accepted) >= MaxAccepted {
		return nil //nolint:nilerr // as said above
	}
	a.Used = min(max(a.Used, 0), l.before)
	l.accepted[string(k)] = &a
	return nil
}

// changedAcceptances are those to be written.
func (m *memory) changedAcceptances() map[string]acceptance {
	out := map[string]acceptance{}
	for who, a := range m.accepted {
		if a.dirty {
			out[who] = *a
		}
	}
	return out
}

// wroteAcceptances notes what the file holds now.
func (m *memory) wroteAcceptances(changed map[string]acceptance) {
	for who, wrote := range changed {
		if a := m.accepted[who]; a != nil && a.Used == wrote.Used {
			a.dirty = false
		}
	}
}

// saveAcceptances writes what changed and removes entries that are not kept.
func saveAcceptances(tx *bbolt.Tx, changed map[string]acceptance, kept map[string]bool) error {
	b, err := tx.CreateBucketIfNotExists(bucketAccepted)
	if err != nil {
		return err
	}
	for who, a := range changed {
		if err := put(b, []byte(who), &a); err != nil {
			return err
		}
	}
	return keepOnly(b, func(k []byte) bool { return kept[string(k)] })
}
