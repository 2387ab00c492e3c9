//go:build !linux

package peer

import "syscall"

// socketOptions has no portable counterpart to TCP_USER_TIMEOUT: keep-alive
// probes and the sync layer's pings notice a cut.
func socketOptions(string, string, syscall.RawConn) error { return nil }
