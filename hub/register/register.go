// Package register is who may do what in a community as people read it: by name, since
// when, by whose signature, and who may no more. It decides nothing: package roster
// does, and what is here follows from its state and the trust records it rests on.
package register

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

type (
	// Register is who may do what.
	Register struct {
		Community    string    `json:"community"`
		Founded      time.Time `json:"founded"`
		Roots        []string  `json:"roots"`            // the check on each sheet of the newest list
		Threshold    int       `json:"threshold"`        // how many of them make an act
		Lists        int       `json:"lists"`            // how many lists there have been; 1 = the founding's alone
		Rivals       int       `json:"rivals,omitempty"` // lists that were signed to follow it, of which none does, as they are several
		Coordinators []Entry   `json:"coordinators"`     // by label
		Hubs         []Entry   `json:"hubs"`             // by label
		Ended        []End     `json:"ended"`            // the latest first
	}
	// Entry is somebody who may do something.
	Entry struct {
		ID      string    `json:"id"`  // the key in hex
		Tag     string    `json:"tag"` // its beginning, by which people tell keys apart
		Label   string    `json:"label"`
		Roles   []string  `json:"roles"`             // admit, notices, relay, maps, moderate
		Senders []string  `json:"senders,omitempty"` // of relay: whose notices
		Area    string    `json:"area,omitempty"`
		Until   string    `json:"until,omitempty"` // a date, for people; nothing ends by itself
		Over    bool      `json:"over,omitempty"`  // that date has passed, by the time that was given
		Since   time.Time `json:"since"`           // by the clocks of those who signed
		By      []string  `json:"by,omitempty"`    // the checks of the root sheets that signed; none = Issuer did
		Issuer  string    `json:"issuer,omitempty"`
	}
	// End is of somebody who may no more.
	End struct {
		ID      string    `json:"id"`
		Tag     string    `json:"tag"`
		Label   string    `json:"label,omitempty"` // empty where nobody has said how they are called
		Kind    Kind      `json:"kind"`
		Retired bool      `json:"retired,omitempty"` // no longer in use; else revoked for good
		At      time.Time `json:"at"`                // by the clock of whoever signed first
		Own     bool      `json:"own,omitempty"`     // by the key itself
		By      []string  `json:"by,omitempty"`      // the checks of the root sheets that signed
		Issuer  string    `json:"issuer,omitempty"`  // the label of the hub that did
		Why     string    `json:"why,omitempty"`
	}
)

// Kind is what a key is that may no more.
type Kind string

// The kinds.
const (
	Hub         Kind = "hub"
	Coordinator Kind = "coordinator"
	Neighbor    Kind = "neighbor" // without a certificate
)

// Records yields trust records, the oldest first, and why it could not go on.
type Records = func(yield func(record.Record, error) bool)

// Read is the register of a state, which follows from the trust records. now tells
// which dates have passed; zero where that cannot be told.
func Read(state *roster.State, trust Records, now time.Time) (Register, error) {
	b := newBook(state)
	for r, err := range trust {
		if err != nil {
			return Register{}, err
		}
		b.take(r)
	}
	f := state.Founding()
	_, roots, threshold := state.Roots()
	out := Register{
		Community: f.Name, Founded: f.Time.Wall(), Roots: checks(roots), Threshold: threshold, Lists: state.Lists(), Rivals: state.Rivals(),
		Coordinators: []Entry{}, Hubs: []Entry{}, Ended: b.ended(),
	}
	for who, c := range state.Coordinators() {
		if !state.Retired(who) {
			out.Coordinators = append(out.Coordinators, b.entry(who, c, now))
		}
	}
	for who, c := range state.Hubs() {
		if !state.Retired(who) {
			out.Hubs = append(out.Hubs, b.entry(who, c, now))
		}
	}
	for _, list := range [][]Entry{out.Coordinators, out.Hubs} {
		slices.SortFunc(list, func(a, b Entry) int {
			return cmp.Or(strings.Compare(a.Label, b.Label), strings.Compare(a.ID, b.ID))
		})
	}
	return out, nil
}

// Date is a certificate's day as people write it; empty for none.
func Date(day uint32) string {
	if day == 0 {
		return ""
	}
	return time.Unix(int64(day)*secondsOfDay, 0).UTC().Format(time.DateOnly)
}

// Day is a date as a certificate has it.
func Day(t time.Time) uint32 {
	y, m, d := t.Date()
	return uint32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay) //nolint:gosec // until the year 2100
}

const secondsOfDay = 24 * 60 * 60

// Roles are the names of the roles in a set.
func Roles(r roster.Roles) []string {
	if r.String() == "" {
		return []string{}
	}
	return strings.Split(r.String(), ",")
}

func checks(keys []record.Author) (out []string) {
	for _, k := range keys {
		out = append(out, rootsheet.Check(k))
	}
	return out
}
