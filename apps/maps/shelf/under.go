package shelf

import (
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/hub"
)

// Under is a map that lies beneath all files: what is served and drawn where none of them
// has anything. It is in the form of a Protomaps basemap, and not checked. It stays with
// whoever opened it.
type Under struct {
	Archive *pmtiles.Archive
	Tag     string // tells its data from those of any other
}

// book is the map as one of the shelf's, which is never among the files.
func (u *Under) book() (*book, error) {
	h, m := u.Archive.Header(), u.Archive.Metadata()
	b := &book{archive: u.Archive, area: areaOf(h.Bounds), tag: u.Tag}
	b.State, b.Bounds, b.Center, b.MinZoom, b.MaxZoom = Ready, h.Bounds, h.Center, h.MinZoom, h.MaxZoom
	var err error
	if b.Schema, err = u.Archive.Schema(); err != nil {
		return nil, err
	}
	// not by OpenStreetMap, as street maps are
	b.Credit, err = hub.CleanLine("", m.Attribution, 200, 800)
	return b, err
}

// Credits are whom to thank for the maps that are here, what lies beneath all last; each
// once.
func (s *Shelf) Credits() []string {
	var all []string
	add := func(b *book) {
		if b.State == Ready && b.Credit != "" && !slices.Contains(all, b.Credit) {
			all = append(all, b.Credit)
		}
	}
	for _, b := range s.current.Load().books {
		add(b)
	}
	if s.under != nil {
		add(s.under)
	}
	return all
}
