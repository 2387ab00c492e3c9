package node

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// leastTag is how many digits of a key name somebody.
const leastTag = 4

// query is whom somebody means: a name, or the beginning of a key, or both.
type query struct{ whole, name, tag string }

// newQuery reads "Maria Ortiz", "Maria Ortiz 3fa2b1", "Maria Ortiz (3fa2b1)" or "3fa2b1".
func newQuery(typed string) query {
	fields := strings.Fields(typed)
	q := query{whole: strings.Join(fields, " ")}
	if len(fields) == 0 {
		return q
	}
	last := strings.ToLower(strings.Trim(fields[len(fields)-1], "()·"))
	if len(last) >= leastTag && strings.Trim(last, "0123456789abcdef") == "" {
		q.tag = last
		q.name = strings.TrimRight(strings.Join(fields[:len(fields)-1], " "), " ·")
	}
	return q
}

// means reports whether somebody is meant who has these names.
func (q query) means(id string, names ...string) bool {
	tagged := q.tag != "" && strings.HasPrefix(id, q.tag)
	if tagged && q.name == "" {
		return true
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return name != "" && (strings.EqualFold(name, q.whole) || tagged && strings.EqualFold(name, q.name))
	})
}

// who are the people and hubs that can be meant, among those whom some hub vouches for
// or who have a certificate. A whole key means whoever has it, known here or not.
func (n *Node) who(_ context.Context, in control.Who) (out control.People, err error) {
	out.People = []control.Somebody{}
	q := newQuery(in.Who)
	if q.whole == "" {
		return out, control.BadRequest(errors.New("nobody is named"))
	}
	err = n.store.Read(func(v *store.View) error {
		snap := NewSnapshot(v, hub.Manifest{}, n.clock.Clock)
		if key, err := hex.DecodeString(q.tag); err == nil && q.name == "" && len(key) == len(record.Author{}) {
			out.People = append(out.People, known(v, snap.Person(record.Author(key))))
			return nil
		}
		for who := range everybody(v) {
			// There may be 1,000 for each hub, and it takes long to tell how somebody is called.
			if !q.means(who.String(), saidNames(v, who)...) {
				continue
			}
			p := snap.Person(who)
			if !q.means(who.String(), p.Name, certified(v.Roster(), who).Label) {
				continue
			}
			if len(out.People) == control.MaxPeople {
				out.More++
				continue
			}
			out.People = append(out.People, known(v, p))
		}
		return nil
	})
	return out, err
}

// everybody yields who has a certificate or a vouch, each once.
func everybody(v *store.View) func(func(record.Author) bool) {
	return func(yield func(record.Author) bool) {
		state := v.Roster()
		for who := range state.Hubs() {
			if !yield(who) {
				return
			}
		}
		for who := range state.Coordinators() {
			if !yield(who) {
				return
			}
		}
		for who := range v.Vouched() {
			if !state.Certified(who) && !yield(who) {
				return
			}
		}
	}
}

// saidNames are all names that anybody has for somebody, fit to be shown or not.
func saidNames(v *store.View, who record.Author) []string {
	out := []string{certified(v.Roster(), who).Label, ownName(v, who)}
	for r, err := range v.Vouches(who) {
		if err != nil {
			break
		}
		out = append(out, record.Once(r.Memo, func() named { return vouchedName(r.Record) }).name)
	}
	return out
}

// certified is somebody's certificate, of whatever kind; the zero one if there is none.
func certified(state *roster.State, who record.Author) roster.Certificate {
	if c, ok := state.Hub(who); ok {
		return c
	}
	c, _ := state.Coordinator(who)
	return c
}

// known is what is known of somebody.
func known(v *store.View, p hub.Person) control.Somebody {
	state, who := v.Roster(), p.Author
	one := control.Somebody{ID: who.String(), Name: p.Name, Home: p.Home, Revoked: state.Revoked(who), Retired: state.Retired(who)}
	if c := certified(state, who); c.Kind != 0 {
		one.Hub, one.Certified, one.Name, one.Roles = c.Kind == roster.Hub, true, c.Label, register.Roles(c.Roles)
		one.Area, one.Senders = c.Area, c.Senders
	}
	for r, err := range v.Vouches(who) {
		one.Guest = one.Guest || err == nil && r.Key == guestPlace
	}
	return one
}
