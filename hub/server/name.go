package server

import (
	"slices"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/names"
)

// Limits of a name.
const (
	maxNameChars = 40
	maxNameBytes = 64
)

// cleanName makes a name fit to be shown beside others'; an empty one stays so. It may be
// what the writer is called already, also if that is a coordinator's.
func (a About) cleanName(s, already string) (string, error) {
	name, err := hub.CleanLine("name", s, maxNameChars, maxNameBytes)
	if err != nil || name == "" {
		return "", err
	}
	if hub.Blank(name) {
		return "", hub.Errorf(hub.Invalid, "name", "A name needs at least one letter. You can also leave it empty.")
	}
	if name == already {
		return name, nil
	}
	return name, names.Check(name, names.TakenBy(a.Community, a.places).And(slices.Values(a.Speakers)))
}

// places yields what this place and those around are called.
func (a About) places(yield func(string) bool) {
	if !yield(a.Place) {
		return
	}
	for _, n := range a.Neighbors {
		if !yield(n.Label) {
			return
		}
	}
}
