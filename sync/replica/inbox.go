package replica

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// A link may bring uselessBurst records that we had or must not have, and
// uselessRate a second after that; then it is closed.
const (
	uselessBurst = 100_000
	uselessRate  = 2_000
)

// item is a record as it came in on a link.
type item struct {
	link LinkID
	id   record.ID
	enc  []byte
}

// inbox is what has come in and is not yet in the store.
type inbox struct {
	items  []item
	bytes  int
	claims map[LinkID]store.Position        // to be believed once the items are in the store
	peers  map[record.Author]store.Position // believed, and not yet durable
	saved  time.Time
	out    bool // a batch is with the driver
	flying int  // its bytes
}

func newInbox() inbox {
	return inbox{claims: map[LinkID]store.Position{}, peers: map[record.Author]store.Position{}}
}

// much is a backlog, in bytes, beyond what live news make.
const much = 64 << 10

// behind reports whether so much is on its way into the store that its digests
// and its set tell little of what this hub is about to hold.
func (b *inbox) behind() bool { return b.bytes+b.flying > much }

func (b *inbox) empty() bool { return len(b.items) == 0 && len(b.claims) == 0 && !b.out }

func (e *Engine) onRecords(now time.Time, l *link, v *records) error {
	if len(v.Encs) == 0 {
		return violation("no records")
	}
	if !l.tailing.IsZero() {
		l.tailing = now
	}
	for _, enc := range v.Encs {
		if len(enc) > record.MaxSize {
			return violation("a record of %d bytes", len(enc))
		}
		id := record.Sum(enc)
		l.out.seen.add(id)
		e.wanted.got(now, store.Short(id[:8]), l.key)
		for _, o := range e.order {
			delete(o.elsewhere, store.Short(id[:8]))
		}
		e.origin.came(id, l.id)
		e.inbox.items = append(e.inbox.items, item{l.id, id, enc})
		e.inbox.bytes += len(enc)
	}
	return nil
}

// claim notes that the peer's log has been taken over up to p, to be believed
// once what has come in before is in the store.
func (e *Engine) claim(l *link, p store.Position) {
	if l.lost || l.taken.Epoch == p.Epoch && l.taken.Arrival >= p.Arrival {
		return
	}
	if old, ok := e.inbox.claims[l.id]; ok && old.Epoch == p.Epoch && old.Arrival >= p.Arrival {
		return
	}
	e.inbox.claims[l.id] = p
}

// Batch is what came in, on its way into the store.
type Batch struct {
	items   []item
	claims  map[LinkID]store.Position
	places  map[record.Author]store.Position // the same by peer
	cursors map[record.Author]store.Position // to be made durable, if it is time
	broken  map[LinkID]error
	useless map[LinkID]int
	added   []record.Record
	failed  error
}

// Added is what Run put into the set.
func (b *Batch) Added() []record.Record { return b.added }

// saveCursors is how often the places in the peers' logs are made durable; an
// older one costs a longer tail and nothing else.
const saveCursors = 5 * time.Second

// Take gives what has come in and the places that are to be made durable; nil if
// there is neither or a batch is out already. Hand the batch back with Applied
// after Run.
func (e *Engine) Take(now time.Time) *Batch {
	due := now.Sub(e.inbox.saved) >= saveCursors || e.newPlace()
	some := len(e.inbox.items) > 0 || len(e.inbox.claims) > 0 || due && len(e.inbox.peers) > 0
	if e.inbox.out || !some {
		return nil
	}
	n := min(len(e.inbox.items), maxApply)
	b := &Batch{
		items: e.inbox.items[:n:n], places: map[record.Author]store.Position{},
		broken: map[LinkID]error{}, useless: map[LinkID]int{},
	}
	e.inbox.items, e.inbox.out, e.inbox.flying = e.inbox.items[n:], true, 0
	for _, it := range b.items {
		e.inbox.flying += len(it.enc)
	}
	e.inbox.bytes -= e.inbox.flying
	if len(e.inbox.items) == 0 { // what they cover is in this batch or before it
		e.inbox.items = nil
		b.claims, e.inbox.claims = e.inbox.claims, map[LinkID]store.Position{}
	}
	for id, p := range b.claims {
		if l := e.links[id]; l != nil {
			b.places[l.key] = p
		}
	}
	if due && len(b.places)+len(e.inbox.peers) > 0 {
		b.cursors, e.inbox.peers, e.inbox.saved = e.inbox.peers, map[record.Author]store.Position{}, now
		maps.Copy(b.cursors, b.places)
	}
	return b
}

// newPlace reports whether a claim is the first under its epoch. It is made
// durable at once: without it nothing could be told of that log but all.
func (e *Engine) newPlace() bool {
	for id, p := range e.inbox.claims {
		if l := e.links[id]; l != nil && l.taken.Epoch != p.Epoch {
			return true
		}
	}
	return false
}

// Verify checks signatures: an error a record, nil where it verifies.
type Verify func([]record.Record) []error

// maxApply bounds the records of a batch, which is one commit, so that a
// neighbour's post does not wait behind a long one.
const maxApply = 2048

// Run verifies the batch and puts it into the store, without the engine: it may
// run beside it.
func (b *Batch) Run(ctx context.Context, s *store.Store, verify Verify) {
	if b.failed = b.run(ctx, s, verify, b.items); b.failed == nil {
		b.failed = s.SetCursors(b.cursors)
	}
}

func (b *Batch) run(ctx context.Context, s *store.Store, verify Verify, items []item) error {
	ids := make([]record.ID, len(items))
	for i := range items {
		ids[i] = items[i].id
	}
	have, err := s.Find(ids...)
	if err != nil {
		return err
	}
	var rs []record.Record
	var from []LinkID
	twice := make(map[record.ID]struct{}, len(items))
	for i, it := range items {
		if _, again := twice[it.id]; again || have[i] != 0 {
			b.useless[it.link]++
			continue
		}
		twice[it.id] = struct{}{}
		r, err := s.Codec().Decode(it.enc)
		if err != nil {
			b.broken[it.link] = fmt.Errorf("%w: %w", ErrProtocol, err)
			continue
		}
		rs, from = append(rs, r), append(from, it.link)
	}
	good := rs[:0]
	links := from[:0]
	for i, err := range verify(rs) {
		if err != nil {
			b.broken[from[i]] = fmt.Errorf("%w: %w", ErrProtocol, err)
			continue
		}
		good, links = append(good, rs[i]), append(links, from[i])
	}
	vs, err := s.Apply(ctx, good...)
	if err != nil {
		return err
	}
	for i, v := range vs {
		if v.Outcome == store.Added {
			b.added = append(b.added, good[i])
		} else {
			b.useless[links[i]]++
		}
	}
	return nil
}

// Applied takes a batch back and returns the links to be closed: those whose
// peer sent what no honest hub keeps, and, when the store failed, all that had
// part in it. Call Changed afterwards.
func (e *Engine) Applied(now time.Time, b *Batch) ([]Stale, error) {
	e.inbox.out, e.inbox.flying = false, 0
	e.origin.stored(b.items, len(b.added) > 0)
	var stale []Stale
	for _, l := range e.order {
		p, claimed := b.claims[l.id]
		if why := b.broken[l.id]; why != nil {
			e.reputes.strike(now, l.key, firstRest)
			stale = append(stale, Stale{l.id, why})
			continue
		}
		if claimed && b.failed == nil {
			l.taken = p
		}
		l.useless.fill(now, uselessRate, uselessBurst)
		if l.useless.tokens -= float64(b.useless[l.id]); l.useless.tokens < 0 {
			e.reputes.strike(now, l.key, firstRest)
			stale = append(stale, Stale{l.id, violation("too much that is of no use")})
		}
	}
	if b.failed == nil {
		if b.cursors == nil {
			maps.Copy(e.inbox.peers, b.places)
		}
		return stale, nil
	}
	e.inbox.items, e.inbox.bytes, e.inbox.claims = nil, 0, map[LinkID]store.Position{}
	for _, l := range e.order { // what came in is lost: begin again from what is durable
		l.lost = true
		stale = append(stale, Stale{l.id, b.failed})
	}
	if errors.Is(b.failed, context.Canceled) {
		return stale, nil
	}
	return stale, b.failed
}
