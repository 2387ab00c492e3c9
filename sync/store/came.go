package store

import (
	"bytes"
	"iter"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// counts reports whether it is kept when what a term lists came.
func (s *Store) counts(app record.App, term string) bool {
	return s.conf.Index.Counted != nil && s.conf.Index.Counted(app, term)
}

func cameKey(app record.App, term string, first []byte) []byte {
	return append(termPrefix(app, term), first...)
}

// firstCame is the arrival number under which the slot first came whose record has
// this one now: changing a post makes no new one of it.
func firstCame(t tx, at []byte) []byte {
	if v := t.Get(tFirst, at); v != nil {
		return bytes.Clone(v)
	}
	return at
}

// Came yields what stands under a counted term and first came after an arrival
// number, whatever its time says: the latest first. What has changed since came when
// it was first there. Nothing is read of what came before. It is false where the
// position is not one of this store's log: after a restore, say.
func (v *View) Came(app record.App, term string, after Position) (iter.Seq2[Held, error], bool) {
	if !inEpoch(v.t, after.Epoch, after.Arrival) {
		return nil, false
	}
	prefix := termPrefix(app, term)
	past := append(bytes.Clone(prefix), u64(after.Arrival+1)...)
	return v.held(prefix, func(f func(k, at []byte) bool) {
		v.t.Descend(tCame, next(prefix), func(k, at []byte) bool { return bytes.Compare(k, past) >= 0 && f(k, at) })
	}), true
}

// Position is where the log ends at that moment.
func (v *View) Position() Position { return Position{v.s.epoch, number(v.t, metaArrival)} }
