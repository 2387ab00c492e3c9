package pmtiles

import "bytes"

// ReadDirectory reads a root directory that is not packed.
func ReadDirectory(b []byte, tiles, leaves uint64) ([]Entry, error) {
	return readDirectory(bytes.NewReader(b), scope{end: IDs(MaxZoom + 1), tiles: tiles, leaves: leaves})
}

// Holds is how many directories are in a cache, and how many bytes it counts for them.
func (c *Cache) Holds() (directories, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.slots), c.used
}
