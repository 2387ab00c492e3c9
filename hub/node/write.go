package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Bounds of a name: in characters, and in bytes as the roster's are.
const (
	maxName      = 40
	maxNameBytes = 64
)

// Desk signs what is written at a hub and puts it into the store.
type Desk struct {
	store *store.Store
	clock *clock.Clock
	via   record.Via
	seed  maphash.Seed
	turns [64]sync.Mutex // by author: writes to one slot take turns
}

// NewDesk makes the desk of a hub.
func NewDesk(s *store.Store, c *clock.Clock, hub record.Author) *Desk {
	return &Desk{store: s, clock: c, via: hub.Via(), seed: maphash.MakeSeed()}
}

// Write signs drafts of an app and returns when they are on disk: all or none.
// What the person can do something about is a *hub.Error.
func (d *Desk) Write(ctx context.Context, app hub.Manifest, as ed25519.PrivateKey, drafts ...hub.Draft) ([]record.Record, error) {
	author := record.AuthorOf(as)
	turn := &d.turns[maphash.Bytes(d.seed, author[:])%uint64(len(d.turns))]
	turn.Lock()
	defer turn.Unlock()
	rs := make([]record.Record, len(drafts))
	err := d.store.Read(func(v *store.View) error {
		for i, dr := range drafts {
			r, err := d.prepare(v, app, author, dr)
			if err != nil {
				return err
			}
			rs[i] = r
		}
		return carried(v, author, rs)
	})
	if err != nil {
		return nil, err
	}
	for i := range rs {
		if rs[i], err = d.store.Codec().Sign(rs[i], as); err != nil {
			return nil, err
		}
		if app.Check != nil && !rs[i].Withdrawn() {
			if err := app.Check(rs[i]); err != nil {
				return nil, err
			}
		}
	}
	return rs, d.apply(ctx, rs)
}

// prepare makes the record of a draft. What edits or withdraws keeps the ttl of
// the slot it finds and is stamped above it.
func (d *Desk) prepare(v *store.View, app hub.Manifest, author record.Author, dr hub.Draft) (record.Record, error) {
	r := record.Record{
		Via: d.via, App: app.Name, Class: dr.Class, Key: dr.Key, TTL: dr.TTL, Blobs: dr.Blobs, Body: dr.Body,
	}
	if r.Class == 0 {
		r.Class = app.Class
	}
	if r.TTL == 0 {
		r.TTL = app.TTL
	}
	if _, sure := d.clock.Now(); !sure && r.App != record.Roster {
		r.TTL = record.MaxTTL // nobody can say from which day on it would count
	}
	found := false
	for old, err := range v.Slots(r.App, r.Key) {
		if err != nil {
			return r, err
		}
		if old.Author == author && old.Time > r.Time {
			r.Time, r.TTL, found = old.Time, old.TTL, true
		}
	}
	if found {
		r.Time = d.clock.Above(r.Time)
	} else {
		r.Time = d.clock.Stamp()
	}
	r.Time = max(r.Time, d.store.Codec().Founded()) // an operator may have set the clock to before it
	return r, nil
}

// apply puts signed records into the store and says in words what went wrong.
func (d *Desk) apply(ctx context.Context, rs []record.Record) error {
	vs, err := d.store.Apply(ctx, rs...)
	switch {
	case errors.Is(err, store.ErrFull):
		return errors.Join(hub.Errorf(hub.Unavailable, "", "The disk here is full, so nothing can be posted now. Reading still works. Please tell whoever looks after this place."), err)
	case errors.Is(err, store.ErrBusy):
		return hub.Errorf(hub.TooMany, "", "Very many people are writing at this moment. Please try again.")
	case errors.Is(err, store.ErrDamaged):
		return errors.Join(hub.Errorf(hub.Unavailable, "", "Nothing can be saved here now. Please tell whoever looks after this place."), err)
	case err != nil:
		return err
	}
	for _, v := range vs {
		switch v.Outcome {
		case store.Added:
		case store.Known:
			return &hub.Error{
				Code:    hub.Conflict,
				Phrase:  "A newer version of this was written meanwhile. Please look at it and try again.",
				Program: "A newer version of this was written meanwhile, and stays. Read it, and send yours again if it is still meant.",
			}
		case store.Full:
			return hub.Errorf(hub.TooMany, "", "You have as many posts here as one person can have. Old ones make room as they expire.")
		case store.Expired:
			return hub.Errorf(hub.Unavailable, "", "The clock here is wrong, so this would be out of date at once. Please tell whoever looks after this place.")
		default:
			if errors.Is(v.Err, roster.ErrRevoked) {
				return errors.Join(hub.Errorf(hub.Forbidden, "", "The six words of whoever is signed in here were ended for good, so nothing can be posted with them. Sign out, then just write: you get six new ones."), v.Err)
			}
			return errors.Join(hub.Errorf(hub.Forbidden, "", "You may not write this here."), v.Err)
		}
	}
	return nil
}

// Vouch makes the hub say who a resident is, in the place given to them.
func (d *Desk) Vouch(ctx context.Context, hubKey ed25519.PrivateKey, place int, subject record.Author, name string) error {
	r, err := roster.Vouch{Subject: subject, Name: name}.Record(place, 0, d.via)
	if err != nil {
		return fmt.Errorf("vouch: %w", err)
	}
	app := hub.Manifest{Name: record.Roster, Class: record.Vouch}
	_, err = d.Write(ctx, app, hubKey, hub.Draft{Key: r.Key, Class: r.Class, Body: r.Body})
	return err
}

// Rename writes a person's name for themselves; an empty one takes it back.
func (d *Desk) Rename(ctx context.Context, key ed25519.PrivateKey, name string) error {
	name, err := hub.CleanLine("name", name, maxName, maxNameBytes)
	if err != nil {
		return err
	}
	var body []byte
	if name != "" {
		if body, err = cbor.Marshal(nameBody{name}); err != nil {
			return err
		}
	}
	app := hub.Manifest{Name: peopleApp, Class: record.People, TTL: nameTTL}
	_, err = d.Write(ctx, app, key, hub.Draft{Key: nameKey, Body: body})
	return err
}
