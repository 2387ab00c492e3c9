package node

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// seats sees to it that whom this hub has given a place stays vouched for.
//
// Two machines may have this hub's key: a copy of its card, or what it was before a
// backup was put back. Each gives places by itself, and of two vouches for one place
// the later stands. So each begins to give them at a number drawn at its start;
// before one is given, the vouches that have come back from other hubs count; and
// whoever is seen to lose a place gets another.
type seats struct {
	giving sync.Mutex            // a place is chosen by one at a time
	knew   map[int]record.Author // whom this hub vouched for when it last looked
	lost   map[record.Author]bool
}

// openSeats takes over the places that this hub's vouches give.
func (n *Node) openSeats() error {
	n.local.BeginAt(1 + rand.IntN(local.Places-1)) //nolint:gosec // no secret
	n.seats.lost = map[record.Author]bool{}
	return n.takeOver()
}

// seat gives a newcomer a place that nobody is vouched for in.
func (n *Node) seat(author record.Author) (place int, err error) {
	n.seats.giving.Lock()
	defer n.seats.giving.Unlock()
	if err := n.takeOver(); err != nil {
		return 0, err
	}
	now, _ := n.clock.Now()
	place, _, err = n.local.Place(author, now)
	return place, err
}

// takeOver seats those whom this hub vouches for by now, and notes who has lost a
// place to them, or to each other since the last look. Callers hold giving, or are alone.
func (n *Node) takeOver() error {
	taken, err := n.vouched()
	if err != nil {
		return err
	}
	for _, had := range []map[int]record.Author{n.seats.knew, n.local.Seats()} {
		for at, author := range had {
			if by, ok := taken[at]; ok && by != author {
				n.seats.lost[author] = true
			}
		}
	}
	n.seats.knew = taken
	now, _ := n.clock.Now()
	return n.local.Seat(taken, now)
}

// watchSeats gives whoever has lost a place another one.
func (n *Node) watchSeats(ctx context.Context) error {
	tick := time.NewTicker(watchEach)
	defer tick.Stop()
	unsure := map[record.Author]bool{} // their vouch may be on its way
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		missing, err := n.unvouched()
		if err == nil {
			for author, lost := range missing {
				if _, again := unsure[author]; lost || again {
					err = errors.Join(err, n.vouchAgain(ctx, author))
				}
			}
		}
		if err != nil && ctx.Err() == nil {
			n.log.Warn("a resident whose place another has could not be vouched for again", "err", err)
		}
		unsure = missing
	}
}

// unvouched are those who have a place here, or have lost one (true), and whom no
// hub vouches for.
func (n *Node) unvouched() (map[record.Author]bool, error) {
	n.seats.giving.Lock()
	defer n.seats.giving.Unlock()
	if err := n.takeOver(); err != nil {
		return nil, err
	}
	out := map[record.Author]bool{}
	for _, author := range n.local.Seats() {
		out[author] = false
	}
	for author := range n.seats.lost {
		out[author] = true
	}
	clear(n.seats.lost)
	err := n.store.Read(func(v *store.View) error {
		for author := range out {
			for _, err := range v.Vouches(author) {
				if err != nil {
					return err
				}
				delete(out, author)
				break
			}
			if v.Roster().Revoked(author) {
				delete(out, author)
			}
		}
		return nil
	})
	return out, err
}

// vouchAgain gives somebody a place that is free, and vouches for them there. Their
// name is in their own slot, and comes back with the rest. Where no place is free
// they come in again when they next write, as others would.
func (n *Node) vouchAgain(ctx context.Context, author record.Author) error {
	place, err := n.move(author)
	if errors.Is(err, local.ErrFull) {
		return nil
	}
	if err != nil {
		return err
	}
	if err = n.desk.Vouch(ctx, n.conf.Folder.Key, place, author, ""); err != nil {
		n.seats.giving.Lock()
		defer n.seats.giving.Unlock()
		n.seats.lost[author] = true // next time
	}
	return err
}

func (n *Node) move(author record.Author) (place int, err error) {
	n.seats.giving.Lock()
	defer n.seats.giving.Unlock()
	taken, err := n.vouched()
	if err != nil {
		return 0, err
	}
	now, _ := n.clock.Now()
	if place, err = n.local.Move(author, taken, now); err != nil {
		return 0, err
	}
	return place, n.local.Seat(taken, now)
}
