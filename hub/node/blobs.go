package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/haul"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// blobsFolder holds what exceeds a record, within the data folder.
const blobsFolder = "blobs"

// openBlobs opens what exceeds records. A hub whose folder for it does not read goes on
// without.
func (n *Node) openBlobs() error {
	path := filepath.Join(n.conf.Folder.Path, blobsFolder)
	kept, err := blob.Open(path, blob.Config{
		Most: n.conf.BlobSpace,
		Disk: func() (free, total uint64, err error) { return Room(n.conf.Folder.Path) },
	})
	if err != nil {
		n.log.Error("attachments cannot be kept here; the rest works", "folder", path, "err", err)
		return nil
	}
	n.blobs = kept
	return nil
}

// shelf is the blobs of a hub as its apps see them.
type shelf struct{ hub *Node }

var _ hub.Blobs = shelf{}

func (s shelf) Put(ctx context.Context, r io.Reader, most int64) (record.Blob, error) {
	b, err := s.hub.blobs.Put(ctx, r, most)
	switch {
	case errors.Is(err, blob.ErrTooLarge):
		return b, errors.Join(hub.Errorf(hub.Invalid, "", "This file is too large. It may have at most %d kB.", most/1000), err)
	case errors.Is(err, blob.ErrFull):
		return b, errors.Join(hub.Errorf(hub.Unavailable, "", "There is no room here for this file. Please tell whoever looks after this place."), err)
	}
	return b, err
}

// Open reads a blob. One that is not here is fetched from now on, whatever its size.
func (s shelf) Open(ctx context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
	f, err := s.hub.blobs.Open(ctx, sum)
	if errors.Is(err, blob.ErrMissing) || errors.Is(err, blob.ErrDamaged) {
		s.hub.links.want(sum)
		return nil, errors.Join(hub.Errorf(hub.NotFound, "", "This file is not here yet. It comes when another place that has it can be reached."), err)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// carried is nil if the hubs would keep all blobs that records about to be signed name,
// beside those that their author's name already; else it says why not.
func carried(v *store.View, author record.Author, rs []record.Record) error {
	if !slices.ContainsFunc(rs, func(r record.Record) bool { return len(r.Blobs) > 0 }) {
		return nil
	}
	if blob.Allowance(v.Roster(), author) == 0 {
		return hub.Errorf(hub.Forbidden, "", "Only those whom the community lets speak for it can attach files.")
	}
	slots := map[record.Slot]bool{}
	for i := range rs {
		rs[i].Author = author
		slots[rs[i].Slot()] = true
	}
	var kept []record.Record
	for r := range v.Naming() {
		if r.Author == author && !slots[r.Slot()] {
			kept = append(kept, r)
		}
	}
	all := blob.Named(v.Roster(), slices.Values(slices.Concat(kept, rs)))
	for b := range blob.Named(v.Roster(), slices.Values(kept)) {
		if _, still := all[b]; !still {
			return errTooMuch()
		}
	}
	for _, r := range rs {
		for _, b := range r.Blobs {
			if _, ok := all[b]; !ok && !r.Withdrawn() {
				return errTooMuch()
			}
		}
	}
	return nil
}

func errTooMuch() error {
	return hub.Errorf(hub.TooMany, "", "This is more than you can attach. What you attached before makes room when you take it back, or when it expires.")
}

// How often the blobs that records name are gathered at most: many times longer than
// it takes.
const (
	gatherDearest = 20
	gatherLongest = 5 * time.Second
)

// nameBlobs keeps the store and the links at what records name.
func (n *Node) nameBlobs(ctx context.Context) error {
	if n.blobs == nil {
		return nil
	}
	changed := n.store.Watch(ctx)
	naming, state := n.store.Naming(), n.store.Roster()
	for {
		begun := time.Now()
		if err := n.gatherBlobs(); err != nil {
			n.log.Error("which attachments are wanted cannot be read", "err", err)
		}
		if !pause(ctx, min(gatherDearest*time.Since(begun), gatherLongest)) {
			return nil
		}
		for naming == n.store.Naming() && state == n.store.Roster() {
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
			}
		}
		naming, state = n.store.Naming(), n.store.Roster()
	}
}

// pause waits; false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (n *Node) gatherBlobs() error {
	var named map[record.Blob]blob.Name
	err := n.store.Read(func(v *store.View) error {
		named = blob.Named(v.Roster(), v.Naming())
		return nil
	})
	if err != nil {
		return err
	}
	n.blobs.SetNames(named)
	n.links.name(named)
	return nil
}

// collectBlobs removes what nothing has named for a day.
func (n *Node) collectBlobs() {
	if n.blobs == nil {
		return
	}
	if err := n.blobs.Collect(); err != nil {
		n.log.Warn("attachments that nobody needs any more could not be removed", "err", err)
	}
}

// blobStatus is how the attachments stand.
func (n *Node) blobStatus() control.Blobs {
	if n.blobs == nil {
		return control.Blobs{}
	}
	at, way := n.blobs.Status(), n.links.hauling()
	return control.Blobs{
		Kept: at.Blobs, Bytes: at.Bytes, Most: at.Most,
		Waiting: way.Waiting, WaitingBytes: way.Bytes, NoRoom: way.NoRoom,
	}
}

func (n *Node) blobFacts() doctor.Blobs {
	s := n.blobStatus()
	return doctor.Blobs{Missing: n.blobs == nil, NoRoom: s.NoRoom, Bytes: uint64(s.Bytes), Most: uint64(s.Most)}
}

// name says which blobs the records of the set name now.
func (k *links) name(named map[record.Blob]blob.Name) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.haul.SetNames(time.Now(), named)
	k.stir()
	k.kickAll()
	k.lookIn()
}

// want fetches a blob that somebody asks for.
func (k *links) want(sum blob.Sum) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.haul.Want(time.Now(), sum)
	k.stir()
}

func (k *links) hauling() haul.Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.haul.Status()
}

// carry does what blobs need of the disk, work after work.
func (k *links) carry(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.hauled:
		}
		for ctx.Err() == nil {
			k.mu.Lock()
			w := k.haul.Take()
			k.mu.Unlock()
			if w == nil {
				break
			}
			w.Run(ctx, k.blobs)
			k.mu.Lock()
			err := k.haul.Done(time.Now(), w)
			k.stir()
			k.kickAll()
			k.mu.Unlock()
			if err != nil && ctx.Err() == nil {
				k.log.Warn("an attachment from another place was not kept; it is tried again later", "err", err)
			}
		}
	}
}

// newHaul is what carries blobs on the links; nil where none are kept.
func newHaul(kept *blob.Store) (*haul.Haul, error) {
	if kept == nil {
		return nil, nil //nolint:nilnil // no blobs, and no error
	}
	h, err := haul.New(kept)
	if err != nil {
		return nil, fmt.Errorf("carry attachments: %w", err)
	}
	return h, nil
}
