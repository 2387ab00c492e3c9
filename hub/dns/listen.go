package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// receiveBuffer is what the kernel keeps for a socket, in bytes: a burst of 200
// phones waits there, and what comes beside a flood while the processors are busy.
const receiveBuffer = 1 << 20

// Listen opens the sockets of an address such as "10.0.0.1:53", ":53" or
// "[::]:53": UDP and TCP at the same port. Port 0 is a free one. On an address of
// all interfaces, clients are answered from the one that they asked.
func Listen(ctx context.Context, addr string) (*net.UDPConn, net.Listener, error) {
	conn, ln, err := listen(ctx, addr)
	if _, port, split := net.SplitHostPort(addr); split == nil && port == "0" {
		const tries = 16 // a port that is free for UDP may be taken for TCP
		for i := 0; i < tries && errors.Is(err, syscall.EADDRINUSE); i++ {
			conn, ln, err = listen(ctx, addr)
		}
	}
	if err != nil {
		return nil, nil, cannotServe(addr, err)
	}
	return conn, ln, nil
}

func listen(ctx context.Context, addr string) (*net.UDPConn, net.Listener, error) {
	var lc net.ListenConfig
	packets, err := lc.ListenPacket(ctx, "udp", addr)
	if err != nil {
		return nil, nil, err
	}
	conn, ok := packets.(*net.UDPConn)
	if !ok {
		err = fmt.Errorf("a socket of type %T", packets)
	} else if err = prepare(conn); err == nil {
		var ln net.Listener
		if ln, err = lc.Listen(ctx, "tcp", conn.LocalAddr().String()); err == nil {
			return conn, ln, nil
		}
	}
	_ = packets.Close()
	return nil, nil, err
}

// prepare sets what a socket is to tell about each packet. A smaller buffer than
// wished for only loses bursts.
func prepare(conn *net.UDPConn) error {
	if err := setReceiveBuffer(conn, receiveBuffer); err != nil {
		return err
	}
	if at, ok := conn.LocalAddr().(*net.UDPAddr); ok && !at.IP.IsUnspecified() {
		return nil // there is only one address to answer from
	}
	return tellWhere(conn)
}

// cannotServe says why there is no socket, and what to do.
func cannotServe(addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("names cannot be served at %s: another program, often systemd-resolved or dnsmasq, has that port; stop it, or choose another port: %w", addr, err)
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("names cannot be served at %s: ports below 1024 need root or CAP_NET_BIND_SERVICE; choose another port, such as 1053: %w", addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("names cannot be served at %s: no interface of this machine has that address: %w", addr, err)
	default:
		return fmt.Errorf("names cannot be served at %s: %w", addr, err)
	}
}
