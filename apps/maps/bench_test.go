package maps_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// BenchmarkListOf200 is the first page over a hub's store with as many places, each with
// how it stands and how many are there, as one coordinator has room for.
func BenchmarkListOf200(b *testing.B) {
	app := maps.New()
	w, err := simnet.New(1, 1, replica.Limits{}, node.IndexOf(app))
	if err != nil {
		b.Fatal(err)
	}
	c := clock.New(clock.Config{Floor: w.Town.Founding.Time, Now: func() time.Time { return w.Wall(0) }})
	c.Evidence(clock.Operator, "", w.Wall(0))
	d := node.NewDesk(w.Hubs[0].Store, c, w.Hubs[0].Key)
	kim := simnet.Key("kim")
	if err := d.Vouch(context.Background(), simnet.Key(simnet.HubName(0)), 1, simnet.Author("kim"), "Kim"); err != nil {
		b.Fatal(err)
	}
	r, err := w.Town.Say(simnet.Key("root"), w.Town.Founding.Time+100<<16, roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(kim), Label: "Kim", Roles: roster.Maps, Quota: 2000})
	if err == nil {
		_, err = w.Write(0, r)
	}
	if err != nil {
		b.Fatal(err)
	}
	look := func(f func(hub.Snapshot) error) {
		if err := w.Hubs[0].Store.Read(func(v *store.View) error { return f(node.NewSnapshot(v, app.Manifest(), c)) }); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 200 {
		id := fmt.Sprint("id-", i)
		for _, q := range []hub.Request{
			{Path: "open", Form: url.Values{"client_id": {id}, "title": {fmt.Sprint("School ", i)}, "points": {fmt.Sprintf("44.%03d,-73", i)}, "most": {"100"}}},
			{Path: "p/" + id + "/count", Form: url.Values{"client_id": {"c"}, "add": {"20"}}},
		} {
			q.Author, q.Official = record.AuthorOf(kim), true
			var ds []hub.Draft
			look(func(s hub.Snapshot) (err error) {
				ds, err = app.Act(s, q)
				return err
			})
			if _, err := d.Write(context.Background(), app.Manifest(), kim, ds...); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ResetTimer()
	for b.Loop() {
		look(func(s hub.Snapshot) error {
			p, err := app.View(s, hub.Request{Query: url.Values{"near": {"44.1,-73"}}})
			if l := p.Model.(maps.ListView); len(l.Places) != 50 {
				b.Fatal(len(l.Places))
			}
			return err
		})
	}
}

// BenchmarkListWithALayer is the first page, the card at home and a part of the map where a
// layer of 100,000 places stands, of which a hundred were changed by hand.
func BenchmarkListWithALayer(b *testing.B) {
	h := newTown(b)
	h.do(maria, "here", "client_id", "here", "points", "44,-73")
	all := map[string]place.Sheet{}
	for i := range 100_000 {
		s := sheet(place.Kind(1+i%8), fmt.Sprint("Place ", i), fmt.Sprintf("44.%05d,-73.%05d", i*7919%100_000, i*104_729%100_000))
		s.Details.About, s.Details.Contact = "1 Main Street, entrance at the back", "802-555-0100"
		if i%8 == 0 {
			there := uint32(i % 90)
			s.Details.Most, s.People, s.State = 80, &there, &place.State{Status: place.Status(1 + i%6)}
		}
		all[fmt.Sprint("id-", i)] = s
	}
	h.bring(maria, "list", "Town", all)
	for i := range 100 {
		h.do(maria, fmt.Sprintf("p/id-%d/status", i*97), "client_id", fmt.Sprint("s", i), "status", "open")
	}
	for name, ask := range map[string]func(hub.Request) error{
		"list": func(q hub.Request) error {
			q.Query.Set("near", "44.5,-73.5")
			_, err := h.app().View(h.moment, q)
			return err
		},
		"open with room": func(q hub.Request) error {
			q.Query.Set("room", "yes")
			_, err := h.app().View(h.moment, q)
			return err
		},
		"without a place": func(q hub.Request) error {
			q.Place = "nowhere"
			_, err := h.app().View(h.moment, q)
			return err
		},
		"card": func(q hub.Request) error {
			_, err := h.app().Front(h.moment, q)
			return err
		},
		"map": func(q hub.Request) error {
			q.Path, q.Query = "places", url.Values{"bbox": {"-73.6,44.4,-73.4,44.6"}, "zoom": {"12"}}
			_, err := h.app().Answer(h.moment, q)
			return err
		},
		"one": func(q hub.Request) error {
			q.Path = "p/id-5000"
			_, err := h.app().View(h.moment, q)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := ask(h.ask(ann, "")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
