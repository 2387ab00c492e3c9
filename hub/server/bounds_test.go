package server

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var (
	here  = netip.MustParseAddr("192.168.1.20")
	there = netip.MustParseAddr("192.168.1.21")
)

type fixed byte

func (f fixed) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(f)
	}
	return len(b), nil
}

func TestATokenOfAnAddressLivesTwelveHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForge(fixed(1))
		time.Sleep(time.Hour)
		token := f.forAddress([nonceLen]byte{1, 2, 3, 4, 5}, here)
		time.Sleep(formLife - time.Second)
		if !f.check(token, "", here) {
			t.Error("refused within its life")
		}
		if f.check(token, "", there) || newForge(fixed(2)).check(token, "", here) {
			t.Error("taken from another address, or at another hub")
		}
		time.Sleep(time.Second)
		if f.check(token, "", here) {
			t.Error("taken after twelve hours")
		}
	})
}

func TestATokenOfASessionIsThatSessionsAlone(t *testing.T) {
	f := newForge(fixed(1))
	token := f.forSession([nonceLen]byte{1}, "session one")
	if !f.check(token, "session one", here) || !newForge(fixed(2)).check(token, "session one", there) {
		t.Error("refused in its session, or after a restart")
	}
	if f.check(token, "session two", here) || f.check(token, "", here) {
		t.Error("taken outside its session")
	}
}

func TestDerivationsAreBounded(t *testing.T) {
	code := returncode.New(fixed(9))
	busy := func(err error, want hub.Code) {
		t.Helper()
		var e *hub.Error
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("%v", err)
		}
	}
	d := newDerivations()
	for range derivingOfOne {
		d.of.enter(here)
	}
	_, err := d.key(t.Context(), here, code, record.Community{1})
	busy(err, hub.TooMany)

	for range derivingAtOnce {
		d.work <- struct{}{}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = d.key(ended, there, code, record.Community{1})
	busy(err, hub.Unavailable)
	for range derivingQueued {
		d.queue <- struct{}{}
	}
	_, err = d.key(t.Context(), there, code, record.Community{1})
	busy(err, hub.Unavailable)
	if len(d.of.held) != 1 || len(d.queue) != derivingQueued || len(d.work) != derivingAtOnce {
		t.Error("something was not given back")
	}
}

func TestNewcomersTakeWhatWasMadeAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, began := newDerivations(), time.Now()
		d.stock = make(chan fresh, 3)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go d.fill(ctx, record.Community{1})
		time.Sleep(time.Minute)
		if len(d.stock) != 3 {
			t.Fatalf("%d are made", len(d.stock))
		}
		for range derivingAtOnce { // nobody is to wait for these
			d.work <- struct{}{}
		}
		codes := map[string]bool{}
		for range 3 {
			f, err := d.newcomer(ctx, here, record.Community{1})
			if err != nil || !f.key.Equal(returncode.Key(f.code, record.Community{1})) {
				t.Errorf("the key is not that of the code: %v", err)
			}
			codes[f.code.Text()] = true
		}
		if len(codes) != 3 || time.Since(began) != time.Minute {
			t.Errorf("%d codes after %v", len(codes), time.Since(began))
		}
		for range derivingAtOnce {
			<-d.work
		}
		time.Sleep(stockCalm - time.Second)
		if n := len(d.stock); n > 1 { // one lay ready
			t.Errorf("%d are made while people come", n)
		}
		time.Sleep(time.Minute)
		if len(d.stock) != 3 {
			t.Errorf("then %d are made", len(d.stock))
		}
	})
}

func TestJoiningOnceIsRememberedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, made := newJoined(), atomic.Int32{}
		join := func(form string) (tokens, error) {
			return j.once(t.Context(), form, func() (tokens, error) {
				time.Sleep(time.Second)
				made.Add(1)
				return tokens{cookie: "c", path: "p"}, nil
			})
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if got, err := join("a"); err != nil || got.cookie != "c" {
					t.Errorf("%v %v", got, err)
				}
			})
		}
		both.Wait()
		again := func(form string) {
			if _, err := join(form); err != nil {
				t.Error(err)
			}
		}
		again("b")
		again("a")
		if made.Load() != 2 {
			t.Errorf("made %d, want 2", made.Load())
		}
		time.Sleep(joinedLife)
		again("a")
		if made.Load() != 3 || len(j.by) != 1 || len(j.order) != 1 {
			t.Errorf("made %d, %d kept", made.Load(), len(j.by))
		}
	})
}

func TestOfThoseWhoJoinedTheOldestAreForgotten(t *testing.T) {
	j := newJoined()
	for i := range 2 * joinedKept {
		if _, err := j.once(t.Context(), strconv.Itoa(i), func() (tokens, error) { return tokens{cookie: "c"}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if _, kept := j.by[strconv.Itoa(joinedKept)]; !kept || len(j.by) != joinedKept || len(j.order) != joinedKept {
		t.Errorf("%d kept", len(j.by))
	}
}

func TestAFailureToJoinIsNotRemembered(t *testing.T) {
	j, n := newJoined(), 0
	for range 2 {
		if _, err := j.once(t.Context(), "a", func() (tokens, error) { n++; return tokens{}, errors.New("full") }); err == nil {
			t.Error("no error")
		}
	}
	if n != 2 || len(j.by) != 0 {
		t.Errorf("tried %d times, %d kept", n, len(j.by))
	}
}

func TestNames(t *testing.T) {
	here := About{Community: "Millbrook", Place: "Harbor Clinic", Neighbors: []Neighbor{{Label: "Hill School"}}, Speakers: []string{"Maria Ortiz"}}
	for _, good := range []string{"Ana", "Mr. Okafor", "李雷", "مريم", "O'Neil-Stafford", "Hubert", "Policarpo", "Room 12, Maple St.", ""} {
		if name, err := here.cleanName(good, ""); err != nil || name != good {
			t.Errorf("%q: %q, %v", good, name, err)
		}
	}
	for _, bad := range []string{
		"Official", "of\u200bficial", "P0lice", "p.o.l.i.c.e", "Pоlice", "policía", "警察", "Pоlly", "Millbrook", "harbor-clinic", "HiII School", "\u2800", "\xff", "Maria Ortiz", "María Ortiz", "maria-ortiz 2",
	} {
		if name, err := here.cleanName(bad, ""); err == nil {
			t.Errorf("%q passes as %q", bad, name)
		}
	}
	if name, err := here.cleanName("Maria Ortiz", "Maria Ortiz"); err != nil || name != "Maria Ortiz" {
		t.Errorf("a coordinator may not be called what they are: %q, %v", name, err)
	}
}
