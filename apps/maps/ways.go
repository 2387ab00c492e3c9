package maps

import "github.com/lamppost-hub/lamppost/hub"

var _ hub.Guide = App{}

// Ways are the ways in from the home page: where to go is what most come for.
func (App) Ways() []hub.Way {
	return []hub.Way{
		{Title: "Where to go", Icon: "maps"},
		{Title: "Say what you have seen", Path: reportPath, Icon: "maps"},
	}
}

var _ hub.Officer = App{}

// Office is where coordinators put on the map what everybody looks for.
func (a App) Office(s hub.Snapshot, q hub.Request) ([]hub.Way, error) {
	if !coordinates(s, q) {
		return nil, nil
	}
	ways := []hub.Way{
		{Title: "Open a shelter", Path: openPath, Icon: "maps"},
		{Title: "Put a place on the map", Path: newPath, Icon: "maps"},
	}
	if a.desk.maps() != nil {
		ways = append(ways, hub.Way{Title: "Street maps", Path: extractsPath, Icon: "maps"})
	}
	return ways, nil
}
