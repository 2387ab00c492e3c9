package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// adopt makes this hub vouch for the people of another one: those for whom that hub's
// word counts and no other's. What was cut off with the hub's end stays so: whoever is
// meant to be in comes again with their six words.
func (n *Node) adopt(ctx context.Context, in control.Peer) (out control.Adopted, err error) {
	from, err := in.Author()
	if err != nil {
		return out, err
	}
	if from == n.self {
		return out, control.BadRequest(errors.New("the people of this hub are at home here already"))
	}
	if err := n.outcast(); err != nil {
		return out, control.BadRequest(errors.New("this hub is out of the community, so its word for anybody counts nothing; do it at another hub"))
	}
	people, err := n.orphans(from, &out)
	if err != nil || len(people) == 0 {
		return out, err
	}
	var ds []hub.Draft
	for i, p := range people {
		place, err := n.seat(p.Subject)
		if errors.Is(err, local.ErrFull) {
			out.Left = len(people) - i
			break
		}
		if err != nil {
			return out, err
		}
		r, err := roster.Vouch{Subject: p.Subject, Name: p.Name}.Record(place, 0, n.self.Via())
		if err != nil {
			return out, err
		}
		ds = append(ds, hub.Draft{Key: r.Key, Class: r.Class, Body: r.Body})
	}
	if len(ds) == 0 {
		return out, control.BadRequest(fmt.Errorf("all places at this hub are taken, so it can take nobody over; of the people of %q %d are waiting: do it at another hub, or wait until places here have been idle for 30 days", out.Label, out.Left))
	}
	if _, err = n.desk.Write(ctx, hub.Manifest{Name: record.Roster, Class: record.Vouch}, n.conf.Folder.Key, ds...); err != nil {
		return out, err
	}
	out.Taken = len(ds)
	return out, nil
}

// orphans are the vouches of a hub for those whom no other hub vouches for, and it is
// said in out how many others there are and what the hub is called.
func (n *Node) orphans(from record.Author, out *control.Adopted) (people []roster.Vouch, err error) {
	err = n.store.Read(func(v *store.View) error {
		state := v.Roster()
		gone, err := revokedHubs(v)
		if err != nil {
			return err
		}
		c, standing := state.Hub(from)
		one, was := gone[from]
		if !standing && !was {
			return control.BadRequest(errors.New("no hub of this community has that key: see “lamppost hub list”"))
		}
		if out.Label = c.Label; !standing {
			out.Label = one.Label
		}
		vouches, err := vouchesOf(v, from)
		if err != nil {
			return err
		}
		for _, r := range vouches {
			_, vouch, ok := roster.VouchOf(r)
			if !ok || r.Key == guestPlace || state.Revoked(vouch.Subject) {
				continue
			}
			others := false
			for other, err := range v.Vouches(vouch.Subject) {
				if err != nil {
					return err
				}
				_, stands := state.Hub(other.Author)
				others = others || other.Author != from && stands
			}
			if others || state.Certified(vouch.Subject) {
				out.Had++
				continue
			}
			people = append(people, vouch)
		}
		return nil
	})
	return people, err
}
