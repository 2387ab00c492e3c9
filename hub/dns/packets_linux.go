package dns

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is how many packets are read or sent by one call.
const batch = 16

// packets are those that a socket has brought at a time, and the answers to them.
// One goroutine uses it.
type packets struct {
	raw     syscall.RawConn
	in, out calls
	got     []packet // of room
	room    [batch]packet
	sent    int // of out
	failed  syscall.Errno

	read, write func(fd uintptr) bool // made once, so that nothing is allocated for a packet
}

// packet is one that has come, and the memory for the answer.
type packet struct {
	from [unix.SizeofSockaddrInet6]byte // as the kernel wrote it
	oob  [oobSize]byte
	msg  [maxQuery + 1]byte
	out  [maxUDP]byte

	size, fromSize, oobSize int
}

// calls are what recvmmsg(2) and sendmmsg(2) are told.
type calls struct {
	n     int
	heads [batch]mmsghdr
	parts [batch]unix.Iovec
}

// mmsghdr is the kernel's.
type mmsghdr struct {
	unix.Msghdr
	size uint32 // of what was read or sent
}

// add has one more packet read or sent.
func (c *calls) add(name, msg, control []byte) {
	h, part := &c.heads[c.n], &c.parts[c.n]
	*h = mmsghdr{Msghdr: unix.Msghdr{Name: &name[0], Namelen: uint32(len(name)), Iov: part}}
	h.SetIovlen(1)
	part.Base = &msg[0]
	part.SetLen(len(msg))
	if len(control) > 0 {
		h.Control = &control[0]
		h.SetControllen(len(control))
	}
	c.n++
}

// do does a call for those from the one numbered first on, without waiting. It
// returns how many were done.
func (c *calls) do(trap, fd uintptr, first int) (int, syscall.Errno) {
	for {
		// None of these calls waits, so the scheduler is not told of them: else it
		// takes the processor away from a call that takes a while, and looks for
		// such calls all the time, which costs more than a tenth of the answer.
		n, _, errno := unix.RawSyscall6(trap, fd, uintptr(unsafe.Pointer(&c.heads[first])), uintptr(c.n-first), unix.MSG_DONTWAIT, 0, 0)
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

func newPackets(conn *net.UDPConn) (*packets, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	p := &packets{raw: raw}
	p.read = func(fd uintptr) bool {
		n, errno := p.in.do(unix.SYS_RECVMMSG, fd, 0)
		p.failed = errno
		if errno != 0 {
			n = 0
		}
		p.got = p.room[:n]
		return errno != unix.EAGAIN
	}
	p.write = func(fd uintptr) bool {
		n, errno := p.out.do(unix.SYS_SENDMMSG, fd, p.sent)
		p.failed = errno
		if errno == 0 {
			p.sent += n
		}
		return errno != unix.EAGAIN
	}
	return p, nil
}

// receive waits for packets and returns how many have come.
func (p *packets) receive() (int, error) {
	p.in.n, p.out.n, p.sent = 0, 0, 0
	for i := range p.room {
		one := &p.room[i]
		p.in.add(one.from[:], one.msg[:], one.oob[:])
	}
	if err := p.raw.Read(p.read); err != nil {
		return 0, err
	}
	if p.failed != 0 {
		return 0, p.failed
	}
	for i := range p.got {
		one, head := &p.got[i], &p.in.heads[i]
		one.size, one.fromSize, one.oobSize = int(head.size), int(head.Namelen), int(head.Controllen)
	}
	return len(p.got), nil
}

// at is a packet that has come, and where it comes from.
func (p *packets) at(i int) (msg []byte, from netip.AddrPort) {
	one := &p.got[i]
	return one.msg[:one.size], addrPort(one.from[:one.fromSize])
}

// via is what the kernel is to be told with the answer to a packet.
func (p *packets) via(i int) []byte {
	one := &p.got[i]
	return fromWhere(one.oob[:one.oobSize])
}

// answer is where the answer to a packet goes.
func (p *packets) answer(i int) []byte { return p.got[i].out[:0] }

// add has the answer to a packet sent with the next call of send.
func (p *packets) add(i int, answer []byte) {
	one := &p.got[i]
	p.out.add(one.from[:one.fromSize], answer, p.via(i))
}

// send sends the answers and returns how many could not be.
func (p *packets) send() (lost int) {
	for p.sent < p.out.n {
		if err := p.raw.Write(p.write); err != nil {
			return lost + p.out.n - p.sent
		}
		if p.failed != 0 { // it is about the first of them
			lost, p.sent = lost+1, p.sent+1
		}
	}
	return lost
}

// addrPort reads what the kernel writes of an address; a zero one for what is none
// of the internet's.
func addrPort(b []byte) netip.AddrPort {
	if len(b) < unix.SizeofSockaddrInet4 {
		return netip.AddrPort{}
	}
	port := binary.BigEndian.Uint16(b[2:])
	switch family := binary.NativeEndian.Uint16(b); {
	case family == unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port)
	case family == unix.AF_INET6 && len(b) >= unix.SizeofSockaddrInet6:
		addr := netip.AddrFrom16([16]byte(b[8:24]))
		if zone := binary.NativeEndian.Uint32(b[24:]); zone != 0 {
			addr = addr.WithZone(strconv.FormatUint(uint64(zone), 10))
		}
		return netip.AddrPortFrom(addr, port)
	}
	return netip.AddrPort{}
}
