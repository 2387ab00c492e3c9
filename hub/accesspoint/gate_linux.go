package accesspoint

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// Gate lets phones through to the internet, as far as the plan has it. It can be used
// while Up stands; it is safe for concurrent use.
type Gate struct{ set *nftables.Set }

// NewGate finds the rules of a phones' network that is up. It fails with ErrNotUp if
// there is none.
func NewGate() (*Gate, error) {
	c, err := nftables.New()
	if err != nil {
		return nil, err
	}
	set, err := c.GetSetByName(table(), openSet)
	if err != nil {
		return nil, notUp(err)
	}
	return &Gate{set}, nil
}

// Open lets the phone at an address through; nothing happens if it is already. At
// most 4,096 can be at a time.
func (g *Gate) Open(phone netip.Addr) error {
	return g.change(phone, nil, (*nftables.Conn).SetAddElements)
}

// Close lets it through no longer, from the next packet on; what Used says of it is
// gone.
func (g *Gate) Close(phone netip.Addr) error {
	// The kernel says the same of an address that is not let through and of rules
	// that are gone.
	return g.change(phone, unix.ENOENT, (*nftables.Conn).SetDeleteElements)
}

// change does one thing to one element. harmless is the error that says that nothing
// was to be done.
func (g *Gate) change(phone netip.Addr, harmless error, do func(*nftables.Conn, *nftables.Set, []nftables.SetElement) error) error {
	phone = phone.Unmap()
	if !phone.Is4() {
		return fmt.Errorf("%s is no address of a phone", phone)
	}
	c, err := nftables.New()
	if err != nil {
		return err
	}
	if err := do(c, g.set, []nftables.SetElement{{Key: phone.AsSlice()}}); err != nil {
		return err
	}
	err = c.Flush()
	if harmless != nil && errors.Is(err, harmless) {
		return nil
	}
	return notUp(err)
}

// Used is how many bytes have passed to and from each phone since it was let through.
func (g *Gate) Used() (map[netip.Addr]uint64, error) {
	c, err := nftables.New()
	if err != nil {
		return nil, err
	}
	all, err := c.GetSetElements(g.set)
	if err != nil {
		if _, gone := c.GetSetByName(g.set.Table, g.set.Name); gone != nil {
			err = gone // it can be told apart
		}
		return nil, notUp(err)
	}
	used := make(map[netip.Addr]uint64, len(all))
	for _, e := range all {
		if at, ok := netip.AddrFromSlice(e.Key); ok && e.Counter != nil {
			used[at] = e.Counter.Bytes
		}
	}
	return used, nil
}

// notUp says what it means that something of nftables is not there.
func notUp(err error) error {
	if errors.Is(err, unix.ENOENT) {
		return ErrNotUp
	}
	return err
}
