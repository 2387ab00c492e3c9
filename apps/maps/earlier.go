package maps

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"github.com/lamppost-hub/lamppost/apps/maps/layer/keep"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// earlier is a layer that stood, and was found here, before another one came in its place:
// until the places of that have come, those of this are better than none.
type earlier struct {
	Author record.Author `json:"author"`
	Time   record.Time   `json:"time"`
	Sum    keep.Sum      `json:"sum"`
}

// earlierFile remembers them in the folder of the indexes, by the layers' ids.
const (
	earlierFile = "standing.json"
	maxEarlier  = 1 << 20 // bytes of it
)

type earlierOnes map[string][]earlier

// readEarlier reads what was remembered. What cannot be read is nothing: it is a help only.
func readEarlier(folder string) earlierOnes {
	all := earlierOnes{}
	f, err := os.Open(filepath.Join(folder, earlierFile))
	if err != nil {
		return all
	}
	defer f.Close()
	if json.NewDecoder(io.LimitReader(f, maxEarlier)).Decode(&all) != nil {
		return earlierOnes{}
	}
	return all
}

func (all earlierOnes) write(folder string) error {
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	temp := filepath.Join(folder, earlierFile+".part")
	if err := os.WriteFile(temp, raw, 0o644); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return os.Rename(temp, filepath.Join(folder, earlierFile))
}

// next is what is remembered once these stand: of a layer that is here whole itself, and else
// what was remembered before.
func (all earlierOnes) next(now []stack, ready func(keep.Sum) bool) earlierOnes {
	out, whole := earlierOnes{}, map[string]bool{}
	for _, s := range now {
		if is, known := whole[s.id]; known && !is {
			continue
		}
		whole[s.id] = ready(s.by.Value.blob.Sum)
		out[s.id] = append(out[s.id], earlier{s.by.Author, s.by.Time, s.by.Value.blob.Sum})
	}
	for id, is := range whole {
		if is {
			continue
		}
		if out[id] = all[id]; len(all[id]) == 0 {
			delete(out, id)
		}
	}
	return out
}

func (all earlierOnes) same(o earlierOnes) bool { return reflect.DeepEqual(all, o) }
