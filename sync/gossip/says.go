package gossip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/strict"
)

// Bounds on what a member says.
const (
	MaxSays  = 512 // bytes as it travels; memberlist's own limit
	MaxAddrs = 8
	MaxLinks = 64 // as many as sync/peer keeps
)

// Says is what a hub tells all others about itself.
type Says struct {
	// Addrs are where its sync port can be dialled. Link-local IPv6 addresses
	// mean nothing elsewhere and are left out, and so is what exceeds MaxAddrs.
	Addrs []netip.AddrPort
	// Links are with whom it is linked, at most MaxLinks. A link counts where both
	// ends say so.
	Links []Prefix
}

// Prefix is the beginning of a hub's key.
type Prefix [4]byte

// PrefixOf is that of a key.
func PrefixOf(key record.Author) Prefix { return Prefix(key[:4]) }

func (s Says) equal(o Says) bool {
	return slices.Equal(s.Addrs, o.Addrs) && slices.Equal(s.Links, o.Links)
}

// said is Says on its way: deterministic CBOR (RFC 8949 §4.2.1), integer keys;
// those that are not known are for later versions. An address is its 4 or 16
// bytes and the port, little-endian; the links are one string of prefixes.
type said struct {
	Key   []byte   `cbor:"1,keyasint"`
	Addrs [][]byte `cbor:"2,keyasint,omitempty"`
	Links []byte   `cbor:"3,keyasint,omitempty"`
}

// sayings is a constant in all but syntax.
var sayings = strict.Must(strict.Rules{Elements: 64, Pairs: 16, Levels: 4})

var errSays = errors.New("what the member says is malformed")

func encodeSays(key record.Author, s Says) ([]byte, error) {
	w := said{Key: key[:]}
	for _, p := range s.Links[:min(len(s.Links), MaxLinks)] {
		w.Links = append(w.Links, p[:]...)
	}
	for _, a := range dialable(s.Addrs) {
		b, err := a.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", a, err)
		}
		w.Addrs = append(w.Addrs, b)
	}
	b, err := sayings.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode what this hub says: %w", err)
	}
	return b, nil
}

func decodeSays(b []byte) (record.Author, Says, error) {
	var (
		w   said
		key record.Author
	)
	if len(b) > MaxSays {
		return key, Says{}, fmt.Errorf("%w: %d bytes, at most %d", errSays, len(b), MaxSays)
	}
	if err := sayings.Unmarshal(b, &w); err != nil {
		return key, Says{}, fmt.Errorf("%w: %w", errSays, err)
	}
	if len(w.Key) != len(key) || record.Author(w.Key) == (record.Author{}) {
		return key, Says{}, fmt.Errorf("%w: no key", errSays)
	}
	var addrs []netip.AddrPort
	for _, b := range w.Addrs {
		var a netip.AddrPort
		if len(b) != 4+2 && len(b) != 16+2 || a.UnmarshalBinary(b) != nil {
			continue // of a kind that this version does not know
		}
		addrs = append(addrs, a)
	}
	return record.Author(w.Key), Says{Addrs: dialable(addrs), Links: prefixesIn(w.Links)}, nil
}

func prefixesIn(b []byte) (out []Prefix) {
	for len(b) >= len(Prefix{}) && len(out) < MaxLinks {
		out = append(out, Prefix(b))
		b = b[len(Prefix{}):]
	}
	return out
}

// dialable are the addresses that another machine can dial, each once.
func dialable(addrs []netip.AddrPort) []netip.AddrPort {
	var out []netip.AddrPort
	for _, a := range addrs {
		a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
		if len(out) < MaxAddrs && a.Port() != 0 && unicast(a.Addr()) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}
