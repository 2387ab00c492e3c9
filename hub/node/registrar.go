package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// registrar prepares what is decided about hubs, and signs what this hub may
// decide. What takes the roots is signed by whoever holds their sheets.
type registrar struct {
	self  record.Author
	store *store.Store
	clock *clock.Clock
	sign  func(context.Context, []hub.Draft) error
	out   func() error // why this hub may not speak for the community; nil if it may
	apps  foresight
}

func (n *Node) registrar() registrar {
	return registrar{n.self, n.store, n.clock.Clock, func(ctx context.Context, ds []hub.Draft) error {
		_, err := n.desk.Write(ctx, hub.Manifest{Name: record.Roster, Class: record.Trust}, n.conf.Folder.Key, ds...)
		return err
	}, n.outcast, n.without}
}

// hubs are the community's hubs, by label, those last that were revoked.
func (n *Node) hubs(context.Context, control.Nothing) (out control.Hubs, err error) {
	linked := n.linkedFor()
	out.Hubs = []control.CertifiedHub{}
	err = n.store.Read(func(v *store.View) error {
		state := v.Roster()
		put, err := putOutBy(v)
		if err != nil {
			return err
		}
		retired, err := retiredBy(v)
		if err != nil {
			return err
		}
		for who, c := range state.Hubs() {
			one := control.CertifiedHub{
				ID: who.String(), Label: c.Label, Self: who == n.self, Retired: state.Retired(who), Roles: c.Roles.String(),
				Linked: linked[who] > 0,
			}
			if by, _ := state.Issuer(who); by != (record.Author{}) {
				issuer, _ := state.Hub(by)
				one.Issuer = issuer.Label
			}
			for _, admitted := range admittedBy(state, who) {
				c, _ := state.Hub(admitted)
				one.Admitted = append(one.Admitted, c.Label)
				if _, said := retired[admitted]; said {
					one.Idle = append(one.Idle, admitted.String())
				}
			}
			for _, p := range put[who] {
				one.PutOut = append(one.PutOut, p.end.Subject.String())
			}
			vouches, err := vouchesOf(v, who)
			if err != nil {
				return err
			}
			one.Vouches = len(vouches)
			out.Hubs = append(out.Hubs, one)
		}
		gone, err := revokedHubs(v)
		if err != nil {
			return err
		}
		for who, one := range gone {
			vouches, err := vouchesOf(v, who)
			if err != nil {
				return err
			}
			one.Self, one.Vouches = who == n.self, len(vouches)
			out.Hubs = append(out.Hubs, one)
		}
		return nil
	})
	slices.SortFunc(out.Hubs, func(a, b control.CertifiedHub) int {
		return cmp.Or(order(a.Revoked != nil, b.Revoked != nil), strings.Compare(a.Label, b.Label), strings.Compare(a.ID, b.ID))
	})
	return out, err
}

// admittedBy are the hubs whose certificates stand on one of a hub's.
func admittedBy(state *roster.State, issuer record.Author) (out []record.Author) {
	for who := range state.Hubs() {
		if by, _ := state.Issuer(who); by == issuer {
			out = append(out, who)
		}
	}
	return out
}

func vouchesOf(v *store.View, who record.Author) (out []record.Record, err error) {
	for r, err := range v.By(who) {
		if err != nil {
			return nil, err
		}
		if _, _, ok := roster.VouchOf(r); ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// act prepares an act on a hub. Where this hub may decide it and is told to, it is
// signed and in the set on return.
func (g registrar) act(ctx context.Context, in control.HubAct) (plan control.HubPlan, err error) {
	subject, err := control.Peer{Peer: in.Hub}.Author()
	if err != nil {
		return plan, err
	}
	if err := g.out(); err != nil {
		return plan, control.BadRequest(err)
	}
	draft := &draftedAct{}
	err = g.store.Read(func(v *store.View) error {
		draft, err = g.draft(v, subject, in)
		return err
	})
	if err != nil || !in.Sign {
		return draft.plan, err
	}
	if len(draft.plan.Roots) > 0 {
		return plan, control.BadRequest(errors.New("this hub may not decide that: it takes the root sheets"))
	}
	if err := g.sign(ctx, draft.drafts()); err != nil {
		return plan, err
	}
	draft.plan.Done = true
	return draft.plan, nil
}

// mayDecide reports whether this hub's own word is enough.
func (g registrar) mayDecide(state *roster.State, subject record.Author, in control.HubAct) bool {
	by, _ := state.Issuer(subject)
	issuer := by == g.self && state.Has(g.self, roster.Admit)
	switch {
	case in.Roots, in.Act == control.Grant, in.Act == control.Ungrant, in.Act == control.Revoke && !in.Alone && len(admittedBy(state, subject)) > 0:
		return false
	case in.Act == control.Rename:
		return issuer
	}
	return issuer || subject == g.self
}

// newest is the time of the newest record on which a certificate stands: what
// takes its place has to be above it.
func newest(v *store.View, who record.Author) (t record.Time, err error) {
	for _, id := range v.Roster().Chain(who) {
		r, ok, err := v.Get(id)
		if err != nil {
			return 0, err
		}
		if ok {
			t = max(t, r.Time)
		}
	}
	return t, nil
}

// statement is one that can be made a record.
type statement interface {
	Record(record.Time, record.Via) (record.Record, error)
}

// draftedAct is an act with its records, unsigned.
type draftedAct struct {
	plan    control.HubPlan
	records []record.Record
}

// byRoots makes it an act of the roots.
func (d *draftedAct) byRoots(state *roster.State) {
	_, roots, threshold := state.Roots()
	d.plan.Threshold = threshold
	for _, root := range roots {
		d.plan.Roots = append(d.plan.Roots, root.String())
	}
}

func (d *draftedAct) add(s statement, t record.Time, via record.Via) error {
	r, err := s.Record(t, via)
	if err != nil {
		return control.BadRequest(err)
	}
	d.records = append(d.records, r)
	d.plan.Statements = append(d.plan.Statements, control.Statement{Key: r.Key, Time: uint64(r.Time), Body: r.Body})
	return nil
}

func (d *draftedAct) drafts() (out []hub.Draft) {
	for _, r := range d.records {
		out = append(out, hub.Draft{Key: r.Key, Class: r.Class, Body: r.Body})
	}
	return out
}

// draft prepares what is to be signed.
func (g registrar) draft(v *store.View, subject record.Author, in control.HubAct) (*draftedAct, error) {
	d := &draftedAct{}
	state := v.Roster()
	c, ok := state.Hub(subject)
	if !ok {
		return d, notThere(v, subject, in)
	}
	d.plan.Label = c.Label
	if !g.mayDecide(state, subject, in) {
		d.byRoots(state)
	}
	t, err := newest(v, subject)
	if err != nil {
		return d, err
	}
	t = g.clock.Above(t)
	switch in.Act {
	case control.Rename:
		if c.Label, err = Label(state, in.Label, subject); err != nil {
			return d, control.BadRequest(err)
		}
		d.plan.Label = c.Label
		if err = d.add(c, t, g.self.Via()); err == nil {
			err = g.keepRetired(v, d, subject, t)
		}
	case control.Retire:
		if state.Retired(subject) {
			return d, control.BadRequest(fmt.Errorf("%q is marked as no longer in use already", c.Label))
		}
		err = d.add(roster.Revocation{Subject: subject, Retired: true, Why: in.Why, Label: c.Label}, t, g.self.Via())
	case control.Grant:
		switch {
		case c.Roles.Has(roster.Admit):
			return d, control.BadRequest(fmt.Errorf("%q may invite others already", c.Label))
		case state.Retired(subject):
			return d, control.BadRequest(fmt.Errorf("%q is marked as no longer in use, so it cannot invite others; have it join anew with an empty data folder, or choose another hub", c.Label))
		}
		c.Roles |= roster.Admit
		err = d.add(c, t, g.self.Via())
	case control.Ungrant:
		if !c.Roles.Has(roster.Admit) {
			return d, control.BadRequest(fmt.Errorf("%q may not invite others, so there is nothing to take back", c.Label))
		}
		c.Roles &^= roster.Admit
		if err = d.add(c, t, g.self.Via()); err == nil {
			err = g.takeOver(v, d, subject, in, t)
		}
	case control.Revoke:
		err = g.revoke(v, d, subject, in, t)
	default:
		err = control.BadRequest(fmt.Errorf("%q is nothing that can be decided about a hub", in.Act))
	}
	return d, err
}

// takeOver prepares what the roots say in place of a hub that may let others in no
// more: the certificates of those it let in, unless that is not wanted, which of them
// are no longer in use, and the ends of those it has put out, but what was said since
// the hub is in other hands.
func (g registrar) takeOver(v *store.View, d *draftedAct, subject record.Author, in control.HubAct, t record.Time) error {
	state, via := v.Roster(), g.self.Via()
	retired, err := retiredBy(v)
	if err != nil {
		return err
	}
	stolen := func(p putOut) bool { return !in.Since.IsZero() && !p.time.Wall().Before(in.Since) }
	for _, who := range admittedBy(state, subject) {
		c, _ := state.Hub(who)
		if in.Alone || who == subject {
			d.plan.Fall = append(d.plan.Fall, c.Label)
			continue
		}
		d.plan.Kept = append(d.plan.Kept, c.Label)
		if err := d.add(c, t, via); err != nil {
			return err
		}
		if p, said := retired[who]; said && !stolen(p) {
			d.plan.Idle = append(d.plan.Idle, c.Label)
			if err := d.add(p.end, t, via); err != nil {
				return err
			}
		}
	}
	if len(d.plan.Roots) == 0 {
		return nil // by its own word it ends alone what it has said
	}
	put, err := putOutBy(v)
	if err != nil {
		return err
	}
	gone, err := revokedHubs(v)
	if err != nil {
		return err
	}
	for _, p := range put[subject] {
		if stolen(p) {
			continue
		}
		p.end.Label = gone[p.end.Subject].Label
		if !slices.Contains(d.plan.Out, p.end.Label) {
			d.plan.Out = append(d.plan.Out, p.end.Label)
		}
		if err := d.add(p.end, t, via); err != nil {
			return err
		}
	}
	return nil
}

// keepRetired prepares that a hub which its issuer has marked as no longer in use stays
// so when its certificate is the roots' from now on.
func (g registrar) keepRetired(v *store.View, d *draftedAct, subject record.Author, t record.Time) error {
	if len(d.plan.Roots) == 0 {
		return nil
	}
	retired, err := retiredBy(v)
	if err != nil {
		return err
	}
	if p, said := retired[subject]; said {
		return d.add(p.end, t, g.self.Via())
	}
	return nil
}

// revoke prepares the end of a hub: in parts, for it lists the vouches that stay.
// The hubs that it let in would fall with it; so they are certified by the roots
// in the same act, unless that is not wanted.
func (g registrar) revoke(v *store.View, d *draftedAct, subject record.Author, in control.HubAct, t record.Time) error {
	via := g.self.Via()
	if now, _ := g.clock.Now(); in.Since.After(now) {
		return control.BadRequest(fmt.Errorf("%s is still to come, so nobody would be out; give the time since when the hub is in other hands", in.Since.Format("2006-01-02 15:04")))
	}
	if err := g.takeOver(v, d, subject, in, t); err != nil {
		return err
	}
	vouches, err := vouchesOf(v, subject)
	if err != nil {
		return err
	}
	var stays [][8]byte
	for _, r := range vouches {
		if in.None || !in.Since.IsZero() && !r.Time.Wall().Before(in.Since) {
			d.plan.Go++
			continue
		}
		id := r.ID()
		stays = append(stays, [8]byte(id[:8]))
	}
	d.plan.Stay = len(stays)
	parts := max(1, (len(stays)+roster.MaxStays-1)/roster.MaxStays)
	for i := range parts {
		part := roster.Revocation{Subject: subject, Why: in.Why, Label: d.plan.Label, Stays: stays[i*roster.MaxStays : min(len(stays), (i+1)*roster.MaxStays)]}
		if parts > 1 {
			part.Part, part.Parts = i+1, parts
		}
		if err := d.add(part, t, via); err != nil {
			return err
		}
	}
	return nil
}
