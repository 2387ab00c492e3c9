package local

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

// Kind is how a browser shows its token.
type Kind uint8

// The kinds.
const (
	Cookie  Kind = iota + 1 // until it has been idle for CookieIdle
	Path                    // /~TOKEN/ where cookies do not come back: PathLife, from one address only
	Private                 // a Cookie that is only ever shown where nobody overhears it
)

func (k Kind) known() bool { return k == Cookie || k == Path || k == Private }

// ErrNoSession says that a token opens nothing: unknown, ended, expired, or in a
// path from another address. Which of these, nobody is told.
var ErrNoSession = hub.Errorf(hub.Forbidden, "", "This device is not signed in here, or not any more. Enter your six words to come back.")

// Session is what a hub knows of one browser.
type Session struct {
	Author        record.Author
	Kind          Kind
	Addr          netip.Addr    // of a Path; only known while a request shows it
	Created, Seen time.Time     // as the clock was then, for people to read
	Age           time.Duration // since it began, by the hub's running time
}

// Active is a session that has been shown its token: the person's key, in
// memory only.
type Active struct {
	Session
	seed  []byte // of the key, which most requests do not ask for
	words string // the return code, or ""
}

// Key signs for the person.
func (a *Active) Key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(a.seed) }

// Code is the person's return code until somebody confirms that it is written
// down; zero afterwards.
func (a *Active) Code() returncode.Code {
	if a.words == "" {
		return returncode.Code{}
	}
	code, err := returncode.Parse(a.words)
	if err != nil {
		return returncode.Code{} // Start sealed one that parses
	}
	return code
}

// HasCode reports whether there is a Code.
func (a *Active) HasCode() bool { return a.words != "" }

// String hides the secrets.
func (a *Active) String() string { return "session of " + a.Author.Tag() }

// session is an entry of the file.
type session struct {
	Author  record.Author `cbor:"1,keyasint"`
	Kind    Kind          `cbor:"2,keyasint"`
	Created int64         `cbor:"3,keyasint"` // milliseconds since 1970
	Seen    int64         `cbor:"4,keyasint"`
	Born    time.Duration `cbor:"5,keyasint"` // by the hub's running time
	Used    time.Duration `cbor:"6,keyasint"`
	Seed    []byte        `cbor:"7,keyasint"` // sealed
	Words   []byte        `cbor:"8,keyasint,omitempty"`

	dirty bool // Seen and Used are newer than the file's
}

// maxSealed bounds a sealed part: six words of nine letters, nonce and tag.
const maxSealed = 256

func decodeSession(enc []byte) (*session, error) {
	var s session
	if err := cbor.Unmarshal(enc, &s); err != nil {
		return nil, err
	}
	if !s.Kind.known() || len(s.Seed) > maxSealed || len(s.Words) > maxSealed {
		return nil, errors.New("out of bounds")
	}
	if s.Born < 0 || s.Born > maxRan || s.Used < s.Born || s.Used > maxRan {
		return nil, errors.New("impossible times")
	}
	return &s, isAuthor(s.Author)
}

func (s *session) expired(ran time.Duration) bool {
	if s.Kind == Path {
		return ran-s.Born >= PathLife
	}
	return ran-s.Used >= CookieIdle
}

// Start begins a session for the holder of the key and returns once it is on
// disk. A code that is not zero is kept, sealed, until Confirm. A Path session is
// bound to addr. When limits are reached, others' sessions end: see MaxSessions.
func (l *Local) Start(key ed25519.PrivateKey, kind Kind, addr netip.Addr, code returncode.Code, now time.Time) (Token, error) {
	if !kind.known() || kind == Path && !addr.IsValid() {
		return "", fmt.Errorf("session of kind %d for address %v", kind, addr)
	}
	token, err := newToken(l.rand)
	if err != nil {
		return "", err
	}
	secret, m, err := token.open()
	if err != nil {
		return "", err
	}
	s := &session{Author: record.AuthorOf(key), Kind: kind, Created: now.UnixMilli(), Seen: now.UnixMilli()}
	bound := bind(m, s, addr)
	if s.Seed, err = seal(l.rand, secret, sealSeed, bound, key.Seed()); err != nil {
		return "", err
	}
	if !code.IsZero() {
		if s.Words, err = seal(l.rand, secret, sealWords, bound, []byte(code.Text())); err != nil {
			return "", err
		}
	}

	l.writing.Lock()
	defer l.writing.Unlock()
	s.Born = l.ran()
	s.Used = s.Born
	l.mu.Lock()
	over := l.crowdedOut(s.Author, l.limits)
	l.mu.Unlock()
	err = l.update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketSessions)
		for _, o := range over {
			if err := b.Delete(o[:]); err != nil {
				return err
			}
		}
		return put(b, m[:], s)
	})
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range over {
		delete(l.sessions, o)
	}
	l.sessions[m] = s
	return token, nil
}

// crowdedOut picks the sessions that make room for one more of the author:
// the author's own longest idle one, then one of somebody without a place. All
// with a place fit into MaxSessions together, so that a crowd of made-up people
// ends no neighbor's session.
func (m *memory) crowdedOut(author record.Author, lim limits) []mark {
	limit := lim.author
	if m.guest != nil && author == record.AuthorOf(m.guest) {
		limit = lim.guests
	}
	var own, other oldest
	for k, s := range m.sessions {
		if s.Author == author {
			own.see(k, s.Used)
		}
		if _, placed := m.placeOf[s.Author]; placed {
			other.see(k, s.Used+maxRan) // after all who have none
		} else {
			other.see(k, s.Used)
		}
	}
	switch {
	case own.n >= limit:
		return []mark{own.mark}
	case other.n >= lim.sessions:
		return []mark{other.mark}
	}
	return nil
}

// oldest finds the longest idle among sessions.
type oldest struct {
	n    int
	mark mark
	used time.Duration
}

func (o *oldest) see(m mark, used time.Duration) {
	if o.n == 0 || used < o.used {
		o.mark, o.used = m, used
	}
	o.n++
}

// Find opens the session of a token, or returns ErrNoSession.
func (l *Local) Find(token Token, addr netip.Addr, now time.Time) (*Active, error) {
	secret, m, err := token.open()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	s, ok := l.sessions[m]
	var found session
	if ok {
		found = *s
	}
	l.mu.Unlock()
	ran := l.ran()
	if !ok || found.expired(ran) {
		return nil, ErrNoSession
	}

	bound := bind(m, &found, addr)
	seed, err := unseal(secret, sealSeed, bound, found.Seed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, ErrNoSession
	}
	a := &Active{
		Session: Session{
			Author: found.Author, Kind: found.Kind,
			Created: time.UnixMilli(found.Created).UTC(), Seen: time.UnixMilli(found.Seen).UTC(), Age: ran - found.Born,
		},
		seed: seed,
	}
	if found.Kind == Path {
		a.Addr = plainAddr(addr)
	}
	if found.Words != nil {
		words, err := unseal(secret, sealWords, bound, found.Words)
		if err != nil {
			return nil, ErrNoSession
		}
		a.words = string(words)
	}

	l.mu.Lock()
	s.Seen, s.Used, s.dirty = now.UnixMilli(), l.ran(), true
	l.mu.Unlock()
	l.flushIfDue()
	return a, nil
}

// Confirm forgets the words of the token's person, in all their sessions: they
// have been written down.
func (l *Local) Confirm(token Token) error {
	_, m, err := token.open()
	if err != nil {
		return err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	changed := map[mark]session{}
	l.mu.Lock()
	s, ok := l.sessions[m]
	if ok {
		for k, other := range l.sessions {
			if other.Author == s.Author && other.Words != nil {
				c := *other
				c.Words = nil
				changed[k] = c
			}
		}
	}
	l.mu.Unlock()
	if !ok {
		return ErrNoSession
	}
	if err := l.putSessions(changed); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range changed {
		l.sessions[k].Words = nil
	}
	return nil
}

// End signs out. An unknown token is no error. A cookie that has come back ends
// the path session that stood in for it this way.
func (l *Local) End(token Token) error {
	_, m, err := token.open()
	if err != nil {
		return nil // no session has such a token
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	_, ok := l.sessions[m]
	l.mu.Unlock()
	if !ok {
		return nil
	}
	return l.remove([]mark{m})
}

// Prune ends what has expired and writes what is still in memory; call it
// hourly. It returns how many sessions ended.
func (l *Local) Prune() (int, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	var gone []mark
	l.mu.Lock()
	for k, s := range l.sessions {
		if s.expired(l.ran()) {
			gone = append(gone, k)
		}
	}
	l.mu.Unlock()
	if err := l.remove(gone); err != nil {
		return 0, err
	}
	return len(gone), l.flushLocked()
}

// remove deletes sessions. Callers hold writing.
func (l *Local) remove(gone []mark) error {
	if len(gone) == 0 {
		return nil
	}
	if err := l.update(func(tx *bbolt.Tx) error {
		for _, k := range gone {
			if err := tx.Bucket(bucketSessions).Delete(k[:]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range gone {
		delete(l.sessions, k)
	}
	return nil
}

// putSessions writes entries. Callers hold writing.
func (l *Local) putSessions(changed map[mark]session) error {
	if len(changed) == 0 {
		return nil
	}
	return l.update(func(tx *bbolt.Tx) error {
		for k, s := range changed {
			if err := put(tx.Bucket(bucketSessions), k[:], &s); err != nil {
				return err
			}
		}
		return nil
	})
}
