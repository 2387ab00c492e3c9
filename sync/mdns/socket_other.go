//go:build !linux

package mdns

import "syscall"

// share does nothing: the port is for this program alone.
func share(_, _ string, _ syscall.RawConn) error { return nil }
