package local

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"go.etcd.io/bbolt"
)

// Bounds of the invitations.
const (
	MaxOpenInvitations  = 64
	MaxEndedInvitations = 256 // kept so that who comes late is told why; beyond it those that ended first fall away
	MaxInvitationLife   = 7 * 24 * time.Hour
)

// Why an invitation is not made or found. Match with errors.Is.
var (
	ErrManyInvitations = errors.New("as many join codes are open as one hub can have; cancel one that is not needed, or wait until one expires")
	ErrNoInvitation    = errors.New("this hub has made no such join code, or has forgotten it")
	errInvitation      = errors.New("an invitation lives for up to 7 days, and its label is at most 64 bytes long")
)

// InvitationState is how an invitation stands.
type InvitationState uint8

// The states. An invitation leaves the first one once, for ever.
const (
	InvitationOpen InvitationState = iota + 1
	InvitationUsed
	InvitationExpired
	InvitationCancelled
	InvitationVoid // too many showed its id without its secret
)

// Invitation is one join code as far as its hub keeps it: the secret is not kept.
type Invitation struct {
	ID    join.ID
	Label string // of the new hub; "" = it says itself
	State InvitationState
	By    record.Author // the hub that used it
	Left  time.Duration // how much longer it is open, while this hub runs
	Ago   time.Duration // since it came into its state, while this hub ran
}

// Invitations are the join codes that this hub has made. They end by the hub's
// running time, as everything here does; since a hub may be switched off for long,
// they also end by the clock, where that was believed when they were made and is
// now. A now that is zero says that the clock is not believed.
type Invitations struct{ l *Local }

// Invitations are the join codes that this hub has made.
func (l *Local) Invitations() Invitations { return Invitations{l} }

// invitation is an entry of the file, under its id.
type invitation struct {
	Key      []byte          `cbor:"1,keyasint"`
	Label    string          `cbor:"2,keyasint,omitempty"`
	State    InvitationState `cbor:"3,keyasint"`           // never expired: that follows from the times
	At       time.Duration   `cbor:"4,keyasint"`           // since when it is so, by the hub's running time
	Ends     time.Duration   `cbor:"5,keyasint"`           // likewise
	Until    int64           `cbor:"6,keyasint,omitempty"` // when it ends by the clock: milliseconds since 1970; 0 = not
	By       []byte          `cbor:"7,keyasint,omitempty"`
	Failures int             `cbor:"8,keyasint,omitempty"`
}

// now is how it stands.
func (e *invitation) now(id join.ID, ran time.Duration, now time.Time) Invitation {
	out := Invitation{ID: id, Label: e.Label, State: e.State, Ago: ran - e.At}
	copy(out.By[:], e.By)
	if e.State != InvitationOpen {
		return out
	}
	late := ran - e.Ends
	if e.Until != 0 && !now.IsZero() {
		late = max(late, now.Sub(time.UnixMilli(e.Until)))
	}
	if late >= 0 {
		out.State, out.Ago = InvitationExpired, late
	} else {
		out.Left = -late
	}
	return out
}

// Add makes an invitation that is open for life. It is on disk on return.
func (i Invitations) Add(id join.ID, key join.Key, label string, life time.Duration, now time.Time) error {
	if life <= 0 || life > MaxInvitationLife || len(label) > roster.MaxText {
		return errInvitation
	}
	l := i.l
	l.writing.Lock()
	defer l.writing.Unlock()
	e := invitation{Key: key[:], Label: label, State: InvitationOpen, At: l.ran(), Ends: l.ran() + life}
	if !now.IsZero() {
		e.Until = now.Add(life).UnixMilli()
	}
	l.mu.Lock()
	kept := maps.Clone(l.invitations)
	l.mu.Unlock()
	kept[id] = e
	if !prune(kept, l.ran(), now) {
		return ErrManyInvitations
	}
	if err := l.update(func(tx *bbolt.Tx) error { return saveInvitations(tx, id, e, kept) }); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.invitations = kept
	return nil
}

// prune keeps the bounds, and reports whether there is room for those that are open.
func prune(all map[join.ID]invitation, ran time.Duration, now time.Time) bool {
	var ended []Invitation
	for id, e := range all {
		if v := e.now(id, ran, now); v.State != InvitationOpen {
			ended = append(ended, v)
		}
	}
	if len(all)-len(ended) > MaxOpenInvitations {
		return false
	}
	slices.SortFunc(ended, func(a, b Invitation) int { return cmp.Compare(a.Ago, b.Ago) })
	for len(ended) > MaxEndedInvitations {
		delete(all, ended[len(ended)-1].ID)
		ended = ended[:len(ended)-1]
	}
	return true
}

// Key proves that somebody has the code of an invitation, in whatever state that is.
func (i Invitations) Key(id join.ID) (key join.Key, ok bool) {
	i.l.mu.Lock()
	defer i.l.mu.Unlock()
	e, ok := i.l.invitations[id]
	copy(key[:], e.Key)
	return key, ok
}

// Get is how one stands; ErrNoInvitation if it is not known.
func (i Invitations) Get(id join.ID, now time.Time) (Invitation, error) {
	i.l.mu.Lock()
	defer i.l.mu.Unlock()
	e, ok := i.l.invitations[id]
	if !ok {
		return Invitation{}, ErrNoInvitation
	}
	return e.now(id, i.l.ran(), now), nil
}

// All are the open ones, those that end soonest first, then the others, those that
// ended last first.
func (i Invitations) All(now time.Time) (all []Invitation) {
	i.l.mu.Lock()
	defer i.l.mu.Unlock()
	for id, e := range i.l.invitations {
		all = append(all, e.now(id, i.l.ran(), now))
	}
	closed := func(v Invitation) int { return min(int(v.State), int(InvitationUsed)) }
	slices.SortFunc(all, func(a, b Invitation) int {
		return cmp.Or(cmp.Compare(closed(a), closed(b)), cmp.Compare(a.Left, b.Left), cmp.Compare(a.Ago, b.Ago), slices.Compare(a.ID[:], b.ID[:]))
	})
	return all
}

// Use binds an open invitation to the hub that has shown its secret, and tells how
// it stands then: used by that hub, or else why not. It is on disk on return.
func (i Invitations) Use(id join.ID, by record.Author, now time.Time) (Invitation, error) {
	if err := isAuthor(by); err != nil {
		return Invitation{}, err
	}
	return i.change(id, now, func(e *invitation) {
		e.State, e.By, e.At = InvitationUsed, by[:], i.l.ran()
	})
}

// Cancel ends an open invitation and tells how it stands then.
func (i Invitations) Cancel(id join.ID, now time.Time) (Invitation, error) {
	return i.change(id, now, func(e *invitation) {
		e.State, e.At = InvitationCancelled, i.l.ran()
	})
}

// Failed notes that somebody showed the id and not the secret. The last one of
// join.MaxFailures makes an open invitation void.
func (i Invitations) Failed(id join.ID, now time.Time) error {
	_, err := i.change(id, now, func(e *invitation) {
		if e.Failures++; e.Failures >= join.MaxFailures {
			e.State, e.At = InvitationVoid, i.l.ran()
		}
	})
	return err
}

// change changes an open invitation, in memory once it is on disk.
func (i Invitations) change(id join.ID, now time.Time, do func(*invitation)) (Invitation, error) {
	l := i.l
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	e, ok := l.invitations[id]
	l.mu.Unlock()
	if !ok {
		return Invitation{}, ErrNoInvitation
	}
	if v := e.now(id, l.ran(), now); v.State != InvitationOpen {
		return v, nil
	}
	do(&e)
	if err := l.update(func(tx *bbolt.Tx) error { return put(tx.Bucket(bucketInvitations), id[:], &e) }); err != nil {
		return Invitation{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.invitations[id] = e
	return e.now(id, l.ran(), now), nil
}

// saveInvitations writes a new one and removes those that are not kept, such as
// those that could not be read.
func saveInvitations(tx *bbolt.Tx, id join.ID, e invitation, kept map[join.ID]invitation) error {
	b, err := tx.CreateBucketIfNotExists(bucketInvitations)
	if err != nil {
		return err
	}
	if err := keepOnly(b, func(k []byte) bool {
		if len(k) != len(id) {
			return false
		}
		_, ok := kept[join.ID(k)]
		return ok
	}); err != nil {
		return err
	}
	return put(b, id[:], &e)
}

// loadInvitation reads an entry. One that cannot be read is left out: whoever has
// its code is told that it is not known.
func (l *Local) loadInvitation(k, v []byte) error {
	e, ok := decodeInvitation(v)
	if !ok || len(k) != len(join.ID{}) {
		return nil
	}
	e.At = min(e.At, l.before)
	e.Ends = min(e.Ends, l.before+MaxInvitationLife)
	l.invitations[join.ID(k)] = e
	return nil
}

func decodeInvitation(enc []byte) (e invitation, ok bool) {
	err := cbor.Unmarshal(enc, &e)
	used := e.State == InvitationUsed && len(e.By) == len(record.Author{})
	unused := len(e.By) == 0 && (e.State == InvitationOpen || e.State == InvitationCancelled || e.State == InvitationVoid)
	return e, err == nil && (used || unused) && len(e.Key) == len(join.Key{}) && len(e.Label) <= roster.MaxText &&
		e.At >= 0 && e.Ends >= 0
}
