package accesspoint

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/jsimonetti/rtnetlink"
	"golang.org/x/sys/unix"
)

// kernel is this machine, or the network namespace of the calling thread.
type kernel struct{ plan Plan }

func newKernel(p Plan) machine { return kernel{p} }

// lock keeps others from changing the same folder's network. It ends with the
// process at the latest.
func lock(folder string) (unlock func(), err error) {
	dir, err := os.Open(folder)
	if err != nil {
		return nil, fmt.Errorf("the data folder: %w", err)
	}
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		dir.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrBusy
		}
		return nil, err
	}
	return func() { dir.Close() }, nil
}

func (kernel) boot() (string, error) {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return string(bytes.TrimSpace(b)), err
}

func (kernel) interfaces() ([]Interface, error) {
	c, err := rtnetlink.Dial(nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	links, err := c.Link.List()
	if err != nil {
		return nil, err
	}
	addrs, err := c.Address.List()
	if err != nil {
		return nil, err
	}
	routes, err := c.Route.List()
	if err != nil {
		return nil, err
	}
	return gather(links, addrs, routes), nil
}

// gather puts together what the kernel told.
func gather(links []rtnetlink.LinkMessage, addrs []rtnetlink.AddressMessage, routes []rtnetlink.RouteMessage) []Interface {
	names := map[uint32]string{}
	for _, l := range links {
		names[l.Index] = l.Attributes.Name
	}
	leads := map[uint32]bool{}
	for _, r := range routes {
		if r.DstLength == 0 && r.Type == unix.RTN_UNICAST {
			leads[r.Attributes.OutIface] = true
			for _, hop := range r.Attributes.Multipath {
				leads[hop.Hop.IfIndex] = true
			}
		}
	}
	var out []Interface
	for _, l := range links {
		i := Interface{
			Name: l.Attributes.Name, Index: int(l.Index), Up: l.Flags&unix.IFF_UP != 0,
			Loopback: l.Flags&unix.IFF_LOOPBACK != 0, Default: leads[l.Index],
		}
		if m := l.Attributes.Master; m != nil {
			i.Master = names[*m]
		}
		for _, a := range addrs {
			if p, ok := prefixOf(a); ok && a.Index == l.Index {
				i.Addrs = append(i.Addrs, p)
			}
		}
		out = append(out, i)
	}
	return out
}

func prefixOf(a rtnetlink.AddressMessage) (netip.Prefix, bool) {
	if a.Attributes == nil {
		return netip.Prefix{}, false
	}
	ip := a.Attributes.Local
	if ip == nil {
		ip = a.Attributes.Address
	}
	at, ok := netip.AddrFromSlice(ip)
	return netip.PrefixFrom(at.Unmap(), int(a.PrefixLength)), ok
}

func (k kernel) look(of knob) (string, error) {
	switch of.Kind {
	case rules:
		return lookRules()
	case wifi:
		all, err := serving(of.Value)
		return either(len(all) > 0, present, absent), err
	}
	all, err := k.interfaces()
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(all, func(i Interface) bool { return i.Index == of.Index })
	if at < 0 {
		return "", errGone
	}
	i := all[at]
	switch of.Kind {
	case address:
		has := slices.ContainsFunc(i.Addrs, func(a netip.Prefix) bool { return a.String() == of.Value })
		return either(has, present, absent), nil
	case link:
		return either(i.Up, up, down), nil
	}
	if file, ok := settingFile(of.Kind, i.Name); ok {
		b, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) && (of.Kind == advertisements || of.Kind == redirects6) {
			return "0", nil // the interface has no IPv6
		}
		return string(bytes.TrimSpace(b)), gone(err)
	}
	return "", fmt.Errorf("there is nothing called %q to look at", of.Kind)
}

func (k kernel) set(of knob, to string) error {
	now, err := k.look(of)
	if err != nil || now == to {
		return err
	}
	switch of.Kind {
	case rules:
		if to == absent {
			return removeRules()
		}
		all, err := k.interfaces()
		if err != nil {
			return err
		}
		return addRules(k.plan, beside(all, k.plan.Uplink))
	case wifi:
		if to == absent {
			return stopHostapd(of.Value)
		}
		return startHostapd(k.plan, filepath.Dir(of.Value))
	case forwarding, advertisements, redirects, redirects6:
		name, err := k.nameOf(of.Index)
		if err != nil {
			return err
		}
		file, _ := settingFile(of.Kind, name)
		if err := os.WriteFile(file, []byte(to), 0o644); err != nil {
			return gone(err)
		}
		if of.Kind == advertisements && to == "0" {
			return forgetRouters(of.Index)
		}
		return nil
	}
	c, err := rtnetlink.Dial(nil)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if of.Kind == link {
		return gone(c.Link.Set(&rtnetlink.LinkMessage{
			Index: uint32(of.Index), Flags: either[uint32](to == up, unix.IFF_UP, 0), Change: unix.IFF_UP,
		}))
	}
	msg, err := addressMessage(of)
	if err != nil {
		return err
	}
	if to == present {
		return gone(c.Address.New(msg))
	}
	return gone(c.Address.Delete(msg))
}

// addressMessage is the address of a knob as the kernel takes it.
func addressMessage(of knob) (*rtnetlink.AddressMessage, error) {
	p, err := netip.ParsePrefix(of.Value)
	if err != nil || !p.Addr().Is4() {
		return nil, fmt.Errorf("%q is no IPv4 address with its length", of.Value)
	}
	ip := net.IP(p.Addr().AsSlice())
	m := &rtnetlink.AddressMessage{
		Family: unix.AF_INET, PrefixLength: uint8(p.Bits()), Index: uint32(of.Index),
		Attributes: &rtnetlink.AddressAttributes{Address: ip, Local: ip},
	}
	if !p.IsSingleIP() {
		m.Attributes.Broadcast = net.IP(last(p).AsSlice())
	}
	return m, nil
}

func (k kernel) nameOf(index int) (string, error) {
	all, err := k.interfaces()
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(all, func(i Interface) bool { return i.Index == index })
	if at < 0 {
		return "", errGone
	}
	return all[at].Name, nil
}

// settingFile is where the kernel keeps an interface's setting; false if a kind of knob
// is none.
func settingFile(kind, iface string) (path string, ok bool) {
	of := map[string][2]string{
		forwarding:     {"ipv4", "forwarding"},
		redirects:      {"ipv4", "accept_redirects"},
		redirects6:     {"ipv6", "accept_redirects"},
		advertisements: {"ipv6", "accept_ra"},
	}
	at, ok := of[kind]
	return "/proc/sys/net/" + at[0] + "/conf/" + iface + "/" + at[1], ok
}

// gone turns what the kernel says of something that is not there into errGone.
func gone(err error) error {
	if errors.Is(err, unix.ENODEV) || errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, fs.ErrNotExist) {
		return errGone
	}
	return err
}

func either[T any](yes bool, then, otherwise T) T {
	if yes {
		return then
	}
	return otherwise
}

// own gives a file to whoever owns a folder: the hub need not be root to read it.
func own(f *os.File, folder string) error {
	info, err := os.Stat(folder)
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	if of, ok := info.Sys().(*syscall.Stat_t); ok {
		return f.Chown(int(of.Uid), int(of.Gid))
	}
	return nil
}
