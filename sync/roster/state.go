package roster

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// State is who may do what. It is immutable; its maps hold only what is so, so
// that equal states have equal maps.
type State struct {
	founding    Founding
	generations []generation // the founding's first
	rivals      int          // successions that hold for the last of them, where there are several
	certs       map[record.Author]standing
	known       map[record.Author]Kind // certified, be it revoked since
	revoked     map[record.Author]bool
	retired     map[record.Author]bool
	stays       map[record.Author]stays // without certificate, by author
	bars        map[record.Slot]record.Time
}

// standing is a certificate that stands.
type standing struct {
	cert   Certificate
	sum    [32]byte      // of its body
	issuer record.Author // zero: the roots
	proof  []record.ID
}

// stays is a set of id prefixes.
type stays map[[8]byte]bool

// with adds the vouches that a revocation lists; none if its body is unreadable.
func (s stays) with(a *act) stays {
	v, err := DecodeRevocation(a.body)
	if err != nil || v.Retired || v.Subject != a.subject {
		return s
	}
	add := make(stays, len(v.Stays))
	for _, p := range v.Stays {
		add[p] = true
	}
	return s.and(add)
}

func (s stays) and(o stays) stays {
	if s == nil {
		s = make(stays, len(o))
	}
	maps.Copy(s, o)
	return s
}

// generation is a root list.
type generation struct {
	id        ListID
	roots     []record.Author
	threshold int
	proof     []record.ID // of the succession that made it
}

func (g generation) has(a record.Author) bool {
	_, ok := slices.BinarySearchFunc(g.roots, a, compareAuthors)
	return ok
}

// holds reports whether a is an act of this generation, with the act's time and
// the ids of the signatures that make it one.
func (g generation) holds(a *act) (record.Time, []record.ID, bool) {
	var ids []record.ID
	for _, sig := range a.sigs {
		if !g.has(sig.author) {
			continue
		}
		if ids = append(ids, sig.id); len(ids) == g.threshold {
			return sig.time, ids, true
		}
	}
	return 0, nil, false
}

// New is the state that follows from the founding alone.
func New(f Founding) *State { return Compute(f, nil) }

func newState(f Founding) *State {
	s := &State{
		founding: f,
		certs:    make(map[record.Author]standing),
		known:    make(map[record.Author]Kind),
		revoked:  make(map[record.Author]bool),
		retired:  make(map[record.Author]bool),
		stays:    make(map[record.Author]stays),
		bars:     make(map[record.Slot]record.Time),
	}
	if enc, err := f.Encode(); err == nil {
		s.founding, _ = DecodeFounding(enc) // with the roots in order
		s.generations = []generation{{id: ListID(f.Community()), roots: s.founding.Roots, threshold: f.Threshold}}
	}
	return s
}

// holds reports whether a is a root act, with its time (the newest of the
// generations that hold it) and a proof (of the oldest).
func (s *State) holds(a *act) (t record.Time, proof []record.ID, held bool) {
	var before []record.ID
	for _, g := range s.generations {
		before = append(before, g.proof...)
		at, ids, ok := g.holds(a)
		if !ok {
			continue
		}
		if t = max(t, at); !held {
			proof, held = append(slices.Clone(before), ids...), true
		}
	}
	return t, proof, held
}

// Admits reports whether r may be in the set; nil if so, else ErrUnknown,
// ErrRole, ErrRevoked, ErrPurged or ErrForm. vouched: a vouch that is in the
// set names r's author.
func (s *State) Admits(r record.Record, vouched bool) error {
	a := r.Author
	switch r.Class {
	case record.Trust:
		return s.admitsTrust(r, vouched)
	case record.Vouch:
		return s.admitsVouch(r, vouched)
	case record.Notice:
		return s.admitsRole(a, vouched, s.Has(a, Notices) || s.Has(a, Relay))
	case record.Place:
		return s.admitsRole(a, vouched, s.Has(a, Maps))
	default:
		if err := s.admitsRole(a, vouched, vouched || s.Certified(a)); err != nil {
			return err
		}
		if t, ok := s.bars[r.Slot()]; ok && r.Time <= t {
			return ErrPurged
		}
		return nil
	}
}

func (s *State) admitsTrust(r record.Record, vouched bool) error {
	a := r.Author
	if r.App != record.Roster {
		return s.admitsRole(a, vouched, s.Root(a) || s.writesTrust(a))
	}
	st, bound := parseKey(r.Key, r.Body)
	if !bound {
		return ErrForm
	}
	if s.Root(a) {
		return nil
	}
	own, known := st.subject == a, vouched || s.known[a] != 0
	switch {
	case own && st.form == formRevocation && known:
		return nil
	case own && st.form == formRevocation:
		return ErrUnknown
	}
	return s.admitsRole(a, vouched, s.writesTrust(a) || own && known && st.form == formRetirement)
}

func (s *State) writesTrust(a record.Author) bool { return s.Has(a, Admit) || s.Has(a, Moderate) }

func (s *State) admitsVouch(r record.Record, vouched bool) error {
	a := r.Author
	_, hub := s.Hub(a)
	if r.App == record.Roster {
		if !strings.HasPrefix(r.Key, "v/") {
			return ErrForm
		}
		if id := r.ID(); s.stays[a][[8]byte(id[:8])] {
			return nil
		}
	}
	return s.admitsRole(a, vouched, hub)
}

// admitsRole is nil if a has what the record takes, else why not.
func (s *State) admitsRole(a record.Author, vouched, has bool) error {
	switch {
	case s.revoked[a]:
		return ErrRevoked
	case has:
		return nil
	case vouched || s.Certified(a):
		return ErrRole
	}
	return ErrUnknown
}

// Quota is how many slots an author may fill. A hub's outlives its certificate,
// so that the vouches that stay have room.
func (s *State) Quota(a record.Author) int {
	q := QuotaPerson
	if s.known[a] == Hub || len(s.stays[a]) > 0 || s.Root(a) {
		q = QuotaHub
	}
	return max(q, s.certs[a].cert.Quota)
}

// Hub is a's certificate if it stands and is a hub's.
func (s *State) Hub(a record.Author) (Certificate, bool) { return s.certified(a, Hub) }

// Coordinator is a's certificate if it stands and is a coordinator's.
func (s *State) Coordinator(a record.Author) (Certificate, bool) { return s.certified(a, Coordinator) }

func (s *State) certified(a record.Author, k Kind) (Certificate, bool) {
	st, ok := s.certs[a]
	if !ok || st.cert.Kind != k {
		return Certificate{}, false
	}
	return st.cert.clone(), true
}

func (c Certificate) clone() Certificate {
	c.Senders = slices.Clone(c.Senders)
	return c
}

// Issuer is who gave a its standing certificate: a hub, or a zero key for the
// roots; false without one.
func (s *State) Issuer(a record.Author) (by record.Author, ok bool) {
	st, ok := s.certs[a]
	return st.issuer, ok
}

// Certified reports whether a has a standing certificate of either kind.
func (s *State) Certified(a record.Author) bool {
	_, ok := s.certs[a]
	return ok
}

// Has reports whether a's standing certificate carries all of r.
func (s *State) Has(a record.Author, r Role) bool {
	st, ok := s.certs[a]
	return ok && st.cert.Roles.Has(r)
}

// Hubs is every hub with a standing certificate, by key.
func (s *State) Hubs() iter.Seq2[record.Author, Certificate] {
	return func(yield func(record.Author, Certificate) bool) {
		for _, a := range slices.SortedFunc(maps.Keys(s.certs), compareAuthors) {
			if c, ok := s.Hub(a); ok && !yield(a, c) {
				return
			}
		}
	}
}

// Revoked reports whether a is revoked outright: by the roots or by itself.
func (s *State) Revoked(a record.Author) bool { return s.revoked[a] }

// Retired reports whether a is marked as no longer in use. Views show it;
// nothing is cut off.
func (s *State) Retired(a record.Author) bool { return s.retired[a] }

// Barred is the time up to which, inclusively, a slot is purged; 0 if it is not.
func (s *State) Barred(slot record.Slot) record.Time { return s.bars[slot] }

// Founding is the founding statement.
func (s *State) Founding() Founding {
	f := s.founding
	f.Roots = slices.Clone(f.Roots)
	return f
}

// Root reports whether a is a root of any generation that counts.
func (s *State) Root(a record.Author) bool {
	return slices.ContainsFunc(s.generations, func(g generation) bool { return g.has(a) })
}

// Roots is the newest root list: what a succession would follow.
func (s *State) Roots() (list ListID, roots []record.Author, threshold int) {
	if len(s.generations) == 0 {
		return ListID{}, nil, 0
	}
	g := s.generations[len(s.generations)-1]
	return g.id, slices.Clone(g.roots), g.threshold
}

// Chain is the ids of trust records from which a's certificate follows from
// the founding alone, those that others rest on first; nil without one. It is
// what a hub shows to a peer.
func (s *State) Chain(a record.Author) []record.ID { return slices.Clone(s.certs[a].proof) }
