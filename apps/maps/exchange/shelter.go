package exchange

import (
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
)

// shelter reads one of the National Shelter System.
func (r *Reader) shelter(e *Entry, f feature.Feature, n geojson.Shelter) (err error) {
	e.ID = r.idOf(f, false)
	r.counts.Shelters++
	for _, p := range f.Props {
		if geojson.NSSLeft(p) {
			r.left(p.Name)
		}
	}
	d := &e.Sheet.Details
	d.Kind = place.Shelter
	if d.Name, err = e.name(n.Name); err != nil {
		return err
	}
	about := n.Address
	if n.PetsNote != "" {
		about += "\n" + n.PetsNote
	}
	if d.About, err = e.text(strings.Trim(about, "\n")); err != nil {
		return err
	}
	if d.Contact, err = e.line(strings.Trim(n.Organization+", "+n.Phone, ", ")); err != nil {
		return err
	}
	if d.Hours, err = e.line(n.Hours); err != nil {
		return err
	}
	d.StepFree = map[geojson.Answer]place.Answer{geojson.Yes: place.Yes, geojson.No: place.No}[n.StepFree]
	switch n.Pets {
	case geojson.PetsInside, geojson.PetsOnSite, geojson.PetsSome:
		d.Pets = place.Yes
	case geojson.PetsNone, geojson.PetsNearby:
		d.Pets = place.No
	}
	d.Everyday, d.Most = bounded(n.PostImpact), bounded(n.Evacuation)
	if n.Population.Known {
		people := bounded(n.Population)
		e.Sheet.People = &people
	}
	st, ok := statusOf(string(n.Status))
	if ok {
		e.Sheet.State = &place.State{Status: st}
	} else if n.Status != "" {
		e.note("“%s” is not understood as open, full or closed.", cut(string(n.Status), maxQuoted, 4*maxQuoted))
	}
	return nil
}

func bounded(c geojson.Count) uint32 {
	return uint32(min(max(c.N, 0), place.MaxPeople)) //nolint:gosec // held to its bounds
}
