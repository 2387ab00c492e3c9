package local

import (
	"testing"
	"time"
)

func TestTheTimeIsSavedOnceAnHour(t *testing.T) {
	b := newBox(t)
	if !b.SavedTime().IsZero() {
		t.Fatal("a time in a new file")
	}
	for _, c := range []struct {
		save, want time.Time
	}{
		{noon, noon},
		{noon.Add(59 * time.Minute), noon},
		{noon.Add(time.Hour), noon.Add(time.Hour)},
		{noon.AddDate(-1, 0, 0), noon.AddDate(-1, 0, 0)}, // an operator lowered it
	} {
		b.must(b.SaveTime(c.save))
		b.crash()
		if got := b.SavedTime(); !got.Equal(c.want) {
			t.Fatalf("saved %v, have %v, want %v", c.save, got, c.want)
		}
	}
}

func TestATimeThatAnOperatorSetVoidsWhatTheClockLeftAhead(t *testing.T) {
	b := newBox(t)
	far := noon.AddDate(9, 0, 0)
	if !b.Passed(far) {
		t.Fatal("nobody has said that a clock was ahead")
	}
	b.must(b.SaveTime(far))
	b.must(b.SetTime(noon, far))
	for range 2 {
		if got := b.SavedTime(); !got.Equal(noon) {
			t.Fatalf("saved %v", got)
		}
		for at, passed := range map[time.Time]bool{
			noon.AddDate(-1, 0, 0): true, noon: true, noon.Add(time.Second): false, far: false, far.Add(time.Second): true,
		} {
			if b.Passed(at) != passed {
				t.Errorf("%v has passed: %v", at, !passed)
			}
		}
		b.crash()
	}
	b.must(b.SaveTime(noon.AddDate(0, 1, 0))) // time goes on
	if !b.Passed(noon.AddDate(0, 0, 20)) || b.Passed(far) {
		t.Error("what has passed does not grow with the time saved")
	}
}
