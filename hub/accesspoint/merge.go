package accesspoint

import (
	"net/netip"
	"slices"
)

// span is all addresses from first to last.
type span struct{ first, last netip.Addr }

// merge turns networks into spans in order, of which no two touch: the kernel takes
// no others.
func merge(networks []netip.Prefix) []span {
	sorted := slices.Clone(networks)
	slices.SortFunc(sorted, func(a, b netip.Prefix) int { return a.Masked().Addr().Compare(b.Masked().Addr()) })
	var out []span
	for _, n := range sorted {
		next := span{n.Masked().Addr(), last(n)}
		if len(out) == 0 {
			out = append(out, next)
			continue
		}
		before := &out[len(out)-1]
		if after := before.last.Next(); after.IsValid() && after.Less(next.first) {
			out = append(out, next)
		} else if before.last.Less(next.last) {
			before.last = next.last
		}
	}
	return out
}
