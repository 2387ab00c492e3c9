package maps

import (
	"context"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/layer/keep"
	"github.com/lamppost-hub/lamppost/hub"
)

// indexes are those of the layers that are here. Before it is open it has none, as a nil one.
type indexes struct {
	nudge chan struct{}

	mu     sync.Mutex // guards what follows
	keeper *keep.Keeper
	folder string
	before earlierOnes
	known  map[saying][]stocked
}

// saying is a place of a layer's file, which never says anything else.
type saying struct {
	sum keep.Sum
	id  string
}

// maxKnown is how many are remembered: what somebody has changed by hand is asked for by every
// page.
const maxKnown = 4096

// said is what a layer that is here says of a place, whoever brought it.
func (x *indexes) said(s *stack, id string) ([]stocked, error) {
	of := saying{s.by.Value.blob.Sum, id}
	x.mu.Lock()
	all, known := x.known[of]
	x.mu.Unlock()
	if known {
		return all, nil
	}
	e, ok, err := s.index.Get(id)
	if err != nil {
		return nil, err
	}
	if ok {
		all = s.read(e)
	}
	for i := range all {
		all[i].by = nil // whoever asks is another moment
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.known) >= maxKnown {
		clear(x.known)
	}
	x.known[of] = all
	return all, nil
}

func newIndexes() *indexes {
	return &indexes{nudge: make(chan struct{}, 1), known: map[saying][]stocked{}}
}

// layers are the indexes of a desk; nil for no desk.
func (d *desk) layers() *indexes {
	if d == nil {
		return nil
	}
	return d.stacked
}

// keeps is what keeps the indexes; nil where nothing does.
func (x *indexes) keeps() *keep.Keeper {
	if x == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.keeper
}

// get is the index of a layer; nil while it is not here.
func (x *indexes) get(sum keep.Sum) (*layer.Index, keep.State) {
	if k := x.keeps(); k != nil {
		return k.Get(sum)
	}
	return nil, keep.Waiting
}

// earlier is what stood of a layer before.
func (x *indexes) earlier(id string) []earlier {
	if x == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.before[id]
}

// failed has an index made anew that cannot be read.
func (x *indexes) failed(sum keep.Sum, err error) {
	k := x.keeps()
	if k == nil {
		return
	}
	k.Failed(sum, err)
	select {
	case x.nudge <- struct{}{}:
	default: // it will look
	}
}

// How often it is looked whether a layer has come, at the least and at the most; and whether
// who may put places on the map is another.
const (
	lookSoon   = 2 * time.Second
	lookLater  = 30 * time.Second
	lookAnyway = 10 * time.Minute
)

// run keeps the indexes of the layers that stand in a folder, until its context ends.
func (x *indexes) run(ctx context.Context, h hub.Host, folder string, o Options) error {
	if err := x.open(folder, o.Disk); err != nil {
		return err
	}
	defer x.keeps().Close()
	changed := h.Watch(ctx, layers)
	for wait := lookSoon; ; wait = min(wait+wait/4, lookLater) { // a quarter later than it has come
		missing, err := x.follow(ctx, h)
		if err != nil && ctx.Err() == nil {
			o.Log.Error("a list of places cannot be read; it is tried again", "err", err)
		}
		due := time.NewTimer(lookAnyway)
		if missing > 0 || err != nil {
			due.Reset(wait)
		}
		select {
		case <-ctx.Done():
			due.Stop()
			return nil
		case <-x.nudge:
		case <-changed:
			wait = lookSoon * 4 / 5
		case <-due.C:
		}
		due.Stop()
	}
}

func (x *indexes) open(folder string, disk keep.Disk) error {
	k, err := keep.Open(folder, disk)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.keeper, x.folder, x.before = k, folder, readEarlier(folder)
	return nil
}

// follow makes the indexes that are wanted by now. It is how many are still to be made.
func (x *indexes) follow(ctx context.Context, h hub.Host) (missing int, _ error) {
	now, err := layersNow(ctx, h)
	if err != nil {
		return 0, err
	}
	k := x.keeps()
	ready := func(sum keep.Sum) bool {
		_, state := k.Get(sum)
		return state == keep.Ready
	}
	var wanted []keep.Sum
	for _, s := range now {
		wanted = append(wanted, s.by.Value.blob.Sum)
	}
	for _, s := range now {
		for _, e := range x.earlier(s.id) {
			if ready(e.Sum) { // for as long as it is all that there is; see below
				wanted = append(wanted, e.Sum)
			}
		}
	}
	missing, err = k.Follow(ctx, wanted, h.Blobs())
	if err != nil || ctx.Err() != nil {
		return missing, err
	}
	return missing, x.remember(now, ready)
}

// remember is which layers are here, should others come in their place.
func (x *indexes) remember(now []stack, ready func(keep.Sum) bool) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	next := x.before.next(now, ready)
	if next.same(x.before) {
		return nil
	}
	x.before = next
	return next.write(x.folder)
}

// layersNow are the layers that stand.
func layersNow(ctx context.Context, h hub.Host) (all []stack, _ error) {
	return all, h.Read(ctx, func(s hub.Snapshot) error {
		said, err := layersOf(looking(s))
		all = standing(said)
		return err
	})
}
