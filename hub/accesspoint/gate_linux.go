package accesspoint

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// Lengths in bytes.
const (
	ipLen       = 4
	hardwareLen = 6
	pairLen     = 12 // of both, as the kernel compares them: four bytes at a time
)

// Gate lets phones through to the internet, as far as the plan has it. It can be used
// while Up stands; it is safe for concurrent use.
//
// A phone is known by its IPv4 and its hardware address together: what another one sends
// in the name of its IPv4 address neither passes nor counts.
type Gate struct{ open, back *nftables.Set }

// NewGate finds the rules of a phones' network that is up. It fails with ErrNotUp if
// there is none.
func NewGate() (*Gate, error) {
	c, err := nftables.New()
	if err != nil {
		return nil, err
	}
	open, err := c.GetSetByName(table(), openSet)
	if err != nil {
		return nil, notUp(err)
	}
	back, err := c.GetSetByName(table(), backSet)
	if err != nil {
		return nil, notUp(err)
	}
	return &Gate{open, back}, nil
}

// Open lets the phone with an IPv4 and a hardware address of 48 bits through; nothing
// happens if it is already. At most 4,096 can be at a time.
func (g *Gate) Open(phone netip.Addr, hardware net.HardwareAddr) error {
	return g.change(phone, hardware, nil, (*nftables.Conn).SetAddElements)
}

// Close lets it through no longer, from the next packet on; what Used says of it is
// gone.
func (g *Gate) Close(phone netip.Addr, hardware net.HardwareAddr) error {
	// The kernel says the same of a phone that is not let through and of rules
	// that are gone.
	return g.change(phone, hardware, unix.ENOENT, (*nftables.Conn).SetDeleteElements)
}

// Shut closes it to all. Nothing happens if the rules are gone.
func (g *Gate) Shut() error {
	c, err := nftables.New()
	if err != nil {
		return err
	}
	c.FlushSet(g.open)
	c.FlushSet(g.back)
	if err := c.Flush(); err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	return nil
}

// change does one thing to one phone. harmless is the error that says that nothing
// was to be done.
func (g *Gate) change(phone netip.Addr, hardware net.HardwareAddr, harmless error, do func(*nftables.Conn, *nftables.Set, []nftables.SetElement) error) error {
	phone = phone.Unmap()
	if !phone.Is4() {
		return fmt.Errorf("%s is no address of a phone", phone)
	}
	if len(hardware) != hardwareLen {
		return fmt.Errorf("%q is no hardware address of a phone", hardware.String())
	}
	c, err := nftables.New()
	if err != nil {
		return err
	}
	pair := make([]byte, pairLen)
	copy(pair[copy(pair, phone.AsSlice()):], hardware)
	err = errors.Join(
		do(c, g.open, []nftables.SetElement{{Key: pair}}),
		do(c, g.back, []nftables.SetElement{{Key: phone.AsSlice()}}),
	)
	if err != nil {
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
	used := map[netip.Addr]uint64{}
	for _, set := range []*nftables.Set{g.open, g.back} {
		all, err := c.GetSetElements(set)
		if err != nil {
			if _, gone := c.GetSetByName(set.Table, set.Name); gone != nil {
				err = gone // it can be told apart
			}
			return nil, notUp(err)
		}
		for _, e := range all {
			if len(e.Key) < ipLen || e.Counter == nil {
				continue
			}
			used[netip.AddrFrom4([ipLen]byte(e.Key[:ipLen]))] += e.Counter.Bytes
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
