// Package world is the small map that every hub has: land, water, borders and cities of
// the whole earth, without streets, so that there is a map where no street map was
// brought. The build of the front end makes it (webui/world); a program that was built
// without that has none.
package world

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
)

//go:embed all:data
var data embed.FS

const name = "data/world.pmtiles"

// MaxSize is how large the map may be, in bytes: each program carries it.
const MaxSize = 1_500_000

// ErrNone is that the program was built without the map. Match with errors.Is.
var ErrNone = errors.New("this program was built without the map of the world; “make webui” makes it")

// World is the map, open. It is read from the program itself and needs no closing.
type World struct {
	*pmtiles.Archive

	Tag string // tells its data from those of any other
}

// Open opens the map, which has all tiles of its zooms. It may share a cache, as
// pmtiles.Open says. The error is ErrNone, or that what was built is damaged.
func Open(cache *pmtiles.Cache) (World, error) {
	f, err := data.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return World{}, ErrNone
	}
	if err != nil {
		return World{}, err
	}
	at, ok := f.(io.ReaderAt)
	if !ok {
		return World{}, fmt.Errorf("%s: %w", name, errors.ErrUnsupported)
	}
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		return World{}, err
	}
	a, err := pmtiles.Open(at, size, cache)
	if err != nil {
		return World{}, fmt.Errorf("%s: %w", name, err)
	}
	return World{a, hex.EncodeToString(h.Sum(nil)[:8])}, nil
}
