package madeup

import (
	"time"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/notices"
)

// Who may speak officially.
const (
	maria = "Maria Ortiz"
	omar  = "Omar Haddad"
)

// neighbor is somebody whom one of the three hubs vouches for.
type neighbor struct {
	name string
	hub  int
}

func neighbors() []neighbor {
	return []neighbor{
		{"Ben", 0}, {"Tuyet", 0}, {"Rosa", 0}, {"Nadia", 1}, {"Jean", 1}, {"Gus", 1}, {"Ines", 2}, {"Sam", 2}, {"Lin", 2},
	}
}

// hubsAt is where the three hubs stand.
func hubsAt() []orb.Point { return []orb.Point{at(-560, -15), at(-155, -15), at(575, 220)} }

// site is a place on the map.
type site struct {
	place.Details

	id, by      string
	since, said int // minutes ago: that it is there, how it stands
	state       place.State
}

// named are what a place has or needs, by their names.
func named(names string) place.Things {
	all, err := place.ThingsNamed("", []string{names})
	if err != nil {
		return 0 // a test holds the names
	}
	return all
}

func sites() []site {
	spot := func(x, y float64) place.Shape { return shape(at(x, y)) }
	return []site{
		{place.Details{
			Kind: place.Shelter, Name: "Elm Street School", Shape: spot(575, 220), About: "Sports hall and classrooms. Use the entrance on Elm Street.", Contact: "Omar Haddad, at the front desk",
			Hours: "Day and night", StepFree: place.Yes, Pets: place.Yes, Langs: []string{"ar", "en", "es"}, Everyday: 140, Most: 200,
		}, "elm-street-school", omar, 420, 35, place.State{
			Status: place.Open, Offers: named("beds meals drinking-water toilets showers charging"), Needs: named("blankets volunteers"), Need: "Two people for the night shift",
		}},
		{place.Details{
			Kind: place.Shelter, Name: "Heron Street Hall", Shape: spot(745, -400), About: "One large room with a kitchen.", Contact: "Sam, at the door",
			StepFree: place.Yes, Pets: place.No, Langs: []string{"en", "zh-Hans"}, Everyday: 60, Most: 90,
		}, "heron-street-hall", omar, 400, 20, place.State{
			Status: place.Filling, Offers: named("beds meals toilets"), Needs: named("drinking-water blankets baby"),
		}},
		{place.Details{
			Kind: place.Shelter, Name: "Harbor Hall", Shape: spot(-300, -810), About: "Upper floor only, as the cellar is wet.", Contact: "Tuyet, at the stairs",
			StepFree: place.No, Pets: place.No, Langs: []string{"en", "vi"}, Everyday: 40, Most: 60,
		}, "harbor-hall", maria, 410, 50, place.State{Status: place.Full, Offers: named("beds toilets"), Needs: named("hygiene")}},
		{place.Details{
			Kind: place.Shelter, Name: "Kite Hill Gym", Shape: spot(-100, 795), About: "Opens when Heron Street Hall is full.",
			StepFree: place.Yes, Pets: place.Yes, Langs: []string{"en", "fr", "ht"}, Everyday: 80, Most: 120,
		}, "kite-hill-gym", maria, 300, 90, place.State{Status: place.Planned, Needs: named("beds volunteers")}},
		{place.Details{
			Kind: place.Water, Name: "Water truck at Lantern Green", Shape: spot(-500, 135), About: "10 liters for each person. Bring bottles.", Hours: "Until dark", StepFree: place.Yes,
		}, "water-truck", maria, 150, 40, place.State{Status: place.Open, Offers: named("drinking-water")}},
		{place.Details{
			Kind: place.Water, Name: "Tap at Saltworks Street", Shape: spot(450, -480), About: "Public tap on the corner of Gull Street.", StepFree: place.Yes,
		}, "saltworks-tap", omar, 200, 160, place.State{Status: place.Open, Offers: named("drinking-water")}},
		{place.Details{
			Kind: place.Charging, Name: "Charging at the library", Shape: spot(-120, -10), About: "12 sockets by the window. Bring your own cable.", Hours: "8 to 22", StepFree: place.Yes, Langs: []string{"en", "es"},
		}, "library-charging", maria, 330, 70, place.State{Status: place.Open, Offers: named("charging warmth")}},
		{place.Details{
			Kind: place.Food, Name: "Market Street kitchen", Shape: spot(-225, -270), About: "Soup and bread, also without meat.", Hours: "12 to 14, 18 to 20", StepFree: place.Yes, Pets: place.Yes,
		}, "market-kitchen", maria, 240, 60, place.State{Status: place.Open, Offers: named("meals"), Needs: named("drinking-water fuel")}},
		{place.Details{
			Kind: place.Medical, Name: "Lamplighter Clinic", Shape: spot(-740, -400), About: "Runs on its own power. Medicine for those who need it every day.", Hours: "Day and night", StepFree: place.Yes, Langs: []string{"en", "es", "vi"},
		}, "lamplighter-clinic", maria, 380, 100, place.State{Status: place.Open, Offers: named("medical charging")}},
		{place.Details{
			Kind: place.Toilets, Name: "Showers at the Ferry House", Shape: spot(-350, -1060), StepFree: place.No,
		}, "ferry-house", maria, 360, 300, place.State{Status: place.Closed}},
		{place.Details{
			Kind: place.Hazard, Name: "Wires down in Cobbler Street", Shape: shape(box(-540, -490, -430, -420)), About: "Stay at least 10 meters away. Do not touch anything there.",
		}, "wires-down", maria, 130, 0, place.State{}},
		{place.Details{
			Kind: place.Road, Name: "Elm Street bridge", Shape: shape(line([2]float64{210, 150}, [2]float64{440, 150})), About: "Closed to cars and on foot. The bridge of High Lantern Street is open.",
		}, "elm-bridge", omar, 180, 0, place.State{}},
	}
}

// door is a shelter where people are counted.
type door struct {
	id, allows string
	tallies    []tally
}

// tally is how many one person has let in by one hub.
type tally struct {
	by      string
	hub     int
	minutes int
	people  int32
}

func doors() []door {
	return []door{
		{"elm-street-school", omar, []tally{{"Ines", 2, 12, 71}, {"Lin", 2, 6, 25}}},
		{"heron-street-hall", omar, []tally{{"Sam", 2, 9, 78}}},
		{"harbor-hall", maria, []tally{{"Tuyet", 0, 50, 60}}},
	}
}

// sighting is what somebody has seen so many minutes ago, and who saw it too.
type sighting struct {
	maps.Sighting

	by      string
	minutes int
	at      orb.Point // zero: none
	too     []string
}

func seen() []sighting {
	return []sighting{
		{maps.Sighting{What: place.RoadClosed, Words: "A tree lies across Orchard Row, between Lamplighter Lane and Ropewalk. No car gets through."}, "Ben", 55, at(-900, 550), []string{"Rosa", "Gus", "Ines"}},
		{maps.Sighting{What: place.WaterOff, Place: "saltworks-tap", Words: "Only a few drops are coming."}, "Lin", 25, orb.Point{}, []string{"Sam"}},
		{maps.Sighting{What: place.PowerOff, Words: "All of Windmill Road is dark."}, "Ines", 85, at(850, 350), []string{"Lin", "Nadia"}},
		{maps.Sighting{What: place.Found, Words: "Firewood to take away, in front of the blue house in Thistle Street."}, "Jean", 15, at(600, 550), nil},
	}
}

// notice is what a coordinator has released so many minutes ago, and how long it holds.
type notice struct {
	notices.Body

	by      string
	minutes int
	holds   time.Duration
}

func released() []notice {
	outline := func(p orb.Polygon) *notices.Area {
		a := &notices.Area{}
		var all []notices.Point
		for _, q := range p[0] {
			all = append(all, notices.PointAt(q[1], q[0]))
		}
		a.Polygons = [][]notices.Point{all}
		return a
	}
	low := outline(orb.Polygon{{at(-1000, -900), at(-500, -900), at(0, -900), at(220, -900), at(220, -560), at(0, -550), at(-500, -550), at(-1000, -550), at(-1000, -900)}})
	low.Words = "Old Harbor, south of Cobbler Street"
	school := notices.PointAt(at(575, 220)[1], at(575, 220)[0])
	bridge := notices.PointAt(at(325, 150)[1], at(325, 150)[0])
	return []notice{
		{notices.Body{
			Letters: "FS", Count: 1, Kind: notices.Alert, Template: "boil-water", Area: low, Contact: "Fire Station",
			Grade: notices.Grade{Status: notices.Actual, Category: notices.Health, Severity: notices.Severe, Urgency: notices.Expected, Certainty: notices.Likely, Response: notices.Execute},
			Words: []notices.Words{
				{Lang: "en", Text: "Seawater has come into the pipes of Old Harbor. Clean water is at Lantern Green."},
				{Lang: "es", Text: "Entró agua de mar en las tuberías de Old Harbor. Hay agua limpia en Lantern Green."},
			},
		}, maria, 110, 72 * time.Hour},
		{notices.Body{
			Letters: "ESS", Count: 1, Kind: notices.Alert, Template: "road", Contact: "Elm Street School",
			Area:  &notices.Area{Words: "Elm Street, at the river", Circles: []notices.Circle{{Center: bridge, Meters: 120}}},
			Grade: notices.Grade{Status: notices.Actual, Category: notices.Transport, Severity: notices.Moderate, Urgency: notices.Immediate, Certainty: notices.Observed, Response: notices.Avoid},
			Words: []notices.Words{{Lang: "en", Text: "A pier of the Elm Street bridge has cracks. Cross by High Lantern Street."}},
		}, omar, 175, 24 * time.Hour},
		{notices.Body{
			Letters: "ESS", Count: 2, Kind: notices.Alert, Template: "shelter", Contact: "Omar Haddad, at the front desk",
			Area:  &notices.Area{Words: "Elm Street School, Elm Street", Circles: []notices.Circle{{Center: school}}},
			Grade: notices.Grade{Status: notices.Actual, Category: notices.Safety, Severity: notices.Minor, Urgency: notices.Expected, Certainty: notices.Observed, Response: notices.Execute},
			Words: []notices.Words{{Lang: "en", Text: "Elm Street School is open day and night. There is room for 200, also with pets."}},
		}, omar, 165, 48 * time.Hour},
	}
}

// question is what somebody asks, and what a coordinator answers.
type question struct {
	by, text        string
	minutes         int
	answers, answer string
	answered        int
	verdict         notices.Verdict
}

func asked() []question {
	return []question{
		{"Gus", "The dam above Kite Hill is said to leak. Is that true?", 75, maria, "There is no dam on the island. Nobody has to leave Kite Hill.", 65, notices.Untrue},
		{"Rosa", "Will the ferry come tomorrow?", 30, "", "", 0, 0},
	}
}

// post is what somebody has said so many minutes ago.
type post struct {
	by, channel string
	minutes     int
	text        string
	re          int // which of the posts it answers, from 1; 0: none
}

func said() []post {
	const town, elm, lost = "town", "Elm Street", "Lost and found"
	return []post{
		{"Rosa", town, 190, "The power is out in all of Station Street. Is it only us?", 0},
		{"Nadia", town, 183, "Market Street is dark too. The library runs on batteries, you can charge phones there.", 1},
		{"Gus", elm, 150, "The bridge is closed. I walked round by High Lantern Street, it takes ten minutes more.", 0},
		{"Ines", elm, 95, "We have 200 places at the school and hot soup. Come in by the Elm Street door.", 0},
		{"Jean", lost, 88, "Found a gray cat with a red collar near Mirror Pond. She is at the library now.", 0},
		{"Tuyet", town, 62, "Harbor Hall is full. Please go to Heron Street or to the school.", 0},
		{"Sam", elm, 48, "Heron Street Hall needs blankets and things for babies. We still have a dozen beds.", 0},
		{"Ben", town, 44, "Careful in Orchard Row, a tree is down. I reported it on the map.", 0},
		{"Rosa", town, 33, "The line at the water truck is short right now. Bring your own bottles.", 0},
		{"Lin", lost, 27, "That is Pepper! We will come for her soon, thank you so much.", 5},
		{"Lin", town, 18, "The tap at Saltworks Street gives only drops. Go to Lantern Green instead.", 0},
		{"Nadia", town, 7, "I have a hand cart and can bring water to people who cannot walk. Write here.", 0},
	}
}
