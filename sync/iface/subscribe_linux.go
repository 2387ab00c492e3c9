package iface

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// subscribe has the kernel tell of changes of interfaces and addresses: a
// NETLINK_ROUTE socket in three multicast groups (rtnetlink(7)). What they say is
// not read: the list is asked for anew.
func subscribe(events chan<- struct{}) (stop func(), _ error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("watch the network interfaces: %w", err)
	}
	at := &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR}
	if err := unix.Bind(fd, at); err != nil {
		return nil, errors.Join(fmt.Errorf("watch the network interfaces: %w", err), unix.Close(fd))
	}
	f := os.NewFile(uintptr(fd), "netlink")
	var reader sync.WaitGroup
	reader.Go(func() {
		b := make([]byte, 16<<10)
		for {
			// Messages that are too many (ENOBUFS) or too long are a change like any.
			if _, err := f.Read(b); err != nil && !errors.Is(err, unix.ENOBUFS) {
				return
			}
			select {
			case events <- struct{}{}:
			default:
			}
		}
	})
	return func() { f.Close(); reader.Wait() }, nil
}
