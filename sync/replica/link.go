package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// link is one end of one link.
type link struct {
	id    LinkID
	key   record.Author // the peer's
	first bool          // of the two ends this one begins reconciliations
	nonce [16]byte
	up    time.Time
	heard time.Time

	in       assembler
	received uint64 // bytes of frames outside control, and how many were acknowledged
	acked    uint64
	ackDue   bool
	lost     bool   // what came in was not stored: it is to be closed, and claims nothing more
	useless  bucket // records that we had or must not have
	asking   bucket // what costs us more to answer than the peer to ask
	carries  bool   // both ends take cargo

	out     outbox
	flow    window
	traffic traffic
	serving
	pulling
}

// serving is what this end has told the other.
type serving struct {
	began         uint64   // the end of our log, and
	stock         uint64   // the records of our set, when the link came up
	gave          uint64   // records sent
	told          uint64   // bytes of offers and reconciliations sent
	newest        uint64   // bytes sent up to the last that was not cargo
	tail          *tailJob // what followed the place the peer asked from
	from, through uint64   // our log after from up to through has been offered
	lag           uint64   // the first number that found no room in the outbox; 0 if none
	said          *state
	saidAt        time.Time
	again         bool // a state is owed before the usual time
}

// pulling is what this end has heard, and what it does about it.
type pulling struct {
	peer      *state
	taken     store.Position           // up to where the peer's log has been taken over
	asked     bool                     // a tail was asked for on this link
	granted   bool                     // and not refused
	untailed  bool                     // either end's was refused: news that are under way do not make up for it
	tailing   time.Time                // since when one has been under way; zero if none is
	tailFor   uint64                   // the number it was asked from
	elsewhere map[store.Short]struct{} // what it offered, another was asked for, and has not come
	differ    [record.Classes]bool
	since     time.Time      // since when some class differs; zero if none does
	same      store.Position // where our log ended when the sets were last equal
	rec       reconciling
	proofs    proofs
}

func newLink(id LinkID, peer record.Author, now time.Time) *link {
	return &link{
		id: id, key: peer, up: now, heard: now, flow: window{size: startWindow},
		out: newOutbox(), pulling: pulling{elsewhere: map[store.Short]struct{}{}}, useless: bucket{tokens: uselessBurst, at: now},
		asking: bucket{tokens: askBurst, at: now},
	}
}

// What a peer may ask for: askBurst at once, askRate a second after that.
const (
	askBurst = 200
	askRate  = 5
)

// charge counts what a message costs to answer.
func (l *link) charge(now time.Time, k kind) error {
	cost := 0.0
	switch {
	case k == kState:
		cost = 1
	case k == kTail:
		cost = 20
	case k == kProof:
		cost = 5
	}
	l.asking.fill(now, askRate, askBurst)
	if l.asking.tokens -= cost; l.asking.tokens < 0 {
		return violation("it asks too much")
	}
	return nil
}

// What a peer may be given on a link: each record of the set and each that came
// since once, and some again; in offers and reconciliations some bytes for each.
// Both grow with the time. An honest hub needs a part of it.
const (
	againBurst = 1_000 // records
	againRate  = 1     // a second
	tellBurst  = 1 << 20
	tellEach   = 200
	tellRate   = 16 << 10 // a second; more than the slowest links carry
)

// greedy says why the link is to be given up because of what it costs, if it is.
func (e *Engine) greedy(now time.Time, l *link) error {
	stock, age := l.stock+e.pos-l.began, uint64(now.Sub(l.up)/time.Second)
	switch {
	case l.out.bytes > maxQueued:
		return violation("it asks and does not listen")
	case l.gave > stock+againBurst+againRate*age:
		return violation("it asks for the same again and again")
	case l.told > tellBurst+tellEach*stock+tellRate*age:
		return violation("it compares without end")
	}
	return nil
}

// stuck says why the link is to be given up, if it is.
func (l *link) stuck(now time.Time, lim Limits) error {
	switch {
	case l.flow.sent > l.flow.acked && now.Sub(l.flow.silent) > lim.Patience:
		return violation("nothing was acknowledged for %s", lim.Patience)
	case now.Sub(l.heard) > 2*lim.Unchanged:
		return violation("nothing was heard for %s", 2*lim.Unchanged)
	case l.peer == nil && now.Sub(l.up) > lim.Patience:
		return violation("no state was told for %s", lim.Patience)
	case !l.tailing.IsZero() && now.Sub(l.tailing) > lim.Patience:
		return violation("a tail was not answered for %s", lim.Patience)
	}
	return nil
}
