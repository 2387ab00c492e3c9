package node

import (
	"strings"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// putOut is a hub's revocation, or retirement, of one that it let in.
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

// retiredBy are the retirements by which hubs have marked those they let in, by whom
// they marked. They hold as long as the certificate stands that the hub gave.
func retiredBy(v *store.View) (map[record.Author]putOut, error) {
	state, out := v.Roster(), map[record.Author]putOut{}
	for r, err := range v.Trust() {
		if err != nil {
			return nil, err
		}
		end, ok := retirementOf(r)
		if by, certified := state.Issuer(end.Subject); !ok || !certified || by != r.Author {
			continue
		}
		if old, said := out[end.Subject]; !said || r.Time < old.time {
			out[end.Subject] = putOut{end, r.Time}
		}
	}
	return out, nil
}

// retirementOf reads a record as one that marks a key as no longer in use.
func retirementOf(r record.Record) (roster.Revocation, bool) {
	if r.App != record.Roster || !strings.HasPrefix(r.Key, "t/") {
		return roster.Revocation{}, false
	}
	end, err := roster.DecodeRevocation(r.Body)
	return end, err == nil && end.Retired
}
