package peer_test

import (
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

// wire is a connection from somewhere.
type wire struct {
	net.Conn
	from   net.TCPAddr
	closed atomic.Bool
}

func (w *wire) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4001} }
func (w *wire) RemoteAddr() net.Addr { return &w.from }
func (w *wire) Close() error         { w.closed.Store(true); return nil }

func from(ip string, port int) *wire {
	return &wire{from: net.TCPAddr{IP: net.ParseIP(ip), Port: port}}
}

func TestWhoFloodsPushesOutItsOwn(t *testing.T) {
	d := peer.NewDoor(8, 4, time.Hour)
	honest := from("192.0.2.7", 1)
	d.Admit(honest)
	var first *wire
	for i := range 100 {
		w := from("192.0.2.66", 1000+i)
		if i == 0 {
			first = w
		}
		d.Admit(w)
	}
	if honest.closed.Load() {
		t.Error("another address' connection is pushed out")
	}
	if !first.closed.Load() {
		t.Error("the oldest of the flood is kept")
	}
	if n := d.Unproven(); n != 5 {
		t.Errorf("%d connections are counted, want 4 of the flood and 1", n)
	}
}

func TestAFullDoorPushesOutTheGreediest(t *testing.T) {
	d := peer.NewDoor(8, 4, time.Hour)
	var many, few []*wire
	for i := range 4 {
		many = append(many, from("2001:db8::"+string(rune('1'+i)), 9)) // one /64
		few = append(few, from("192.0.2.1"+string(rune('1'+i)), 9))
	}
	for i := range 4 {
		d.Admit(many[i])
		d.Admit(few[i])
	}
	late := from("198.51.100.1", 9)
	d.Admit(late)
	if !many[0].closed.Load() || late.closed.Load() {
		t.Error("the oldest of the greediest network stays or the newcomer does not")
	}
	for _, w := range few {
		if w.closed.Load() {
			t.Errorf("%s is pushed out", w.RemoteAddr())
		}
	}
	if n := d.Unproven(); n != 8 {
		t.Errorf("%d connections are counted, at most 8", n)
	}
}

func TestPatienceEndsUnlessProven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := peer.NewDoor(8, 4, 10*time.Second)
		slow, proven, gone := from("192.0.2.7", 1), from("192.0.2.7", 2), from("192.0.2.7", 3)
		d.Admit(slow)
		d.Admit(proven)
		_ = d.Admit(gone).Close()
		d.Prove(proven)
		if n := d.Unproven(); n != 1 {
			t.Errorf("%d connections are counted, want 1", n)
		}
		<-time.After(11 * time.Second)
		if !slow.closed.Load() || proven.closed.Load() {
			t.Error("the unproven stays or the proven does not")
		}
		if n := d.Unproven(); n != 0 {
			t.Errorf("%d connections are counted, want none", n)
		}
	})
}
