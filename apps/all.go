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

// All is every app, in the order of the pages, with what is given to them, if anything is.
func All(of ...Given) []hub.App {
	g := Given{}
	for _, o := range of {
		g = o
	}
	return []hub.App{
		notices.New(g.Warnings.sources()),
		messages.New(),
		maps.New(g.Maps.options()),
	}
}
