package node

import (
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// builtin is what every hub lists and writes, whatever apps it has: what moderators
// decide.
func builtin() []hub.Manifest {
	return []hub.Manifest{moderation.Manifest(), moderation.Statements()}
}

// IndexOf is the store's index for these apps: each lists its own records, and
// those of an app that is not here are kept and relayed unlisted.
func IndexOf(apps ...hub.App) store.Index {
	manifests := map[record.App]hub.Manifest{}
	index := store.Index{
		Versions: map[record.App]int{},
		Listed:   func(r record.Record) record.Time { return listed(manifests[r.App], r) },
		Counted: func(app record.App, term string) bool {
			marked := string(manifests[app].Marked)
			return marked != "" && strings.HasPrefix(term, marked)
		},
	}
	all := builtin()
	for _, a := range apps {
		all = append(all, a.Manifest())
	}
	for _, m := range all {
		manifests[m.Name] = m
		index.Versions[m.Name] = m.Version
	}
	index.Terms = func(r record.Record) []string {
		m, ok := manifests[r.App]
		if !ok || m.Index == nil || m.Check != nil && m.Check(r) != nil {
			return nil
		}
		var out []string
		for _, t := range m.Index(r) {
			out = append(out, string(t))
		}
		return out
	}
	return index
}

// listed is where a record stands in an app's lists.
func listed(m hub.Manifest, r record.Record) record.Time {
	if m.Listed == nil || r.Withdrawn() {
		return r.Time
	}
	if at := m.Listed(r); at != 0 {
		return min(at, r.Time)
	}
	return r.Time
}
