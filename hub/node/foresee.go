package node

import (
	"fmt"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// foresight asks the apps what is different once somebody's word counts no more.
type foresight func(*store.View, hub.Request, record.Author, roster.Roles) ([]hub.Effect, error)

// without asks the apps what is different once somebody may not do any more what takes
// these roles.
func (n *Node) without(v *store.View, q hub.Request, who record.Author, roles roster.Roles) (all []hub.Effect, _ error) {
	for _, a := range n.conf.Apps {
		f, ok := a.(hub.Foreseer)
		if !ok {
			continue
		}
		m := a.Manifest()
		some, err := f.Without(n.snapshot(v, m), q, who, roles)
		if err != nil {
			return nil, fmt.Errorf("what ends in %s: %w", m.Name, err)
		}
		all = append(all, some...)
	}
	if !roles.Has(roster.Moderate) {
		return all, nil
	}
	see := func(m hub.Manifest) hub.Snapshot {
		return n.snapshot(v, m)
	}
	decided, err := moderation.Read(see(moderation.Manifest()))
	if err != nil {
		return nil, err
	}
	removals, err := moderation.ReadRemovals(see(moderation.Statements()))
	return append(all, moderation.Without(q, decided, removals, v.Roster(), who)...), err
}

// effects is what an act about somebody takes from what others see.
func (g registrar) effects(v *store.View, in control.RoleAct) (out []control.Effect, err error) {
	if in.Act == control.Retire { // what they wrote stays
		return nil, nil
	}
	subject, err := control.Peer{Peer: in.Who}.Author()
	if err != nil {
		return nil, err
	}
	c, ok := v.Roster().Coordinator(subject)
	if !ok {
		return nil, nil
	}
	lost := c.Roles
	if in.Act == control.Grant {
		kept, err := rolesOf(in)
		if err != nil {
			return nil, err
		}
		lost &^= kept
	}
	if lost == 0 {
		return nil, nil
	}
	all, err := g.apps(v, hub.Request{}, subject, lost)
	for _, e := range all {
		out = append(out, control.Effect(e))
	}
	return out, err
}
