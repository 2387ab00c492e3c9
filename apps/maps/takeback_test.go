package maps_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// The newest comes first from another place: what was taken over, before what stood there.
func TestAFileIsTakenBackOnlyOnceAllOfItHasCome(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "a.csv", shelters)
	f.take(maria, id)
	other := f.at(f.copyOf())
	late := slices.IndexFunc(other.held, func(r record.Record) bool { return r.Key == "i/"+id+"/0" })
	part := other.held[late]
	other.held = slices.Delete(other.held, late, late+1)
	if got := other.refusedFile(tom, "i/"+id); !strings.Contains(got, "has not arrived") {
		t.Error(got)
	}
	other.held = append(other.held, part)
	if m := other.undo(tom, id); !m.Undone || m.Left != 0 || other.shown() != "" {
		t.Errorf("%+v %s", m, other.shown())
	}
}

// What a list had changed and was taken back is of the list as before, not written by hand:
// the list may change it again.
func TestAfterItWasTakenBackAListMayChangeTheSameAgain(t *testing.T) {
	for _, who := range []byte{maria, tom} {
		f := newFiles(t)
		f.take(maria, f.bring(maria, "list.csv", shelters))
		newer := strings.NewReplacer("Church", "New Church", ",open,12", ",full,80").Replace(shelters)
		id := f.bring(maria, "list.csv", newer)
		const want = "0 new, 2 changed, 0 same, 0 in conflict, 1 left out"
		f.expect(id, want)
		f.take(maria, id)
		if m := f.undo(who, id); !m.Undone || m.Left != 0 || f.shown() != "Church closed; Hill School open 12" {
			t.Errorf("%+v: %s", m, f.shown())
		}
		f.expect(f.bring(maria, "list.csv", newer), want)
	}
}

// fill has somebody put so many places on the map.
func (m *moment) fill(who byte, n int) {
	for range n {
		id := m.client()
		m.place(who, id, "water", "Well "+id, fmt.Sprintf("43.%03d -73", m.forms))
	}
}

// Whoever takes back what another has brought says so in their own name, and may have no room
// for that many: more would push out what they have said before.
func TestTakingAFileBackPushesOutNothing(t *testing.T) {
	f := newFiles(t)
	var list strings.Builder
	list.WriteString("id,name,type,lat,lon\n")
	for i := range 100 {
		fmt.Fprintf(&list, "%d,Place %d,water,44.%03d,-73\n", i, i, i)
	}
	id := f.bring(maria, "many.csv", list.String())
	f.take(maria, id)
	f.fill(tom, roster.QuotaPerson-100)
	if got := f.refusedFile(tom, "i/"+id); !strings.Contains(got, "room for") {
		t.Error(got)
	}
	if m := f.undo(maria, id); !m.Undone || m.Left != 0 {
		t.Errorf("who has brought it needs no more room: %+v", m)
	}
}

// What stood before a file takes room as well, which the next file does not have.
func TestWhatStoodBeforeAFileTakesRoom(t *testing.T) {
	f := newFiles(t)
	rs := f.take(maria, f.bring(maria, "a.csv", shelters))
	f.fill(maria, roster.QuotaPerson-50-len(rs)-3)
	// A place, what stood before and that it was done are three.
	one := "id,name,type,lat,lon\n1,Spring,water,44.9,-73.9\n"
	if f.plan(maria, f.bring(maria, "b.csv", one)).Many {
		t.Error("three more do not fit")
	}
	f.fill(maria, 1)
	if !f.plan(maria, f.bring(maria, "c.csv", one)).Many {
		t.Error("three more fit where there is room for two")
	}
}
