package shelf

import (
	"sync"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
)

// maxBare is of how many tiles of a file it is remembered whether there is anything on them:
// some 200 kB.
const maxBare = 1 << 12

// bare remembers of tiles whether there is nothing on them, as they have to be unpacked to see.
type bare struct {
	mu sync.Mutex
	of map[pmtiles.Ref]bool
}

// isBare reports whether there is nothing on a tile. The error is one of reading the file.
func (b *book) isBare(r pmtiles.Ref) (bool, error) {
	b.bare.mu.Lock()
	none, known := b.bare.of[r]
	b.bare.mu.Unlock()
	if known {
		return none, nil
	}
	none, err := b.archive.Hollow(r)
	if err != nil {
		return false, err
	}
	b.bare.mu.Lock()
	defer b.bare.mu.Unlock()
	if b.bare.of == nil || len(b.bare.of) >= maxBare {
		b.bare.of = map[pmtiles.Ref]bool{}
	}
	b.bare.of[r] = none
	return none, nil
}
