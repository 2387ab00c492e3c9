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
}

// mark says when bytes were sent: those up to byte that are in no earlier mark.
type mark struct {
	byte uint64
	at   time.Time
}

func (w *window) room() bool { return int(w.sent-w.acked) < w.size }

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
	full := int(w.sent-w.acked) >= w.size/2
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
	switch {
	case delay > late:
		w.size = max(minWindow, w.size/2)
	case full && delay < soon:
		w.size = min(maxWindow, w.size+got)
	}
}
