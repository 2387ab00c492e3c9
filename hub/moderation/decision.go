// Package moderation says what moderators have decided, as a pure function of the
// records of app mod and of the roster: whatever the order in which they came, every
// hub that has them comes to the same. It starts nothing, does no I/O and knows no
// clock but the one handed in.
//
// A decision is a record of class trust by a key with the role moderate. It names what
// it is about in its key, so that one moderator has one decision about one thing, which
// a newer one replaces; of several moderators' the newest stands. Those of a key that
// no longer has the role count no more.
//
//	p/HASH    about a post: to hide it, or to show it again
//	a/AUTHOR  about somebody: to mute or to slow them for a time, or to leave them be
//
// HASH is the first 16 bytes of SHA-256 over the post's slot without its ttl and AUTHOR
// a public key, in lower-case hex.
//
// Nothing of this changes which records are in the set. A hidden post stays, and is
// shown to whoever wants to look. It stays hidden when its author changes it, or every
// change would bring it back; a decision tells which version was looked at, so that
// pages can ask moderators to look again. Only what anybody may write can be hidden
// (classes people, talk and bulk): no notice can, and no decision.
package moderation

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// App is whose records are decisions, and All the term of them all.
const (
	App = record.App("mod")
	All = hub.Term("all")
)

// Bounds of a decision.
const (
	// TTL is how long a decision lives: at least as long as any post it can be about,
	// as that is changed now and then.
	TTL     = record.MaxTTL
	MaxWhy  = 256                 // bytes of a reason
	MaxHold = 31 * 24 * time.Hour // for how long somebody can be held back
)

// Do is what a decision does.
type Do uint8

// What can be decided: about a post, and about somebody.
const (
	Hide Do = iota + 1
	Show    // again
	Mute    // what they write while it holds is hidden for as long as it holds
	Slow    // hubs take few posts of theirs while it holds
	Free    // neither
)

// AboutPost reports whether it is about a post, not about somebody.
func (d Do) AboutPost() bool { return d == Hide || d == Show }

func (d Do) known() bool { return d >= Hide && d <= Free }

// holds reports whether it holds somebody back.
func (d Do) holds() bool { return d == Mute || d == Slow }

// Post is where somebody writes one post, whatever version stands there.
type Post struct {
	App    record.App
	Key    string
	Author record.Author
}

// Of is the post that a record is a version of.
func Of(r record.Record) Post { return Post{r.App, r.Key, r.Author} }

func (p Post) hash() string {
	h := sha256.New()
	h.Write([]byte(p.App))
	h.Write([]byte{0})
	h.Write([]byte(p.Key))
	h.Write([]byte{0})
	h.Write(p.Author[:])
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Decision is what one moderator has decided about one thing.
type Decision struct {
	Do    Do
	Post  Post        // to Hide or to Show; else only who it is about
	Seen  record.Time // of the version that was looked at; of a post only
	Since record.Time // Mute: what is newer is hidden; 0 = what is newer than the decision
	Until time.Time   // Mute and Slow; to the millisecond
	Why   string      // one line; Show and Free may do without
}

type wire struct {
	Do     uint64 `cbor:"1,keyasint"`
	Author []byte `cbor:"2,keyasint"`
	App    string `cbor:"3,keyasint,omitempty"`
	Key    string `cbor:"4,keyasint,omitempty"`
	Seen   uint64 `cbor:"5,keyasint,omitempty"`
	Since  uint64 `cbor:"6,keyasint,omitempty"`
	Until  uint64 `cbor:"7,keyasint,omitempty"` // milliseconds since 1970 UTC
	Why    string `cbor:"8,keyasint,omitempty"`
}

type bodies = hub.Collection[wire]

// ErrBody is why a record is no decision. Match with errors.Is.
var ErrBody = errors.New("this is no decision of a moderator")

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrBody}, args...)...)
}

// Draft is the decision as what is to be written. It is an error where Decode would
// not read it, but for times, which only a record has.
func (d Decision) Draft() (hub.Draft, error) {
	w := wire{Do: uint64(d.Do), Author: d.Post.Author[:], Seen: uint64(d.Seen), Since: uint64(d.Since), Why: d.Why}
	if d.Do.AboutPost() {
		w.App, w.Key = string(d.Post.App), d.Post.Key
	}
	if !d.Until.IsZero() {
		w.Until = record.At(d.Until).Millis()
	}
	clean, err := w.decision()
	if err != nil {
		return hub.Draft{}, err
	}
	w.Why = clean.Why
	return bodies{}.Draft(d.key(), w)
}

// key names what the decision is about.
func (d Decision) key() string {
	if d.Do.AboutPost() {
		return "p/" + d.Post.hash()
	}
	return "a/" + d.Post.Author.String()
}

// decision is what was written, as far as it can be told without a record.
func (w wire) decision() (d Decision, err error) {
	if w.Do > 0xff || !Do(w.Do).known() || len(w.Author) != len(record.Author{}) {
		return d, wrong("it does nothing that is known here, or names nobody")
	}
	d = Decision{
		Do: Do(w.Do), Post: Post{record.App(w.App), w.Key, record.Author(w.Author)},
		Seen: record.Time(w.Seen), Since: record.Time(w.Since),
	}
	post := d.Do.AboutPost()
	if post != (w.App != "") || post && (len(w.App) > record.MaxApp || !record.ValidKey(w.Key)) || !post && w.Key != "" {
		return d, wrong("it names no post")
	}
	if d.Do.holds() != (w.Until != 0) || w.Until >= record.MaxTime.Millis() {
		return d, wrong("it holds somebody back for no time, or until a time that is none")
	}
	if w.Until != 0 {
		d.Until = time.UnixMilli(int64(w.Until)).UTC()
	}
	if d.Why, err = hub.CleanLine("reason", w.Why, MaxWhy, MaxWhy); err != nil {
		return d, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if (d.Do == Hide || d.Do.holds()) && hub.Blank(d.Why) {
		return d, wrong("it gives no reason")
	}
	return d, nil
}

// Decode reads a decision. It does not say whether its author may decide.
func Decode(r record.Record) (d Decision, err error) {
	if r.App != App || r.Class != record.Trust {
		return d, wrong("it is another app's, or of another class")
	}
	w, err := bodies{}.Decode(r)
	if err != nil {
		return d, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if d, err = w.decision(); err != nil {
		return d, err
	}
	switch {
	case d.key() != r.Key:
		return d, wrong("its key is that of something else")
	case d.Since > r.Time:
		return d, wrong("it began after it was decided")
	case d.Do.holds() && d.Until.Sub(r.Time.Wall()) > MaxHold:
		return d, wrong("nobody is held back for longer than %v", MaxHold)
	}
	return d, nil
}

// Manifest is what a hub has to know of app mod to keep and list decisions.
func Manifest() hub.Manifest {
	return hub.Manifest{
		Name: App, Class: record.Trust, TTL: TTL, Version: 1,
		Check: func(r record.Record) error {
			_, err := Decode(r)
			return err
		},
		Index: func(record.Record) []hub.Term { return []hub.Term{All} },
	}
}
