// Package apps lists the apps of a hub.
package apps

import (
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
)

// All is every app, in the order of the pages.
func All() []hub.App {
	return []hub.App{
		notices.New(),
		messages.New(),
	}
}
