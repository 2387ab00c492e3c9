package maps

import (
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

type (
	// Place is one place as this hub knows it.
	Place struct {
		ID   string `json:"id"`
		Path string `json:"path"` // of its page, on this hub
		place.Details
		Told     Told           `json:"told"`
		Also     []Also         `json:"also,omitempty"`     // others said at the same time
		Standing *Stands        `json:"standing,omitempty"` // nil: nobody has said how it stands
		People   *People        `json:"people,omitempty"`   // nil: nobody has counted
		Seen     int            `json:"unconfirmed"`        // what people have seen there
		N        int            `json:"number,omitempty"`   // in its list, and on the map
		Away     *Away          `json:"away,omitempty"`     // from where one has asked
		Orphan   bool           `json:"orphan,omitempty"`   // nobody says what it is, as its list has it no more
		versions []place.Prefix // of what it is, for a form
		stated   []place.Prefix // of how it stands
		counted  []place.Prefix // of who was counted anew
	}
	// Told is who says a thing, and when.
	Told struct {
		Name      string    `json:"name"`
		Area      string    `json:"area,omitempty"`
		At        time.Time `json:"time,omitzero"`       // zero: implausibly ahead
		Old       bool      `json:"old,omitempty"`       // so long ago that it may have changed
		Uncertain bool      `json:"uncertain,omitempty"` // it was written where the clock was wrong
	}
	// Also is what another coordinator said of the same without knowing of it, where that
	// differs.
	Also struct {
		Told  Told         `json:"told"`
		Diffs []place.Diff `json:"differences"`
		Path  string       `json:"-"` // of the form that takes it over
	}
	// Stands is how a place stands.
	Stands struct {
		place.State
		Told  Told           `json:"told"`
		Also  []Also         `json:"also,omitempty"`
		stand []place.Prefix // what nobody has replaced
	}
	// People is how many are there.
	People struct {
		Present int    `json:"present"`
		Told    Told   `json:"told"`              // the newest of what it is made of
		Doors   int    `json:"counters"`          // people who have counted at the door
		Recount *Told  `json:"recount,omitempty"` // who counted anew; nil: nobody has
		Also    []Also `json:"also,omitempty"`

		tallies  []Tally          // of all that count
		included []place.Included // of these, by the recount that stands
		stand    []place.Prefix
	}
	// Away is how far a place is, and where.
	Away struct {
		Meters  int      `json:"meters"`
		Bearing int      `json:"bearing"` // degrees from north, clockwise
		Words   hub.Said `json:"-"`
	}
)

// Removed reports whether it stands that it is no more.
func (p Place) Removed() bool { return p.Gone }

// Anchor is its place in a list.
func (p Place) Anchor() string { return "m-" + p.ID }

// Newer reports whether somebody has counted at the door since all were counted anew.
func (m *People) Newer() bool { return m.Recount != nil && m.Told.At.After(m.Recount.At) }

// Capacity is for how many people there is room in all; 0: not known.
func (p Place) Capacity() int {
	if p.Most > 0 {
		return int(p.Most)
	}
	return int(p.Everyday)
}

// Left is for how many more there is room; false where that is not known.
func (p Place) Left() (int, bool) {
	if p.People == nil || p.Capacity() == 0 {
		return 0, false
	}
	return p.Capacity() - p.People.Present, true
}

// Disputed reports whether it was taken off the map while somebody says otherwise: what it
// is, how it stands or how many are there, and neither knew of the other.
func (p Place) Disputed() bool {
	return p.Gone && (len(p.Also) > 0 || p.StandsStill() != nil || p.PeopleStill() != nil)
}

// OpenNow reports whether somebody says that people can go there.
func (p Place) OpenNow() bool { return !p.Gone && p.Standing != nil && p.Standing.Status.Open() }

// HasRoom reports whether people can go there and it is not known to be full.
func (p Place) HasRoom() bool {
	if !p.OpenNow() || p.Standing.Status == place.Full {
		return false
	}
	left, known := p.Left()
	return !known || left > 0
}

// Room is how much room there is, in words; false where there is nothing to say.
func (p Place) Room() (hub.Said, bool) {
	left, known := p.Left()
	full := p.Standing != nil && p.Standing.Status == place.Full
	switch {
	case !known || p.Gone || full && left > 0: // whoever says that it is full knows better
		return hub.Said{}, false
	case left < 0:
		return hub.Said{Phrase: "%d more than it holds", Args: []any{-left}}, true
	case left == 0:
		return hub.Said{Phrase: "no room"}, true
	}
	return hub.Said{Phrase: "room for about %d more", Args: []any{left}}, true
}

// RoomSaid is Room for a template; nil for nothing.
func (p Place) RoomSaid() *hub.Said {
	if said, ok := p.Room(); ok {
		return &said
	}
	return nil
}

// PlusCode is where it is, as an Open Location Code of 10 digits.
func (p Place) PlusCode() string { return grid.FormatPlusCode(p.Center().Orb()) }

// GridReference is where it is in MGRS, to 10 m; empty near the poles.
func (p Place) GridReference() string { return grid.FormatReference(p.Center().Orb(), 10) }

// Apart is how many are there, where somebody else has said that than how it stands, or at
// another time: a list tells each with its own age. Nil where one line says both.
func (p Place) Apart() *People {
	if p.People == nil || p.Standing == nil || p.Gone && !p.Orphan {
		return nil
	}
	a, b := p.People.Told, p.Standing.Told
	if a.Name == b.Name && a.At.Sub(b.At).Abs() < time.Minute {
		return nil
	}
	return p.People
}

// Row is who says what the line of a list tells.
func (p Place) Row() Told {
	if p.Apart() != nil {
		return p.Standing.Told
	}
	return p.Latest()
}

// Latest is who said last how it stands there.
func (p Place) Latest() Told {
	last := p.Told
	if p.Standing != nil && (!p.Gone || p.Orphan) {
		last = p.Standing.Told
	}
	if p.People != nil && p.People.Told.At.After(last.At) && (!p.Gone || p.Orphan) {
		last = p.People.Told
	}
	return last
}

// InEvacuation is for how many people there is room in an evacuation; 0: not known.
func (p Place) InEvacuation() int { return int(p.Most) }

// ForLonger is it for a longer time.
func (p Place) ForLonger() int { return int(p.Everyday) }

// Center is where it is shown.
func (p Place) Center() place.Point { return p.Shape.Center() }

// Tongues are the languages spoken, as those call them who speak them.
func (p Place) Tongues() (all []string) {
	for _, code := range p.Langs {
		all = append(all, place.TongueName(code))
	}
	return all
}

// Versions are those of what it is, for a form.
func (p Place) Versions() string { return said(p.versions) }

// Counted reports whether people are counted there.
func (p Place) Counted() bool { return p.Kind.Holds() && (!p.Gone || p.Orphan) }

// Stale reports whether something is so old that somebody should look again.
func (p Place) Stale() bool {
	return p.Told.Old || p.Standing != nil && p.Standing.Told.Old || p.People != nil && p.People.Told.Old
}
