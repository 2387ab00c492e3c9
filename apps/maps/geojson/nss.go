package geojson

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

// Shelter is one of the National Shelter System, as FEMA and the American Red Cross
// publish it: the layers "OpenShelters" and "FEMA_NSS" of gis.fema.gov, and HIFLD's
// copies of them. What they leave blank, or give as -999 or "NOT AVAILABLE", is unknown.
type Shelter struct {
	ID, Name     string
	Address      string // on one line: street, city, state and ZIP code
	Status       Status
	Evacuation   Count // people who fit for some hours, about 20 square feet each
	PostImpact   Count // people who fit to stay, about 40 square feet each
	Population   Count // people who are there; it may well exceed both
	StepFree     Answer
	Pets         Pets
	PetsNote     string
	Generator    Answer
	Hours        string // such as "08:00–22:00"
	Organization string // who runs it
	Phone        string
}

// Status is how it stands with a shelter, as the system has it.
type Status string

// The statuses; any other one is kept as it is, in lower case.
const (
	Open    Status = "open"
	Full    Status = "full"
	Closed  Status = "closed"
	Alert   Status = "alert"   // may be opened soon
	Standby Status = "standby" // staff are ready
)

// Count is a number of people, if known.
type Count struct {
	N     int
	Known bool
}

// Answer is yes or no, or unknown, which is the zero value.
type Answer int

// The answers.
const (
	Unknown Answer = iota
	Yes
	No
)

// Pets is where animals may stay.
type Pets string

// What is said of pets; empty where nothing is.
const (
	PetsNone   Pets = "none"    // they may not
	PetsInside Pets = "cohabit" // with their people
	PetsOnSite Pets = "onsite"  // in a room of their own at the shelter
	PetsNearby Pets = "offsite" // at another place
	PetsSome   Pets = "yes"     // somehow
)

// NSS is a feature as a shelter of the National Shelter System, if its properties say
// that it is one; their names are in upper or lower case, as layers differ. Where the
// feature has no geometry but a latitude and a longitude, the place is those.
func NSS(f feature.Feature) (_ Shelter, place orb.Geometry, ok bool) {
	p := fields{}
	for _, one := range f.Props {
		name := strings.ToLower(one.Name)
		if v := strings.TrimSpace(one.Value); !blankValue(v) && p[name] == "" {
			p[name] = v
		} else if _, there := p[name]; !there {
			p[name] = ""
		}
	}
	if !p.shelter() {
		return Shelter{}, nil, false
	}
	s := Shelter{
		ID: p.first("shelter_id"), Name: p.first("shelter_name"), Address: p.address(),
		Status:     Status(strings.ToLower(p.first("shelter_status", "shelter_status_code"))),
		Evacuation: p.count("evacuation_capacity"), PostImpact: p.count("post_impact_capacity"), Population: p.count("total_population"),
		StepFree: p.answer("wheelchair_accessible", "ada_compliant"),
		Pets:     p.pets(), PetsNote: p.first("pet_accommodations_desc"),
		Generator:    p.answer("generator_onsite", "self_sufficient_electricity"),
		Hours:        strings.Trim(p.first("hours_open")+"–"+p.first("hours_close"), "–"),
		Organization: p.first("org_name", "org_organization_name"),
		Phone:        p.first("org_hotline_phone", "org_main_phone", "org_other_phone"),
	}
	return s, p.place(f.Geometry), true
}

// NSSNames reports whether the names of properties, or the headings of a table, are those of
// the National Shelter System.
func NSSNames(names []string) bool {
	p := fields{}
	for _, n := range names {
		p[strings.ToLower(strings.TrimSpace(n))] = ""
	}
	return p.shelter()
}

// NSSLeft reports whether a property of a shelter says something that no place has here: all
// that a Shelter does not have, and its power.
func NSSLeft(p feature.Prop) bool {
	return !blankValue(strings.TrimSpace(p.Value)) && !slices.Contains(taken(), strings.ToLower(p.Name))
}

// taken are the names of the other properties that a Shelter is made of, in lower case.
func taken() []string {
	return []string{
		"shelter_id", "shelter_name", "address", "address_1", "address_2", "city", "state", "zip", "shelter_status", "shelter_status_code",
		"evacuation_capacity", "post_impact_capacity", "total_population", "wheelchair_accessible", "ada_compliant",
		"pet_accommodations_code", "pet_accommodations_desc", "hours_open", "hours_close",
		"org_name", "org_organization_name", "org_hotline_phone", "org_main_phone", "org_other_phone", "latitude", "longitude",
	}
}

// fields are properties by their name in lower case; blank where unknown.
type fields map[string]string

// shelter reports whether they are those of a shelter of the National Shelter System.
func (p fields) shelter() bool {
	return p.has("shelter_name") && p.has("evacuation_capacity", "post_impact_capacity", "shelter_status", "shelter_status_code", "total_population")
}

// blankValue reports whether a value stands for none.
func blankValue(v string) bool {
	switch strings.ToUpper(v) {
	case "", "-999", "-999.0", "NOT AVAILABLE", "NULL", "N/A", "UNK", "UNKNOWN":
		return true
	}
	return false
}

func (p fields) has(names ...string) bool {
	for _, n := range names {
		if _, ok := p[n]; ok {
			return true
		}
	}
	return false
}

func (p fields) first(names ...string) string {
	for _, n := range names {
		if p[n] != "" {
			return p[n]
		}
	}
	return ""
}

func (p fields) address() string {
	var parts []string
	for _, s := range []string{p.first("address", "address_1"), p["address_2"], p["city"], strings.TrimSpace(p["state"] + " " + p["zip"])} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

func (p fields) count(name string) Count {
	x, err := strconv.ParseFloat(p[name], 64)
	if err != nil || x < 0 || x > 1e7 || x != math.Trunc(x) {
		return Count{}
	}
	return Count{int(x), true}
}

// answer is the first of them that says yes or no.
func (p fields) answer(names ...string) Answer {
	for _, n := range names {
		switch strings.ToUpper(p[n]) {
		case "YES", "Y", "TRUE", "1":
			return Yes
		case "NO", "N", "FALSE", "0":
			return No
		}
	}
	return Unknown
}

func (p fields) pets() Pets {
	code := strings.ToUpper(p["pet_accommodations_code"])
	switch code {
	case "":
		return ""
	case "NONE", "NO", "N":
		return PetsNone
	case "COHABIT":
		return PetsInside
	case "ONSITE":
		return PetsOnSite
	case "OFFSITE":
		return PetsNearby
	}
	return PetsSome
}

func (p fields) place(g orb.Geometry) orb.Geometry {
	if g != nil {
		return g
	}
	lat, err := strconv.ParseFloat(p["latitude"], 64)
	if err != nil {
		return nil
	}
	lon, err := strconv.ParseFloat(p["longitude"], 64)
	if err != nil || lat == 0 && lon == 0 || math.Abs(lat) > 90 || math.Abs(lon) > 180 {
		return nil
	}
	return orb.Point{lon, lat}
}
