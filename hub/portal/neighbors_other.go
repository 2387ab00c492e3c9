//go:build !linux

package portal

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

// KernelNeighbors is not known here.
func KernelNeighbors() (map[netip.Addr]net.HardwareAddr, error) {
	return nil, errors.ErrUnsupported
}

// ConfirmedNeighbors is not known here.
func ConfirmedNeighbors(time.Duration) (map[netip.Addr]net.HardwareAddr, error) {
	return nil, errors.ErrUnsupported
}
