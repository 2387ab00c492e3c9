package maps

import (
	"context"
	"path/filepath"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

// Nearest is the few places that are nearest to a point.
func Nearest(all []Place, from *place.Point, most int) []Place { return nearest(all, from, most) }

// Follow looks once for the layers that are wanted. It is how many are still to come.
func (a App) Follow(ctx context.Context, h hub.Host) (missing int, _ error) {
	x := a.desk.stacked
	if x.keeps() == nil {
		if err := x.open(filepath.Join(a.desk.Folder, layersFolder), nil); err != nil {
			return 0, err
		}
	}
	return x.follow(ctx, h)
}

// ReadFiles reads files with many places until its context ends.
func (a App) ReadFiles(ctx context.Context, h hub.Host) { a.desk.reads.run(ctx, a.desk, h) }

// HasRead waits until a file with many places has been read.
func (a App) HasRead(id string) {
	a.desk.reads.mu.Lock()
	one := a.desk.reads.all[id]
	a.desk.reads.mu.Unlock()
	if one != nil {
		<-one.done
	}
}

// Reading is how many entries of a file have been read once its reading has ended.
func (a App) Reading(id string) (entries func() int64) {
	a.desk.reads.mu.Lock()
	defer a.desk.reads.mu.Unlock()
	one := a.desk.reads.all[id]
	return func() int64 {
		<-one.done
		return one.begun.Load()
	}
}

// Pack is many places as a layer, of a name, in place of what is here of it.
func Pack(ctx context.Context, s hub.Snapshot, into hub.Blobs, folder, id, name string, all map[string]place.Sheet) ([]hub.Draft, error) {
	p, err := pack(ctx, into, folder, func(yield func(named, error) bool) {
		for id, s := range all {
			if !yield(named{id, s}, nil) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	here, err := layerAt(looking(s), id)
	if err != nil {
		return nil, err
	}
	return putLayer(id, here, nil, name, place.Prefix{}, p)
}
