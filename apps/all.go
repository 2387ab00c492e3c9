// Package apps lists the apps of a hub.
package apps

import (
	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
)

// Given is what the machine gives to apps. The zero Given is nothing.
type Given struct {
	Warnings Warnings
	Maps     Maps
}

// All is every app, in the order of the pages, with what is given to them.
func All(g Given) []hub.App {
	return []hub.App{
		notices.New(g.Warnings.sources()),
		maps.New(g.Maps.options()),
		messages.New(),
	}
}
