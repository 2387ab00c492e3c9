// Package pmtiles reads PMTiles version 3, one file with the tiles of a map, by the
// public-domain specification (protomaps/PMTiles, spec/v3/spec.md). It knows which form
// of streets a file has, and checks a file whole before anybody relies on it.
//
// A file comes from people and from other places, so nothing in it is believed: every
// offset, length, count and size is held against the file and against the bounds below,
// and what is compressed is unpacked only as far as it may reach. The package starts no
// goroutine and opens no file: it reads from an io.ReaderAt.
package pmtiles

import (
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/hub"
)

// Bounds of what is taken. They leave room over what tools write: their directories hold
// some ten thousand entries, their largest tiles less than a megabyte.
const (
	HeaderSize = 127    // bytes of a header
	MaxRoot    = 16_384 // bytes within which header and root directory lie, by the specification
	MaxZoom    = 31     // the deepest zoom whose tiles all have a number and whose x and y fit 32 bits

	MaxEntries  = 1 << 18 // of one directory
	MaxLeaf     = 4 << 20 // bytes of one directory, as stored
	MaxDepth    = 4       // directories on the way to a tile, the root among them
	MaxTile     = 2 << 20 // bytes of a tile, as stored
	MaxUnpacked = 8 << 20 // bytes of a tile that was unpacked
	MaxMetadata = 2 << 20 // bytes of the metadata, stored and unpacked
)

// Refused is why a file cannot be used, in words for whoever brought it: what is wrong
// and what to do. It wraps what a library says of it, which is for a log only.
type Refused struct {
	hub.Said

	cause error
}

func (r *Refused) Error() string { return r.String() }

func (r *Refused) Unwrap() error { return r.cause }

// refuse makes a Refused.
func refuse(phrase hub.Phrase, args ...any) error {
	return &Refused{Said: hub.Said{Phrase: phrase, Args: args}}
}

// because says what a library says of a Refused.
func because(cause, err error) error {
	if r, ok := errors.AsType[*Refused](err); ok {
		r.cause = cause
	}
	return err
}

// damaged is the Refused of a file that does not hold together. The detail is for whoever
// makes such files, in English.
func damaged(format string, args ...any) error {
	return refuse("This map file is damaged: %s. Copy it here again, or make it anew.", fmt.Sprintf(format, args...))
}
