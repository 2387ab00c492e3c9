package mdns

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// share lets other programs on the machine listen too, and has the socket hear
// only the interfaces on which it joined (ip(7), ipv6(7)).
func share(network, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(raw uintptr) {
		fd := int(raw)
		failed = errors.Join(
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1),
		)
		// Where the kernel is too old for these, Finder tells interfaces apart itself.
		if network == "udp4" {
			_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0)
		} else {
			_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_ALL, 0)
		}
	})
	return errors.Join(err, failed)
}
