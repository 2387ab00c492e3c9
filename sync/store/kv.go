package store

import "errors"

// table is one ordered key space. Its number is on disk: append only.
type table byte

const (
	tMeta   table = iota // what there is one of: see meta.go
	tRecord              // arrival(8) → id(32) ‖ encoding: the set
	tID                  // id(32) → arrival(8)
	tSlot                // app 0 key 0 author(32) ttl(2) → arrival(8) time(8): the one that stands
	tAuthor              // author(32) rank(28) → arrival(8): the lowest falls to the quota first
	tCount               // author(32) → slots(4)
	tOrder               // class(1) ms(8) id(32) → expires(4): what reconciliation ranges over
	tSum                 // class(1) day(4) → count(8) sum(32): fingerprints by class and expiry day
	tTerm                // app 0 term 0 time(8) id(16) → arrival(8)
	tVouch               // subject(32) hub(32) place(2) → arrival(8): vouches in the set
	tKnown               // author(32) → 1: was vouched for or certified at some time
	tAside               // author(32) slot's hash(16) → rank(28) ‖ id(32) ‖ encoding: what the roster excludes now
	tCursor              // peer(32) → epoch(8) arrival(8): up to where its log was taken over
	tBad                 // id(32) → encoding as found: what did not match its id
	tCame                // app 0 term 0 arrival(8) → arrival(8): what a counted term lists, by when its slot first came, to where it is now
	tFirst               // arrival(8) → arrival(8): when the slot first came of what replaced something under a counted term
	tBlob                // arrival(8) → nothing: the records that name blobs
	tables
)

// tx is one transaction. Slices it returns are valid until it ends, or until
// the next write.
type tx interface {
	Get(t table, key []byte) []byte
	Put(t table, key, value []byte) error
	Delete(t table, key []byte) error
	// Ascend visits keys ≥ from in order until f returns false. f must not write.
	Ascend(t table, from []byte, f func(k, v []byte) bool)
	// Descend visits keys < below from the last down until f returns false; nil is the end.
	Descend(t table, below []byte, f func(k, v []byte) bool)
}

// engine is what the store stands on: serializable transactions, one writer at
// a time, and Update durable when it returns nil.
type engine interface {
	View(func(tx) error) error
	Update(func(tx) error) error
	Size() int64
	Close() error
}

// What a person has to know of a store that does not open or does not write.
var (
	ErrInUse   = errors.New("the database is open in another process")
	ErrDamaged = errors.New("the database is damaged")
	ErrFull    = errors.New("the disk is full")
	ErrOther   = errors.New("the database belongs to another community")
)
