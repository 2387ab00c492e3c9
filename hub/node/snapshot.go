package node

import (
	"fmt"
	"iter"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// A person's own name is a slot of theirs.
const (
	peopleApp = record.App("people")
	nameKey   = "name"
	nameTTL   = record.MaxTTL
)

type nameBody struct {
	Name string `cbor:"1,keyasint"`
}

// snapshot is the hub.Snapshot of one app over one moment of the store.
type snapshot struct {
	view  *store.View
	app   hub.Manifest
	clock *clock.Clock
	now   time.Time
	sure  bool
	reach reachOf
	call  *callable
	bench *bench
	apps  []hub.App // of the hub, for what they draw on a map

	decided *moderation.State // by moderators; nil until it is asked for
}

// reachOf is how many other hubs are known to hold what stands under an arrival
// number, and when the last of them was learned of.
type reachOf func(arrival uint64) (hubs int, learned time.Time)

var _ hub.Snapshot = (*snapshot)(nil)

// NewSnapshot is what an app sees of one moment of the store, by a hub that knows
// of no other.
func NewSnapshot(v *store.View, app hub.Manifest, c *clock.Clock) hub.Snapshot {
	return newSnapshot(v, app, c, func(uint64) (int, time.Time) { return 0, time.Time{} }, &callable{}, &bench{})
}

func newSnapshot(v *store.View, app hub.Manifest, c *clock.Clock, reach reachOf, call *callable, judges *bench) *snapshot {
	s := &snapshot{view: v, app: app, clock: c, reach: reach, call: call, bench: judges}
	s.now, s.sure = c.Now()
	return s
}

func (s *snapshot) Newest(t hub.Term, before hub.Cursor) iter.Seq2[hub.Item, error] {
	return s.items(s.view.Newest(s.app.Name, string(t), record.Time(before)), s.expired)
}

func (s *snapshot) Came(t hub.Term, after hub.Arrival) (iter.Seq2[hub.Item, error], bool) {
	came, known := s.view.Came(s.app.Name, string(t), store.Position{Epoch: after.Epoch, Arrival: after.Number})
	if !known {
		return nil, false
	}
	return s.items(came, s.expired), true
}

func (s *snapshot) Latest() hub.Arrival {
	p := s.view.Position()
	return hub.Arrival{Epoch: p.Epoch, Number: p.Arrival}
}

func (s *snapshot) expired(r record.Record) bool {
	return s.sure && r.Expires() < record.DayOf(s.now)
}

func (s *snapshot) Times(t hub.Term, before hub.Cursor) iter.Seq[record.Time] {
	return s.view.Times(s.app.Name, string(t), record.Time(before))
}

func (s *snapshot) Terms(prefix string) iter.Seq[hub.Term] {
	return func(yield func(hub.Term) bool) {
		for t := range s.view.Terms(s.app.Name, prefix) {
			if !yield(hub.Term(t)) {
				return
			}
		}
	}
}

func (s *snapshot) Slots(key string) iter.Seq2[hub.Item, error] {
	return s.items(s.view.Slots(s.app.Name, key), func(record.Record) bool { return false })
}

// judged is what an app says of a record of its own, whoever asks.
type judged struct {
	fit    bool // to be shown to the app
	listed record.Time
	memo   record.Memo
}

func (s *snapshot) judged(r store.Held) *judged {
	return record.Once(r.Memo, func() *judged {
		fit := r.Withdrawn() || s.app.Check == nil || s.app.Check(r.Record) == nil
		return &judged{fit: fit, listed: listed(s.app, r.Record)}
	})
}

// items leaves out what the app cannot read.
func (s *snapshot) items(rs iter.Seq2[store.Held, error], skip func(record.Record) bool) iter.Seq2[hub.Item, error] {
	return func(yield func(hub.Item, error) bool) {
		if err := s.decide(); err != nil {
			yield(hub.Item{}, err)
			return
		}
		for r, err := range rs {
			if err != nil {
				yield(hub.Item{}, err)
				return
			}
			j := s.judged(r)
			if !j.fit || skip(r.Record) {
				continue
			}
			others, learned := s.reach(r.Arrival)
			it := hub.Item{
				Record: r.Record, Ahead: s.clock.Ahead(r.Time), Listed: j.listed, Holders: 1 + others, Learned: learned,
				Hidden: s.decided.Hidden(r.Record, s.clock), Memo: &j.memo,
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

// decide finds what moderators have decided by the snapshot's moment.
func (s *snapshot) decide() (err error) {
	if s.decided == nil {
		s.decided, err = s.bench.of(s.view)
	}
	return err
}

func (s *snapshot) Roster() *roster.State { return s.view.Roster() }

func (s *snapshot) Now() (time.Time, bool) { return s.now, s.sure }

// Person is what is known of an author. A name that does not read is left out, and
// so is one that could not have been chosen here, but for the guests' own.
func (s *snapshot) Person(a record.Author) hub.Person {
	p := hub.Person{Author: a}
	for _, kind := range []func(record.Author) (roster.Certificate, bool){s.Roster().Hub, s.Roster().Coordinator} {
		if c, ok := kind(a); ok {
			p.Name = c.Label
		}
	}
	for r, err := range s.view.Vouches(a) {
		if err != nil {
			break
		}
		if at := r.Time.Wall(); p.Since.IsZero() || at.Before(p.Since) {
			p.Since = at
		}
		if c, ok := s.Roster().Hub(r.Author); ok && p.Home == "" {
			p.Home = c.Label
		}
		if p.Name == "" {
			name := record.Once(r.Memo, func() named { return vouchedName(r.Record) }).name
			if s.call.fits(s.Roster(), name) || r.Key == guestPlace && name == server.GuestName {
				p.Name = name
			}
		}
	}
	if own := ownName(s.view, a); own != "" && s.call.fits(s.Roster(), own) {
		p.Name = own
	}
	return p
}

// named is what a record calls somebody; empty if it does not read.
type named struct{ name string }

// vouchedName is what a vouch calls whom it is for.
func vouchedName(r record.Record) named {
	_, v, ok := roster.VouchOf(r)
	if !ok {
		return named{}
	}
	name, err := hub.CleanLine("name", v.Name, maxName, maxNameBytes)
	if err != nil {
		return named{}
	}
	return named{name}
}

func ownName(v *store.View, a record.Author) string {
	r, ok, err := v.InSlot(record.Slot{App: peopleApp, Key: nameKey, Author: a, TTL: nameTTL})
	if err != nil || !ok || r.Withdrawn() {
		return ""
	}
	return record.Once(r.Memo, func() named {
		name, err := decodeName(r.Record)
		if err != nil {
			return named{}
		}
		return named{name}
	}).name
}

// decodeName holds a name that came from elsewhere to the same rules as one
// typed here.
func decodeName(r record.Record) (string, error) {
	var b nameBody
	if err := cbor.Unmarshal(r.Body, &b); err != nil {
		return "", fmt.Errorf("a name that does not read: %w", err)
	}
	return hub.CleanLine("name", b.Name, maxName, maxNameBytes)
}
