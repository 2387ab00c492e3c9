package peer

import (
	"slices"
	"strings"
)

// Missed is a hub that Seek was told of and that was dialled in vain.
type Missed struct {
	Want
	Err error // the most telling of the last attempt's
}

// Missed are the hubs and addresses without a link for which the last attempt
// failed, in the order of their keys.
func (h *Host) Missed() []Missed {
	var out []Missed
	h.seeker.mu.Lock()
	for _, w := range h.seeker.all {
		if w.wanted && w.err != nil {
			in := w.Want
			in.Addrs = slices.Clone(in.Addrs)
			out = append(out, Missed{in, w.err})
		}
	}
	h.seeker.mu.Unlock()
	out = slices.DeleteFunc(out, func(m Missed) bool { return h.book.link(m.Peer) != nil })
	slices.SortFunc(out, func(a, b Missed) int { return strings.Compare(a.name(), b.name()) })
	return out
}
