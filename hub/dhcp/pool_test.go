package dhcp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/dhcp"
	"pgregory.net/rapid"
)

// kept is what is kept of a pool.
type kept map[string]netip.Addr

func (k kept) take(changes map[string]netip.Addr) {
	for client, at := range changes {
		if k[client] = at; !at.IsValid() {
			delete(k, client)
		}
	}
}

func addr(last int) netip.Addr { return netip.AddrFrom4([4]byte{10, 44, 0, byte(last)}) }

func nobody(netip.Addr) bool { return false }

func pool(t *testing.T, k kept, n int) *dhcp.Pool {
	t.Helper()
	p, err := dhcp.NewPool(addr(1), addr(n), k, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// joins has a client get an address, and be met there.
func joins(t *testing.T, p *dhcp.Pool, client string, now time.Duration) netip.Addr {
	t.Helper()
	at, err := p.Offer(client, netip.Addr{}, nobody, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Confirm(client, at, nobody, now); err != nil {
		t.Fatal(err)
	}
	p.Met(at, now)
	return at
}

func TestAPhoneKeepsItsAddressAcrossARestart(t *testing.T) {
	k := kept{}
	p := pool(t, k, 100)
	var had []netip.Addr
	for i := range 50 {
		had = append(had, joins(t, p, fmt.Sprint("phone ", i), 0))
	}
	k.take(p.Changes())
	p = pool(t, k, 100)
	for i, at := range had {
		if err := p.Confirm(fmt.Sprint("phone ", i), at, nobody, time.Minute); err != nil {
			t.Errorf("phone %d asks for its address again: %v", i, err)
		}
	}
}

func TestAPhoneGetsTheSameAddressWhereNothingWasKept(t *testing.T) {
	one, two := pool(t, kept{}, 100), pool(t, kept{}, 100)
	for i := range 5 {
		who := fmt.Sprint("phone ", i)
		if a, b := joins(t, one, who, 0), joins(t, two, who, 0); a != b {
			t.Errorf("%s: %v, then %v", who, a, b)
		}
	}
	if err := pool(t, kept{}, 100).Confirm("phone 0", addr(7), nobody, 0); err != nil {
		t.Errorf("it remembers an address of which the hub knows nothing: %v", err)
	}
}

func TestAFullPool(t *testing.T) {
	p := pool(t, kept{}, 3)
	for i := range 3 {
		joins(t, p, fmt.Sprint("phone ", i), time.Duration(i)*time.Second)
	}
	if _, err := p.Offer("late", netip.Addr{}, nobody, 4*time.Second); !errors.Is(err, dhcp.ErrFull) || p.Free(4*time.Second) != 0 {
		t.Errorf("all are in use: %v, %d free", err, p.Free(4*time.Second))
	}
	// After some minutes the address of a phone that nobody sees may go to another.
	there, err := p.Offer("phone 1", netip.Addr{}, nobody, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Offer("late", netip.Addr{}, func(a netip.Addr) bool { return a == there }, 10*time.Minute)
	if err != nil || got == there {
		t.Errorf("%v, %v", got, err)
	}
	// And when a lease is over, without asking who is there.
	for i := range 3 {
		joins(t, p, fmt.Sprint("next day ", i), 2*dhcp.Term)
	}
}

func TestWhatSomebodyElseHasIsNotGiven(t *testing.T) {
	p := pool(t, kept{}, 10)
	at := joins(t, p, "phone", 0)
	if err := p.Confirm("other", at, nobody, 0); !errors.Is(err, dhcp.ErrNotYours) {
		t.Errorf("somebody else's: %v", err)
	}
	if err := p.Confirm("phone", netip.MustParseAddr("192.168.1.7"), nobody, 0); !errors.Is(err, dhcp.ErrNotYours) {
		t.Errorf("of another network: %v", err)
	}
	p.Decline("phone", at, true, 0)
	if next := joins(t, p, "phone", time.Minute); next == at {
		t.Error("an address that a stranger uses is given again")
	}
	if _, err := dhcp.NewPool(addr(9), addr(1), kept{}, 0); err == nil {
		t.Error("a range in the wrong order")
	}
	if _, err := dhcp.NewPool(netip.MustParseAddr("10.0.0.0"), netip.MustParseAddr("10.255.0.0"), kept{}, 0); err == nil {
		t.Error("a range without end")
	}
}

func TestAnAddressGivenBackStaysWithItsPhone(t *testing.T) {
	p := pool(t, kept{}, 10)
	at := joins(t, p, "phone", 0)
	p.Release("phone", at, time.Second)
	if p.Free(time.Second) != 10 {
		t.Error("it is not free")
	}
	if again := joins(t, p, "phone", time.Hour); again != at {
		t.Errorf("it was %v and is %v", at, again)
	}
}

// TestNoTwoPhonesHaveOneAddress holds for whatever phones do, in whatever order.
func TestNoTwoPhonesHaveOneAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := kept{}
		const size = 6
		p, err := dhcp.NewPool(addr(1), addr(size), k, 0)
		if err != nil {
			t.Fatal(err)
		}
		type held struct {
			at    netip.Addr
			until time.Duration
		}
		has := map[string]held{}
		now := time.Duration(0)
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now += time.Duration(rapid.Int64Range(0, int64(dhcp.Term/3)).Draw(t, "wait"))
			who := fmt.Sprint("phone ", rapid.IntRange(0, 9).Draw(t, "who"))
			want := addr(rapid.IntRange(0, size+1).Draw(t, "want"))
			there := func(a netip.Addr) bool { // phones with a lease answer
				for other, h := range has {
					if other != who && h.at == a && now < h.until {
						return true
					}
				}
				return false
			}
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				_, _ = p.Offer(who, want, there, now)
			case 1, 2:
				if p.Confirm(who, want, there, now) == nil {
					for other, h := range has {
						if other != who && h.at == want && now < h.until {
							t.Fatalf("%v is given to %s while %s has it", want, who, other)
						}
					}
					if want == addr(0) || want == addr(size+1) {
						t.Fatalf("%v is given, which is not among them", want)
					}
					has[who] = held{want, now + dhcp.Term}
				}
			case 3:
				if h, ok := has[who]; ok {
					p.Release(who, h.at, now)
					delete(has, who)
				}
			case 4:
				k.take(p.Changes())
				if p, err = dhcp.NewPool(addr(1), addr(size), k, now); err != nil {
					t.Fatal(err)
				}
			case 5:
				p.Met(want, now)
			case 6:
				p.Decline(who, want, there(want), now)
				if has[who].at == want {
					delete(has, who)
				}
			}
			for client, at := range k {
				for other, its := range k {
					if client != other && at == its {
						t.Fatalf("%v is kept as that of %s and of %s", at, client, other)
					}
				}
			}
			if n := p.Free(now); n < 0 || n > size {
				t.Fatalf("%d are free", n)
			}
		}
	})
}

// TestOffersThatNobodyAsksForCostNothing: however many are made, whoever comes gets an
// address, and nobody loses one.
func TestOffersThatNobodyAsksForCostNothing(t *testing.T) {
	for _, size := range []int{1, 5, 50, 250} {
		p := pool(t, kept{}, size)
		had := map[string]netip.Addr{}
		for i := range size - 1 {
			who := fmt.Sprint("phone ", i)
			had[who] = joins(t, p, who, 0)
		}
		flood := func(n int) {
			for i := range n {
				if _, err := p.Offer(fmt.Sprint("nobody ", i), netip.Addr{}, nobody, time.Second); err != nil {
					t.Fatalf("of %d, the %d: %v", size, i, err)
				}
			}
		}
		flood(5_000)
		if at, err := p.Offer("late", netip.Addr{}, nobody, time.Second); err != nil || p.Confirm("late", at, nobody, time.Second) != nil {
			t.Errorf("of %d, who comes gets none: %v", size, err)
		} else {
			p.Release("late", at, time.Second)
		}
		if free := p.Free(11 * time.Second); free != 1 {
			t.Errorf("of %d, %d are free when the offers are over", size, free)
		}
		for who, at := range had {
			if err := p.Confirm(who, at, nobody, 12*time.Second); err != nil {
				t.Errorf("of %d, %s: %v", size, who, err)
			}
		}
	}
	p := pool(t, kept{}, 250)
	for i := range 5_000 {
		if _, err := p.Offer(fmt.Sprint("nobody ", i), netip.Addr{}, nobody, 0); err != nil {
			t.Fatalf("the %d: %v", i, err)
		}
	}
	if free := p.Free(0); free < 200 {
		t.Errorf("%d are free in between", free)
	}
	joins(t, p, "phone", 0)
}

// nobodys asks for all the addresses that there are, each in a new name, and declines
// them if told to.
func nobodys(p *dhcp.Pool, size int, name string, declines bool, now time.Duration) {
	for i := range size {
		who := fmt.Sprint(name, i)
		if p.Confirm(who, addr(i+1), nobody, now) == nil && declines {
			p.Decline(who, addr(i+1), false, now)
		}
	}
}

// TestAddressesThatNobodyUsesCostNothing: whoever asks for them all, or declines them all,
// keeps nobody out for more than seconds, and takes nothing from who was met.
func TestAddressesThatNobodyUsesCostNothing(t *testing.T) {
	const size = 50
	for what, declines := range map[string]bool{"asks": false, "declines": true} {
		k := kept{}
		p := pool(t, k, size)
		its := joins(t, p, "phone", 0)
		for now := time.Second; now < 10*time.Minute; now += 4 * time.Second {
			nobodys(p, size, fmt.Sprint(now), declines, now)
			who := fmt.Sprint("late at ", now)
			at, err := p.Offer(who, netip.Addr{}, nobody, now+4*time.Second)
			if err != nil || at == its || p.Confirm(who, at, nobody, now+4*time.Second) != nil {
				t.Fatalf("somebody %s without end, and after %v who comes gets %v: %v", what, now, at, err)
			}
			if err := p.Confirm("phone", its, nobody, now); err != nil {
				t.Fatalf("somebody %s without end, and after %v who is there loses its address: %v", what, now, err)
			}
		}
		k.take(p.Changes())
		if len(k) != 1 || k["phone"] != its {
			t.Errorf("somebody %s: kept are %v", what, k)
		}
		p = pool(t, k, size)
		nobodys(p, size, "after a restart ", declines, 0)
		if at, err := p.Offer("other", netip.Addr{}, nobody, 4*time.Second); err != nil || at == its {
			t.Errorf("somebody %s, and after a restart another gets %v: %v", what, at, err)
		}
	}
}

func TestAPhoneThatAsksAgainAndAgainIsNotThereForIt(t *testing.T) {
	p := pool(t, kept{}, 1)
	for now := time.Duration(0); now < 5*time.Second; now += time.Second {
		if p.Confirm("nobody", addr(1), nobody, now) != nil {
			t.Fatal("it does not get what is free")
		}
	}
	if _, err := p.Offer("late", netip.Addr{}, nobody, 5*time.Second); err != nil {
		t.Error(err)
	}
	p = pool(t, kept{}, 1)
	for _, now := range []time.Duration{0, time.Hour} { // it was away, and comes back
		if err := p.Confirm("phone", addr(1), nobody, now); err != nil {
			t.Fatal(err)
		}
	}
	if at, err := p.Offer("late", netip.Addr{}, nobody, time.Hour+time.Second); err == nil {
		t.Errorf("%v is taken from a phone that has just come", at)
	}
}

func TestAPhoneThatWasMetIsNotTakenForOneThatWasNot(t *testing.T) {
	p := pool(t, kept{}, 2)
	nobodys(p, 2, "", false, 0)
	p.Met(addr(1), time.Second)
	for _, who := range []string{"late", "later"} {
		if at, err := p.Offer(who, netip.Addr{}, nobody, 4*time.Second); err == nil && at != addr(2) {
			t.Errorf("%s gets %v", who, at)
		}
	}
}

func TestAnAddressThatWasDeclinedIsDoubtedForSecondsUnlessSomebodyIsSeenThere(t *testing.T) {
	for seen, rests := range map[bool]time.Duration{false: 30 * time.Second, true: 10 * time.Minute} {
		p := pool(t, kept{}, 10)
		at := joins(t, p, "phone", 0)
		p.Decline("phone", at, seen, 0)
		if err := p.Confirm("other", at, nobody, rests-1); !errors.Is(err, dhcp.ErrNotYours) {
			t.Errorf("seen: %v, and it is given again before: %v", seen, err)
		}
		if err := p.Confirm("other", at, nobody, rests); err != nil {
			t.Errorf("seen: %v, and it is not given again: %v", seen, err)
		}
	}
}
