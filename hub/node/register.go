package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

var _ server.Trust = (*Node)(nil)

// Register is who may do what.
func (n *Node) Register(context.Context) (out register.Register, err error) {
	var now time.Time
	if at, sure := n.clock.Now(); sure {
		now = at
	}
	err = n.store.Read(func(v *store.View) error {
		out, err = register.Read(v.Roster(), v.Trust(), now)
		return err
	})
	return out, err
}

// Renounce ends a person's key for good, by their own word.
func (n *Node) Renounce(ctx context.Context, key ed25519.PrivateKey) error {
	who := record.AuthorOf(key)
	name := ""
	err := n.store.Read(func(v *store.View) error {
		known := v.Roster().Certified(who)
		for _, err := range v.Vouches(who) {
			if err != nil {
				return err
			}
			known = true
		}
		if !known {
			return hub.Errorf(hub.NotFound, returncode.Field, "Nobody is known here by these six words, so there is nothing to end. Compare each with what you wrote down.")
		}
		name = NewSnapshot(v, hub.Manifest{Name: record.Roster}, n.clock.Clock).Person(who).Name
		return nil
	})
	if err != nil {
		return err
	}
	r, err := roster.Revocation{Subject: who, Label: name}.Record(0, n.self.Via())
	if err != nil {
		return err
	}
	_, err = n.desk.Write(ctx, hub.Manifest{Name: record.Roster, Class: record.Trust}, key, hub.Draft{Key: r.Key, Class: r.Class, Body: r.Body})
	var said *hub.Error
	if errors.As(err, &said) && said.Code == hub.Conflict {
		return nil // it was ended already
	}
	return err
}
