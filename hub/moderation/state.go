package moderation

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Clock is a hub's: what time it is and whether that is plausible, and which times are
// so far ahead that nothing of them counts.
type Clock interface {
	Now() (t time.Time, plausible bool)
	Ahead(record.Time) bool
}

// Act is a decision that was taken by somebody who may.
type Act struct {
	Decision

	By   record.Author
	Time record.Time

	id record.ID
}

// over reports whether a stands rather than b.
func (a Act) over(b Act) bool { return order(a, b) < 0 }

// order has what stands first: the newer, then the larger id.
func order(a, b Act) int {
	return cmp.Or(cmp.Compare(b.Time, a.Time), bytes.Compare(b.id[:], a.id[:]))
}

// State is all that was decided. It is immutable. It takes memory for what moderators
// have written, which their quotas bound.
type State struct {
	posts   map[Post][]Act // the newest first, one a moderator
	authors map[record.Author][]Act
}

// Fold is what follows from the records: those that are decisions of keys with the
// role moderate. Their order and repetition make no difference.
func Fold(rs []record.Record, who *roster.State) *State {
	type slot struct {
		by  record.Author
		key string
	}
	stands := map[slot]Act{}
	for _, r := range rs {
		d, err := Decode(r)
		if err != nil || !who.Has(r.Author, roster.Moderate) {
			continue
		}
		a, at := Act{d, r.Author, r.Time, r.ID()}, slot{r.Author, r.Key}
		if old, ok := stands[at]; !ok || a.over(old) {
			stands[at] = a
		}
	}
	s := &State{map[Post][]Act{}, map[record.Author][]Act{}}
	for _, a := range stands {
		if a.Do.AboutPost() {
			s.posts[a.Post] = append(s.posts[a.Post], a)
		} else {
			s.authors[a.Post.Author] = append(s.authors[a.Post.Author], a)
		}
	}
	for _, of := range s.posts {
		slices.SortFunc(of, order)
	}
	for _, of := range s.authors {
		slices.SortFunc(of, order)
	}
	return s
}

// first is the newest act that is not of a clock that runs ahead: else one of those
// would stand for ever.
func first(acts []Act, c Clock) (Act, bool) {
	for _, a := range acts {
		if !c.Ahead(a.Time) {
			return a, true
		}
	}
	return Act{}, false
}

// Post is what stands about a post; false if nothing was decided.
func (s *State) Post(p Post, c Clock) (Act, bool) { return first(s.posts[p], c) }

// Holds is what holds somebody back now: Mute or Slow; false if nothing does. It ends
// by a plausible clock only.
func (s *State) Holds(who record.Author, c Clock) (Act, bool) {
	if len(s.authors) == 0 {
		return Act{}, false
	}
	a, ok := first(s.authors[who], c)
	if !ok || !a.Do.holds() {
		return Act{}, false
	}
	now, sure := c.Now()
	return a, !sure || now.Before(a.Until)
}

// ByMuted is said of what somebody writes who is muted: the reason for that is about what
// they wrote before, and stands with the decision.
const ByMuted hub.Phrase = "Whoever wrote this is muted for a time."

// Hidden is why a record is hidden; empty if it is not.
func (s *State) Hidden(r record.Record, c Clock) string {
	if r.Class < record.People || len(s.posts)+len(s.authors) == 0 {
		return ""
	}
	if a, ok := s.Post(Of(r), c); ok && a.Do == Hide {
		return a.Why
	}
	if a, ok := s.Holds(r.Author, c); ok && a.Do == Mute && r.Time > cmp.Or(a.Since, a.Time) {
		return string(ByMuted)
	}
	return ""
}

// Acts is what every moderator has decided about everything, the newest first, without
// what is of a clock that runs ahead.
func (s *State) Acts(c Clock) (all []Act) {
	for _, of := range s.posts {
		all = append(all, of...)
	}
	for _, of := range s.authors {
		all = append(all, of...)
	}
	all = slices.DeleteFunc(all, func(a Act) bool { return c.Ahead(a.Time) })
	slices.SortFunc(all, order)
	return all
}

// Held is what holds people back now, the newest first.
func (s *State) Held(c Clock) (all []Act) {
	for who := range s.authors {
		if a, ok := s.Holds(who, c); ok {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, order)
	return all
}

// Differ is about what two states may answer differently: which posts, and whose.
func Differ(a, b *State) (posts []Post, authors []record.Author) {
	return differ(a.posts, b.posts), differ(a.authors, b.authors)
}

func differ[K comparable](a, b map[K][]Act) (out []K) {
	same := func(x, y Act) bool { return x.id == y.id }
	for k, acts := range a {
		if !slices.EqualFunc(acts, b[k], same) {
			out = append(out, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			out = append(out, k)
		}
	}
	return out
}
