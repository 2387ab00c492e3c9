package node_test

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// await asks a hub how it stands until that is as it should be.
func await(t *testing.T, n *node.Node, what string, as func(control.Status) bool) control.Status {
	t.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := n.Status()
		ok(t, err)
		if as(s) {
			return s
		}
		select {
		case <-deadline:
			t.Fatalf("never: %s: %+v", what, s)
		case <-tick.C:
		}
	}
}

func level(s control.Status, code string) doctor.Level {
	for _, w := range s.Warnings {
		if w.Code == code {
			return w.Level
		}
	}
	return doctor.OK
}

func TestAHubSaysHowItStandsWithOthers(t *testing.T) {
	_, paths := folders(t, 3)
	a, _ := start(t, paths[0])
	s := await(t, a, "a status", func(control.Status) bool { return true })
	if level(s, "neighbors") != doctor.Bad || len(s.Hubs) != 2 || s.Hubs[0].Label != "Place 2" || s.Hubs[0].Linked {
		t.Errorf("alone: %+v", s)
	}
	b, stop := start(t, paths[1], a.SyncAddrs()...)
	same := func(s control.Status) bool { return len(s.Links) == 1 && s.Links[0].Equal }
	await(t, b, "equal sets", same)
	s = await(t, a, "equal sets", same)
	l := s.Links[0]
	if l.Label != "Place 2" || l.Dialled || l.Heard.IsZero() || *l.Behind.They != 0 || *l.Behind.We != 0 || !s.Hubs[0].Linked || s.Hubs[1].Linked {
		t.Errorf("linked with one: %+v", s)
	}
	if level(s, "neighbors") != doctor.OK {
		t.Errorf("one link is not enough: %+v", s.Warnings)
	}
	ok(t, a.Enroll(t.Context(), key("ana"), "Ana"))
	write(t, a, key("ana"), "a/1", "hello")
	s = await(t, b, "the note counted", func(s control.Status) bool {
		return slices.Contains(s.Apps, control.App{Name: "notes", Records: 1})
	})
	if d := s.Disk; d.Free == 0 || d.Total < d.Free || d.Records == 0 || d.Folder != paths[1] {
		t.Errorf("disk: %+v", d)
	}
	stop()
	s = await(t, a, "the link gone", func(s control.Status) bool { return !s.Hubs[0].Linked })
	if h := s.Hubs[0]; h.Heard.IsZero() || time.Since(h.Heard) > time.Minute {
		t.Errorf("heard of last: %+v", h)
	}
}

// How long ago something was is told by running time, whatever clocks are set to.
func TestAgesStayRightWhenAClockIsSet(t *testing.T) {
	_, paths := folders(t, 3)
	machine := &setting{}
	a, _ := startAt(t, paths[0], machine.now, true)
	b, _ := start(t, paths[1], a.SyncAddrs()...)
	_, stopC := start(t, paths[2], a.SyncAddrs()...)
	ok(t, a.Enroll(t.Context(), key("ana"), "Ana"))
	write(t, a, key("ana"), "a/1", "hello")
	both := func(s control.Status) bool { return s.Hubs[0].Linked && s.Hubs[1].Linked && s.Links[0].Equal }
	await(t, a, "two links", both)
	stopC()
	await(t, a, "one of them gone", func(s control.Status) bool { return !s.Hubs[1].Linked })
	await(t, b, "what was posted", func(s control.Status) bool { return s.Links[0].Equal })
	learned := func() (at time.Time) {
		ok(t, a.Read(t.Context(), "notes", func(s hub.Snapshot) error {
			for item, err := range s.Newest("all", 0) {
				ok(t, err)
				at = item.Learned
			}
			return nil
		}))
		return at
	}
	await(t, a, "it has got there", func(control.Status) bool { return !learned().IsZero() })
	recent := func(what string, at, now time.Time) {
		t.Helper()
		if d := now.Sub(at); d < 0 || d > time.Minute {
			t.Errorf("%s: %v ago", what, d)
		}
	}
	jump := func(d time.Duration) func() { return func() { machine.jump(d) } }
	set := func(d time.Duration) func() {
		return func() {
			_, err := control.NewClient(paths[0]).SetClock(t.Context(), time.Now().Add(d))
			ok(t, err)
		}
	}
	for _, change := range []func(){set(9 * years), jump(-20 * years), set(0), jump(20 * years)} {
		change()
		s, err := a.Status()
		ok(t, err)
		recent("linked", s.Links[0].Since, s.Clock.Now)
		recent("heard on the link", s.Links[0].Heard, s.Clock.Now)
		recent("heard of the one that left", s.Hubs[1].Heard, s.Clock.Now)
		recent("started", s.Program.Started, s.Clock.Now)
		about := a.About()
		for _, n := range about.Neighbors {
			recent("on the pages", n.Heard, about.Now)
		}
		if at := learned(); !at.IsZero() { // years later nobody is shown the note
			recent("reached another place", at, a.About().Now)
		}
	}
}

func TestWhyNoLinkCameAboutIsSaid(t *testing.T) {
	_, ours := folders(t, 2)
	_, theirs := folders(t, 1)
	foreign, _ := start(t, theirs[0])
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	ok(t, nobody.Close())
	a, _ := start(t, ours[0], foreign.SyncAddrs()[0], nobody.Addr().String())
	says := func(text string) func(control.Status) bool {
		return func(s control.Status) bool {
			return slices.ContainsFunc(s.Warnings, func(f doctor.Finding) bool { return f.Code == "reach" && strings.Contains(f.Text, text) })
		}
	}
	await(t, a, "the other community named", says(foreign.SyncAddrs()[0]+": a hub of another community answers"))
	await(t, a, "the closed port named", says(nobody.Addr().String()+": the machine is there, but no hub listens"))
}

func TestHowFarTheEndsOfALinkAreApart(t *testing.T) {
	counts := func(notices, talk uint64) (c [record.Classes]uint64) {
		c[record.Notice], c[record.Talk] = notices, talk
		return c
	}
	ours := store.Moment{Position: store.Position{Epoch: 1, Arrival: 100}}
	for c, n := range counts(5, 50) {
		ours.Digests[c].Count = n
	}
	for _, c := range []struct {
		what     string
		link     replica.LinkStatus
		they, we uint64
	}{
		{"equal", replica.LinkStatus{Equal: true}, 0, 0},
		{"equal when they last said, news waits", replica.LinkStatus{Equal: true, Waiting: 3}, 3, 0},
		{"a short gap", replica.LinkStatus{
			PeerLog: store.Position{Epoch: 2, Arrival: 40}, Taken: store.Position{Epoch: 2, Arrival: 33},
			TakenByPeer: store.Position{Epoch: 1, Arrival: 98}, Counts: counts(5, 51), Waiting: 1,
		}, 2, 7},
		{"a new hub", replica.LinkStatus{PeerLog: store.Position{Epoch: 2, Arrival: 1}, Counts: counts(1, 0)}, 54, 0},
		{"we are new, and they restored a backup", replica.LinkStatus{
			PeerLog: store.Position{Epoch: 2, Arrival: 900}, Taken: store.Position{Epoch: 3, Arrival: 5}, Counts: counts(7, 850),
		}, 0, 802},
	} {
		b := node.BehindOf(c.link, ours)
		if b.They == nil || b.We == nil || *b.They != c.they || *b.We != c.we {
			t.Errorf("%s: %+v", c.what, b)
		}
	}
	if b := node.BehindOf(replica.LinkStatus{}, ours); b.They != nil || b.We != nil {
		t.Errorf("before they have said anything: %+v", b)
	}
}
