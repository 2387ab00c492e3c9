package netnstest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// Dial connects from within the namespace. The address is an IP address with a
// port: names are not looked up.
func (s Space) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if host, _, err := net.SplitHostPort(addr); err != nil || net.ParseIP(host) == nil {
		return nil, fmt.Errorf("%q is not an IP address with a port", addr)
	}
	return within(s, func() (net.Conn, error) { return new(net.Dialer).DialContext(ctx, network, addr) })
}

// Listen accepts connections in the namespace.
func (s Space) Listen(ctx context.Context, network, addr string) (net.Listener, error) {
	return within(s, func() (net.Listener, error) { return new(net.ListenConfig).Listen(ctx, network, addr) })
}

// ListenPacket receives datagrams in the namespace.
func (s Space) ListenPacket(ctx context.Context, network, addr string) (net.PacketConn, error) {
	return within(s, func() (net.PacketConn, error) { return new(net.ListenConfig).ListenPacket(ctx, network, addr) })
}

// within makes a socket in a namespace. It belongs there from then on, whoever uses it.
func within[T any](s Space, open func() (T, error)) (T, error) {
	type opened struct {
		socket T
		err    error
	}
	done := make(chan opened, 1)
	go func() {
		// A socket belongs to the namespace of the thread that made it. The
		// thread stays locked, so that it ends here and nothing else runs on it.
		runtime.LockOSThread()
		if err := s.enter(); err != nil {
			done <- opened{err: err}
			return
		}
		socket, err := open()
		done <- opened{socket, err}
	}()
	o := <-done
	return o.socket, o.err
}

// enter moves this thread into the namespace.
func (s Space) enter() error {
	f, err := os.Open(filepath.Join(folder, s.Name))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the namespace %s: %w", s.Name, err)
	}
	return nil
}
