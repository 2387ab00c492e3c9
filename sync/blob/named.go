package blob

import (
	"bytes"
	"cmp"
	"iter"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// What the blobs that an author's records name may take together, in bytes. They are
// constants of record version 1: with the records and the roster they decide which
// blobs a hub keeps and fetches, so that all come to the same.
const (
	AllowedMaps    = 512 << 20 // with the role maps
	AllowedNotices = 64 << 20  // with the role notices or relay
	AllowedHub     = 8 << 20   // with any other certificate; a resident: none
)

// least is what a blob counts at least, so that there are not very many small ones.
const least = 16 << 10

// Allowance is how many bytes of blobs an author may name. Residents may name none,
// or one phone could fill every disk.
func Allowance(s *roster.State, a record.Author) uint64 {
	switch {
	case s.Has(a, roster.Maps):
		return AllowedMaps
	case s.Has(a, roster.Notices), s.Has(a, roster.Relay):
		return AllowedNotices
	case s.Certified(a):
		return AllowedHub
	}
	return 0
}

// Named is which blobs records name, within each author's allowance: of the most
// urgent class first, then what expires latest, then is newest, then has the largest
// id. What has no room is passed over. A withdrawn record names none.
func Named(s *roster.State, records iter.Seq[record.Record]) map[record.Blob]Name {
	by := map[record.Author][]record.Record{}
	for r := range records {
		if !r.Withdrawn() && len(r.Blobs) > 0 && Allowance(s, r.Author) > 0 {
			by[r.Author] = append(by[r.Author], r)
		}
	}
	named := map[record.Blob]Name{}
	for a, rs := range by {
		slices.SortFunc(rs, func(a, b record.Record) int {
			x, y := a.ID(), b.ID()
			return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(b.Expires(), a.Expires()), cmp.Compare(b.Time, a.Time), bytes.Compare(y[:], x[:]))
		})
		for b, n := range allowed(rs, Allowance(s, a)) {
			if old, ok := named[b]; ok {
				n = Name{Class: min(n.Class, old.Class), Expires: max(n.Expires, old.Expires)}
			}
			named[b] = n
		}
	}
	return named
}

// allowed is the blobs of one author's records that have room.
func allowed(rs []record.Record, room uint64) map[record.Blob]Name {
	out := map[record.Blob]Name{}
	for _, r := range rs {
		for _, b := range r.Blobs {
			n := Name{Class: r.Class, Expires: r.Expires()}
			if old, ok := out[b]; ok {
				out[b] = Name{Class: old.Class, Expires: max(n.Expires, old.Expires)}
				continue
			}
			if size := max(b.Size, least); size <= room {
				room -= size
				out[b] = n
			}
		}
	}
	return out
}
