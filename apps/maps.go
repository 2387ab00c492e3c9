package apps

import (
	"log/slog"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
)

// OfMaps is the name of the app of places and maps.
const OfMaps = "maps"

// Maps is what the machine gives to the maps.
type Maps struct {
	Folder string                                 // of street maps and pictures; empty: none
	Disk   func() (free, total uint64, err error) // of the folder; nil: not asked
	At     string                                 // where the hub stands while nobody has said so on its pages
	Log    *slog.Logger
}

// Check reports what is wrong with it.
func (m Maps) Check() error { return m.options().Check() }

func (m Maps) options() maps.Options {
	return maps.Options{Folder: m.Folder, Disk: m.Disk, At: m.At, Areas: hub.Layers, Ferry: ferryOf, Log: m.Log}
}

// ferryOf is how street maps come from other hubs; nil where they do not.
func ferryOf(h hub.Host) maps.Ferry {
	if f, ok := h.(hub.Ferrier); ok {
		if brings := f.Ferry(); brings != nil {
			return brings
		}
	}
	return nil
}
