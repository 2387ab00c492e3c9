package haul

import (
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
)

// What a peer may say: askBurst words at once, askRate a second after that. This hub
// asks for a quarter as much, which leaves room for its answers. What it gives is
// bounded by what there is.
const (
	askBurst = 4000
	askRate  = 400
	maxJobs  = 2 * maxFetches // asked for and not yet sent, at a time
	maxHopes = 1000           // what a peer asked for in vain, and is told of
	maxWords = 4096
	againMin = 64 << 20 // bytes given beyond all that is here, twice
	againSec = 64 << 10 // and for each second
)

// link is one end of one link.
type link struct {
	id    replica.LinkID
	peer  record.Author
	up    time.Time
	words [][]byte

	// What this hub asks for.
	lacks   map[record.Blob]time.Time // what the peer does not have, or does not send, since when
	owed    int64                     // bytes asked for and not come
	askings bucket

	// What the peer asks for.
	hopes map[record.Blob]struct{} // and this hub did not have
	jobs  []*job
	gave  int64
	asked bucket
}

// job is part of a blob on its way to a peer.
type job struct {
	blob    record.Blob
	at, end int64
	checked bool // its blob's hash, since it was asked for
}

// Up begins a link whose peer takes blobs.
func (h *Haul) Up(now time.Time, id replica.LinkID, peer record.Author) {
	l := &link{
		id: id, peer: peer, up: now, lacks: map[record.Blob]time.Time{}, hopes: map[record.Blob]struct{}{},
		askings: bucket{askBurst / 4, now}, asked: bucket{askBurst, now},
	}
	h.links[id] = l
	h.order = append(h.order, l)
	h.due = true
}

// Down ends a link. What it was to bring is asked of others.
func (h *Haul) Down(_ time.Time, id replica.LinkID) {
	l := h.links[id]
	if l == nil {
		return
	}
	delete(h.links, id)
	h.order = slices.DeleteFunc(h.order, func(o *link) bool { return o == l })
	for _, f := range h.active() {
		if f.from == l {
			h.leave(f)
		}
	}
	h.due = true
}

// Receive takes a message. An error means that the link is to be closed.
func (h *Haul) Receive(now time.Time, id replica.LinkID, m []byte) error {
	l := h.links[id]
	if l == nil || len(m) == 0 {
		return violation("cargo of %d bytes", len(m))
	}
	if kind(m[0]) != kPiece && !l.asked.take(now, askRate, askBurst) {
		return violation("it says too much of files")
	}
	switch kind(m[0]) {
	case kGet:
		var g get
		if err := h.code.unmarshal(m, &g); err != nil {
			return err
		}
		return h.onGet(now, l, g)
	case kNo:
		var n no
		if err := h.code.unmarshal(m, &n); err != nil {
			return err
		}
		h.onNo(now, l, n)
		return nil
	case kHave:
		var v have
		if err := h.code.unmarshal(m, &v); err != nil {
			return err
		}
		for _, b := range v.Blobs {
			delete(l.lacks, b)
		}
		h.due = true
		return nil
	case kPiece:
		return h.onPiece(now, l, m)
	}
	return violation("cargo of kind %d", m[0])
}

// onGet takes an order. What is not here is told when it is; if a record names it,
// this hub gets it too, so that it comes to those beyond.
func (h *Haul) onGet(now time.Time, l *link, g get) error {
	if err := g.check(); err != nil {
		return err
	}
	j := &job{blob: g.Blob, at: int64(g.From), end: int64(g.From + g.Count)}
	same := func(o *job) bool { return o.blob == j.blob }
	switch {
	case l.gave > l.mayGive(now, h.store):
		h.say(l, kNo, no{Blob: g.Blob, Count: g.Count})
		return nil
	case !h.store.Has(g.Blob):
		if n, ok := h.named[g.Blob]; ok {
			h.want(now, g.Blob, n)
		}
		if len(l.hopes) < maxHopes {
			l.hopes[g.Blob] = struct{}{}
		}
		h.say(l, kNo, no{Blob: g.Blob, Count: g.Count})
		return nil
	case slices.ContainsFunc(l.jobs, same):
		old := l.jobs[slices.IndexFunc(l.jobs, same)]
		if old.end == j.at {
			old.end = j.end // it goes on
		} else {
			old.at, old.end = j.at, j.end
		}
		return nil
	case len(l.jobs) >= maxJobs:
		return violation("it asks for more than %d files at a time", maxJobs)
	}
	l.jobs = append(l.jobs, j)
	h.work = append(h.work, task{blob: j.blob, job: j, link: l.id})
	return nil
}

// mayGive is how many bytes a peer may be given on a link: all that is here twice,
// and some more with the time.
func (l *link) mayGive(now time.Time, s *blob.Store) int64 {
	return 2*s.Status().Bytes + againMin + againSec*int64(now.Sub(l.up)/time.Second)
}

// Word is the next short message for a link.
func (h *Haul) Word(_ time.Time, id replica.LinkID) []byte {
	l := h.links[id]
	if l == nil || len(l.words) == 0 {
		return nil
	}
	m := l.words[0]
	if l.words = l.words[1:]; len(l.words) == 0 {
		l.words = nil
	}
	return m
}

// Load is the next piece for a link, of the most urgent blob first.
func (h *Haul) Load(_ time.Time, id replica.LinkID) []byte {
	l := h.links[id]
	if l == nil {
		return nil
	}
	for {
		j := h.urgent(l)
		if j == nil {
			return nil
		}
		n := min(int64(pieceBytes), j.end-j.at)
		m, data := piece(j.blob.Sum, uint64(j.at), int(n))
		k, err := h.store.ReadAt(j.blob, data, j.at)
		if err != nil || int64(k) != n { // it went meanwhile, to make room
			h.refuse(l, j)
			continue
		}
		l.gave += n
		if j.at += n; j.at >= j.end {
			l.done(j)
		}
		return m
	}
}

// refuse says that what is left of a job does not come.
func (h *Haul) refuse(l *link, j *job) {
	l.done(j)
	h.say(l, kNo, no{Blob: j.blob, Count: uint64(j.end - j.at)})
}

func (l *link) done(j *job) { l.jobs = slices.DeleteFunc(l.jobs, func(o *job) bool { return o == j }) }

// urgent is the job to go on with; nil if none is ready.
func (h *Haul) urgent(l *link) (first *job) {
	class := func(j *job) record.Class {
		if n, ok := h.named[j.blob]; ok {
			return n.Class
		}
		return record.Classes
	}
	for _, j := range l.jobs {
		if j.checked && (first == nil || class(j) < class(first)) {
			first = j
		}
	}
	return first
}

// say queues a word. A peer that asks and does not listen is told no more.
func (h *Haul) say(l *link, k kind, v any) {
	m, err := h.code.marshal(k, v)
	if err != nil || len(l.words) >= maxWords {
		return // no word is such that it cannot be written
	}
	l.words = append(l.words, m)
}

// tick tells what has come that a peer had hoped for, and forgets what it lacked long
// ago.
func (h *Haul) tick(now time.Time, l *link) {
	var came []record.Blob
	for b := range l.hopes {
		if h.store.Has(b) {
			came = append(came, b)
			delete(l.hopes, b)
		}
	}
	slices.SortFunc(came, func(a, b record.Blob) int { return slices.Compare(a.Sum[:], b.Sum[:]) })
	for some := range slices.Chunk(came, maxHave) {
		h.say(l, kHave, have{Blobs: some})
	}
	for b, at := range l.lacks {
		if now.Sub(at) >= lacksFor {
			delete(l.lacks, b)
		}
	}
}

// bucket is a token bucket.
type bucket struct {
	tokens float64
	at     time.Time
}

func (b *bucket) take(now time.Time, rate, burst float64) bool {
	if d := now.Sub(b.at); d > 0 {
		b.tokens, b.at = min(burst, b.tokens+rate*d.Seconds()), now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
