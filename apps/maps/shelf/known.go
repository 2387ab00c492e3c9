package shelf

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
)

// knownFile remembers, within the folder, which files were found sound.
const (
	knownFile = ".checked.json"
	maxKnown  = 1 << 20 // bytes of it
)

// fact is a file that was checked, and what cannot be seen without checking again. If it
// has another size or time of change it is another one.
type fact struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	Changed int64  `json:"changed"` // nanoseconds since 1970
	Sum     string `json:"sha256"`
	MinZoom uint8  `json:"minzoom"`
	MaxZoom uint8  `json:"maxzoom"`
	Tiles   uint64 `json:"tiles"`
}

// known are facts by name.
type known map[string]fact

// readKnown reads what was remembered. What cannot be read is checked again, so no error
// matters.
func readKnown(dir string) known {
	k := known{}
	f, err := os.Open(filepath.Join(dir, knownFile))
	if err != nil {
		return k
	}
	defer f.Close()
	var facts []fact
	if json.NewDecoder(io.LimitReader(f, maxKnown)).Decode(&facts) != nil {
		return k
	}
	for _, one := range facts {
		k[one.Name] = one
	}
	return k
}

// of is what is known of a file as it was found.
func (k known) of(e Extract) (fact, bool) {
	f, ok := k[e.Name]
	return f, ok && f.Size == e.Size && f.Changed == e.Changed.UnixNano()
}

// add remembers a file that was found sound.
func (k known) add(e Extract) {
	k[e.Name] = fact{Name: e.Name, Size: e.Size, Changed: e.Changed.UnixNano(), Sum: hex.EncodeToString(e.Sum[:]), MinZoom: e.MinZoom, MaxZoom: e.MaxZoom, Tiles: e.Tiles}
}

// write remembers what is known of the files that are there, for the next start. Where it
// cannot be written they are checked again then.
func (k known) write(dir string, books []*book) {
	facts := []fact{}
	for _, b := range books {
		if f, ok := k.of(b.Extract); ok {
			facts = append(facts, f)
		}
	}
	raw, err := json.MarshalIndent(facts, "", " ")
	if err != nil {
		return
	}
	temp := filepath.Join(dir, knownFile+".new")
	if os.WriteFile(temp, raw, 0o644) != nil || os.Rename(temp, filepath.Join(dir, knownFile)) != nil {
		_ = os.Remove(temp) // it may not be there
	}
}
