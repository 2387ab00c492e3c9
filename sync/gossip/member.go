package gossip

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Event is what happened to a member.
type Event uint8

// The events. A Twin that ends is Down, like any other.
const (
	Up      Event = iota + 1 // it is there
	Down                     // it left, or does not answer
	Changed                  // it says something else
	Twin                     // it is there with this hub's own key
)

func (e Event) String() string {
	switch e {
	case Up:
		return "up"
	case Down:
		return "down"
	case Changed:
		return "changed"
	case Twin:
		return "twin"
	}
	return fmt.Sprintf("event(%d)", uint8(e))
}

// Doubt is what speaks against a member.
type Doubt uint8

// The doubts, as bits.
const (
	NameLies  Doubt = 1 << iota // its name is made from another key than it says
	KeyShared                   // another live member says the same key
)

// Member is another hub, as it or somebody in its name has it.
type Member struct {
	Key      record.Author
	Name     string // of this start of it
	Addr     netip.AddrPort
	Says     Says
	Since    time.Time // up since, by this hub's clock
	Answered bool      // a probe of ours was answered at Addr, under this name
	Doubt    Doubt
}

const (
	namePrefix = 6 // bytes of the key
	nameRandom = 4
	nameSize   = 2*namePrefix + 1 + 2*nameRandom
)

// newName is a name for one start.
func newName(key record.Author, random io.Reader) (string, error) {
	var b [nameRandom]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw a name: %w", err)
	}
	return prefixOf(key) + "-" + hex.EncodeToString(b[:]), nil
}

func prefixOf(key record.Author) string { return hex.EncodeToString(key[:namePrefix]) }

// wellNamed reports whether a name has the form of newName's.
func wellNamed(name string) bool {
	if len(name) != nameSize {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if i == 2*namePrefix {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

var (
	errName    = errors.New("the name is not one that a hub takes")
	errVersion = errors.New("the protocol version is not ours")
	errAddr    = errors.New("the address cannot be another hub's")
)

// memberOf is the member that a memberlist node stands for.
func memberOf(n *memberlist.Node) (Member, error) {
	if !wellNamed(n.Name) {
		return Member{}, errName
	}
	// A member whose bounds exclude our version would have memberlist refuse
	// every exchange of state, with anybody.
	if n.PMin > protocol || n.PMax < protocol || n.PCur != protocol || n.DMin != 0 || n.DMax != 0 || n.DCur != 0 {
		return Member{}, errVersion
	}
	ip, ok := netip.AddrFromSlice(n.Addr)
	ip = ip.Unmap()
	if !ok || n.Port == 0 || !unicast(ip) {
		return Member{}, errAddr
	}
	key, says, err := decodeSays(n.Meta)
	if err != nil {
		return Member{}, err
	}
	m := Member{Key: key, Name: n.Name, Addr: netip.AddrPortFrom(ip, n.Port), Says: says}
	if n.Name[:2*namePrefix] != prefixOf(key) {
		m.Doubt |= NameLies
	}
	return m, nil
}

// changed reports whether m is news for who was told of o.
func (m Member) changed(o Member) bool {
	return m.Key != o.Key || m.Addr != o.Addr || !m.Says.equal(o.Says)
}
