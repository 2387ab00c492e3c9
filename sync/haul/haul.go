// Package haul brings blobs from hub to hub: who has one, and from where on it is to
// be sent. It is the cargo of package replica: it shares each link with the records,
// and its pieces go when no record waits, so that a notice overtakes megabytes.
//
// A Haul is a state machine. It owns no socket, clock or goroutine, and touches the
// disk only to read a piece: a driver hands it what comes and the time, and does its
// Work beside it. Stepped alike it does alike.
//
// A hub asks for what a record of its set names and it lacks, from where it left off,
// some at a time, the most urgent class first. Who does not have it says so, gets it
// itself, and tells. What came is held against its hash as a whole before it counts
// or goes on.
package haul

import (
	"cmp"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
)

// What is fetched without being asked for: up to so many bytes of a class that
// coordinators alone can write. The rest waits until somebody wants it.
const (
	EagerNotice = 8 << 20 // of trust and notices: the originals of warnings
	EagerPlace  = 1 << 20 // up to places
)

// Eager reports whether a blob is fetched without being asked for.
func Eager(b record.Blob, n blob.Name) bool {
	switch {
	case n.Class <= record.Notice:
		return b.Size <= EagerNotice
	case n.Class <= record.Place:
		return b.Size <= EagerPlace
	}
	return false
}

const (
	chunk      = 256 << 10 // bytes asked for at a time
	maxFetches = 4         // at a time, over all links
	ahead      = 1 << 20   // bytes that may wait for the disk, of one blob
	patience   = 30 * time.Second
	askAgain   = 2 * time.Minute
	lookAgain  = time.Minute     // until what is lacking is looked for anew
	noRoomFor  = 5 * time.Minute // until what had no room is tried again
	lacksFor   = 5 * time.Minute // until a peer that lacked something is asked again
	wantedFor  = time.Hour       // after somebody wanted it last
	liarFor    = time.Hour
	maxWanted  = 1000 // not eager, and wanted all the same
	maxLiars   = 1024
)

// Haul is not safe for concurrent use.
type Haul struct {
	store   *blob.Store
	code    coding
	links   map[replica.LinkID]*link
	order   []*link // by age
	named   map[record.Blob]blob.Name
	wanted  map[record.Blob]time.Time // by people and peers, until then
	later   map[record.Blob]time.Time // not to be fetched before
	liars   map[liar]time.Time
	lacking []record.Blob // what is to be fetched, the most urgent first
	fetches map[blob.Sum]*fetch
	looked  time.Time // when lacking was made; zero: it is to be made anew
	due     bool      // something may be begun
	work    []task
	out     bool // work is with the driver
}

// liar is a peer that gave something else than what a hash says.
type liar struct {
	peer record.Author
	blob record.Blob
}

// New makes a haul that fetches into a store and serves from it.
func New(s *blob.Store) (*Haul, error) {
	code, err := newCoding()
	if err != nil {
		return nil, err
	}
	return &Haul{
		store: s, code: code, links: map[replica.LinkID]*link{}, named: map[record.Blob]blob.Name{},
		wanted: map[record.Blob]time.Time{}, later: map[record.Blob]time.Time{}, liars: map[liar]time.Time{},
		fetches: map[blob.Sum]*fetch{},
	}, nil
}

// SetNames says which blobs the records of the set name now, all of them.
func (h *Haul) SetNames(now time.Time, named map[record.Blob]blob.Name) {
	h.named = named
	for sum, f := range h.fetches {
		if n, ok := named[f.blob]; ok {
			f.name = n
		} else {
			delete(h.fetches, sum)
		}
	}
	h.look(now)
}

// Want fetches a blob that is not Eager as well, for an hour. It reports whether a
// record names it.
func (h *Haul) Want(now time.Time, sum blob.Sum) bool {
	found := false
	for b, n := range h.named {
		if b.Sum == sum {
			found = true
			h.want(now, b, n)
		}
	}
	return found
}

func (h *Haul) want(now time.Time, b record.Blob, n blob.Name) {
	_, again := h.wanted[b]
	if Eager(b, n) || !again && len(h.wanted) >= maxWanted {
		return
	}
	if h.wanted[b] = now.Add(wantedFor); !again {
		h.looked = time.Time{}
	}
}

// look finds out what is lacking, and begins to fetch it.
func (h *Haul) look(now time.Time) {
	h.looked = now
	for b, until := range h.wanted {
		if _, named := h.named[b]; !named || now.After(until) {
			delete(h.wanted, b)
		}
	}
	for b, at := range h.later {
		if !now.Before(at) {
			delete(h.later, b)
		}
	}
	for l, until := range h.liars {
		if !now.Before(until) {
			delete(h.liars, l)
		}
	}
	h.lacking = h.lacking[:0]
	for b, n := range h.named {
		_, wanted := h.wanted[b]
		if (wanted || Eager(b, n)) && !h.store.Has(b) {
			h.lacking = append(h.lacking, b)
		}
	}
	slices.SortFunc(h.lacking, func(a, b record.Blob) int {
		return cmp.Or(cmp.Compare(h.named[a].Class, h.named[b].Class), cmp.Compare(a.Size, b.Size), slices.Compare(a.Sum[:], b.Sum[:]))
	})
	h.begin(now)
}

// Tick does what is due. Call it as often as the engine's.
func (h *Haul) Tick(now time.Time) {
	for _, l := range h.order {
		h.tick(now, l)
	}
	if now.Sub(h.looked) >= lookAgain {
		h.look(now)
		return
	}
	for _, f := range h.active() {
		if f.from != nil && now.Sub(f.heard) >= patience {
			h.impatient(now, f)
		}
		h.ask(now, f)
	}
	if h.due {
		h.begin(now)
	}
}

// active is the fetches in an order that is the same in every run.
func (h *Haul) active() []*fetch {
	fs := make([]*fetch, 0, len(h.fetches))
	for _, f := range h.fetches {
		fs = append(fs, f)
	}
	slices.SortFunc(fs, func(a, b *fetch) int { return slices.Compare(a.blob.Sum[:], b.blob.Sum[:]) })
	return fs
}

// Quiet reports whether nothing is under way: nothing becomes due within a second
// unless a link begins, something comes, or the names change.
func (h *Haul) Quiet() bool {
	if len(h.fetches) > 0 || len(h.work) > 0 || h.out || h.due || h.looked.IsZero() {
		return false
	}
	for _, l := range h.order {
		if len(l.jobs) > 0 || len(l.words) > 0 {
			return false
		}
	}
	return true
}

// Status is how a haul stands.
type Status struct {
	Waiting  int    // blobs that are to be fetched
	Bytes    uint64 // of these
	Fetching int    // of these, under way
	NoRoom   int    // of these, without room
}

// Status is how the haul stands.
func (h *Haul) Status() Status {
	s := Status{Fetching: len(h.fetches)}
	for _, b := range h.lacking {
		if h.store.Has(b) {
			continue
		}
		s.Waiting++
		s.Bytes += b.Size
		if _, later := h.later[b]; later {
			s.NoRoom++
		}
	}
	return s
}
