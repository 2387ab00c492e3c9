package dns

import (
	"net"

	"golang.org/x/sys/unix"
)

// oobSize bounds what the kernel tells about a packet, in bytes.
const oobSize = 64

// tellWhere has a socket tell to which of the machine's addresses each packet came.
func tellWhere(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		family, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		switch {
		case err != nil:
			set = err
		case family == unix.AF_INET6:
			set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
		default:
			set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
		}
	})
	if err != nil {
		return err
	}
	return set
}

// setReceiveBuffer sets how much the kernel keeps for a socket: as root more than
// the machine is set to allow, which is a fifth of what is wished for as a rule.
func setReceiveBuffer(conn *net.UDPConn, size int) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	if err := raw.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) }); err != nil {
		return err
	}
	if set == nil {
		return nil
	}
	return conn.SetReadBuffer(size)
}

// fromWhere turns what the kernel told about a packet into what it is to be told
// for the answer: sent from the same address, over whatever interface leads to the
// client. It changes oob in place and does not allocate.
func fromWhere(oob []byte) []byte {
	if len(oob) < unix.CmsgSpace(0) { // the socket was not asked to tell
		return nil
	}
	head, data, _, err := unix.ParseOneSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	switch {
	case head.Level == unix.IPPROTO_IP && head.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
		clear(data[:4]) // the interface; the address follows
	case head.Level == unix.IPPROTO_IPV6 && head.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
		if !(data[0] == 0xfe && data[1]&0xc0 == 0x80) { // a link-local address is one of its interface
			clear(data[16:20])
		}
	default:
		return nil
	}
	return oob
}
