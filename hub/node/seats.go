package node

import (
	"context"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// watchSeats sees to it that whom this hub has given a place is vouched for. It may
// not be so where another hub with this one's key, a copy of its card or what it was
// before a backup was put back, has vouched for somebody else in the same place:
// the later of the two vouches stands.
func (n *Node) watchSeats(ctx context.Context) error {
	tick := time.NewTicker(watchEach)
	defer tick.Stop()
	before := map[record.Author]bool{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		lost, err := n.unvouched()
		if err == nil {
			for author := range lost {
				if before[author] { // else their vouch may be on its way
					err = n.vouchAgain(ctx, author)
				}
				if err != nil {
					break
				}
			}
		}
		if err != nil && ctx.Err() == nil {
			n.log.Warn("a resident whose place another has could not be vouched for again", "err", err)
		}
		before = lost
	}
}

// unvouched are those who have a place here, and whom no hub vouches for.
func (n *Node) unvouched() (map[record.Author]bool, error) {
	out := map[record.Author]bool{}
	err := n.store.Read(func(v *store.View) error {
		for _, author := range n.local.Seats() {
			known := false
			for _, err := range v.Vouches(author) {
				if err != nil {
					return err
				}
				known = true
				break
			}
			if !known {
				out[author] = true
			}
		}
		return nil
	})
	return out, err
}

// vouchAgain gives somebody a place that is free, and vouches for them there. Their
// name is in their own slot, and comes back with the rest.
func (n *Node) vouchAgain(ctx context.Context, author record.Author) error {
	taken, err := n.vouched()
	if err != nil {
		return err
	}
	now, _ := n.clock.Now()
	place, err := n.local.Move(author, taken, now)
	if err != nil {
		return err
	}
	if err := n.local.Seat(taken, now); err != nil {
		return err
	}
	return n.desk.Vouch(ctx, n.conf.Folder.Key, place, author, "")
}
