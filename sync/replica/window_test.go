package replica_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/replica"
)

// pipe is a link that drains so many bytes a second and is full whenever there is
// room, as a frame sees it. It tells what was sent, and how long a frame waited at the most. What arrives is acknowledged in steps of 4 KiB that fall anywhere between
// the ends of frames, as long as the way back takes later.
func pipe(bytesPerSecond int, back, lasts time.Duration, room func(*replica.Window) bool) (w *replica.Window, sent uint64, longest time.Duration) {
	const frame, step = 4007, 4 << 10
	w = replica.NewWindow()
	now := time.Unix(0, 0)
	end := now.Add(lasts)
	type arrival struct {
		at time.Time
		n  uint64
	}
	var acks []arrival
	free := now // when the link has sent what it was given
	var acked uint64
	for now.Before(end) {
		for room(w) {
			w.Send(now, frame)
			begun := free
			if begun.Before(now) {
				begun = now
			}
			per := time.Second / time.Duration(bytesPerSecond)
			free = begun.Add(per * frame)
			longest = max(longest, free.Sub(now))
			sent += frame
			for acked+step <= sent {
				acked += step
				acks = append(acks, arrival{free.Add(-per * time.Duration(sent-acked)).Add(back), acked})
			}
		}
		if len(acks) == 0 { // the rest is acknowledged by a tick
			acked = sent
			acks = append(acks, arrival{free.Add(back), acked})
		}
		now = acks[0].at
		w.Acknowledge(now, acks[0].n)
		acks = acks[1:]
	}
	return w, sent, longest
}

func TestLittleIsUnderWayOnASlowLink(t *testing.T) {
	w, _, longest := pipe(8_000, 200*time.Millisecond, 2*time.Minute, (*replica.Window).Room)
	if limit := 2600 * time.Millisecond; longest > limit { // 16 KiB and a frame to begin with
		t.Errorf("something urgent would have waited %v, more than %v", longest, limit)
	}
	if w.Size() > 8<<10 {
		t.Errorf("the window is %d bytes in the end, more than a second's worth", w.Size())
	}
}

func TestMuchIsUnderWayOnAFastLink(t *testing.T) {
	if w, _, _ := pipe(50_000_000, 2*time.Millisecond, 5*time.Second, (*replica.Window).Room); w.Size() != 4<<20 {
		t.Errorf("the window is %d bytes in the end", w.Size())
	}
}

// What is sent besides waits for pieces of blobs a fraction of a second, on a link that they use
// to the full.
func TestPiecesOfBlobsLeaveQueuesShort(t *testing.T) {
	spare := func(w *replica.Window) bool { return w.Room() && w.Spare() }
	const lasts = 30 * time.Second
	for _, link := range []struct {
		rate    int // bytes a second
		back    time.Duration
		most    time.Duration
		percent int
	}{
		{250_000, 5 * time.Millisecond, 400 * time.Millisecond, 97}, // 2 Mbit/s
		{1_250_000, 5 * time.Millisecond, 400 * time.Millisecond, 97},
	} {
		_, sent, longest := pipe(link.rate, link.back, lasts, spare)
		share := int(sent) * 100 / (link.rate * int(lasts/time.Second))
		t.Logf("at %d bytes a second and %v back: a frame waits for %v at the most, %d %% is used", link.rate, link.back, longest, share)
		if longest > link.most || share < link.percent {
			t.Errorf("not %v at the most, %d %%", link.most, link.percent)
		}
	}
}
