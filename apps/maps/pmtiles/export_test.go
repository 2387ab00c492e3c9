package pmtiles

import "bytes"

// ReadDirectory reads a root directory that is not packed.
func ReadDirectory(b []byte, tiles, leaves uint64) ([]Entry, error) {
	return readDirectory(bytes.NewReader(b), scope{end: IDs(MaxZoom + 1), tiles: tiles, leaves: leaves})
}
