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
