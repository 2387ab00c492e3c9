// Package apps lists the apps of a hub.
package apps

import (
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
)

// All is every app, in the order of the pages. Warnings of others come from where they
// are said to, if that is said.
func All(of ...Warnings) []hub.App {
	var from []notices.Sources
	for _, w := range of {
		from = append(from, w.sources())
	}
	return []hub.App{
		notices.New(from...),
		messages.New(),
	}
}
