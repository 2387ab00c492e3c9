package node

import (
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// putOut is a hub's revocation of one that it let in.
type putOut struct {
	end  roster.Revocation
	time record.Time
}

// putOutBy are the revocations by which hubs put out those they let in, by who did.
// They hold as long as the hub that made them may let others in: whoever takes that
// from it has to say them again, or the people whom they let stay are out as well.
func putOutBy(v *store.View) (map[record.Author][]putOut, error) {
	type pair struct{ issuer, subject record.Author }
	issued, ends := map[pair]bool{}, map[pair][]putOut{}
	for r, err := range v.Trust() {
		if err != nil {
			return nil, err
		}
		if c, ok := certificateOf(r); ok {
			issued[pair{r.Author, c.Subject}] = true
		} else if end, ok := revocationOf(r); ok && end.Subject != r.Author {
			at := pair{r.Author, end.Subject}
			ends[at] = append(ends[at], putOut{end, r.Time})
		}
	}
	state, out := v.Roster(), map[record.Author][]putOut{}
	for at, said := range ends {
		if _, standing := state.Hub(at.subject); issued[at] && !standing && !state.Root(at.issuer) && !state.Revoked(at.subject) {
			out[at.issuer] = append(out[at.issuer], said...)
		}
	}
	return out, nil
}
