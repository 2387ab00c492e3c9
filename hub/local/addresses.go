package local

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
	"golang.org/x/time/rate"
)

// Bounds of the address book, for each kind of address apart: whoever can make
// many of one kind pushes out none of the other.
const (
	MaxAddresses = 128 // a kind
	MaxPerHub    = 8   // a kind, of one hub

	bookBurst = 32               // addresses written at once
	bookPause = 10 * time.Minute // between two after that; the others wait for the next flush
)

// AddressKind is what is spoken at an address.
type AddressKind uint8

// The kinds of addresses.
const (
	SyncAddress   AddressKind = iota + 1 // a hub proved its certificate there
	MemberAddress                        // a member answered there; its key is what it says
)

// Address is where a hub was met, or may be.
type Address struct {
	Hub  record.Author // zero where it is not certain whose it is
	Kind AddressKind
	Addr string        // "ip:port"; a link-local IPv6 address has its zone
	Met  bool          // else somebody named it
	Ago  time.Duration // since it was met, while this hub ran; of one never met since it was named
}

// addressBook is the addresses in memory.
type addressBook struct {
	at    map[string]*address // by addressKey
	paced *rate.Limiter
}

// address is an entry of the file, under addressKey.
type address struct {
	Hub   []byte        `cbor:"1,keyasint,omitempty"` // nil where it is not certain
	Met   bool          `cbor:"2,keyasint,omitempty"`
	At    time.Duration `cbor:"3,keyasint"` // by the hub's running time
	dirty bool
}

func newAddressBook() addressBook {
	return addressBook{at: map[string]*address{}, paced: rate.NewLimiter(rate.Every(bookPause), bookBurst)}
}

var errNoAddress = errors.New("not an address at which a hub could be: ip:port")

// addressKey is the kind and the address in the one form it is compared in.
func addressKey(kind AddressKind, addr string) (string, error) {
	a, err := netip.ParseAddrPort(addr)
	if err != nil || len(addr) > 128 || kind != SyncAddress && kind != MemberAddress {
		return "", fmt.Errorf("%.128q: %w", addr, errNoAddress)
	}
	ip := a.Addr().Unmap()
	if ip.IsUnspecified() || ip.IsMulticast() || a.Port() == 0 {
		return "", fmt.Errorf("%q: %w", addr, errNoAddress)
	}
	return string([]byte{byte(kind)}) + netip.AddrPortFrom(ip, a.Port()).String(), nil
}

// Met notes that a hub was met at an address ("ip:port"). A new address is on
// disk on return, unless dozens came at once; when it was met last is written
// within the hour. An error is about an address that cannot be one; what the disk
// does not take is tried again.
func (l *Local) Met(hub record.Author, kind AddressKind, addr string) error {
	if err := isAuthor(hub); err != nil {
		return err
	}
	return l.noteAddress(kind, addr, address{Hub: hub[:], Met: true})
}

// Named notes an address at which there may be a hub, of which somebody told; it
// never takes the place of one that was met. A zero hub says that it is not known
// whose it is.
func (l *Local) Named(hub record.Author, kind AddressKind, addr string) error {
	a := address{}
	if isAuthor(hub) == nil {
		a.Hub = hub[:]
	}
	return l.noteAddress(kind, addr, a)
}

func (l *Local) noteAddress(kind AddressKind, addr string, a address) error {
	key, err := addressKey(kind, addr)
	if err != nil {
		return err
	}
	l.mu.Lock()
	fresh := l.addresses.note(key, a, l.ran())
	now := fresh && l.addresses.paced.AllowN(time.Unix(0, 0).Add(l.ran()), 1)
	l.mu.Unlock()
	if now {
		_ = l.flush() // what the disk does not take stays in memory for the next time
	} else {
		l.flushIfDue()
	}
	return nil
}

// note takes an address into the book and reports whether it says something that
// should be on disk at once.
func (b *addressBook) note(key string, a address, ran time.Duration) bool {
	a.At, a.dirty = ran, true
	old := b.at[key]
	switch {
	case old == nil:
		b.at[key] = &a
		b.makeRoom(key)
		return b.at[key] != nil
	case !a.Met && old.Met, !a.Met && string(a.Hub) == string(old.Hub):
		return false
	}
	b.at[key] = &a
	passed := string(a.Hub) != string(old.Hub) // from one hub to another
	if passed {
		b.makeRoom(key)
	}
	return passed || !old.Met
}

// makeRoom keeps the bounds after an entry came: what was never met goes first,
// then what was met longest ago.
func (b *addressBook) makeRoom(added string) {
	var kind, hub []string
	for k, a := range b.at {
		if k[0] != added[0] {
			continue
		}
		kind = append(kind, k)
		if len(a.Hub) > 0 && string(a.Hub) == string(b.at[added].Hub) {
			hub = append(hub, k)
		}
	}
	if len(hub) > MaxPerHub {
		delete(b.at, slices.MinFunc(hub, b.worth))
	} else if len(kind) > MaxAddresses {
		delete(b.at, slices.MinFunc(kind, b.worth))
	}
}

// worth orders entries by how much they are worth keeping.
func (b *addressBook) worth(k, o string) int {
	x, y := b.at[k], b.at[o]
	if x.Met != y.Met {
		if x.Met {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(x.At, y.At), strings.Compare(k, o))
}

// Addresses is the address book: what was met last comes first, what was never met
// last.
func (l *Local) Addresses() []Address {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := make([]string, 0, len(l.addresses.at))
	for k := range l.addresses.at {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(k, o string) int { return l.addresses.worth(o, k) })
	out := make([]Address, len(keys))
	for i, k := range keys {
		a := l.addresses.at[k]
		out[i] = Address{Kind: AddressKind(k[0]), Addr: k[1:], Met: a.Met, Ago: l.ran() - a.At}
		copy(out[i].Hub[:], a.Hub)
	}
	return out
}

// loadAddress reads an entry. One that cannot be read is left out, and removed with
// the next change: the hub will be met again.
func (l *Local) loadAddress(k, v []byte) error {
	if a, ok := decodeAddress(v); ok && isAddressKey(k) {
		a.At = min(a.At, l.before)
		l.addresses.at[string(k)] = &a
		l.addresses.makeRoom(string(k))
	}
	return nil
}

func decodeAddress(enc []byte) (a address, ok bool) {
	err := cbor.Unmarshal(enc, &a)
	known := len(a.Hub) == len(record.Author{})
	return a, err == nil && a.At >= 0 && (known || len(a.Hub) == 0 && !a.Met)
}

func isAddressKey(k []byte) bool {
	if len(k) == 0 {
		return false
	}
	canonical, err := addressKey(AddressKind(k[0]), string(k[1:]))
	return err == nil && canonical == string(k)
}

// changed is what the file does not hold yet.
func (b *addressBook) changed() map[string]address {
	out := map[string]address{}
	for k, a := range b.at {
		if a.dirty {
			out[k] = *a
		}
	}
	return out
}

// wrote notes what the file holds now.
func (b *addressBook) wrote(changed map[string]address) {
	for k, a := range changed {
		if now := b.at[k]; now != nil && now.At == a.At && now.Met == a.Met {
			now.dirty = false
		}
	}
}

// saveAddresses writes what changed and removes entries that are not kept, such as
// those that could not be read.
func saveAddresses(tx *bbolt.Tx, changed map[string]address, kept map[string]bool) error {
	b, err := tx.CreateBucketIfNotExists(bucketAddresses)
	if err != nil {
		return err
	}
	for k, a := range changed {
		if err := put(b, []byte(k), &a); err != nil {
			return err
		}
	}
	return keepOnly(b, func(k []byte) bool { return kept[string(k)] })
}
