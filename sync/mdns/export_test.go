package mdns

import (
	"net/netip"
	"time"

	"github.com/lamppost-hub/lamppost/sync/iface"
)

// Said is what a hub announces.
type Said struct {
	Name, Tag string
	Port      uint16
	Addrs     []netip.Addr
	TTL       time.Duration
}

// Message is what a packet means.
type Message struct {
	Asks  bool
	Known []string
	Said  []Said
}

func (s Said) said() said { return said{s.Name, s.Tag, s.Port, s.Addrs, s.TTL} }

func EncodeAnswer(s Said) ([]byte, error) { return encodeAnswer(s.said()) }

func EncodeQuestion(known ...Said) ([]byte, error) {
	var ks []said
	for _, k := range known {
		ks = append(ks, k.said())
	}
	return encodeQuestion(ks)
}

func Decode(b []byte) (Message, error) {
	m, err := decode(b)
	out := Message{Asks: m.asks, Known: m.known}
	for _, s := range m.said {
		out.Said = append(out.Said, Said{s.name, s.tag, s.port, s.addrs, s.ttl})
	}
	return out, err
}

// Tag is by which a hub's community is known.
func (f *Finder) Tag() string { return f.tag }

// Air carries packets between the Finders of a test.
type Air struct {
	Use  func([]iface.Interface)
	Send func(b []byte, on iface.Interface)
	Heed func(hear func(b []byte, from netip.Addr, index int))
}

// Through has a Finder use no sockets.
func (f *Finder) Through(a Air) {
	f.open = func(heard chan<- packet) (air, error) {
		a.Heed(func(b []byte, from netip.Addr, index int) { heard <- packet{b, from, index} })
		return testAir{a, make(chan struct{})}, nil
	}
}

type testAir struct {
	Air
	broke chan struct{}
}

func (a testAir) use(is []iface.Interface)          { a.Use(is) }
func (a testAir) send(b []byte, on iface.Interface) { a.Send(b, on) }
func (a testAir) broken() <-chan struct{}           { return a.broke }
func (a testAir) close()                            {}
