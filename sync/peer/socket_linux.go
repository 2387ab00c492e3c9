package peer

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// socketOptions ends a connection whose bytes stay unacknowledged (RFC 5482):
// by itself Linux tries for a quarter of an hour.
func socketOptions(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unackedTimeout.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return failed
}
