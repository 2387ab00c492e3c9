package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are taken from below those that the system gives to outgoing
// connections: a hub that is down for a moment must find its port free again.
const (
	firstPort = 12_000
	lastPort  = 31_000
)

// freePorts finds n ports in a row that nobody listens on at any of the
// addresses, and returns the first.
func freePorts(n int, ips ...string) (int, error) {
	for range 1000 {
		first := firstPort + rand.N(lastPort-firstPort)
		var taken error
		for port := first; port < first+n; port++ {
			for _, ip := range ips {
				taken = errors.Join(taken, free(net.JoinHostPort(ip, strconv.Itoa(port))))
			}
		}
		if taken == nil {
			return first, nil
		}
	}
	return 0, fmt.Errorf("no %d free ports in a row", n)
}
