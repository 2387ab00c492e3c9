package spread_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

func TestAPostIsKnownToHaveReachedTheEndOfTheLine(t *testing.T) {
	s := open(t, 1, 4)
	s.run(2 * time.Minute)
	p := s.post(0)
	s.want(0, p, 0)
	begun := s.w.Now
	s.run(4 * time.Second)
	if n, _ := s.reached(0, p); n == 0 {
		t.Error("not even the hub next door is known after 4 s")
	}
	s.run(20 * time.Second)
	for i := range 4 {
		s.want(i, p, 3)
		if _, at := s.reached(i, p); at.Before(begun) || at.After(s.w.Now) {
			t.Errorf("hub %d learned of the last at %v", i, at)
		}
	}
}

func TestWhatIsPartedIsNotReached(t *testing.T) {
	s := open(t, 2, 3)
	s.w.Cut(1, 2)
	p := s.post(0)
	s.run(3 * time.Minute)
	s.want(0, p, 1)
	s.w.Connect(1, 2)
	s.run(70 * time.Second)
	for i := range 3 {
		s.want(i, p, 2)
	}
	s.w.Cut(0, 1) // what was so stays so
	s.run(time.Minute)
	s.want(0, p, 2)
}

// While there is news a hub writes a claim a minute. When there is none, nothing
// is written, whatever claims come in; and all agree.
func TestClaimsAreNoNews(t *testing.T) {
	s := open(t, 3, 5)
	s.run(3 * time.Minute)
	before := s.written()
	s.run(10 * time.Minute)
	if n := s.written() - before; n != 0 {
		t.Errorf("%d claims were written while nothing was posted", n)
	}
	before = s.written()
	const minutes = 5
	for range minutes * 12 {
		s.post(2)
		s.run(5 * time.Second)
	}
	if n := s.written() - before; n < 5 || n > (minutes+1)*5 {
		t.Errorf("%d claims of 5 hubs in %d minutes of talk", n, minutes)
	}
	p := s.post(2)
	s.run(2 * time.Minute)
	for i := range 5 {
		s.want(i, p, 4)
	}
	before = s.written()
	sent, grown := s.w.Bytes, s.grown[0]
	s.run(10 * time.Minute)
	if n := s.written() - before; n != 0 {
		t.Errorf("%d claims were written after the talk", n)
	}
	if n := (s.w.Bytes - sent) / 4 / 10; n > 1000 {
		t.Errorf("%d bytes a minute a link while idle", n)
	}
	if n := s.grown[0] - grown; n != 0 {
		t.Errorf("%d growths while idle", n)
	}
	same, err := s.w.Agreed()
	ok(t, err)
	if !same {
		t.Error("the hubs do not agree")
	}
}

func TestThoseWhoWatchAreToldNowAndThen(t *testing.T) {
	s := open(t, 4, 3)
	before := s.grown[0]
	for range 15 {
		s.post(0)
		s.run(2 * time.Second)
	}
	if n := s.grown[0] - before; n < 3 || n > 11 {
		t.Errorf("told %d times in 30 s", n)
	}
}

// A hub that starts again goes on from what was said: it counts the same others,
// it just does not know since when, and writes nothing.
func TestARestartForgetsNothing(t *testing.T) {
	s := open(t, 5, 3)
	p := s.post(0)
	s.run(2 * time.Minute)
	for i := range 3 {
		before := s.written()
		ok(t, s.w.Crash(i))
		ok(t, s.w.Start(i))
		s.follow(i)
		for k := range 3 {
			s.want(k, p, 2)
		}
		if _, at := s.reached(i, p); !at.IsZero() {
			t.Errorf("hub %d says that it learned at %v what it knew before", i, at)
		}
		s.run(2 * time.Minute)
		if n := s.written() - before; n != 0 {
			t.Errorf("after the restart of hub %d %d claims were written", i, n)
		}
	}
	q := s.post(2)
	s.run(70 * time.Second)
	for i := range 3 {
		s.want(i, p, 2)
		s.want(i, q, 2)
	}
}

// A hub that was set back to a backup is not counted until it has the post again,
// once it has said anything.
func TestWhatARestoreHasLostIsNotCounted(t *testing.T) {
	s := open(t, 6, 3)
	s.run(time.Minute)
	backup, err := s.w.Backup(2)
	ok(t, err)
	p := s.post(0)
	s.run(2 * time.Minute)
	s.want(0, p, 2)
	s.w.Cut(1, 2)
	ok(t, s.w.Restore(2, backup))
	ok(t, s.w.Start(2))
	s.follow(2)
	s.run(time.Minute)
	s.w.Connect(1, 2)
	s.run(2 * time.Minute)
	s.want(0, p, 2)
	s.want(1, p, 2)
	s.want(2, p, 1) // until there is news: what the first said is of the log that was lost
	s.post(1)
	s.run(2 * time.Minute)
	for i := range 3 {
		s.want(i, p, 2)
	}
	// And one that is set back itself knows what follows from its own log alone.
	ok(t, s.w.Restore(0, backup))
	ok(t, s.w.Start(0))
	s.follow(0)
	q := s.post(0)
	s.want(0, q, 0)
	s.run(2 * time.Minute)
	s.want(0, q, 2)
	s.want(0, p, 2)
}

// A hub that was set back and says so is not counted by what it told on a link
// before.
func TestALaterClaimOfAnotherLifeCounts(t *testing.T) {
	s := open(t, 7, 2)
	p := s.post(0)
	s.run(5 * time.Second)
	s.want(0, p, 1)
	s.w.Cut(0, 1)
	s.claim(0, simnet.HubName(1), reach.Claim{News: 3, Log: reach.Log{{Epoch: 77, First: 1, Last: reach.Running}}})
	s.run(5 * time.Second)
	s.want(0, p, 0)
}

// Who is no hub of the community claims nothing, and what does not read is passed
// over.
func TestClaimsOfStrangersAndNonsenseDoNotCount(t *testing.T) {
	s := open(t, 8, 2)
	s.w.Cut(0, 1)
	p := s.post(0)
	m, err := s.w.Hubs[0].Store.Moment(0)
	ok(t, err)
	all := reach.Claim{News: 1, Log: reach.Log{{Epoch: 1, Last: reach.Running}}, Taken: []reach.Taken{
		{Hub: s.w.Hubs[0].Key.Via(), Position: reach.Position(m.Position)},
	}}
	s.claim(0, neighborName(0), all)
	s.put(0, simnet.HubName(1), []byte{0xff})
	s.run(5 * time.Second)
	s.want(0, p, 0)
	s.w.Skip(time.Second)
	s.claim(0, simnet.HubName(1), all)
	s.run(5 * time.Second)
	s.want(0, p, 1)
}
