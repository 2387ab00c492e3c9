package pmtiles

import (
	"slices"
	"strconv"
	"strings"
)

// Schema is in which form a file has its streets: which layers there are, and how its
// features say what they are (docs.protomaps.com/basemaps/layers).
type Schema int

// The schemas that can be drawn. All have the layers earth, water, landuse, roads,
// buildings, boundaries, places and pois.
const (
	NoSchema   Schema = iota
	Protomaps2        // features have the tags of OpenStreetMap, some "pmap:kind"; layers natural, physical_line, physical_point, transit besides
	Protomaps3        // every feature has "pmap:kind"; the same layers
	Protomaps4        // "kind" in place of "pmap:kind"; landcover besides, natural in landuse, physical_line in water, transit in roads and pois
)

// Version is the schema's number.
func (s Schema) Version() int {
	if s == NoSchema {
		return 0
	}
	return int(s) + 1
}

// KindKey is under which name features say what they are.
func (s Schema) KindKey() string {
	if s == Protomaps4 {
		return "kind"
	}
	return "pmap:kind"
}

// Schema is in which form the file has its streets, or a *Refused that says why they
// cannot be drawn.
func (a *Archive) Schema() (Schema, error) { return schemaOf(a.header.Type, a.metadata) }

func schemaOf(t TileType, m Metadata) (Schema, error) {
	switch t {
	case MVT:
	case PNG, JPEG, WebP, AVIF:
		return NoSchema, refuse("This map file holds pictures (%s), and no streets that could be drawn here. Get streets with “pmtiles extract” from a Protomaps basemap of version 4.", t.String())
	default:
		return NoSchema, refuse("This map file does not say what its tiles are, so no streets can be drawn from it. Get streets with “pmtiles extract” from a Protomaps basemap of version 4.")
	}
	has := func(ids ...string) bool {
		return !slices.ContainsFunc(ids, func(id string) bool {
			return !slices.ContainsFunc(m.Layers, func(l Layer) bool { return l.ID == id })
		})
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(m.Version, "v"), ".")
	number, err := strconv.Atoi(major)
	switch {
	case len(m.Layers) == 0:
		return NoSchema, refuse("This map file does not say which layers it has, so no streets can be drawn from it. Get streets with “pmtiles extract” from a Protomaps basemap of version 4.")
	case has("earth", "water", "roads", "places"):
	case has("transportation", "water"):
		return NoSchema, refuse("This map file has its streets in the form of %s, which cannot be drawn here. Get streets with “pmtiles extract” from a Protomaps basemap of version 4.", "OpenMapTiles")
	case has("streets", "ocean"):
		return NoSchema, refuse("This map file has its streets in the form of %s, which cannot be drawn here. Get streets with “pmtiles extract” from a Protomaps basemap of version 4.", "Shortbread")
	default:
		return NoSchema, refuse("This map file has no streets that could be drawn here. Its layers are %s. Get streets with “pmtiles extract” from a Protomaps basemap of version 4.", listed(m.Layers))
	}
	roads := m.Layers[slices.IndexFunc(m.Layers, func(l Layer) bool { return l.ID == "roads" })]
	older := has("natural") || has("physical_line") || has("physical_point") || has("transit")
	switch {
	case err == nil && number > 4 && number < 100 && !roads.Kind && !roads.OldKind:
		return NoSchema, refuse("This map file has the streets of a Protomaps basemap of version %d, which is newer than what can be drawn here. Get streets with “pmtiles extract” from a Protomaps basemap of version 4.", number)
	case roads.Kind, !roads.OldKind && !older:
		return Protomaps4, nil
	case err == nil && number == 2, err == nil && number == 1:
		return Protomaps2, nil
	case slices.ContainsFunc(m.Layers, func(l Layer) bool { return l.OldKind && l.ID != "roads" }), err == nil && number == 3:
		return Protomaps3, nil
	}
	return Protomaps2, nil
}

// listed names some layers, for people.
func listed(ls []Layer) string {
	const most = 8
	var names []string
	for _, l := range ls[:min(len(ls), most)] {
		names = append(names, strconv.Quote(l.ID[:min(len(l.ID), 40)]))
	}
	if len(ls) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
