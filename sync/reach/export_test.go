package reach

// Steps is how many steps are kept of the hub that has the most.
func (h *History) Steps() (n int) {
	for _, steps := range h.hubs {
		n = max(n, len(steps))
	}
	return n
}
