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
	type dialed struct {
		conn net.Conn
		err  error
	}
	done := make(chan dialed, 1)
	go func() {
		// A socket belongs to the namespace of the thread that made it. The
		// thread stays locked, so that it ends here and nothing else runs on it.
		runtime.LockOSThread()
		if err := s.enter(); err != nil {
			done <- dialed{nil, err}
			return
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		done <- dialed{conn, err}
	}()
	d := <-done
	return d.conn, d.err
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
