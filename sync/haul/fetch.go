package haul

import (
	"bytes"
	"time"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// fetch is a blob on its way here.
type fetch struct {
	blob   record.Blob
	name   blob.Name
	from   *link // of whom it is asked; nil: somebody is to be found
	at     int64 // what has come
	upto   int64 // what was asked for
	stored int64 // what of it is on disk
	heard  time.Time
	paused bool // something more urgent has its place; no more of it is asked for

	givers map[record.Author]struct{}
	before bool // part of it had come from somebody before
	single bool // several gave, and it was wrong: one has to give all of it
	whole  bool // all has come, and is being checked
}

// begin starts fetching what is lacking, as far as there is a place and a peer that
// may have it.
func (h *Haul) begin(now time.Time) {
	h.due = false
	for _, f := range h.active() {
		if f.from == nil && !f.whole {
			h.find(now, f)
		}
	}
	for _, b := range h.lacking {
		n, named := h.named[b]
		_, later := h.later[b]
		f := h.fetches[b.Sum]
		if !named || later || f != nil && !f.paused || h.store.Has(b) {
			continue
		}
		l := h.peerFor(b, nil)
		if l == nil {
			continue
		}
		if !h.place(n) {
			break // what follows is no more urgent
		}
		if f != nil {
			if f.blob == b {
				f.paused = false
				h.ask(now, f)
			}
			continue
		}
		if !h.store.Room(b, n) {
			h.later[b] = now.Add(noRoomFor)
			continue
		}
		f = &fetch{blob: b, name: n, at: h.store.Held(b), givers: map[record.Author]struct{}{}}
		f.stored, f.upto, f.before = f.at, f.at, f.at > 0
		h.fetches[b.Sum] = f
		if f.at == int64(b.Size) {
			h.finish(f)
			continue
		}
		h.askOf(now, f, l)
	}
}

// place reports whether there is a place for one more fetch of a name, if need be
// that of one of a less urgent class.
func (h *Haul) place(n blob.Name) bool {
	var least *fetch
	busy := 0
	for _, f := range h.active() {
		if f.paused {
			continue
		}
		if busy++; least == nil || f.name.Class > least.name.Class {
			least = f
		}
	}
	if busy < maxFetches {
		return true
	}
	if least.name.Class <= n.Class || least.whole {
		return false
	}
	least.paused = true
	h.drain(least)
	return true
}

// drain forgets a paused fetch once what was asked for has come and is stored: it is
// begun again from there.
func (h *Haul) drain(f *fetch) {
	if f.paused && !f.whole && f.stored == f.at && (f.at == f.upto || f.from == nil) {
		delete(h.fetches, f.blob.Sum)
	}
}

// peerFor is the peer to be asked for a blob, other than one: of those that may have
// it the one that is asked for least.
func (h *Haul) peerFor(b record.Blob, not *link) (best *link) {
	asked := map[*link]int{}
	for _, f := range h.fetches {
		asked[f.from]++
	}
	for _, l := range h.order {
		_, lacks := l.lacks[b]
		_, lied := h.liars[liar{l.peer, b}]
		if l == not || lacks || lied {
			continue
		}
		if best == nil || asked[l] < asked[best] {
			best = l
		}
	}
	return best
}

// find gives a fetch another peer, or lets go of it until there is one.
func (h *Haul) find(now time.Time, f *fetch) {
	switch l := h.peerFor(f.blob, nil); {
	case l != nil && !f.paused:
		h.askOf(now, f, l)
	case f.stored == f.at:
		delete(h.fetches, f.blob.Sum)
	}
}

func (h *Haul) askOf(now time.Time, f *fetch, l *link) {
	if f.single && f.at > 0 {
		if _, gave := f.givers[l.peer]; !gave {
			f.at, f.upto, f.stored = 0, 0, 0
			clear(f.givers)
			h.work = append(h.work, task{blob: f.blob, drop: true})
		}
	}
	f.from, f.upto, f.heard = l, f.at, now
	h.ask(now, f)
}

// leave ends the asking of a peer.
func (h *Haul) leave(f *fetch) {
	f.from, f.upto = nil, f.at
	h.drain(f)
}

// ask asks for more once half of what was asked for has come, and the disk follows.
func (h *Haul) ask(now time.Time, f *fetch) {
	size := int64(f.blob.Size)
	if f.from == nil || f.paused || f.upto == size || f.upto-f.at > chunk/2 || f.at-f.stored > ahead {
		return
	}
	if !f.from.askings.take(now, askRate/4, askBurst/4) {
		return // the next Tick
	}
	n := min(chunk, size-f.upto)
	h.say(f.from, kGet, get{Blob: f.blob, From: uint64(f.upto), Count: uint64(n)})
	f.upto += n
	f.from.owed += n
}

// impatient asks another peer where one sends nothing, or the same again if there is
// no other: what is more urgent may have held it up.
func (h *Haul) impatient(now time.Time, f *fetch) {
	if f.at == f.upto {
		f.heard = now // nothing was asked for: the disk, or a pause, holds it up
		h.drain(f)
		return
	}
	from := f.from
	if l := h.peerFor(f.blob, from); l != nil {
		h.leave(f)
		from.lacks[f.blob] = now
		if h.fetches[f.blob.Sum] == f {
			h.askOf(now, f, l)
		}
		return
	}
	if now.Sub(f.heard) >= askAgain {
		h.leave(f)
		if h.fetches[f.blob.Sum] == f {
			h.askOf(now, f, from)
		}
	}
}

// onNo notes that a peer does not have something, or not any more.
func (h *Haul) onNo(now time.Time, l *link, n no) {
	l.owed = max(0, l.owed-int64(min(n.Count, chunk)))
	f := h.fetches[n.Blob.Sum]
	if f == nil || f.blob != n.Blob || f.from != l {
		return
	}
	l.lacks[n.Blob] = now
	h.leave(f)
	h.due = true
}

// onPiece takes what was asked for. What is out of its place, because another was
// asked meanwhile, is passed over.
func (h *Haul) onPiece(now time.Time, l *link, m []byte) error {
	sum, at, data, err := readPiece(m)
	if err != nil {
		return err
	}
	n := int64(len(data))
	f := h.fetches[sum]
	current := f != nil && f.from == l && at == uint64(f.at) && !f.whole
	if current && f.at+n > f.upto {
		return violation("it sends more than was asked for")
	}
	if l.owed -= n; l.owed < 0 {
		return violation("it sends what was not asked for")
	}
	if !current {
		return nil
	}
	f.heard = now
	f.givers[l.peer] = struct{}{}
	h.work = append(h.work, task{blob: f.blob, at: f.at, data: bytes.Clone(data)})
	if f.at += n; f.at == int64(f.blob.Size) {
		h.finish(f)
		return nil
	}
	h.ask(now, f)
	return nil
}

// finish has a blob checked of which all has come.
func (h *Haul) finish(f *fetch) {
	f.whole, f.from = true, nil
	h.work = append(h.work, task{blob: f.blob, finish: true})
}
