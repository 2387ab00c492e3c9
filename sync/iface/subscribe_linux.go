package iface

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// subscribe has the kernel tell of changes of interfaces and addresses. What its
// messages say is not read: the list is asked for anew.
func subscribe(events chan<- struct{}) (stop func(), _ error) {
	fd, err := routeSocket()
	if err != nil {
		return nil, err
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

// routeSocket is a NETLINK_ROUTE socket in three multicast groups (rtnetlink(7)),
// which does not block.
func routeSocket() (fd int, _ error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return 0, fmt.Errorf("watch the network interfaces: %w", err)
	}
	at := &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR}
	if err := unix.Bind(fd, at); err != nil {
		return 0, errors.Join(fmt.Errorf("watch the network interfaces: %w", err), unix.Close(fd))
	}
	return fd, nil
}

// kernelChanges are what waits in a routeSocket. The kernel puts a message there before
// the address or interface that it tells of gets a route, so whoever asks right before
// sending asks in time, which one that is woken by messages does not.
type kernelChanges struct{ fd int }

func listenForChanges() (changes, error) {
	fd, err := routeSocket()
	return kernelChanges{fd}, err
}

func (k kernelChanges) any() (some bool) {
	const most = 256 // messages; more than that go on the next time
	var b [1]byte    // the rest of a message is thrown away
	for range most {
		_, _, err := unix.Recvfrom(k.fd, b[:], unix.MSG_DONTWAIT)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return some
		case errors.Is(err, unix.EINTR):
		case err == nil, errors.Is(err, unix.ENOBUFS): // there were too many
			some = true
		default:
			return true
		}
	}
	return true
}

func (k kernelChanges) close() error { return unix.Close(k.fd) }
