// Package roster says who may do what in a community, as a pure function of
// the community's founding statement and of its trust records (app roster,
// class 0): no goroutine, no I/O, no clock. Signatures are not its business;
// the records handed in have been verified.
//
// # Statements
//
// A trust record is a signature under a statement: its key ends in the hash of
// its body, so equal bodies share a key and different bodies never share a
// slot. A statement can be signed again (with a newer time) but not changed and
// not taken back; what has been said is undone only by another statement. So no
// single key, lost or stolen, can pull its signature out from under an act that
// others rely on. A record whose key is not bound to its body is not admitted.
//
//	c/SUBJECT/HASH   a certificate
//	r/SUBJECT/HASH   a revocation
//	t/SUBJECT/HASH   a retirement
//	p/HASH           a purge
//	s/LIST/HASH      a succession: who follows the root list LIST
//	v/0 … v/999      a vouch: class 2, an ordinary slot, written by a hub
//
// HASH is the first 16 bytes of SHA-256 over the body and SUBJECT a public key,
// in lower-case hex. Who may write a trust record follows from author, key and
// that hash alone, never from what the body means, so that hubs of different
// versions accept the same set. A body that is not understood confers nothing.
//
// # Roots
//
// The founding statement names the first generation of roots. A root act is a
// statement signed by k distinct roots of one generation, k being that
// generation's threshold. A succession that holds as an act of the generation
// it follows makes the next one; where two different ones hold, none does.
// Acts of every generation in that chain count, each by its own threshold.
//
// An act's time is the k-th newest among the times of its signatures (the
// newest such where several generations hold it): fewer than k keys cannot move
// it past what the others have signed. Of several certificates of one key that
// hold, the one with the newest act time stands, then the larger body hash.
//
// Being a root is nothing but signing acts. It is not lost by revocation, only
// outvoted by succession: else one lost sheet could void what it had co-signed.
//
// # Certificates
//
// A key has at most one standing certificate: the one by root act; otherwise
// one that a key with Admit (itself from a root act, not revoked) has signed
// for a hub, without roles, senders or quota. Of one issuer's the newest counts,
// then the larger body hash; of several issuers', that of the smallest key,
// since a rogue issuer can choose a time but not the key the roots certified.
// So a chain is at most two below the roots.
//
// # Revocation
//
// By root act, or by the key itself, a key is revoked outright: its
// certificate, what it issued and its other trust records are void, and nothing
// by it is admitted but its revocations of itself and, of a hub, the vouches
// that stay. By an issuer, only what that issuer gave to that key is void. The
// key of the record decides; the body only lists the vouches that stay. The list
// of the roots (united over all their revocations of that key, and even if
// empty) beats the issuers', that the key's own. Where one issuer revoked and
// another did not, the first cannot cut the other's hub: it has its certificate
// still, or, having revoked itself, its own list counts beside the issuer's.
// Retirement is for views: nothing is cut off.
//
// # Purges
//
// A purge holds as a root act or with the signatures of two keys that have
// Moderate. It bars its slot up to its time, in classes people, talk and bulk.
package roster

import (
	"errors"
	"strings"
)

// Why a record may not be in the set. Match with errors.Is.
var (
	ErrUnknown = errors.New("nobody vouches for this author: the author has to be welcomed at a hub first")
	ErrRole    = errors.New("this author may not write records of this kind: it takes a role that the community's roots grant")
	ErrRevoked = errors.New("this author's key has been revoked for good: a new key is needed")
	ErrPurged  = errors.New("moderators removed this record and closed its place up to that time")
	ErrForm    = errors.New("this record's key is not of a form that app roster has")
)

// ErrBody is what is wrong with a founding statement or a body: malformed, or
// out of bounds. Match with errors.Is.
var ErrBody = errors.New("statement is malformed")

// Limits.
const (
	MaxRoots       = 16   // in one generation
	MaxGenerations = 16   // the founding's included
	MaxText        = 64   // bytes of a name, a label, a sender or an area
	MaxWhy         = 256  // bytes of a revocation's reason
	MaxSenders     = 16   // in one certificate
	MaxStays       = 400  // in one part of a revocation
	MaxFounding    = 4096 // bytes of a founding statement
	Places         = 1000 // v/0 … v/999
)

// How many slots an author may fill.
const (
	QuotaPerson = 500
	QuotaHub    = 2000  // a hub's own key, and a root
	QuotaMost   = 20000 // the most a certificate can grant
)

// Role is what a certificate allows, one bit each.
type Role uint16

// Roles is a set of them; bits that are not known here confer nothing.
type Roles = Role

// The roles.
const (
	Admit    Role = 1 << iota // certify hubs
	Notices                   // write notices
	Relay                     // pass on notices of the named senders
	Maps                      // write places
	Moderate                  // purge, two together
)

var roleNames = [...]string{"admit", "notices", "relay", "maps", "moderate"}

// Has reports whether all of want are in r.
func (r Role) Has(want Role) bool { return r&want == want }

// String is the names of the known roles in r, separated by commas.
func (r Role) String() string {
	var names []string
	for i, n := range roleNames {
		if r.Has(1 << i) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ",")
}

// Kind is what a certificate's subject is.
type Kind uint8

// The kinds.
const (
	Hub         Kind = 1
	Coordinator Kind = 2
)

func (k Kind) String() string {
	switch k {
	case Hub:
		return "hub"
	case Coordinator:
		return "coordinator"
	}
	return "unknown"
}
