package local

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestWhoWasLetThroughStaysSoAcrossARestart(t *testing.T) {
	b := newBox(t)
	for _, device := range []string{"02:00:00:00:00:07", "fe80::7", "10.1.0.7"} {
		if err := b.Accept(device); err != nil {
			t.Fatal(err)
		}
	}
	b.ran += time.Hour
	b.SeenDevice("fe80::7") // in memory until the next flush
	b.ForgetDevice("10.1.0.7")
	b.restart()
	all := b.Accepted()
	if len(all) != 2 || all["02:00:00:00:00:07"] != time.Hour || all["fe80::7"] != 0 {
		t.Errorf("let through, and seen so long ago: %v", all)
	}
	b.crash()
	if all := b.Accepted(); len(all) != 2 {
		t.Errorf("after a crash: %v", all)
	}
}

func TestDevicesAreBounded(t *testing.T) {
	b := newBox(t)
	if b.Accept("") == nil || b.Accept(string(make([]byte, maxDevice+1))) == nil {
		t.Error("what is no address is let through")
	}
	for i := range MaxAccepted {
		if err := b.Accept(fmt.Sprint("device ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Accept("one more"); !errors.Is(err, ErrManyDevices) {
		t.Errorf("one more: %v", err)
	}
	if err := b.Accept("device 7"); err != nil {
		t.Errorf("one that is known: %v", err)
	}
	b.ForgetDevice("device 0")
	if err := b.Accept("one more"); err != nil || len(b.Accepted()) != MaxAccepted {
		t.Errorf("after one was forgotten: %v, %d", err, len(b.Accepted()))
	}
}
