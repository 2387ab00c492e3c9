package notices

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
)

// strength orders what is said of one alert by several: whom to believe first.
type strength uint8

// The strengths, the best first.
const (
	byKey          strength = iota // its signature holds here
	byKeyElsewhere                 // a relay says that it has checked it
	byFeed                         // a relay says that it was in a feed, over https
	byHub
	byNobody // nobody has let the hub pass it on
)

// ends reports whether one alert ends another one, by the rules of package capxml. What
// several pass on holds until each of them has said that it does not: one that lies ends
// only what it has said itself.
func (r *Relay) ends(o *Relay) bool {
	if r == nil || o == nil || r.Claim != o.Claim {
		return false
	}
	for _, of := range o.voices {
		if !slices.ContainsFunc(r.voices, func(v *Relay) bool { return v.endsOne(of) }) {
			return false
		}
	}
	return len(o.voices) > 0
}

func (r *Relay) endsOne(o *Relay) bool {
	for _, word := range r.words {
		if slices.Contains(o.words, word) && r.relates(o, word) {
			return true
		}
	}
	return false
}

// relates is what one alert does to another one that came on the same word.
func (r *Relay) relates(o *Relay, word string) bool {
	later, earlier := r.body.held(word), o.body.held(word)
	// A record names others by their hashes.
	if r.body.about(o.body.Name) {
		later.References = []capxml.ID{earlier.ID}
	}
	if o.body.about(r.body.Name) {
		earlier.References = []capxml.ID{later.ID}
	}
	return capxml.Relate(later, earlier).Ends()
}

func (b Relayed) held(word string) capxml.Held {
	return capxml.Held{
		ID: b.Name.id(), MsgType: capxml.MsgType(b.Kind.String()), Status: capxml.Status(b.Grade.Status.String()), Provenance: word,
	}
}

// fold says which of our notices hold, and of those that are passed on. What a hub only
// claims stands apart: it ends nothing, and tops nothing. So does what cancels a warning
// that holds all the same: side by side, people would believe it.
func (l *look) fold(own, others []Notice) Board {
	all, claims := slices.Clone(own), []Notice(nil)
	for _, n := range l.together(others) {
		if n.Relay.Claim {
			claims = append(claims, n)
		} else {
			all = append(all, n)
		}
	}
	b := Fold(all, l.now)
	said := Fold(claims, l.now)
	b.Claims = slices.Concat(said.Active, said.Upcoming)
	b.claimed = slices.Concat(said.Ended, said.Ahead)
	b.next(said.Next, l.now)
	b.idle()
	return b
}

// together makes one of each alert that several pass on. Whose signature holds here is
// believed alone, else whoever may pass it on; and where these differ, the worst counts
// that any of them says, so that none hides what another one warns of.
func (l *look) together(all []Notice) (out []Notice) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Notice) int {
		return cmp.Or(
			strings.Compare(a.Identity, b.Identity), cmp.Compare(a.Relay.trust(), b.Relay.trust()),
			cmp.Compare(l.over(a), l.over(b)), Worse(a, b),
			cmp.Compare(a.Relay.rank, b.Relay.rank), strings.Compare(a.Signed.Hash, b.Signed.Hash), strings.Compare(a.By.Authority, b.By.Authority),
		)
	})
	for _, n := range all {
		if len(out) == 0 || out[len(out)-1].Identity != n.Identity {
			r := *n.Relay
			r.voices = []*Relay{n.Relay}
			n.Relay, n.Re = &r, slices.Clone(n.Re)
			out = append(out, n)
			continue
		}
		first := &out[len(out)-1]
		if first.Relay.trust() != n.Relay.trust() {
			continue
		}
		first.Relay.voices = append(first.Relay.voices, n.Relay)
		for _, re := range n.Re {
			if !slices.Contains(first.Re, re) {
				first.Re = append(first.Re, re)
			}
		}
	}
	return out
}

// trust is which of those count that pass on one alert: only those of the least.
func (r *Relay) trust() int {
	switch r.rank {
	case byKey:
		return 0
	case byNobody:
		return 2
	}
	return 1
}

// over is 1 for what has ended by itself.
func (l *look) over(n Notice) int {
	if n.Span.Until.After(l.now) {
		return 0
	}
	return 1
}

// idle takes cancellations from what holds whose warning holds as well. Of those that are
// claims anyway it is said.
func (b *Board) idle() {
	stands := map[string]bool{}
	for _, n := range slices.Concat(b.Active, b.Upcoming) {
		stands[n.Identity] = n.Kind != Cancel
	}
	idle := func(n *Notice) bool {
		if n.Relay == nil || n.Kind != Cancel || !slices.ContainsFunc(n.Re, func(re string) bool { return stands[re] }) {
			return false
		}
		r := *n.Relay
		r.Idle, n.Relay = true, &r
		return true
	}
	for i := range b.Claims {
		idle(&b.Claims[i])
	}
	b.Active = slices.DeleteFunc(b.Active, func(n Notice) bool {
		if !idle(&n) {
			return false
		}
		b.Claims = append(b.Claims, n)
		return true
	})
}
