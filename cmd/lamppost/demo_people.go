package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/madeup"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// townAge is for how long the demo's town has had hubs.
const townAge = 24 * time.Hour

// coordinator is somebody who may speak officially in the demo.
type coordinator struct {
	name, area string
	code       returncode.Code
}

// layStreets gives each place the street map of the made-up town.
func (d *demo) layStreets() error {
	b, err := madeup.Streets()
	if err != nil {
		return fmt.Errorf("the demo's street map: %w", err)
	}
	for _, p := range d.places {
		folder := filepath.Join(p.folder, mapsFolder)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "lanternmouth.pmtiles"), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// settle makes coordinators, so that official notices can be tried out, two of them, as
// the gravest take two; and gives each place what the town has written until now.
func (d *demo) settle(ctx context.Context, root ed25519.PrivateKey) error {
	cast := madeup.Cast{Now: time.Now()}
	var here node.Folder
	for i, p := range d.places {
		f, err := node.ReadFolder(p.folder)
		if err != nil {
			return err
		}
		if i == 0 {
			here = f
		}
		cast.Hubs = append(cast.Hubs, f.Key)
	}
	community := here.Founding.Community()
	var err error
	if cast.Codec, err = record.NewCodec(community, here.Founding.Time); err != nil {
		return err
	}
	var all []record.Record
	for _, c := range []coordinator{{name: "Maria Ortiz", area: "fire district"}, {name: "Omar Haddad", area: "school"}} {
		c.code = returncode.New(nil)
		key := returncode.Key(c.code, community)
		r, err := roster.Certificate{
			Kind: roster.Coordinator, Subject: record.AuthorOf(key), Label: c.name, Area: c.area,
			Roles: roster.Notices | roster.Maps | roster.Moderate,
		}.Record(record.At(cast.Now.Add(-townAge/2)), here.ID().Via())
		if err != nil {
			return err
		}
		if r, err = cast.Codec.Sign(r, root); err != nil {
			return err
		}
		all, d.people, cast.Coordinators = append(all, r), append(d.people, c), append(cast.Coordinators, key)
	}
	written, err := cast.Records()
	if err != nil {
		return err
	}
	all = append(all, written...)
	for _, p := range d.places {
		if err := p.take(ctx, all); err != nil {
			return err
		}
	}
	return nil
}

// take has the place's hub take in records, as if another one had sent them.
func (p *place) take(ctx context.Context, all []record.Record) error {
	taken, err := p.console.Records(ctx, all...)
	if err != nil {
		return err
	}
	for i, t := range taken {
		if t.Outcome != control.Added && t.Outcome != control.Known {
			return fmt.Errorf("what the demo's people have written was not taken in at %s: %s %s: %s %s", p.label, all[i].App, all[i].Key, t.Outcome, t.Why)
		}
	}
	return nil
}

// introducePeople says by which words somebody is a coordinator in the demo.
func (d *demo) introducePeople() {
	fmt.Fprintf(d.out, "Two people may write official notices and change the map. To be one of them, enter the six words at http://%s/return:\n", d.places[0].http)
	for _, c := range d.people {
		fmt.Fprintf(d.out, "  %-27s %s\n", c.name+", "+c.area, c.code.Text())
	}
}
