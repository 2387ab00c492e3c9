package local

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func (b *box) place(n int) int {
	b.Helper()
	got, _, err := b.Place(author(n), noon)
	b.must(err)
	return got
}

func TestAPersonKeepsTheirPlace(t *testing.T) {
	b := newBox(t)
	for i := range 3 {
		n, fresh, err := b.Place(author(1), noon)
		if n != 1 || fresh != (i == 0) || err != nil {
			t.Fatalf("place %d, fresh %v, %v", n, fresh, err)
		}
		b.crash()
	}
	if n := b.place(2); n != 2 {
		t.Fatalf("the second person has place %d", n)
	}
	if _, _, err := b.Place(record.Author{}, noon); err == nil {
		t.Fatal("nobody has a place")
	}
}

func TestAFullHubRefusesNewcomersUntilAPlaceIsIdle(t *testing.T) {
	b := newBox(t)
	taken := map[int]int{}
	for n := range Places - 1 {
		b.ran += time.Second
		p := b.place(n)
		if _, twice := taken[p]; twice || p < 1 || p >= Places {
			t.Fatalf("place %d again", p)
		}
		taken[p] = n
	}
	if _, _, err := b.Place(author(5000), noon); !errors.Is(err, ErrFull) {
		t.Fatalf("the 1,000th has a place: %v", err)
	}
	var e *hub.Error
	if !errors.As(ErrFull, &e) || e.Code != hub.TooMany {
		t.Fatal("a person is not told")
	}
	b.place(7) // who has one is not refused

	// Everybody but 400 and 401 is there for the next 30 days.
	idle := []int{400, 401}
	for range 31 {
		b.ran += day
		for n := range Places - 1 {
			if n != idle[0] && n != idle[1] {
				b.Touch(author(n))
			}
		}
		if b.ran < 30*day {
			if _, _, err := b.Place(author(5000), noon); !errors.Is(err, ErrFull) {
				t.Fatalf("a place after %v: %v", b.ran, err)
			}
		}
	}
	b.restart()
	for i, n := range idle { // the longest idle first
		p, fresh, err := b.Place(author(5000+i), noon)
		if taken[p] != n || !fresh || err != nil {
			t.Fatalf("place %d of %d, %v, %v", p, taken[p], fresh, err)
		}
	}
	if _, _, err := b.Place(author(5002), noon); !errors.Is(err, ErrFull) {
		t.Fatalf("a third place: %v", err)
	}
	if _, _, err := b.Place(author(400), noon); !errors.Is(err, ErrFull) { // a newcomer now
		t.Fatalf("the place is had by two: %v", err)
	}
	b.crash()
	if p := b.place(5000); taken[p] != 400 {
		t.Fatalf("after a restart it is place %d", p)
	}
}

func TestNoPlaceIsLostToAJumpOfTheClockOrASwitchedOffHub(t *testing.T) {
	b := newBox(t)
	vouched := map[int]record.Author{}
	for n := 1; n < Places; n++ {
		vouched[n] = author(n)
	}
	b.must(b.Seat(vouched, noon))
	for _, now := range []time.Time{time.Unix(0, 0), noon.AddDate(9, 0, 0), noon.AddDate(-9, 0, 0)} {
		b.ran += time.Hour
		if _, _, err := b.Place(author(5000), now); !errors.Is(err, ErrFull) {
			t.Fatalf("a place at %v: %v", now, err)
		}
		b.restart()
	}
}

func TestActivityIsWrittenOnceADayForEachPlace(t *testing.T) {
	b := newBox(t)
	b.place(1)
	for _, c := range []struct{ hours, want int }{{23, 0}, {1, 24}, {23, 24}, {1, 48}} {
		for range c.hours {
			b.ran += time.Hour
			b.Touch(author(1))
		}
		b.must(b.flush())
		if p := b.places[1]; p.Used-p.written >= touchInterval {
			t.Fatalf("written at %v, used at %v", p.written, p.Used)
		}
		b.crash()
		if used := b.places[1].Used; used != time.Duration(c.want)*time.Hour {
			t.Fatalf("used at %v, want %d hours", used, c.want)
		}
	}
	b.Touch(author(77)) // nobody here
}

// A card that is copied before there were guests makes two machines of one hub.
func TestTwoMachinesWithOneHubsKeyHaveTheSameGuests(t *testing.T) {
	guest := func(hub ed25519.PrivateKey) ed25519.PrivateKey {
		l, err := Open(filepath.Join(t.TempDir(), "local.db"), Options{Hub: hub, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		key, err := l.Guest(noon)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	if !bytes.Equal(guest(person(1)), guest(person(1))) {
		t.Error("a copy has other guests")
	}
	if bytes.Equal(guest(person(1)), guest(person(2))) || bytes.Equal(guest(person(1)), person(1)) {
		t.Error("the guests of two hubs are one, or the hub is its guest")
	}
}

func TestThereIsOneGuestKeyAtPlaceZero(t *testing.T) {
	b := newBox(t)
	key, err := b.Guest(noon)
	b.must(err)
	b.crash()
	again, err := b.Guest(noon)
	if !bytes.Equal(key, again) || err != nil {
		t.Fatalf("another guest key, %v", err)
	}
	if n, fresh, err := b.Place(record.AuthorOf(key), noon); n != 0 || fresh || err != nil {
		t.Fatalf("the guest key has place %d, %v, %v", n, fresh, err)
	}
	if n := b.place(1); n != 1 {
		t.Fatalf("the first person has place %d", n)
	}
	b.ran += 40 * day
	for n := range Places + 5 {
		if b.place(n) == 0 {
			t.Fatal("the guest key's place passed on")
		}
		b.ran += day
	}
}

// The file was lost, or came back from a backup: what the vouches say counts.
func TestSeatBringsPlacesBack(t *testing.T) {
	b := newBox(t)
	b.place(1) // has place 1, and its vouch was never written
	b.place(2) // has place 2, which the vouches give to 20
	b.place(3) // has place 3, and by the vouches place 9
	b.must(b.Seat(map[int]record.Author{
		0: author(50), 2: author(20), 9: author(3), 11: author(11), 12: author(12), 999: author(11),
		-1: author(51), 1000: author(52), 13: {},
	}, noon))
	for range 2 {
		for who, want := range map[int]int{1: 1, 20: 2, 3: 9, 11: 11, 12: 12} {
			if n, fresh, err := b.Place(author(who), noon); n != want || fresh || err != nil {
				t.Errorf("%d has place %d (fresh %v, %v), want %d", who, n, fresh, err, want)
			}
		}
		b.restart()
	}
	seen := map[int]bool{1: true, 2: true, 9: true, 11: true, 12: true, 999: true}
	for _, who := range []int{2, 50, 51, 52, 60, 61} {
		n, fresh, err := b.Place(author(who), noon)
		if seen[n] || !fresh || err != nil || n == 0 {
			t.Errorf("%d has place %d (fresh %v, %v)", who, n, fresh, err)
		}
		seen[n] = true
	}
	if !seen[3] {
		t.Error("the place that 3 left stays empty")
	}
}

func TestSeatLeavesWhatAgreesAlone(t *testing.T) {
	b := newBox(t)
	vouched := map[int]record.Author{}
	for n := range 20 {
		vouched[b.place(n)] = author(n)
	}
	b.ran += 40 * day
	b.must(b.Seat(vouched, noon))
	for n := range 20 {
		if p := b.places[b.placeOf[author(n)]]; p.Used != 0 {
			t.Fatalf("%d counts as active", n)
		}
	}
	if fmt.Sprint(len(b.placeOf)) != "20" {
		t.Fatal("people were lost")
	}
}
