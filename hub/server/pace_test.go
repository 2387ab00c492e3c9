package server

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

func paceOf(person byte, burst int, pause time.Duration) allowance {
	return allowance{kind: ofPerson, poster: poster{person: record.Author{person}}, burst: burst, pause: pause}
}

func TestAStormIsSlowedAndEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		ana, bo := paceOf(1, 10, 6*time.Second), paceOf(2, 10, 6*time.Second)
		for i := range 10 {
			if wait, _ := p.take(ana); wait != 0 {
				t.Fatalf("post %d waits %v", i, wait)
			}
		}
		for range 3 { // asking again makes it no longer
			if wait, kind := p.take(ana); wait != 6*time.Second || kind != ofPerson {
				t.Errorf("the eleventh waits %v for %q", wait, kind)
			}
		}
		if wait, _ := p.take(bo); wait != 0 {
			t.Errorf("somebody else waits %v", wait)
		}
		time.Sleep(6 * time.Second)
		if wait, _ := p.take(ana); wait != 0 {
			t.Errorf("after the pause: %v", wait)
		}
		if wait, _ := p.look(ana); wait != 6*time.Second {
			t.Errorf("and then: %v", wait)
		}
		time.Sleep(time.Hour)
		for i := range 10 {
			if wait, _ := p.take(ana); wait != 0 {
				t.Fatalf("an hour later post %d waits %v", i, wait)
			}
		}
	})
}

func TestWhatOneAccountRefusesIsOnNone(t *testing.T) {
	p := newPace()
	p.now = func() time.Duration { return time.Hour }
	from := allowance{kind: ofAddress, poster: poster{from: netip.MustParsePrefix("10.0.0.1/32")}, burst: 2, pause: time.Second}
	ana, bo := paceOf(1, 1, time.Minute), paceOf(2, 1, time.Minute)
	for i, c := range []struct {
		who  allowance
		kind string
	}{{ana, ""}, {ana, ofPerson}, {ana, ofPerson}, {bo, ""}, {paceOf(3, 1, time.Minute), ofAddress}} {
		if _, kind := p.take(c.who, from); kind != c.kind {
			t.Errorf("post %d is slowed by %q, not %q", i, kind, c.kind)
		}
	}
}

// TestPaceHoldsWhateverTheRhythm: in no stretch of time does anybody get more than
// the burst and one for each pause in it.
func TestPaceHoldsWhateverTheRhythm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := newPace(), time.Duration(0)
		p.now = func() time.Duration { return now }
		a := paceOf(1, rapid.IntRange(1, 20).Draw(t, "burst"), time.Duration(rapid.IntRange(1, 10).Draw(t, "pause"))*time.Second)
		var took []time.Duration
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 20_000), 1, 100).Draw(t, "steps") {
			now += time.Duration(step) * time.Millisecond
			wait, _ := p.take(a)
			if wait == 0 {
				took = append(took, now)
				continue
			}
			if now += wait; rapid.Bool().Draw(t, "patient") {
				if wait, _ := p.take(a); wait != 0 {
					t.Fatalf("told to wait and then to wait %v more", wait)
				}
				took = append(took, now)
			}
		}
		for i := range took {
			for j := i; j < len(took); j++ {
				if most := a.burst + int((took[j]-took[i])/a.pause); j-i+1 > most {
					t.Fatalf("%d posts in %v, at most %d", j-i+1, took[j]-took[i], most)
				}
			}
		}
	})
}

func TestACrowdOfPostersTakesBoundedMemory(t *testing.T) {
	p := newPace()
	p.now = func() time.Duration { return 0 }
	storm := paceOf(1, 2, time.Hour)
	p.take(storm)
	p.take(storm)
	for i := range 2 * maxPaced {
		one := paceOf(2, 1, time.Second)
		one.person[1], one.person[2] = byte(i), byte(i>>8)
		p.take(one)
	}
	if n := len(p.until); n > maxPaced {
		t.Errorf("%d are remembered", n)
	}
	if wait, _ := p.take(storm); wait == 0 {
		t.Error("the crowd makes the storm forgotten")
	}
}

func TestSomebodyIsNewForAnHour(t *testing.T) {
	p, now := newPace(), time.Duration(0)
	p.now = func() time.Duration { return now }
	ana, bo := record.Author{1}, record.Author{2}
	p.arrive(ana)
	if !p.isNew(ana) || p.isNew(bo) {
		t.Error("who came just now is not new, or who did not is")
	}
	if now = newFor - 1; !p.isNew(ana) {
		t.Error("nobody is new for an hour")
	}
	if now = newFor; p.isNew(ana) {
		t.Error("somebody is new for longer than an hour")
	}
	for i := range 2 * maxPaced {
		now += time.Millisecond
		p.arrive(record.Author{3, byte(i), byte(i >> 8)})
	}
	if n := len(p.came); n > maxPaced {
		t.Errorf("%d are remembered", n)
	}
	if last := 2*maxPaced - 1; !p.isNew(record.Author{3, byte(last), byte(last >> 8)}) {
		t.Error("who came last is forgotten")
	}
}

// TestNewcomersTogetherHaveOnePace: however many they are, they post no faster than
// one pace, and a post that it refuses is not on anybody's own account.
func TestNewcomersTogetherHaveOnePace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := newPace(), time.Duration(0)
		p.now = func() time.Duration { return now }
		burst, pause := rapid.IntRange(1, 10).Draw(t, "burst"), time.Duration(rapid.IntRange(1, 1000).Draw(t, "pause"))*time.Millisecond
		all := allowance{kind: ofNewcomers, burst: burst, pause: pause}
		took := 0
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 2000), 1, 100).Draw(t, "steps") {
			now += time.Duration(step) * time.Millisecond
			who := paceOf(byte(rapid.IntRange(1, 200).Draw(t, "who")), 1000, time.Hour)
			before := p.until[who.poster]
			if wait, kind := p.take(who, all); wait == 0 {
				took++
			} else if kind != ofNewcomers || p.until[who.poster] != before {
				t.Fatalf("slowed by %q, and on an account", kind)
			}
			if old := paceOf(201, 1000, time.Hour); step%7 == 0 && took < 1000 {
				if wait, kind := p.look(old); wait != 0 {
					t.Fatalf("somebody who was here before waits for %q", kind)
				}
			}
		}
		if most := burst + int(now/pause); took > most {
			t.Fatalf("%d posts in %v, at most %d", took, now, most)
		}
	})
}
