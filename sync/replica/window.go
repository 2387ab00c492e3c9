package replica

import "time"

// The window is what may be under way unacknowledged: small on a slow link, so
// that what is urgent waits for little; larger while acknowledgements come soon.
// At 64 kbit/s the smallest is a second's worth.
const (
	minWindow   = 8 << 10
	startWindow = 16 << 10
	maxWindow   = 4 << 20
	soon        = 300 * time.Millisecond
	late        = time.Second
)

// window is the flow control of a link's sending side.
type window struct {
	size   int
	sent   uint64
	acked  uint64
	marks  []mark // when which byte was sent, oldest first
	silent time.Time
	cargo  cargoWindow
}

// mark says when bytes were sent: those up to byte that are in no earlier mark.
type mark struct {
	byte uint64
	at   time.Time
}

func (w *window) room() bool { return int(w.sent-w.acked) < w.size }

// spare reports whether there is room for a piece of a blob.
func (w *window) spare() bool { return w.cargo.room(int(w.sent - w.acked)) }

func (w *window) send(now time.Time, n int) {
	if w.sent == w.acked {
		w.silent = now
	}
	w.sent += uint64(n)
	if k := len(w.marks); k == 0 || now.Sub(w.marks[k-1].at) > 10*time.Millisecond {
		w.marks = append(w.marks, mark{w.sent, now})
	} else {
		w.marks[k-1].byte = w.sent
	}
}

// acknowledge takes in that the first n bytes have been received. How long the
// last of them was under way decides about the size.
func (w *window) acknowledge(now time.Time, n uint64) {
	n = min(n, w.sent)
	if n <= w.acked {
		return // overtaken by a later one
	}
	under := int(w.sent - w.acked)
	full := under >= w.size/2
	got := int(n - w.acked)
	w.acked, w.silent = n, now
	var delay time.Duration
	for len(w.marks) > 0 {
		first := w.marks[0]
		delay = now.Sub(first.at)
		if n < first.byte {
			break
		}
		w.marks = w.marks[1:]
		if n == first.byte {
			break
		}
	}
	w.cargo.acknowledge(now, delay, under, got)
	switch {
	case delay > late:
		w.size = max(minWindow, w.size/2)
	case full && delay < soon:
		w.size = min(maxWindow, w.size+got)
	}
}

// How long pieces of blobs may make records wait on the way, as they come next to whatever
// else is sent and are in no hurry; and for how long acknowledgements have to show that they do.
const (
	cargoWait = 150 * time.Millisecond
	cargoLook = 300 * time.Millisecond
)

// cargoLeast goes whatever is waited: a tenth of a second's worth at 2 Mbit/s. Where others
// bring the waiting about, or the way itself does, pieces get on all the same. A slower link
// has its window.
const cargoLeast = 24 << 10

// cargoWindow is what may be under way unacknowledged for another piece of a blob to go. It
// goes by how much longer than at the least acknowledgements take (TCP Vegas: Brakmo, O'Malley,
// Peterson, SIGCOMM 1994), of which for a while the soonest tells, as the rest may be what
// the way does by itself (RFC 8289, §3). So it leaves queues short that would let the window
// grow.
type cargoWindow struct {
	size  int
	least time.Duration // that an acknowledgement has taken on this link
	low   time.Duration // the same since from
	from  time.Time
}

// room reports whether another piece may go, with so much under way.
func (c *cargoWindow) room(under int) bool { return under < max(c.size, cargoLeast) }

func (c *cargoWindow) acknowledge(now time.Time, delay time.Duration, under, got int) {
	if c.from.IsZero() {
		*c = cargoWindow{size: cargoLeast, least: delay, low: delay, from: now}
	}
	c.least, c.low = min(c.least, delay), min(c.low, delay)
	most := c.least + cargoWait
	if delay <= most && under >= c.size/2 {
		c.size = min(maxWindow, c.size+got)
	}
	if now.Sub(c.from) < max(cargoLook, delay) { // what it brings about shows later
		return
	}
	if c.low > most {
		c.size = max(cargoLeast, int(int64(under)*int64(most)/int64(c.low)))
	}
	c.low, c.from = delay, now
}
