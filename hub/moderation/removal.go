package moderation

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Removals is the term of all statements that a post is to be purged.
const Removals = hub.Term("purges")

// Statements is what a hub has to know of app roster to list those and to write them.
func Statements() hub.Manifest {
	return hub.Manifest{
		Name: record.Roster, Class: record.Trust, Version: 1,
		Index: func(r record.Record) []hub.Term {
			if r.Class != record.Trust || !strings.HasPrefix(r.Key, "p/") {
				return nil
			}
			return []hub.Term{Removals}
		},
	}
}

// Removal is a post that is to go for good, for which two moderators are needed.
type Removal struct {
	roster.Purge

	Post  Post
	Signs []Sign // the earliest first: of moderators, and of the roots
	Done  bool   // enough have signed
	key   string
	body  []byte
}

// Sign is one signature under it.
type Sign struct {
	By   record.Author
	Time record.Time
}

// By reports whether somebody has signed.
func (r Removal) By(who record.Author) bool {
	return slices.ContainsFunc(r.Signs, func(s Sign) bool { return s.By == who })
}

// Last is when the latest signed; 0 if nobody did.
func (r Removal) Last() record.Time {
	if len(r.Signs) == 0 {
		return 0
	}
	return r.Signs[len(r.Signs)-1].Time
}

// Remove is the removal of a version of a post, to be signed. The place is closed
// until the version expires: else a change that its author makes between two
// signatures would come through. It is an error of a record that nobody may purge.
func Remove(r record.Record) (Removal, error) {
	if r.Class < record.People || r.TTL == 0 {
		return Removal{}, roster.ErrForm
	}
	p := roster.Purge{Slot: r.Slot(), ID: r.ID()}
	p.Time = min(record.Time((uint64(r.Expires())+1)*86_400_000)<<16, record.MaxTime-1)
	s, err := p.Record(0, record.Via{})
	return Removal{Purge: p, Post: Of(r), key: s.Key, body: s.Body}, err
}

// Draft is the removal as what is to be signed: the same for each who does.
func (r Removal) Draft() hub.Draft {
	return hub.Draft{Key: r.key, Class: record.Trust, Body: r.body}
}

// RemovalsOf reads statements of app roster: the latest signed first, whatever the
// order in which they come. Those that nobody has signed who still may are left out.
func RemovalsOf(rs []record.Record, who *roster.State) []Removal {
	by := map[string]*Removal{}
	for _, r := range rs {
		if r.App != record.Roster || r.Class != record.Trust || !strings.HasPrefix(r.Key, "p/") || !who.Has(r.Author, roster.Moderate) && !who.Root(r.Author) {
			continue
		}
		one, ok := by[r.Key]
		if !ok {
			p, err := roster.DecodePurge(r.Body)
			if err != nil {
				continue
			}
			one = &Removal{
				Purge: p, Post: Post{p.Slot.App, p.Slot.Key, p.Slot.Author}, Done: who.Barred(p.Slot) >= p.Time, key: r.Key, body: r.Body,
			}
			by[r.Key] = one
		}
		if i := slices.IndexFunc(one.Signs, func(s Sign) bool { return s.By == r.Author }); i >= 0 {
			one.Signs[i].Time = max(one.Signs[i].Time, r.Time)
		} else {
			one.Signs = append(one.Signs, Sign{r.Author, r.Time})
		}
	}
	all := make([]Removal, 0, len(by))
	for _, one := range by {
		slices.SortFunc(one.Signs, func(a, b Sign) int {
			return cmp.Or(cmp.Compare(a.Time, b.Time), slices.Compare(a.By[:], b.By[:]))
		})
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b Removal) int {
		return cmp.Or(cmp.Compare(b.Last(), a.Last()), strings.Compare(a.key, b.key))
	})
	return all
}
