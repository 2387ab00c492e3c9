package main

import (
	"errors"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// means checks that what the roots are to sign is what was meant: it names that hub
// alone, gives nobody a role but the one that was to be granted, and takes hubs over
// only where one is revoked.
func means(which control.CertifiedHub, act control.HubAct, plan control.HubPlan) error {
	wrong := errors.New("the hub asks the roots to sign something else than what was meant; nothing was signed")
	about := false
	for _, s := range plan.Statements {
		subject, roles := "", ""
		if c, err := roster.DecodeCertificate(s.Body); strings.HasPrefix(s.Key, "c/") && err == nil && c.Kind == roster.Hub {
			subject = c.Subject.String()
			if act.Act == control.Retire || subject == which.ID && act.Act == control.Revoke {
				return wrong
			}
			if act.Act == control.Grant {
				if !c.Roles.Has(roster.Admit) || c.Label != which.Label {
					return wrong
				}
				c.Roles &^= roster.Admit
			}
			roles = c.Roles.String()
		} else if v, err := roster.DecodeRevocation(s.Body); err == nil && v.Retired == (act.Act == control.Retire) && ends(act) {
			subject, roles = v.Subject.String(), which.Roles
			if subject != which.ID {
				return wrong
			}
		}
		mine := subject == which.ID
		about = about || mine
		if subject == "" || mine && roles != which.Roles || !mine && (roles != "" || act.Act != control.Revoke) {
			return wrong
		}
	}
	if !about {
		return wrong
	}
	return nil
}

// ends reports whether an act is one by which a hub is out of use or out.
func ends(act control.HubAct) bool { return act.Act == control.Retire || act.Act == control.Revoke }
