package node

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// revokedHubs are the hubs without a certificate against which there is a
// revocation, as far as the set tells: what a hub has said that was revoked itself
// is not in it any more.
func revokedHubs(v *store.View) (map[record.Author]control.CertifiedHub, error) {
	state := v.Roster()
	labels, called := map[record.Author]string{}, map[record.Author]string{}
	by := map[record.Author]record.Author{}
	people := map[record.Author]bool{}
	out := map[record.Author]control.CertifiedHub{}
	for r, err := range v.Trust() { // the oldest first
		if err != nil {
			return nil, err
		}
		if c, ok := certificateOf(r); ok {
			labels[c.Subject] = c.Label
			continue
		}
		if c, ok := coordinatorOf(r); ok && state.Root(r.Author) {
			people[c.Subject] = true
			continue
		}
		end, ok := revocationOf(r)
		if !ok {
			continue
		}
		if end.Label != "" && state.Root(r.Author) {
			called[end.Subject] = end.Label
		}
		_, standing := state.Hub(end.Subject)
		if _, said := by[end.Subject]; standing || said {
			continue
		}
		by[end.Subject] = r.Author
		out[end.Subject] = control.CertifiedHub{ID: end.Subject.String(), Revoked: &control.Revoked{At: r.Time.Wall(), Why: end.Why}}
	}
	for who, one := range out {
		label, hub := labels[who]
		if !hub { // the certificate went with the right of whoever had given it
			label, hub = called[who]
		}
		if !hub || people[who] { // a person
			delete(out, who)
			continue
		}
		one.Label = label
		if !state.Root(by[who]) {
			one.Revoked.By = labels[by[who]]
		}
		out[who] = one
	}
	return out, nil
}

// certificateOf reads a record as a hub's certificate.
func certificateOf(r record.Record) (roster.Certificate, bool) {
	if r.App != record.Roster || !strings.HasPrefix(r.Key, "c/") {
		return roster.Certificate{}, false
	}
	c, err := roster.DecodeCertificate(r.Body)
	return c, err == nil && c.Kind == roster.Hub
}

// coordinatorOf reads a record as a coordinator's certificate.
func coordinatorOf(r record.Record) (roster.Certificate, bool) {
	if r.App != record.Roster || !strings.HasPrefix(r.Key, "c/") {
		return roster.Certificate{}, false
	}
	c, err := roster.DecodeCertificate(r.Body)
	return c, err == nil && c.Kind == roster.Coordinator
}

// revocationOf reads a record as one that ends a key.
func revocationOf(r record.Record) (roster.Revocation, bool) {
	if r.App != record.Roster || !strings.HasPrefix(r.Key, "r/") {
		return roster.Revocation{}, false
	}
	end, err := roster.DecodeRevocation(r.Body)
	return end, err == nil && !end.Retired
}

// notThere says why nothing can be decided about a hub without a certificate.
func notThere(v *store.View, subject record.Author, in control.HubAct) error {
	gone, err := revokedHubs(v)
	if err != nil {
		return err
	}
	one, ok := gone[subject]
	if !ok {
		return control.BadRequest(errors.New("no hub of this community has that key, or not any more: see “lamppost hub list”"))
	}
	when := one.Revoked.At.Format(time.DateOnly)
	if in.Act == control.Revoke {
		return control.BadRequest(fmt.Errorf("%q is revoked already, since %s", one.Label, when))
	}
	return control.BadRequest(fmt.Errorf("%q was revoked on %s, and that is for good: its machine can only join anew, with an empty data folder", one.Label, when))
}

// wasRevoked reports whether a key is of a hub that was revoked by whomever.
func wasRevoked(s *store.Store, who record.Author) (was bool, err error) {
	err = s.Read(func(v *store.View) error {
		gone, err := revokedHubs(v)
		_, was = gone[who]
		return err
	})
	return was, err
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
