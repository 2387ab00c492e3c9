package accesspoint

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatStandsChanges(t *testing.T) {
	boot, err := kernel{}.boot()
	ok(t, err)
	plan, wide := testPlan(), testPlan()
	wide.Isolate = false
	named := plan
	named.Wifi = testWifi()
	whole := func(p Plan) *record { return &record{Boot: boot, Plan: p, Whole: true} }
	for name, c := range map[string]struct {
		before *Plan
		found  *record
		want   bool
	}{
		"nothing, and nothing":    {nil, nil, false},
		"nothing, and a plan":     {nil, whole(plan), true},
		"half of a plan":          {nil, &record{Boot: boot, Plan: plan}, false},
		"before the last start":   {nil, &record{Boot: "another", Plan: plan, Whole: true}, false},
		"the same":                {&plan, whole(plan), false},
		"the same, and its Wi-Fi": {&plan, whole(named), false},
		"another":                 {&plan, whole(wide), true},
		"none any more":           {&plan, nil, true},
	} {
		folder := t.TempDir()
		if c.found != nil {
			ok(t, c.found.write(folder))
		}
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			now, changed := AwaitChange(ctx, c.before, folder)
			if changed != c.want || changed && (now == nil) != (c.found == nil) || now != nil && another(now, &c.found.Plan) {
				t.Errorf("%s: %v %v", name, now, changed)
			}
		})
	}
}

// TestWhatIsOnlyOnItsWay is not taken for a change: there is a moment of nothing between
// two plans.
func TestWhatIsOnlyOnItsWay(t *testing.T) {
	boot, err := kernel{}.boot()
	ok(t, err)
	plan, next, folder := testPlan(), testPlan(), t.TempDir()
	next.Isolate = false
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(lookEvery+lookEvery/2, func() { // it has seen nothing once
			ok(t, (&record{Boot: boot, Plan: next, Whole: true}).write(folder))
		})
		if now, changed := AwaitChange(ctx, &plan, folder); !changed || now == nil || another(now, &next) {
			t.Errorf("%v %v", now, changed)
		}
	})
}
