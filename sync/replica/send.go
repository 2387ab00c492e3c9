package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// batchBytes is about how much record data goes into one message: a frame's worth.
const batchBytes = MaxFrame - 64

// Next gives the next frame to be sent on a link, nil when there is nothing or
// the window is full. It reads the store.
func (e *Engine) Next(now time.Time, id LinkID) ([]byte, error) {
	l := e.links[id]
	if l == nil {
		return nil, nil
	}
	f, err := e.next(now, l)
	l.traffic.out += uint64(len(f))
	return f, err
}

func (e *Engine) next(now time.Time, l *link) ([]byte, error) {
	if f := l.nextOf(control); f != nil {
		return f, nil
	}
	if f := e.word(now, l); f != nil {
		return f, nil
	}
	if (l.ackDue || l.received-l.acked >= ackEvery) && e.inbox.bytes < maxInbox {
		return e.ackFrame(l)
	}
	if !l.flow.room() {
		return nil, nil
	}
	for c := range record.Classes {
		f, err := e.nextOfClass(l, record.Class(c))
		if err != nil {
			return nil, err
		}
		if f != nil {
			l.flow.send(now, len(f))
			l.newest = l.flow.sent
			return f, nil
		}
	}
	if !l.flow.spare() {
		return nil, nil
	}
	f := e.load(now, l)
	if f != nil {
		l.flow.send(now, len(f))
	}
	return f, nil
}

func (l *link) nextOf(where lane) []byte {
	o := &l.out
	if len(o.part[where]) == 0 {
		if len(o.queue[where]) == 0 {
			return nil
		}
		o.part[where] = o.queue[where][0]
		o.queue[where] = o.queue[where][1:]
	}
	var f []byte
	f, o.part[where] = cut(where, o.part[where])
	o.bytes -= len(f) - 1
	return f
}

func (e *Engine) nextOfClass(l *link, c record.Class) ([]byte, error) {
	if f := l.nextOf(lane(c)); f != nil {
		return f, nil
	}
	for len(l.out.pending[c]) > 0 {
		m, err := e.loadBatch(l, c)
		if err != nil {
			return nil, err
		}
		if m != nil {
			l.out.push(lane(c), m)
			return l.nextOf(lane(c)), nil
		}
	}
	return nil, nil
}

// loadBatch reads the newest pending records of a class into one message of
// about a frame; nil if all of those it looked at were replaced or are held.
func (e *Engine) loadBatch(l *link, c record.Class) ([]byte, error) {
	var out records
	size, full := 0, false
	for !full && len(l.out.pending[c]) > 0 && len(out.Encs) < maxRecords {
		var ns []uint64
		n := loadAtOnce
		if size > 0 { // as many as are likely to fit
			n = max(1, (batchBytes-size)*len(out.Encs)/size)
		}
		for len(ns) < n && len(l.out.pending[c]) > 0 {
			ns = append(ns, l.out.take(c))
		}
		encs, err := e.conf.Store.Load(ns...)
		if err != nil {
			return nil, err
		}
		for i, enc := range encs {
			switch {
			case enc == nil || l.out.seen.has(record.Sum(enc)):
			case size > 0 && size+len(enc) > batchBytes:
				l.out.offer(c, ns[i]) // it waits for the next message
				full = true
			default:
				out.Encs = append(out.Encs, enc)
				size += len(enc) + 3
			}
		}
	}
	if len(out.Encs) == 0 {
		return nil, nil
	}
	l.gave += uint64(len(out.Encs))
	return e.code.marshal(kRecords, out)
}

// loadAtOnce is how many records are read together: about a frame of short ones.
const loadAtOnce = 8

// ackEvery is how much is received before it is acknowledged; what is less waits
// for a Tick. Nothing is while the inbox holds maxInbox: a disk that cannot
// follow slows the peers down.
const (
	ackEvery = 4 << 10
	maxInbox = 1 << 20
)

func (e *Engine) ackFrame(l *link) ([]byte, error) {
	m, err := e.code.marshal(kAck, ack{Bytes: l.received})
	if err != nil {
		return nil, err
	}
	l.acked, l.ackDue = l.received, false
	f, _ := cut(control, m)
	return f, nil
}
