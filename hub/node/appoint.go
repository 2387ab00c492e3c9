package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/names"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// appoint prepares what the roots are to say of people, and of what hubs may pass on.
func (g registrar) appoint(_ context.Context, in control.RoleActs) (plan control.RolePlan, err error) {
	if len(in.Acts) == 0 || len(in.Acts) > control.MaxActs {
		return plan, control.BadRequest(fmt.Errorf("%d acts at once; send 1 to %d", len(in.Acts), control.MaxActs))
	}
	if err := g.out(); err != nil {
		return plan, control.BadRequest(err)
	}
	d := &draftedAct{}
	err = g.store.Read(func(v *store.View) error {
		d.byRoots(v.Roster())
		for _, act := range in.Acts {
			label, err := g.draftRole(v, d, act)
			if err != nil {
				return err
			}
			plan.Labels = append(plan.Labels, label)
			effects, err := g.effects(v, act)
			if err != nil {
				return err
			}
			plan.Effects = append(plan.Effects, effects...)
		}
		return nil
	})
	plan.RootPlan = d.plan.RootPlan
	return plan, err
}

// draftRole adds what one act takes, and returns what its subject is called.
func (g registrar) draftRole(v *store.View, d *draftedAct, in control.RoleAct) (label string, err error) {
	subject, err := control.Peer{Peer: in.Who}.Author()
	if err != nil {
		return "", err
	}
	state := v.Roster()
	t, err := newest(v, subject)
	if err != nil {
		return "", err
	}
	t = max(g.clock.Above(t), g.store.Codec().Founded()) // an operator may have set the clock to before it
	if c, ok := state.Hub(subject); ok {
		if c, err = hubMay(state, subject, c, in); err != nil {
			return "", control.BadRequest(err)
		}
		return c.Label, d.add(c, t, g.self.Via())
	}
	gone, err := revokedHubs(v)
	if err != nil {
		return "", err
	}
	if one, was := gone[subject]; was {
		return "", control.BadRequest(fmt.Errorf("%q was a hub and has been revoked", one.Label))
	}
	old, certified := state.Coordinator(subject)
	label = old.Label
	if label == "" {
		label = g.called(v, subject)
	}
	if state.Revoked(subject) {
		return "", control.BadRequest(fmt.Errorf("the key of %s has been revoked, and that is for good: they need new six words, and those can be given what the old ones had", whom(label, subject)))
	}
	switch in.Act {
	case control.Grant:
		c, err := personMay(state, subject, label, in)
		if err != nil {
			return "", control.BadRequest(err)
		}
		return c.Label, d.add(c, t, g.self.Via())
	case control.Retire:
		switch {
		case !certified:
			return "", control.BadRequest(fmt.Errorf("%s is no coordinator, so there is nothing to retire from", whom(label, subject)))
		case state.Retired(subject):
			return "", control.BadRequest(fmt.Errorf("%s is marked as no longer speaking for the community already", whom(label, subject)))
		}
	case control.Revoke:
	default:
		return "", control.BadRequest(fmt.Errorf("%q is nothing that can be decided about a person", in.Act))
	}
	// A name in the roots' word against a key without a certificate is that of a hub
	// whose certificate is gone, so a neighbor goes without one.
	return label, d.add(roster.Revocation{Subject: subject, Retired: in.Act == control.Retire, Why: in.Why, Label: old.Label}, t, g.self.Via())
}

// called is what a person is called here; empty if that is not known.
func (g registrar) called(v *store.View, who record.Author) string {
	return NewSnapshot(v, hub.Manifest{Name: record.Roster}, g.clock).Person(who).Name
}

// whom names somebody by name and tag.
func whom(label string, who record.Author) string {
	return strings.TrimSpace(label + " " + who.Tag())
}

// personMay is the certificate of a person, or why there cannot be such a one.
func personMay(state *roster.State, subject record.Author, label string, in control.RoleAct) (c roster.Certificate, err error) {
	if in.Label != "" {
		label = in.Label
	}
	roles, err := rolesOf(in)
	if err != nil {
		return c, err
	}
	old, certified := state.Coordinator(subject)
	switch {
	case state.Retired(subject):
		return c, fmt.Errorf("%s is marked as no longer speaking for the community, and that is for good; with new six words they can be a coordinator again", whom(label, subject))
	case roles.Has(roster.Admit):
		return c, errors.New("only a hub lets other hubs in, so “admit” is given to a hub; leave it out")
	case label == "":
		return c, fmt.Errorf("nobody here knows what %s is called; say it with --name", subject.Tag())
	case roles == 0 && !certified:
		return c, fmt.Errorf("%s may do nothing officially, so there is nothing to take back", whom(label, subject))
	}
	if label, err = hub.CleanLine("name", label, maxName, roster.MaxText); err != nil {
		return c, err
	}
	if names.Skeleton(label) == "" {
		return c, errors.New("the name needs at least one letter")
	}
	alike := names.Alike(label)
	for who, other := range state.Coordinators() {
		if who != subject && !state.Retired(who) && alike(other.Label) {
			return c, fmt.Errorf("another coordinator, %s, is called so or looks the same; give this one another name with --name", whom(other.Label, who))
		}
	}
	if who, has, taken := holder(state, label, subject); taken {
		return c, fmt.Errorf("a place, %s, is called so or looks the same; give the coordinator another name with --name", whom(has, who))
	}
	c = roster.Certificate{
		Kind: roster.Coordinator, Subject: subject, Label: label, Roles: roles, Senders: in.Senders, Area: in.Area, Until: in.Until, Quota: old.Quota,
	}
	if certified && says(c, old) {
		return c, fmt.Errorf("%s may do just that already", whom(label, subject))
	}
	return c, nil
}

// hubMay is a hub's certificate with what it may pass on, or why there cannot be one.
func hubMay(state *roster.State, subject record.Author, old roster.Certificate, in control.RoleAct) (c roster.Certificate, err error) {
	roles, err := rolesOf(in)
	switch {
	case in.Act != control.Grant:
		return c, fmt.Errorf("%q is a hub: see “lamppost hub %s”", old.Label, in.Act)
	case err != nil:
		return c, err
	case state.Retired(subject):
		return c, fmt.Errorf("%q is marked as no longer in use", old.Label)
	case roles&^(roster.Relay|roster.Admit) != 0: // nobody could be asked what it meant by what it signs
		return c, fmt.Errorf("%q is a hub, and hubs are given relay and admit alone: give %s to a person, by their name", old.Label, (roles &^ (roster.Relay | roster.Admit)).String())
	case in.Label != "" && in.Label != old.Label:
		return c, fmt.Errorf("%q is a hub: “lamppost hub rename” gives it another name", old.Label)
	}
	c = old
	c.Roles = roles | old.Roles&roster.Admit // others may hang on that: “hub ungrant” takes it back
	c.Senders, c.Area, c.Until = in.Senders, in.Area, in.Until
	if says(c, old) {
		return c, fmt.Errorf("%q may do just that already", old.Label)
	}
	return c, nil
}

// rolesOf reads the roles of an act, and whether its senders go with them.
func rolesOf(in control.RoleAct) (roles roster.Roles, err error) {
	known := map[string]roster.Role{}
	for _, r := range []roster.Role{roster.Admit, roster.Notices, roster.Relay, roster.Maps, roster.Moderate} {
		known[r.String()] = r
	}
	for _, name := range in.Roles {
		r, ok := known[name]
		if !ok {
			return 0, fmt.Errorf("%q is no role; there are notices, moderate, maps, relay and admit", name)
		}
		roles |= r
	}
	switch relay := roles.Has(roster.Relay); {
	case relay && len(in.Senders) == 0:
		return 0, errors.New("relay: say whose warnings may be passed on, with --senders")
	case !relay && len(in.Senders) > 0:
		return 0, errors.New("senders go with the role relay, which is not among the roles")
	case len(in.Senders) > roster.MaxSenders:
		return 0, fmt.Errorf("%d senders; at most %d fit", len(in.Senders), roster.MaxSenders)
	}
	return roles, nil
}

// says reports whether two certificates of one key say the same.
func says(a, b roster.Certificate) bool {
	return a.Label == b.Label && a.Roles == b.Roles && a.Area == b.Area && a.Until == b.Until && slices.Equal(a.Senders, b.Senders)
}

// succeed prepares that other roots follow those that count.
func (g registrar) succeed(_ context.Context, in control.Successors) (plan control.RootPlan, err error) {
	if err := g.out(); err != nil {
		return plan, control.BadRequest(err)
	}
	next := roster.Succession{Threshold: in.Threshold}
	for _, root := range in.Roots {
		key, err := control.Peer{Peer: root}.Author()
		if err != nil {
			return plan, err
		}
		next.Roots = append(next.Roots, key)
	}
	d := &draftedAct{}
	err = g.store.Read(func(v *store.View) error {
		state := v.Roster()
		switch {
		case state.Rivals() > 0:
			return control.BadRequest(fmt.Errorf("%d different lists were signed to follow the one that counts, so none of them does, and no other ever will; the sheets that count go on counting, and only another community can have others", state.Rivals()))
		case state.Lists() >= roster.MaxGenerations:
			return control.BadRequest(fmt.Errorf("this community has had %d lists of roots, and cannot have more", state.Lists()))
		}
		next.Follows, _, _ = state.Roots()
		d.byRoots(state)
		return d.add(next, max(g.clock.Above(0), g.store.Codec().Founded()), g.self.Via())
	})
	return d.plan.RootPlan, err
}
