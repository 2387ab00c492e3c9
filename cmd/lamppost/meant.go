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
		subject, roles := "", ""
		if c, err := roster.DecodeCertificate(s.Body); strings.HasPrefix(s.Key, "c/") && err == nil && c.Kind == roster.Hub {
			subject = c.Subject.String()
			if act.Act == control.Retire || subject == which.ID && act.Act == control.Revoke {
				return wrong
			}
			if act.Act == control.Ungrant && subject == which.ID {
				if c.Roles.Has(roster.Admit) || c.Label != which.Label {
					return wrong
				}
				c.Roles |= roster.Admit
			}
			if act.Act == control.Grant {
				if !c.Roles.Has(roster.Admit) || c.Label != which.Label {
					return wrong
				}
				c.Roles &^= roster.Admit
			}
			roles = c.Roles.String()
		} else if v, err := roster.DecodeRevocation(s.Body); err == nil && v.Retired == (act.Act == control.Retire) {
			subject = v.Subject.String()
			switch {
			case subject == which.ID && !ends(act):
				return wrong
			case subject == which.ID:
				roles = which.Roles
			case !takesOver(act) || !slices.Contains(which.PutOut, subject):
				return wrong
			}
		}
		mine := subject == which.ID
		about = about || mine
		if subject == "" || mine && roles != which.Roles || !mine && (roles != "" || !takesOver(act)) {
			return wrong
		}
	}
	if !about {
		return wrong
	}
	return nil
}

// takesOver reports whether the roots say in an act what a hub has said of others.
func takesOver(act control.HubAct) bool {
	return act.Act == control.Revoke || act.Act == control.Ungrant
}

// ends reports whether an act is one by which a hub is out of use or out.
func ends(act control.HubAct) bool { return act.Act == control.Retire || act.Act == control.Revoke }
