package peer_test

import (
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"golang.org/x/sys/unix"
)

// Linux does not hand the option on from a listener everywhere.
func TestAnAcceptedConnectionIsNotRetriedForAQuarterOfAnHour(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	out, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	in, err := peer.NewDoor(1, 1, time.Minute).Listen(l).Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	raw, err := peer.Inner(in).(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		ms, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		if err != nil || ms < 1000 || ms > 60_000 {
			t.Errorf("unacknowledged bytes are retried for %d ms, %v", ms, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
