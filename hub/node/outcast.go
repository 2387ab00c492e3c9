package node

import (
	"errors"

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
