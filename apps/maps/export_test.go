package maps

// Nearest is the few places that are nearest to a point.
func Nearest(all []Place, from *Point, most int) []Place { return nearest(all, from, most) }
