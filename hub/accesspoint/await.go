package accesspoint

import (
	"context"
	"time"
)

// lookEvery is between two looks at whether another plan stands. It takes two that see
// the same: Up undoes one plan before it carries out the next.
const lookEvery = time.Second

// AwaitChange waits until another plan than p stands, and returns it; nil is none, on
// either side. What is made of the Wi-Fi alone is no change, nor is what cannot be read,
// or is in the middle of being made. It returns false when ctx ends.
func AwaitChange(ctx context.Context, p *Plan, folder string) (now *Plan, changed bool) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var before *Plan
	seen := false
	for {
		select {
		case <-ctx.Done():
			return nil, false
		case <-tick.C:
		}
		now, settled := look(folder)
		if !settled || !another(now, p) {
			seen = false
			continue
		}
		if seen && !another(now, before) {
			return now, true
		}
		before, seen = now, true
	}
}

// look is the plan that stands, nil if none; false while that is not known.
func look(folder string) (p *Plan, settled bool) {
	r, err := read(folder)
	if err != nil || r == nil {
		return nil, err == nil
	}
	boot, err := newKernel(r.Plan).boot()
	if err != nil || r.Boot != boot {
		return nil, err == nil
	}
	return &r.Plan, r.Whole
}

// another reports whether two plans differ, but for the Wi-Fi.
func another(a, b *Plan) bool {
	if a == nil || b == nil {
		return a != b
	}
	x, y := *a, *b
	x.Wifi, y.Wifi = nil, nil
	return !equal(x, y)
}
