//go:build !linux

package portal

import (
	"errors"
	"net"
	"net/netip"
)

// KernelNeighbors is not known here.
func KernelNeighbors() (map[netip.Addr]net.HardwareAddr, error) {
	return nil, errors.ErrUnsupported
}
