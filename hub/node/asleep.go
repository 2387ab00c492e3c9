package node

import (
	"path/filepath"

	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Asleep is what the folder of a hub that does not run tells of it: what it is called,
// empty where that is not known, and how it stands, as far as it had heard. Nothing is
// changed. Where the records do not read, its certificate alone counts.
func (f Folder) Asleep() (label string, s doctor.Standing) {
	label = f.Label()
	state, err := store.Peek(filepath.Join(f.Path, recordsFile), f.Founding)
	switch {
	case err == nil:
		if c, ok := state.Hub(f.ID()); ok {
			label = c.Label
		}
		return label, standingOf(state, f.ID(), func() string { return label })
	case label != "":
		return label, doctor.Certified
	}
	return label, doctor.Uncertified
}

// standingOf is how a hub stands by a roster. label is what the certificate in its
// folder says; empty if there is none. It takes time, and is asked only where it matters.
func standingOf(state *roster.State, self record.Author, label func() string) doctor.Standing {
	_, certified := state.Hub(self)
	switch {
	case state.Revoked(self), !certified && label() != "": // by whoever gave the certificate
		return doctor.Revoked
	case !certified:
		return doctor.Uncertified
	case state.Retired(self):
		return doctor.Retired
	}
	return doctor.Certified
}
