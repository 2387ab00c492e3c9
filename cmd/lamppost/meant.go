package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// means checks that what the roots are to sign is what was meant: it names that hub
// alone, gives nobody a role but the one that was to be granted, and says of others
// what that hub has said, only where it may say nothing any more.
func means(which control.CertifiedHub, act control.HubAct, plan control.HubPlan) error {
	wrong := errors.New("the hub asks the roots to sign something else than what was meant; nothing was signed")
	about := false
	for _, s := range plan.Statements {
		subject, roles, ok := "", "", false
		if c, err := roster.DecodeCertificate(s.Body); strings.HasPrefix(s.Key, "c/") && err == nil && c.Kind == roster.Hub {
			subject = c.Subject.String()
			roles, ok = meansCertificate(which, act, c)
		} else if v, err := roster.DecodeRevocation(s.Body); err == nil && strings.HasPrefix(s.Key, "t/") == v.Retired {
			subject = v.Subject.String()
			roles, ok = meansEnd(which, act, v)
		}
		mine := subject == which.ID
		about = about || mine
		if !ok || mine && roles != which.Roles || !mine && (roles != "" || !takesOver(act)) {
			return wrong
		}
	}
	if !about {
		return wrong
	}
	return nil
}

// meansCertificate reports whether a certificate can be part of an act, and which
// roles it gives apart from what the act changes.
func meansCertificate(which control.CertifiedHub, act control.HubAct, c roster.Certificate) (roles string, ok bool) {
	mine := c.Subject.String() == which.ID
	switch {
	case act.Act == control.Retire, mine && act.Act == control.Revoke:
		return "", false
	case act.Act == control.Grant:
		ok = c.Roles.Has(roster.Admit) && c.Label == which.Label
		c.Roles &^= roster.Admit
	case act.Act == control.Ungrant && mine:
		ok = !c.Roles.Has(roster.Admit) && c.Label == which.Label
		c.Roles |= roster.Admit
	default:
		ok = true
	}
	return c.Roles.String(), ok
}

// meansEnd reports whether the end or the retirement of a hub can be part of an act,
// and which roles that hub has.
func meansEnd(which control.CertifiedHub, act control.HubAct, v roster.Revocation) (roles string, ok bool) {
	subject := v.Subject.String()
	switch {
	case subject == which.ID && v.Retired:
		return which.Roles, act.Act == control.Retire || act.Act == control.Rename && which.Retired
	case subject == which.ID:
		return which.Roles, act.Act == control.Revoke
	case v.Retired:
		return "", takesOver(act) && slices.Contains(which.Idle, subject)
	}
	return "", takesOver(act) && slices.Contains(which.PutOut, subject)
}

// takesOver reports whether the roots say in an act what a hub has said of others.
func takesOver(act control.HubAct) bool {
	return act.Act == control.Revoke || act.Act == control.Ungrant
}
