package draw

import (
	"github.com/lamppost-hub/lamppost/apps/maps/draw/mvt"
)

// wanted reports whether a layer is drawn: those of Protomaps basemaps, versions 2 to 4
// (docs.protomaps.com/basemaps/layers).
func wanted(layer string) bool {
	switch layer {
	case "earth", "landcover", "landuse", "natural", "water", "physical_line", "buildings", "boundaries", "transit", "roads", "places", "physical_point", "pois":
		return true
	}
	return false
}

// kindOf is what a feature says that it is: "kind" in version 4, "pmap:kind" before, and
// in version 2 for much of the land the tags of OpenStreetMap.
func kindOf(f *mvt.Feature) string {
	for _, name := range []string{"kind", "pmap:kind", "landuse", "leisure", "natural", "amenity", "waterway", "aeroway"} {
		if v := f.Text(name); v != "" {
			return v
		}
	}
	return ""
}

func number(f *mvt.Feature, names ...string) float64 {
	for _, name := range names {
		if v, ok := f.Number(name); ok {
			return v
		}
	}
	return 0
}

// classOf is how a feature's shape is drawn.
func classOf(layer string, f *mvt.Feature) class {
	kind := kindOf(f)
	if f.Kind == mvt.Polygons {
		switch layer {
		case "earth":
			return land
		case "water":
			return water
		case "buildings":
			return building
		case "landuse", "natural", "landcover":
			return landOf(kind)
		}
		return nothing
	}
	if f.Kind != mvt.Lines {
		return nothing
	}
	switch layer {
	case "water", "physical_line":
		switch kind {
		case "river", "stream", "canal", "drain", "ditch":
			return waterLine
		}
	case "boundaries":
		if number(f, "kind_detail", "pmap:min_admin_level", "pmap:admin_level") <= 4 {
			return border
		}
	case "roads", "transit":
		return roadOf(kind, f)
	}
	return nothing
}

func landOf(kind string) class {
	switch kind {
	case "park", "garden", "grass", "grassland", "meadow", "village_green", "recreation_ground", "golf_course", "cemetery", "pitch", "playground", "dog_park", "zoo", "allotments",
		"nature_reserve", "national_park", "farmland", "orchard", "scrub", "protected_area", "stadium":
		return green
	case "wood", "forest":
		return wood
	case "sand", "beach", "bare_rock", "barren", "desert":
		return sand
	case "hospital", "clinic":
		return care
	case "school", "university", "college", "kindergarten":
		return school
	case "pedestrian", "pier", "parking", "railway", "industrial", "commercial", "aerodrome", "airfield", "runway", "military", "footway":
		return paved
	case "residential", "urban_area":
		return built
	}
	return nothing
}

func roadOf(kind string, f *mvt.Feature) class {
	detail := f.Text("kind_detail")
	if detail == "" {
		detail = f.Text("pmap:kind_detail")
	}
	under := number(f, "is_tunnel") != 0 || f.Text("pmap:level") == "-1"
	switch kind {
	case "highway":
		return highway
	case "major_road":
		switch {
		case under:
			return tunnel
		case detail == "secondary", detail == "tertiary", detail == "secondary_link", detail == "tertiary_link":
			return medium
		}
		return major
	case "medium_road":
		return medium
	case "minor_road":
		switch {
		case under:
			return tunnel
		case detail == "service", f.Text("service") != "", f.Text("pmap:kind_detail") == "service":
			return service
		case detail == "raceway":
			return nothing
		}
		return minor
	case "path":
		if under {
			return nothing
		}
		if detail == "pedestrian" {
			return service
		}
		return path
	case "rail", "light_rail", "tram", "subway":
		if under {
			return nothing
		}
		return rail
	case "ferry":
		return ferry
	}
	return nothing
}

// Ranks of names: those with a lower one are put first, and stay.
const (
	rankCity     = 100 // less the population's rank, 0 to 20
	rankMajor    = 200
	rankRelief   = 250 // where help is
	rankWater    = 300
	rankMinor    = 350
	rankQuarter  = 400
	rankGreen    = 450
	rankService  = 500
	rankLandmark = 550
)

// manner is how a name is put: its rank, its size in pixels of the page, its ink, and
// whether with a dot at its point.
type manner struct {
	rank int
	size float64
	by   hand
	dot  bool
}

// mannerOf is how the name of a feature is put at a zoom, and whether it is.
func mannerOf(layer string, f *mvt.Feature, c class, zoom float64) (manner, bool) {
	if number(f, "min_zoom", "pmap:min_zoom") > zoom+.5 {
		return manner{}, false
	}
	kind := kindOf(f)
	switch layer {
	case "places":
		return placeManner(kind, f, zoom)
	case "pois":
		return poiManner(kind, zoom)
	case "roads", "transit":
		return streetManner(c, zoom)
	case "water", "physical_point", "physical_line":
		switch kind {
		case "swimming_pool", "fountain":
			return manner{}, false
		}
		return manner{rankWater, 11, handWater, false}, zoom >= 9 || kind == "ocean" || kind == "sea"
	}
	return manner{}, false
}

func streetManner(c class, zoom float64) (manner, bool) {
	switch c {
	case highway, major, medium:
		return manner{rankMajor + int(highway-c), 11.5, handPlain, false}, zoom >= 13
	case minor, tunnel:
		return manner{rankMinor + int(highway-c), 11, handPlain, false}, zoom >= 15
	case service, path:
		return manner{rankService, 10, handPlain, false}, zoom >= 16.5
	}
	return manner{}, false
}

func placeManner(kind string, f *mvt.Feature, zoom float64) (manner, bool) {
	people := min(20, max(0, int(number(f, "population_rank", "pmap:population_rank"))))
	switch kind {
	case "country":
		return manner{rankCity - 90, 13, handPlace, false}, zoom < 8
	case "region", "state":
		return manner{rankCity - 30, 11.5, handPlace, false}, zoom >= 5 && zoom < 9
	case "locality", "city", "town", "village", "hamlet":
		// a name over the middle of the streets helps nobody who looks for one
		return manner{rankCity - people, min(17, 10.5+float64(people)*.4), handPlace, zoom < 10}, zoom < 15.5
	case "neighbourhood", "macrohood", "suburb", "quarter":
		return manner{rankQuarter, 11.5, handPlace, false}, zoom >= 12.5
	}
	return manner{}, false
}

func poiManner(kind string, zoom float64) (manner, bool) {
	switch kind {
	case "hospital", "fire_station", "police", "townhall":
		return manner{rankRelief, 10, handPlain, true}, zoom >= 14.5
	case "school", "university", "college", "community_centre", "library", "station", "stadium", "sports_centre", "bus_station", "ferry_terminal", "pharmacy", "clinic":
		return manner{rankLandmark, 9.5, handPlain, true}, zoom >= 16
	case "place_of_worship", "museum", "supermarket", "marketplace", "post_office", "theatre", "mall":
		return manner{rankLandmark + 10, 9.5, handPlain, true}, zoom >= 16.5
	case "park", "garden", "cemetery", "beach", "forest", "nature_reserve":
		return manner{rankGreen, 10, handGreen, false}, zoom >= 15
	case "marina":
		return manner{rankWater, 10, handWater, false}, zoom >= 14
	}
	return manner{}, false
}
