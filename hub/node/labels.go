package node

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/names"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// MaxLabel is how many characters the name of a hub or of a community may have.
const MaxLabel = 40

// Why a hub cannot be called so. Match with errors.Is.
var (
	ErrLabelUnreadable = errors.New("this cannot be the name of a place")
	ErrLabelReserved   = errors.New("no place may be called so")
	ErrLabelTaken      = errors.New("another place has this name")
)

// Label makes what people are to call a hub fit to be shown, or says why it cannot
// be called so: ErrLabelUnreadable; ErrLabelReserved for what is Lamppost's own, or seems
// to speak for all or to be a coordinator; or ErrLabelTaken by a hub of the community
// other than self that is in use. What only differs in case, width, blanks, punctuation or
// letters that look alike is the same name.
func Label(state *roster.State, label string, self record.Author) (string, error) {
	clean, err := hub.CleanLine("label", label, MaxLabel, roster.MaxText)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrLabelUnreadable, err)
	}
	if names.Skeleton(clean) == "" {
		return "", fmt.Errorf("%w: it needs at least one letter or digit", ErrLabelUnreadable)
	}
	if slices.ContainsFunc([]string{"lamppost", "hub", "www", "localhost"}, names.Alike(clean)) {
		return "", fmt.Errorf("%w: choose another than %q", ErrLabelReserved, clean)
	}
	if names.Speaks(clean) {
		return "", fmt.Errorf("%w: %q sounds as if it spoke for everybody; choose what this place is called", ErrLabelReserved, clean)
	}
	if names.SeemsOneOf(clean, speakers(state)) {
		return "", fmt.Errorf("%w: %q is what a coordinator is called, or looks like it; choose what this place is called", ErrLabelReserved, clean)
	}
	if who, has, taken := holder(state, clean, self); taken {
		return "", fmt.Errorf("%w: the hub %q, whose key begins with %.6s, is called so already or looks the same; choose another name", ErrLabelTaken, has, who)
	}
	return clean, nil
}

// speakers is what the coordinators are called who may do anything.
func speakers(state *roster.State) iter.Seq[string] {
	return func(yield func(string) bool) {
		for who, c := range state.Coordinators() {
			if c.Roles != 0 && !state.Retired(who) && !yield(c.Label) {
				return
			}
		}
	}
}

// holder is the hub in use other than self that has a name, and what it is called.
func holder(state *roster.State, label string, self record.Author) (who record.Author, has string, taken bool) {
	alike := names.Alike(label)
	for who, c := range state.Hubs() {
		if who != self && !state.Retired(who) && alike(c.Label) {
			return who, c.Label, true
		}
	}
	return who, "", false
}
