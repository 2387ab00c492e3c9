package messages

import "github.com/lamppost-hub/lamppost/hub"

// Ways are the ways in from the home page: writing is what most come for.
func (App) Ways() []hub.Way {
	return []hub.Way{
		{Title: "Write a post", Path: town + "?write=1#text", Icon: "write"},
		{Title: "Talk", Icon: "messages"},
		{Title: "Search", Path: searchPath, Icon: "search"},
	}
}
