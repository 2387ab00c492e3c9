package local

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

func codeID(n int) join.ID   { return join.ID{0xff, byte(n >> 8), byte(n)} }
func codeKey(n int) join.Key { return join.Key{byte(n >> 8), byte(n), 1} }

// invite makes code n for a day, by a clock that is not believed.
func (b *box) invite(n int, label string) {
	b.Helper()
	b.must(b.Invitations().Add(codeID(n), codeKey(n), label, day, time.Time{}))
}

// stands checks how code n stands now.
func (b *box) stands(n int, want Invitation) {
	b.Helper()
	want.ID = codeID(n)
	got, err := b.Invitations().Get(codeID(n), time.Time{})
	if err != nil || got != want {
		b.Errorf("code %d is %+v (%v), not %+v", n, got, err, want)
	}
}

func TestAnInvitationIsUsedOnceAndStaysSo(t *testing.T) {
	b := newBox(t)
	b.invite(1, "School")
	b.crash()
	b.stands(1, Invitation{Label: "School", State: InvitationOpen, Left: day})
	if key, ok := b.Invitations().Key(codeID(1)); !ok || key != codeKey(1) {
		t.Error("its key is lost")
	}
	b.ran += time.Hour
	if v, err := b.Invitations().Use(codeID(1), author(1), time.Time{}); err != nil || v.State != InvitationUsed || v.By != author(1) {
		t.Fatalf("%+v %v", v, err)
	}
	b.crash() // it was bound on disk
	b.ran += time.Minute
	used := Invitation{Label: "School", State: InvitationUsed, By: author(1), Ago: time.Minute}
	b.stands(1, used)
	for _, again := range []int{1, 2} {
		if v, err := b.Invitations().Use(codeID(1), author(again), time.Time{}); err != nil || v.By != author(1) {
			t.Errorf("hub %d is told %+v %v", again, v, err)
		}
	}
	if v, err := b.Invitations().Cancel(codeID(1), time.Time{}); err != nil || v.State != InvitationUsed {
		t.Errorf("cancelled what was used: %+v %v", v, err)
	}
	b.stands(1, used)
}

func TestAnInvitationEndsByTheTimeThatTheHubRuns(t *testing.T) {
	b := newBox(t)
	b.invite(1, "")
	b.ran += 20 * time.Hour
	b.restart() // however long that takes
	b.ran += 4*time.Hour - time.Second
	b.stands(1, Invitation{State: InvitationOpen, Left: time.Second, Ago: day - time.Second})
	b.ran += time.Minute + time.Second
	expired := Invitation{State: InvitationExpired, Ago: time.Minute}
	b.stands(1, expired)
	if v, err := b.Invitations().Use(codeID(1), author(1), time.Time{}); err != nil || v.State != InvitationExpired {
		t.Errorf("used after its end: %+v %v", v, err)
	}
	b.restart()
	b.stands(1, expired)
}

func TestAnInvitationEndsByAClockThatIsBelieved(t *testing.T) {
	b := newBox(t)
	in := b.Invitations()
	b.must(in.Add(codeID(1), codeKey(1), "", day, noon))
	b.must(in.Add(codeID(2), codeKey(2), "", day, time.Time{}))
	b.restart() // a week later
	week := noon.Add(7 * day)
	for n, want := range map[int]InvitationState{1: InvitationExpired, 2: InvitationOpen} {
		if v, err := b.Invitations().Use(codeID(n), author(n), week); err != nil || (v.State == InvitationExpired) != (want == InvitationExpired) {
			t.Errorf("code %d: %+v %v", n, v, err)
		}
	}
	if v, _ := b.Invitations().Get(codeID(1), week); v.Ago != 6*day {
		t.Errorf("ended %v ago", v.Ago)
	}
	b.stands(1, Invitation{State: InvitationOpen, Left: day}) // nobody knows what time it is
	if v, _ := b.Invitations().Get(codeID(1), noon.Add(-7*day)); v.State != InvitationOpen {
		t.Errorf("%+v by a clock that was set back", v)
	}
}

func TestCancelledAndVoidInvitationsStaySo(t *testing.T) {
	b := newBox(t)
	b.invite(1, "")
	b.invite(2, "")
	if v, err := b.Invitations().Cancel(codeID(1), time.Time{}); err != nil || v.State != InvitationCancelled {
		t.Fatalf("%+v %v", v, err)
	}
	for i := range join.MaxFailures {
		b.stands(2, Invitation{State: InvitationOpen, Left: day})
		b.must(b.Invitations().Failed(codeID(2), time.Time{}))
		if i%2 == 0 {
			b.crash()
		}
	}
	b.crash()
	b.stands(1, Invitation{State: InvitationCancelled})
	b.stands(2, Invitation{State: InvitationVoid})
	for n := 1; n <= 2; n++ {
		if v, err := b.Invitations().Use(codeID(n), author(1), time.Time{}); err != nil || v.State == InvitationUsed {
			t.Errorf("code %d: %+v %v", n, v, err)
		}
	}
	for _, err := range []error{
		b.Invitations().Failed(codeID(3), time.Time{}),
		func() error { _, err := b.Invitations().Use(codeID(3), author(1), time.Time{}); return err }(),
		func() error { _, err := b.Invitations().Get(codeID(3), time.Time{}); return err }(),
	} {
		if !errors.Is(err, ErrNoInvitation) {
			t.Errorf("of an unknown code: %v", err)
		}
	}
}

func TestInvitationsAreListedAsPeopleLookForThem(t *testing.T) {
	b := newBox(t)
	for n := range 5 {
		b.must(b.Invitations().Add(codeID(n), codeKey(n), "", day-time.Duration(n)*time.Hour, time.Time{}))
	}
	for _, n := range []int{2, 0} {
		b.ran += time.Second
		_, err := b.Invitations().Cancel(codeID(n), time.Time{})
		b.must(err)
	}
	var got []byte
	for _, v := range b.Invitations().All(time.Time{}) {
		got = append(got, v.ID[2])
	}
	if want := []byte{4, 3, 1, 0, 2}; !bytes.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

func TestInvitationsAreBounded(t *testing.T) {
	b := newBox(t)
	for n := range MaxOpenInvitations {
		b.invite(n, "")
	}
	if err := b.Invitations().Add(codeID(1000), codeKey(1000), "", day, time.Time{}); !errors.Is(err, ErrManyInvitations) {
		t.Fatal(err)
	}
	for n := range 2 * MaxEndedInvitations {
		b.ran += time.Second
		_, err := b.Invitations().Cancel(codeID(n), time.Time{})
		b.must(err)
		b.invite(n+MaxOpenInvitations, "")
	}
	b.crash()
	all := b.Invitations().All(time.Time{})
	if len(all) != MaxOpenInvitations+MaxEndedInvitations || all[MaxOpenInvitations].ID != codeID(2*MaxEndedInvitations-1) {
		t.Errorf("%d are kept", len(all))
	}
	for _, life := range []time.Duration{0, -1, MaxInvitationLife + 1} {
		if b.Invitations().Add(codeID(2000), codeKey(1), "", life, time.Time{}) == nil {
			t.Errorf("one for %v", life)
		}
	}
}

func TestDamagedInvitationsAreForgotten(t *testing.T) {
	b := newBox(t)
	b.crash()
	b.invite(1, "") // a file of an older program has no such bucket
	b.must(b.db.Update(func(tx *bbolt.Tx) error {
		bk := tx.Bucket(bucketInvitations)
		good := bytes.Clone(bk.Get(codeIDBytes(1)))
		for k, v := range map[string][]byte{"short": good, string(codeIDBytes(2)): {0xa0}, string(codeIDBytes(3)): nil} {
			if err := bk.Put([]byte(k), v); err != nil {
				return err
			}
		}
		return nil
	}))
	b.crash()
	if n := len(b.Invitations().All(time.Time{})); n != 1 {
		t.Errorf("%d are left", n)
	}
	b.invite(4, "")
	b.must(b.db.View(func(tx *bbolt.Tx) error {
		if n := tx.Bucket(bucketInvitations).Stats().KeyN; n != 2 {
			t.Errorf("%d entries", n)
		}
		return nil
	}))
}

func codeIDBytes(n int) []byte { id := codeID(n); return id[:] }

// Whatever happens, an invitation that has ended is never open again, and is
// bound to one hub at the most.
func TestAnInvitationEndsForEver(t *testing.T) {
	b := newBox(t)
	next := 0
	rapid.Check(t, func(rt *rapid.T) {
		next++
		n, ended, by := next, InvitationState(0), record.Author{}
		b.invite(n, "")
		rt.Repeat(map[string]func(*rapid.T){
			"use": func(rt *rapid.T) {
				v, err := b.Invitations().Use(codeID(n), author(rapid.IntRange(1, 3).Draw(rt, "hub")), time.Time{})
				if err != nil || v.State == InvitationOpen {
					rt.Fatalf("%+v %v", v, err)
				}
			},
			"cancel": func(*rapid.T) { _, err := b.Invitations().Cancel(codeID(n), time.Time{}); b.must(err) },
			"fail":   func(*rapid.T) { b.must(b.Invitations().Failed(codeID(n), time.Time{})) },
			"run":    func(*rapid.T) { b.ran += 5 * time.Hour },
			"restart": func(*rapid.T) {
				b.restart()
			},
			"": func(rt *rapid.T) {
				v, err := b.Invitations().Get(codeID(n), time.Time{})
				if err != nil || ended != 0 && v.State != ended || by != (record.Author{}) && v.By != by {
					rt.Fatalf("%+v %v, was %d by %v", v, err, ended, by)
				}
				if v.State != InvitationOpen {
					ended, by = v.State, v.By
				}
			},
		})
		_, err := b.Invitations().Cancel(codeID(n), time.Time{}) // make room
		b.must(err)
	})
}
