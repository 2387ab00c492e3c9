//go:build !linux

package dns

import (
	"net"
	"net/netip"
)

// packets is one that a socket has brought, and the answer to it.
type packets struct {
	conn *net.UDPConn
	from netip.AddrPort
	msg  [maxQuery + 1]byte
	out  [maxUDP]byte
	size int
	told []byte
}

func newPackets(conn *net.UDPConn) (*packets, error) { return &packets{conn: conn}, nil }

func (p *packets) receive() (n int, err error) {
	p.size, p.from, err = p.conn.ReadFromUDPAddrPort(p.msg[:])
	if p.told = nil; err != nil {
		return 0, err
	}
	return 1, nil
}

func (p *packets) at(int) (msg []byte, from netip.AddrPort) { return p.msg[:p.size], p.from }

func (p *packets) via(int) []byte { return nil }

func (p *packets) answer(int) []byte { return p.out[:0] }

func (p *packets) add(_ int, answer []byte) { p.told = answer }

func (p *packets) send() (lost int) {
	if p.told != nil && !send(p.conn, p.told, nil, p.from) {
		return 1
	}
	return 0
}
