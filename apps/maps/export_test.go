package maps

import "github.com/lamppost-hub/lamppost/apps/maps/place"

// Nearest is the few places that are nearest to a point.
func Nearest(all []Place, from *place.Point, most int) []Place { return nearest(all, from, most) }
