//go:build !linux

package dns

import "net"

const oobSize = 0

// tellWhere does nothing: give each of the machine's addresses its own socket.
func tellWhere(*net.UDPConn) error { return nil }

func fromWhere([]byte) []byte { return nil }

func setReceiveBuffer(conn *net.UDPConn, size int) error { return conn.SetReadBuffer(size) }
