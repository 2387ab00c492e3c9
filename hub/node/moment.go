package node

import "time"

// moment is when something was that this process has seen, by the hub's clock as
// it is now. However the clock, or the machine's, was set since, it is as long ago
// as it is. It is rounded down to a second, so that it stays the same whenever one
// asks. Zero stays zero.
func (n *Node) moment(seen time.Time) time.Time {
	if seen.IsZero() {
		return seen
	}
	now, _ := n.clock.Now()
	begun := now.Add(-time.Since(n.care.begun)).Truncate(time.Second)
	return begun.Add(seen.Sub(n.care.begun)).In(n.conf.Wall().Location())
}

// reached is how many other hubs are known to hold what the log has under a
// number, and when the last of them was learned of.
func (n *Node) reached(arrival uint64) (hubs int, learned time.Time) {
	hubs, learned = n.spread.Of(arrival)
	return hubs, n.moment(learned)
}
