package ferry

import "time"

// How much may be under way.
const (
	leastWindow = 4 << 10   // bytes
	mostWindow  = 256 << 10 // likewise
	leastPiece  = 1 << 10
	target      = 100 * time.Millisecond // that pieces may wait on the way, at the most
	probeEvery  = 30 * time.Second
	probes      = 8 // that are remembered
	longestRest = 2 * time.Second
)

// pace says how much may be under way: as much as keeps pieces, and with them whatever else
// goes the same way, from waiting longer than target. How long a piece takes where nothing
// waits is known from the quickest one of late; every probeEvery so little is asked for that
// no piece waits for others, as the way may have become another one. That counts only once
// all of the last probes say so: else other traffic that fills the way for a minute would be
// taken for the way itself.
type pace struct {
	window  int64
	bases   [probes]time.Duration // how long a piece takes at the least, since each probe; 0: not known
	probe   int                   // which of them is the latest
	slowed  bool                  // it has once been too much
	cut     time.Time             // when it was last cut: what was asked for before says nothing new
	probed  time.Time             // when a probe last began
	before  int64                 // the window before this probe; 0: there is none
	waiting time.Duration         // how long the last piece waited
}

func newPace(now time.Time) pace { return pace{window: leastWindow, probed: now} }

// piece is how large pieces are to be.
func (p *pace) piece() int64 { return min(max(p.window/4, leastPiece), maxPiece) }

// came says that a piece of n bytes has come, this long after it was asked for, when ahead
// bytes were under way, itself among them.
func (p *pace) came(now time.Time, n, ahead int64, took time.Duration) {
	if p.before > 0 {
		if ahead > leastWindow {
			return // it was asked for before the probe
		}
		p.probe = (p.probe + 1) % probes
		p.bases[p.probe], p.window, p.before = took, p.before, 0
	}
	if b := &p.bases[p.probe]; *b == 0 || took < *b {
		*b = took
	}
	p.waiting = took - p.base()
	switch {
	case p.waiting > target:
		if p.slowed = true; now.Add(-took).Before(p.cut) {
			break
		}
		p.window = max(leastWindow, p.window/2, int64(float64(p.window)*float64(target)/float64(p.waiting)))
		p.cut = now
	case !p.slowed:
		p.window += n
	default:
		p.window += max(1, n*p.piece()/p.window)
	}
	p.window = min(p.window, mostWindow)
	if now.Sub(p.probed) >= probeEvery {
		p.probed, p.before, p.window = now, p.window, leastWindow
	}
}

// base is how long a piece takes where nothing waits.
func (p *pace) base() (least time.Duration) {
	for _, b := range p.bases {
		if b > 0 && (least == 0 || b < least) {
			least = b
		}
	}
	return least
}

// rest is how long nothing is to be asked for once all has come: even the least is too much.
func (p *pace) rest() time.Duration {
	if p.before > 0 || p.window > leastWindow || p.waiting <= target {
		return 0
	}
	return min(p.waiting, longestRest)
}
