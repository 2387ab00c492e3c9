package ferry

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// way is a way that others use as well.
type way struct {
	rate float64       // bytes a second
	trip time.Duration // there and back, for nothing
	held time.Duration // what others have waiting there
}

// drive asks for pieces as a reader does, for so long, and reports how many bytes came and
// how long the last of them waited.
func drive(p *pace, now *time.Time, w way, d time.Duration) (bytes int64, waited time.Duration) {
	type asked struct {
		n, ahead int64
		at       time.Time
		comes    time.Time
	}
	var under []asked
	var out int64
	free := *now
	for end := now.Add(d); now.Before(end); {
		rest := p.rest()
		if out == 0 {
			*now = now.Add(rest)
		}
		fill := rest == 0 || out == 0
		for fill && (out == 0 || out+p.piece() <= p.window) {
			n := p.piece()
			out += n
			if start := now.Add(w.held); free.Before(start) {
				free = start
			}
			free = free.Add(time.Duration(float64(n) / w.rate * float64(time.Second)))
			under = append(under, asked{n, out, *now, free.Add(w.trip)})
		}
		first := under[0]
		under = under[1:]
		*now = first.comes
		out -= first.n
		bytes += first.n
		waited = now.Sub(first.at) - w.trip - w.held
		p.came(*now, first.n, first.ahead, now.Sub(first.at))
	}
	return bytes, waited
}

// On any way that nobody else uses nearly all of it is used, and nothing waits for long.
func TestAnyWayIsUsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := way{rate: rapid.Float64Range(10e3, 1e6).Draw(t, "rate"), trip: time.Duration(rapid.IntRange(1, 150).Draw(t, "trip")) * time.Millisecond}
		now := time.Unix(1e9, 0)
		p := newPace(now)
		drive(&p, &now, w, time.Minute)
		began := now
		n, waited := drive(&p, &now, w, 4*time.Minute)
		want := .75
		if leastWindow/w.rate > target.Seconds() { // the least that is asked for waits for itself
			want = .4
		}
		if share := float64(n) / w.rate / now.Sub(began).Seconds(); share < want {
			t.Errorf("%.2f of it are used", share)
		}
		if most := 3*target + time.Duration(4*leastWindow/w.rate*float64(time.Second)); waited > most {
			t.Errorf("a piece waits %v", waited)
		}
	})
}

// Where others fill the way for a minute, next to nothing is asked for; then it is as before.
func TestOthersComeFirst(t *testing.T) {
	now := time.Unix(1e9, 0)
	p := newPace(now)
	w := way{rate: 250e3, trip: 20 * time.Millisecond}
	before, _ := drive(&p, &now, w, time.Minute)
	w.held = 300 * time.Millisecond
	drive(&p, &now, w, 5*time.Second)
	during, _ := drive(&p, &now, w, time.Minute)
	w.held = 0
	drive(&p, &now, w, 5*time.Second)
	after, _ := drive(&p, &now, w, time.Minute)
	if during > before/25 || during == 0 || after < before*3/4 {
		t.Errorf("%d bytes before, %d meanwhile, %d after", before, during, after)
	}
}

// A way that has become a longer one is used again once that is sure.
func TestALongerWayIsUsedAgain(t *testing.T) {
	now := time.Unix(1e9, 0)
	p := newPace(now)
	drive(&p, &now, way{rate: 250e3, trip: 20 * time.Millisecond}, time.Minute)
	longer := way{rate: 250e3, trip: 400 * time.Millisecond}
	drive(&p, &now, longer, 10*time.Minute)
	if n, _ := drive(&p, &now, longer, time.Minute); float64(n) < 250e3*60*.6 {
		t.Errorf("%d bytes in a minute", n)
	}
}
