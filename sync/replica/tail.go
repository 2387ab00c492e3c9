package replica

import (
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// tailWindow is how many log entries are offered at a time, by class within it.
const tailWindow = 8192

// tailJob offers what followed a place in the log, up to where live news began.
type tailJob struct {
	from, at, to uint64
	batch        uint64
	open         map[uint64]offered
	lost         bool // some wants found no room
}

type offered struct {
	class    record.Class
	arrivals []uint64
}

func (e *Engine) askTail(now time.Time, l *link, p store.Position) error {
	m, err := e.code.marshal(kTail, tailRequest{Epoch: p.Epoch, Arrival: p.Arrival})
	if err != nil {
		return err
	}
	l.tailing, l.tailFor, l.granted = now, p.Arrival, true
	l.out.push(control, m)
	return nil
}

func (e *Engine) onTail(l *link, v *tailRequest) error {
	known, err := e.conf.Store.Knows(store.Position{Epoch: v.Epoch, Arrival: v.Arrival})
	if err != nil {
		return err
	}
	if !known {
		m, err := e.code.marshal(kTailNo, tailNo{})
		if err != nil {
			return err
		}
		l.out.push(control, m)
		l.untailed = true
		return nil
	}
	return e.beginTail(l, v.Arrival)
}

func (e *Engine) beginTail(l *link, from uint64) error {
	l.tail = newTail(from, e.pos)
	for _, c := range urgent {
		es, err := e.conf.Store.SinceOf(c, from)
		if err != nil {
			return err
		}
		if err := e.offerEntries(l, es); err != nil {
			return err
		}
	}
	return e.stepTail(l)
}

// urgent classes are offered before anything else of a log, however long: who is
// no longer to be trusted is to be known before what they wrote.
var urgent = [...]record.Class{record.Trust, record.Notice}

func newTail(from, to uint64) *tailJob {
	return &tailJob{from: from, at: from, to: max(from, to), open: map[uint64]offered{}}
}

// onTailNo: the place is not in the peer's log, as after a restore; the digests
// decide then.
func (e *Engine) onTailNo(l *link) error {
	l.tailing, l.granted, l.untailed = time.Time{}, false, true
	return nil
}

// stepTail offers the next window once the last one is answered.
func (e *Engine) stepTail(l *link) error {
	j := l.tail
	for len(j.open) == 0 && j.at < j.to && len(l.out.waiting) <= maxPending/2 {
		es, err := e.conf.Store.Since(j.at, tailWindow)
		if err != nil {
			return err
		}
		if len(es) < tailWindow {
			j.at = j.to
		} else {
			j.at = es[len(es)-1].Arrival
		}
		if err := e.offerEntries(l, slices.DeleteFunc(es, isUrgent)); err != nil {
			return err
		}
	}
	if len(j.open) > 0 || j.at < j.to { // to be continued by an answer, or by Tick
		return nil
	}
	if !j.lost {
		l.from = min(l.from, j.from)
	}
	l.tail, l.again = nil, true
	return nil
}

func isUrgent(x store.Entry) bool { return slices.Contains(urgent[:], x.Class) }

// offerEntries sends the short ids of log entries, by class.
func (e *Engine) offerEntries(l *link, es []store.Entry) error {
	var ids [record.Classes][]byte
	var numbers [record.Classes][]uint64
	flush := func(c record.Class) error {
		if len(numbers[c]) == 0 {
			return nil
		}
		l.tail.batch++
		m, err := e.code.marshal(kOffer, offer{Batch: l.tail.batch, IDs: ids[c]})
		if err != nil {
			return err
		}
		l.tail.open[l.tail.batch] = offered{c, numbers[c]}
		ids[c], numbers[c] = nil, nil
		l.told += uint64(len(m))
		l.out.push(lane(c), m)
		return nil
	}
	for _, x := range es {
		if x.Arrival > l.tail.to || x.Class >= record.Classes || l.out.seen.has(x.ID) {
			continue
		}
		ids[x.Class] = append(ids[x.Class], x.ID[:8]...)
		if numbers[x.Class] = append(numbers[x.Class], x.Arrival); len(numbers[x.Class]) == maxOffer {
			if err := flush(x.Class); err != nil {
				return err
			}
		}
	}
	for c := range record.Classes {
		if err := flush(record.Class(c)); err != nil {
			return err
		}
	}
	return nil
}

// onOffer answers which of the offered records are wanted: those that are not
// held and not asked of another peer already.
func (e *Engine) onOffer(now time.Time, l *link, where lane, v *offer) error {
	n := len(v.IDs) / 8
	if n == 0 || n > maxOffer || len(v.IDs)%8 != 0 || where == control {
		return violation("an offer of %d bytes", len(v.IDs))
	}
	ids := make([]store.Short, n)
	for i := range ids {
		ids[i] = store.Short(v.IDs[8*i:])
	}
	held, err := e.conf.Store.Holds(ids)
	if err != nil {
		return err
	}
	if !l.tailing.IsZero() {
		l.tailing = now // it is being answered
	}
	bits := make([]byte, (n+7)/8)
	for i, id := range ids {
		switch {
		case held[i]:
		case e.wanted.add(now, id, l.key):
			bits[i/8] |= 1 << (i % 8)
		default:
			l.await(id)
		}
	}
	m, err := e.code.marshal(kAnswer, answer{Batch: v.Batch, Wants: bits})
	if err != nil {
		return err
	}
	l.out.push(control, m)
	return nil
}

// await notes that a record which this peer offered is to come from another.
func (l *link) await(id store.Short) {
	if len(l.elsewhere) >= maxWanted {
		id = store.Short{} // that never comes: until the sets are equal its log counts no further
	}
	l.elsewhere[id] = struct{}{}
}

func (e *Engine) onAnswer(l *link, v *answer) error {
	if l.tail == nil {
		return nil // of a tail that was given up
	}
	o, ok := l.tail.open[v.Batch]
	if !ok {
		return nil
	}
	if len(v.Wants) != (len(o.arrivals)+7)/8 {
		return violation("an answer of another length than its offer")
	}
	delete(l.tail.open, v.Batch)
	for i, n := range o.arrivals {
		if v.Wants[i/8]&(1<<(i%8)) != 0 && !l.out.offer(o.class, n) {
			l.tail.lost = true
		}
	}
	return e.stepTail(l)
}

// catchUp goes on with a tail that waited for room, and begins one for live news
// that found none.
func (e *Engine) catchUp(l *link) error {
	if l.tail == nil && l.lag > 0 && l.out.drained() {
		from := l.lag - 1
		l.lag = 0
		return e.beginTail(l, from)
	}
	if l.tail == nil {
		return nil
	}
	return e.stepTail(l)
}
