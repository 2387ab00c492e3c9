package webui_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/webui"
)

func TestPaperTellsMomentsOfItsDayByTheirHour(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 42, 0, 0, time.UTC)
	for _, tt := range []struct {
		at        time.Time
		plausible bool
		full      bool
	}{
		{now.Add(-time.Hour), true, false}, {now.Add(-19 * time.Hour), true, true}, {now.Add(-24 * time.Hour), true, true},
		{now.Add(-time.Hour), false, true}, {time.Time{}, true, true},
	} {
		f := &webui.Frame{Lang: english(t), Clock: webui.Clock{Now: now, Plausible: tt.plausible}}
		want := tt.at.Format("15:04")
		if tt.full {
			want = f.Full(tt.at)
		}
		if got := f.Brief(tt.at); got != want {
			t.Errorf("%v is told as %q, want %q", tt.at, got, want)
		}
	}
}
