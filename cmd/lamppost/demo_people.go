package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// coordinator is somebody who may speak officially in the demo.
type coordinator struct {
	name, area string
	roles      roster.Roles
	code       returncode.Code
}

// appoint makes coordinators, so that official notices can be tried out. Two of them, as
// the gravest take two.
func (d *demo) appoint(ctx context.Context, root ed25519.PrivateKey) error {
	f, err := node.ReadFolder(d.places[0].folder)
	if err != nil {
		return err
	}
	codec, err := record.NewCodec(f.Founding.Community(), f.Founding.Time)
	if err != nil {
		return err
	}
	var signed []record.Record
	for _, c := range []coordinator{
		{name: "Maria Ortiz", area: "fire district", roles: roster.Notices | roster.Moderate},
		{name: "Omar Haddad", area: "school", roles: roster.Notices | roster.Moderate | roster.Maps},
	} {
		c.code = returncode.New(nil)
		who := record.AuthorOf(returncode.Key(c.code, f.Founding.Community()))
		r, err := roster.Certificate{
			Kind: roster.Coordinator, Subject: who, Label: c.name, Area: c.area, Roles: c.roles,
		}.Record(record.At(time.Now()), f.ID().Via())
		if err != nil {
			return err
		}
		if r, err = codec.Sign(r, root); err != nil {
			return err
		}
		signed, d.people = append(signed, r), append(d.people, c)
	}
	taken, err := d.places[0].console.Records(ctx, signed...)
	for _, t := range taken {
		if t.Outcome != control.Added {
			err = fmt.Errorf("the demo's coordinators were not taken in: %s %s", t.Outcome, t.Why)
		}
	}
	return err
}

// introducePeople says by which words somebody is a coordinator in the demo.
func (d *demo) introducePeople() {
	fmt.Fprintf(d.out, "Two people may write official notices. To be one of them, enter the six words at http://%s/return:\n", d.places[0].http)
	for _, c := range d.people {
		fmt.Fprintf(d.out, "  %-27s %s\n", c.name+", "+c.area, c.code.Text())
	}
}
