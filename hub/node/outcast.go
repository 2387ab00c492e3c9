package node

import (
	"context"
	"errors"
	"time"

	"github.com/lamppost-hub/lamppost/hub/doctor"
)

// Why a hub decides nothing any more. What it said would count at itself alone.
var (
	errPutOut   = errors.New("this hub has been revoked for good, so it lets no other hub in and decides nothing about others; do it at another hub of the community")
	errDisowned = errors.New("other hubs say that this one's certificate has been revoked or was never given, so it lets no other hub in and decides nothing about others; do it at another hub of the community")
)

// outcast is why this hub may not speak in the community's name, as far as it knows;
// nil if it may.
func (n *Node) outcast() error {
	switch n.standing() {
	case doctor.Revoked:
		return errPutOut
	case doctor.Disowned:
		return errDisowned
	case doctor.Certified, doctor.Retired, doctor.Uncertified:
	}
	return nil
}

// watchStanding logs once when this hub learns that it is put out, or no longer in use.
func (n *Node) watchStanding(ctx context.Context) error {
	tick := time.NewTicker(watchEach)
	defer tick.Stop()
	said := doctor.Certified
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := n.standing()
		if now == said {
			continue
		}
		said = now
		switch now {
		case doctor.Revoked:
			n.log.Error("this hub has been revoked for good: no other hub speaks with it; the machine can only join anew, with an empty data folder")
		case doctor.Disowned:
			n.log.Error("other hubs say that this one's certificate has been revoked or was never given; none links with it")
		case doctor.Retired:
			n.log.Warn("this hub is marked as no longer in use, though it runs; to use the machine again, join with an empty data folder")
		case doctor.Certified, doctor.Uncertified:
		}
	}
}
