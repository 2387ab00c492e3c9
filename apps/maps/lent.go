package maps

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/paulmach/orb"
)

// Ferry brings files from hub to hub of the community, behind all else on the links.
type Ferry interface {
	// Self is the key of this hub.
	Self() record.Author
	// Linked are the hubs that can be asked now.
	Linked() []record.Author
	// Open gives the bytes of a file that a hub has, by its SHA-256 and size, from an
	// offset on. They come as they are read. Whether it is that file is for the caller to
	// see.
	Open(ctx context.Context, of record.Author, sum [32]byte, size, at int64) (io.ReadCloser, error)
	// Share gives files to hubs that ask, until the context ends. open is an error for a
	// file that is not here.
	Share(ctx context.Context, open func(ctx context.Context, sum [32]byte) (io.ReadSeekCloser, error))
}

const (
	lentKey = "e/" // which street maps a box has, as it says itself
	lent    = hub.Term("e")

	lentLife  = 30 // days
	lentRenew = 10 // days after which it is said anew
	lentLook  = 5 * time.Minute
)

// Bounds of what a box says of its street maps. As many stand in one body as fit.
const (
	maxLent   = 16
	maxCredit = 100     // characters
	maxThanks = 200     // bytes of it
	maxOfMap  = 1 << 40 // bytes of a file
	deepestOf = 22      // zoom
)

type (
	// Lent is what stands at e/: the street maps that a box has, for others to fetch.
	Lent struct {
		All []LentMap `cbor:"1,keyasint,omitempty"`
	}
	// LentMap is one of them.
	LentMap struct {
		Name   string         `cbor:"1,keyasint"` // of the file
		Size   int64          `cbor:"2,keyasint"` // bytes
		Sum    []byte         `cbor:"3,keyasint"` // SHA-256
		From   place.Point    `cbor:"4,keyasint"` // its south-western corner
		To     place.Point    `cbor:"5,keyasint"`
		Zooms  [2]uint8       `cbor:"6,keyasint"`
		Schema pmtiles.Schema `cbor:"7,keyasint"`
		Credit string         `cbor:"8,keyasint,omitempty"` // whom to thank
	}
)

func (m LentMap) sum() [32]byte { return [32]byte(m.Sum) }

// bound is what part of the earth it shows, in degrees.
func (m LentMap) bound() orb.Bound { return orb.Bound{Min: m.From.Orb(), Max: m.To.Orb()} }

func (m LentMap) check() error {
	switch {
	case m.Name != shelf.FileName(m.Name):
		return errors.New("a map file has the name of a file")
	case m.Credit != cutTo(m.Credit, maxCredit, maxThanks):
		return errors.New("a text is too long, or is no text")
	case m.Size <= 0 || m.Size > maxOfMap || len(m.Sum) != 32:
		return errors.New("a map file has a size and a hash")
	case !m.From.OnEarth() || !m.To.OnEarth() || m.From[0] > m.To[0] || m.From[1] > m.To[1]:
		return errors.New("a map is of a part of the earth")
	case m.Zooms[0] > m.Zooms[1] || m.Zooms[1] > deepestOf:
		return errors.New("a map is of some zooms")
	case m.Schema < pmtiles.NoSchema || m.Schema > pmtiles.Protomaps4:
		return errors.New("a map has one of the known schemas")
	}
	return nil
}

func checkLent(r record.Record, box string) error {
	b, err := hub.Collection[Lent]{}.Decode(r)
	switch via := r.Author.Via(); {
	case err != nil:
		return err
	case box != hex.EncodeToString(via[:]):
		return errors.New("a box says itself which street maps it has")
	case len(b.All) > maxLent:
		return errors.New("too many street maps")
	}
	for _, m := range b.All {
		if err := m.check(); err != nil {
			return err
		}
	}
	return nil
}

// lentOf is what to say of the street maps that are here: of the deepest ones first, as far
// as they fit.
func lentOf(all []shelf.Extract) (l Lent) {
	all = slices.DeleteFunc(slices.Clone(all), func(e shelf.Extract) bool { return e.State != shelf.Ready })
	slices.SortStableFunc(all, func(a, b shelf.Extract) int {
		return cmp.Or(cmp.Compare(b.MaxZoom, a.MaxZoom), strings.Compare(a.Name, b.Name))
	})
	for _, e := range all {
		m := LentMap{
			Name: shelf.FileName(e.Name), Size: e.Size, Sum: e.Sum[:], From: place.FromOrb(e.Bounds.Min), To: place.FromOrb(e.Bounds.Max),
			Zooms: [2]uint8{e.MinZoom, e.MaxZoom}, Schema: e.Schema, Credit: cutTo(e.Credit, maxCredit, maxThanks),
		}
		if m.check() != nil || len(l.All) == maxLent {
			continue
		}
		if _, err := place.Encoded(Lent{append(slices.Clone(l.All), m)}); err != nil {
			continue // it does not fit; a shorter one may
		}
		l.All = append(l.All, m)
	}
	return l
}

// cutTo is a line cut at its end.
func cutTo(s string, chars, most int) string {
	s, err := hub.CleanLine("", s, math.MaxInt32, math.MaxInt32)
	if err != nil {
		return ""
	}
	r := []rune(s)
	r = r[:min(len(r), chars)]
	for len(string(r)) > most {
		r = r[:len(r)-1]
	}
	return strings.TrimSpace(string(r))
}

// lend says which street maps are here, whenever they are others, and gives them to hubs
// that ask, until the context ends.
func (d *desk) lend(ctx context.Context, h hub.Host, f Ferry) {
	s := d.maps()
	f.Share(ctx, func(_ context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
		file, _, err := s.File(sum)
		if err != nil {
			return nil, err
		}
		return file, nil
	})
	failed := ""
	for {
		changed := s.Changed()
		if err := d.tellLent(ctx, h, f.Self()); err != nil && ctx.Err() == nil && err.Error() != failed {
			d.Log.Warn("other places are not told which street maps are here; it is tried again", "err", err)
			failed = err.Error()
		}
		look := time.NewTimer(lentLook)
		select {
		case <-ctx.Done():
			look.Stop()
			return
		case <-changed:
		case <-look.C:
		}
		look.Stop()
	}
}

// tellLent says which street maps are here, unless that is said already.
func (d *desk) tellLent(ctx context.Context, h hub.Host, self record.Author) error {
	all, err := d.maps().Extracts()
	if err != nil {
		return err
	}
	l := lentOf(all)
	via := self.Via()
	drafts, err := draftsOf(lentKey+hex.EncodeToString(via[:]), record.People, lentLife, l)
	if err != nil {
		return err
	}
	if len(l.All) == 0 {
		drafts[0].Body = nil
	}
	said := false
	err = h.Read(ctx, func(s hub.Snapshot) error {
		now, sure := s.Now()
		none := true
		for it, err := range s.Slots(drafts[0].Key) {
			if err != nil {
				return fmt.Errorf("which street maps are said to be here: %w", err)
			}
			if it.Author != self {
				continue
			}
			none = it.Withdrawn()
			fresh := !sure || it.Withdrawn() || now.Sub(it.Time.Wall()) < lentRenew*24*time.Hour
			said = bytes.Equal(it.Body, drafts[0].Body) && fresh
		}
		said = said || none && len(l.All) == 0
		return nil
	})
	if err != nil || said {
		return err
	}
	_, err = h.Write(ctx, drafts...)
	return err
}

// offer is a street map that other hubs say they have.
type offer struct {
	LentMap

	of     []record.Author // the best first
	labels []string        // of these
}

// offers are the street maps of others, each once, whatever it is called: those first of
// which most of a part of the earth is shown, if one is given, then the deepest, then the
// smallest. linked are hubs that can be asked now, who stand first. Whoever says what cannot
// be, or is no hub, is not heard.
func offers(s hub.Snapshot, self record.Author, linked []record.Author, around *place.Point) (all []offer, _ error) {
	by, read := map[[32]byte]int{}, 0
	for it, err := range s.Newest(lent, 0) {
		if err != nil {
			return nil, fmt.Errorf("which street maps others have: %w", err)
		}
		if read++; read > maxRead {
			break
		}
		c, is := s.Roster().Hub(it.Author)
		_, box := split(it.Key)
		if !is || it.Author == self || checkLent(it.Record, box) != nil {
			continue
		}
		l, ok := bodyOf[Lent](it)
		if !ok {
			continue
		}
		for _, m := range l.All {
			at, known := by[m.sum()]
			switch {
			case !known:
				by[m.sum()] = len(all)
				all = append(all, offer{LentMap: m, of: []record.Author{it.Author}, labels: []string{c.Label}})
			case all[at].Size == m.Size && !slices.Contains(all[at].of, it.Author):
				all[at].of, all[at].labels = append(all[at].of, it.Author), append(all[at].labels, c.Label)
			}
		}
	}
	for i := range all {
		all[i].order(linked)
	}
	slices.SortStableFunc(all, func(a, b offer) int {
		return cmp.Or(here(b, around)-here(a, around), cmp.Compare(b.Zooms[1], a.Zooms[1]), cmp.Compare(a.Size, b.Size), bytes.Compare(a.Sum, b.Sum))
	})
	return all, nil
}

// here is 1 for a map that shows a point.
func here(o offer, p *place.Point) int {
	if p != nil && o.bound().Contains(p.Orb()) {
		return 1
	}
	return 0
}

// order puts those first that can be asked.
func (o *offer) order(linked []record.Author) {
	type one struct {
		of    record.Author
		label string
	}
	all := make([]one, len(o.of))
	for i := range all {
		all[i] = one{o.of[i], o.labels[i]}
	}
	far := func(a record.Author) int {
		if slices.Contains(linked, a) {
			return 0
		}
		return 1
	}
	slices.SortFunc(all, func(a, b one) int {
		return cmp.Or(far(a.of)-far(b.of), strings.Compare(a.label, b.label), bytes.Compare(a.of[:], b.of[:]))
	})
	for i, one := range all {
		o.of[i], o.labels[i] = one.of, one.label
	}
}
