// Package record is the unit that replicates: an immutable statement by one
// author about one slot, signed, in deterministic CBOR.
//
// It knows the format and its bounds and nothing else: who may write what is
// sync/roster's, and what is kept is sync/store's.
package record

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Version is the only record version there is.
const Version = 1

// Limits of a record.
const (
	MaxApp   = 16
	MaxKey   = 128
	MaxBody  = 4096
	MaxBlobs = 8
	MaxTTL   = Days(400)
	// MaxSize bounds an encoding: the fields at their largest, with their heads.
	MaxSize = MaxBody + MaxKey + MaxApp + MaxBlobs*48 + 256
)

// Roster is the app whose records say who may do what. Its records, and only
// they, never expire.
const Roster = App("roster")

type (
	// Community is the first 16 bytes of SHA-256 over the founding statement.
	Community [16]byte
	// Author is an Ed25519 public key: of a resident, a coordinator, a hub or a root.
	Author [32]byte
	// Via is the first 8 bytes of the key of the hub that signed for the author.
	Via [8]byte
	// ID is SHA-256 of a record's encoding.
	ID [32]byte
	// App names an app: 1–16 bytes of a-z 0-9.
	App string
	// Days counts days of life, 1–400, or 0 for never (app roster only).
	Days uint16
	// Class is a record's priority on a link; see the constants.
	Class uint8
)

// The classes, most urgent first. Trust, Notice and Place need a role and
// Vouch a hub's certificate; the rest is anyone's whom a hub vouches for.
const (
	Trust Class = iota
	Notice
	Vouch
	Place
	People
	Talk
	Bulk
	Classes = 7 // how many there are
)

func (c Class) String() string {
	if c >= Classes {
		return fmt.Sprintf("class(%d)", uint8(c))
	}
	return [...]string{"trust", "notice", "vouch", "place", "people", "talk", "bulk"}[c]
}

// Blob refers to bytes too large for a body.
type Blob struct {
	_    struct{} `cbor:",toarray"`
	Sum  [32]byte
	Size uint64
}

// Record is one signed statement. The field order is the encoding's.
type Record struct {
	Community Community
	Author    Author
	Via       Via
	App       App
	Class     Class
	Key       string
	Time      Time
	TTL       Days
	Blobs     []Blob
	Body      []byte // the app's own CBOR; empty means withdrawn
	Sig       [64]byte

	enc []byte // as signed or decoded; a Record is immutable from then on
	id  ID
}

// ID is SHA-256 of the encoding; zero for a record neither signed nor decoded.
func (r Record) ID() ID { return r.id }

// Encoding is the record as it travels and as it is stored. It is shared: do
// not write to it.
func (r Record) Encoding() []byte { return r.enc }

// Withdrawn reports whether the record takes its slot's content back.
func (r Record) Withdrawn() bool { return len(r.Body) == 0 }

// Slot is the place the record is written to.
func (r Record) Slot() Slot {
	return Slot{App: r.App, Key: r.Key, Author: r.Author, TTL: r.TTL}
}

// Expires is the last day on which the record holds: the day of its time plus
// its ttl; Never for ttl 0.
func (r Record) Expires() Day { return Expires(r.Time, r.TTL) }

// Expires is the last day of a record of that time and ttl.
func Expires(t Time, ttl Days) Day {
	if ttl == 0 {
		return Never
	}
	return t.Day() + Day(ttl)
}

// Slot is where a record is written. Of two records in one slot the newer
// stands. The ttl belongs to it so that a later version, a withdrawal included,
// never expires before the one it replaces.
type Slot struct {
	App    App
	Key    string
	Author Author
	TTL    Days
}

// Supersedes reports whether a stands rather than b where both are in one slot:
// the larger time wins, then the larger id.
func Supersedes(a, b *Record) bool {
	return cmp.Or(cmp.Compare(a.Time, b.Time), bytes.Compare(a.id[:], b.id[:])) > 0
}

// Day counts days since 1970-01-01 UTC.
type Day uint32

// Never is the expiry of what does not expire.
const Never = Day(1<<32 - 1)

// DayOf is the day of a moment; 0 before 1970.
func DayOf(t time.Time) Day {
	if t.Unix() < 0 {
		return 0
	}
	return Day(t.Unix() / 86400)
}

// Time is a hybrid logical clock: 48 bits of milliseconds since 1970 UTC, 16 of
// counter (Kulkarni et al., Logical Physical Clocks, 2014).
type Time uint64

// MaxTime is the year 2100, from which on every time is malformed.
const MaxTime = Time(4102444800000 << 16)

// At is the first time of a moment's millisecond; 0 before 1970.
func At(t time.Time) Time {
	if ms := t.UnixMilli(); ms > 0 {
		return Time(ms) << 16
	}
	return 0
}

// Millis is milliseconds since 1970 UTC.
func (t Time) Millis() uint64 { return uint64(t) >> 16 }

// Day is the day of the time.
func (t Time) Day() Day { return Day(t.Millis() / 86_400_000) }

// Wall is the time without its counter.
func (t Time) Wall() time.Time { return time.UnixMilli(int64(t.Millis())).UTC() }

// Tag is a short mark to tell keys apart by eye, not proof of anything.
func (a Author) Tag() string { return hex.EncodeToString(a[:3]) }

func (a Author) String() string { return hex.EncodeToString(a[:]) }

// Via is the hub key's short form in the records it signs.
func (a Author) Via() Via { return Via(a[:8]) }

func (id ID) String() string { return hex.EncodeToString(id[:]) }

func (c Community) String() string { return hex.EncodeToString(c[:]) }

// AuthorOf is a private key's public half.
func AuthorOf(k ed25519.PrivateKey) Author {
	return Author(k.Public().(ed25519.PublicKey)) //nolint:forcetypeassert // documented by crypto/ed25519
}

// Sum is the id of an encoding.
func Sum(enc []byte) ID { return sha256.Sum256(enc) }
