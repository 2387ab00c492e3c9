package node

import (
	"context"
	"time"

	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
	"golang.org/x/sys/unix"
)

// openClock starts the clock from the latest time that has certainly passed.
func (n *Node) openClock() error {
	floor := max(record.At(n.conf.Built), record.At(n.local.SavedTime()))
	own, err := n.lastSigned()
	if err != nil {
		return err
	}
	if t := n.conf.Folder.Founding.Time; n.local.Passed(t.Wall()) {
		floor = max(floor, t)
	}
	if !n.local.Passed(own.Wall()) {
		own = 0
	}
	c := clock.New(clock.Config{Floor: floor, Latest: own, Now: n.conf.Wall, Elapsed: running()})
	n.clock = timekeeper{c, n.local, n.lastSigned, n.conf.Built}
	n.lookAtClock()
	return nil
}

// running is for how long it has been since it was called, by a clock that nobody sets. It goes on while the
// machine sleeps, so that waking up is no leap of the time.
func running() func() time.Duration {
	started, begun := time.Now(), unix.Timespec{}
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &begun) != nil {
		return func() time.Duration { return time.Since(started) }
	}
	return func() time.Duration {
		now := begun
		if unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) != nil {
			return time.Since(started)
		}
		return time.Duration(now.Nano() - begun.Nano())
	}
}

// lastSigned is the time of the latest of this hub's own records; 0 if there is none.
func (n *Node) lastSigned() (t record.Time, err error) {
	err = n.store.Read(func(v *store.View) error {
		t = v.Latest(n.self)
		return nil
	})
	return t, err
}

// lookAtClock takes what this machine itself knows of the time.
func (n *Node) lookAtClock() {
	wall := n.conf.Wall()
	if n.conf.TrustClock {
		n.clock.Evidence(clock.Machine, "", wall)
	}
	if ntpSynced() && time.Until(wall).Abs() < time.Minute { // the kernel speaks of its own clock
		n.clock.Evidence(clock.NTP, "", wall)
	}
}

// ntpSynced reports whether the kernel says that something keeps its clock right.
func ntpSynced() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}

// millis is what other hubs are told of our clock: 0 while it is not trusted.
func (n *Node) millis() uint64 {
	t, sure := n.clock.Now()
	if !sure {
		return 0
	}
	return record.At(t).Millis()
}

func (n *Node) peerClock(peer record.Author, millis uint64) {
	if millis < record.MaxTime.Millis() {
		n.clock.Evidence(clock.Hubs, peer.String(), time.UnixMilli(int64(millis)))
	}
}

// observe takes note of what came in from other hubs.
func (n *Node) observe(r record.Record) {
	n.clock.Observe(r.Time)
	if now, sure := n.clock.Now(); sure && !r.Time.Wall().After(now) {
		n.heard.record(r.Via, now.Sub(r.Time.Wall()))
	}
}

// upkeep does what is due now and then: it looks at the clock, saves it, ends old
// sessions, and collects what expired long ago.
func (n *Node) upkeep(ctx context.Context) error {
	clockTick, hour := time.NewTicker(30*time.Second), time.NewTicker(time.Hour)
	defer clockTick.Stop()
	defer hour.Stop()
	n.hourly()
	leapt := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-clockTick.C:
			n.lookAtClock()
			leapt = n.sayLeap(leapt)
		case <-hour.C:
			n.hourly()
		}
	}
}

// sayLeap logs when the machine's clock has leapt away, and when the time is certain
// again. It takes and returns whether the one was said and the other is not yet.
func (n *Node) sayLeap(said bool) bool {
	a := n.clock.Account()
	switch {
	case a.Leapt && !a.Plausible && !said:
		n.log.Warn("the machine's clock has leapt and is not believed: set it right again, or, if it is right now: lamppost clock set now", "clock", a.Wall, "taken", a.Now)
		return true
	case said && a.Plausible:
		n.log.Info("the time is certain again after the machine's clock has leapt", "time", a.Now, "why", a.Source.String())
		return false
	}
	return said
}

// hourly upkeep that fails is said and tried again in an hour.
func (n *Node) hourly() {
	n.collectBlobs()
	day, ok := n.clock.Today()
	if t, _ := n.clock.Now(); ok {
		if err := n.local.SaveTime(t); err != nil {
			n.log.Warn("the time was not saved", "err", err)
		}
	}
	if _, err := n.local.Prune(); err != nil {
		n.log.Warn("old sessions were not ended", "err", err)
	}
	if ok {
		if err := n.store.Collect(day); err != nil {
			n.log.Warn("what expired was not collected", "err", err)
		}
	}
}
