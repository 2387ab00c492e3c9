package hub

import (
	"context"
	"io"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Ferrier is a Host that brings files from other hubs when an app asks for them: such as
// are too large for Blobs, which every hub keeps.
type Ferrier interface {
	// Ferry is nil on a hub that brings none.
	Ferry() Ferry
}

// Ferry brings files from hub to hub of the community, behind all else on the links.
type Ferry interface {
	// Self is the key of this hub.
	Self() record.Author
	// Linked are the hubs that can be asked now.
	Linked() []record.Author
	// Open gives the bytes of a file that a hub has, by its SHA-256 and size, from an
	// offset on, as they are read. Whether it is that file is for the caller to see. It
	// breaks off where the link does.
	Open(ctx context.Context, of record.Author, sum [32]byte, size, at int64) (io.ReadCloser, error)
	// Share gives files to hubs that ask, until the context ends. open is an error for a
	// file that is not here.
	Share(ctx context.Context, open func(ctx context.Context, sum [32]byte) (io.ReadSeekCloser, error))
}
