package maps

import (
	"cmp"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// onMapCall is where programs find what is on a part of the map.
const onMapCall = mapPath

type (
	// OnMap is what is on a part of the map, as GeoJSON (RFC 7946 §3.3): what the map's page
	// has for the same query, with its numbers.
	OnMap struct {
		Type     string      `json:"type"`
		Features []Sign      `json:"features"`
		View     Part        `json:"view"`             // which part it is
		Here     *orb.Point  `json:"here,omitempty"`   // from where distances are told
		Picked   []orb.Point `json:"picked,omitempty"` // points of a line or an area, so far
		Credit   string      `json:"credit,omitempty"` // whom to thank for the streets there
		Terms    []hub.Term  `json:"terms"`            // a change under one of them makes this stale
	}
	// Part is a part of the map.
	Part struct {
		Center orb.Point `json:"center"`
		Zoom   float64   `json:"zoom"`
	}
	// Sign is one thing on it.
	Sign struct {
		Type       string            `json:"type"`
		ID         string            `json:"id"`
		Geometry   *geojson.Geometry `json:"geometry"`
		Properties SignOf            `json:"properties"`
	}
	// SignOf is what the thing is.
	SignOf struct {
		Number int    `json:"number,omitempty"` // in the list of the map's page
		Name   string `json:"name"`
		Kind   string `json:"kind"` // a Kind, or "notice"
		Status string `json:"status,omitempty"`
		Unsure bool   `json:"unsure,omitempty"` // not confirmed
		Count  int    `json:"count,omitempty"`  // of places that it stands for, where these are several
		Path   string `json:"path,omitempty"`   // of its page, on this hub
	}
)

// noticeKind is the kind of an area that another app has put on the map.
const noticeKind = "notice"

func sign(id string, at orb.Geometry, of SignOf) Sign {
	s := Sign{Type: "Feature", ID: id, Properties: of}
	if at != nil {
		s.Geometry = geojson.NewGeometry(at)
	}
	return s
}

// onMapOf is what is on the part of the map that a query says.
func onMapOf(s hub.Snapshot, q hub.Request) (any, error) {
	g, err := drawingOf(s, q)
	if err != nil {
		return nil, err
	}
	c := OnMap{Type: "FeatureCollection", Features: []Sign{}, View: Part{g.Center, g.Zoom}, Terms: everything()}
	if from := cmp.Or(g.point, g.list.From.At); from != nil {
		at := from.Orb()
		c.Here = &at
	}
	c.Picked = g.outline()
	if d := deskOf(s).maps(); d != nil {
		c.Credit = d.Credit(g.View)
	}
	for _, p := range g.places {
		of := SignOf{Number: p.N, Name: p.Name, Kind: p.Kind.String(), Unsure: p.Gone, Path: p.Path}
		if p.Standing != nil && !p.Gone {
			of.Status = p.Standing.Status.String()
		}
		c.Features = append(c.Features, sign(p.Anchor(), p.Shape.Geometry(), of))
	}
	for _, b := range g.bunches {
		c.Features = append(c.Features, sign(b.id(), b.At.Orb(), SignOf{Kind: place.Other.String(), Count: b.Count, Path: b.path(&g)}))
	}
	for _, v := range g.seen {
		kind := v.What.Becomes()
		if v.What == place.WaterOff {
			kind = place.Water
		}
		c.Features = append(c.Features, sign(v.Anchor(), v.At.Orb(), SignOf{Number: v.N, Name: q.T(v.What.Words()), Kind: kind.String(), Unsure: true, Path: v.Path}))
	}
	for _, a := range g.areas {
		c.Features = append(c.Features, sign(cmp.Or(a.Path, a.Title), a.geometry, SignOf{Name: a.Title, Kind: noticeKind, Path: a.Path}))
	}
	return c, nil
}

// path is a nearer map of the places of a bunch.
func (b Bunch) path(g *drawing) string {
	v := g.View
	v.Center = b.At.Orb()
	return mapAt(g.with(v.Zoomed(2)))
}
