package node

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// hello is what this hub shows to prove that it belongs: the founding and the
// records that its certificate follows from.
func (n *Node) hello() peer.Hello {
	h := peer.Hello{Now: n.millis()}
	var err error
	if h.Founding, err = n.conf.Folder.Founding.Encode(); err != nil {
		n.log.Error("the founding statement does not encode", "err", err)
		return h
	}
	if h.Chain, err = chain(n.store, n.self); err != nil {
		n.log.Error("the hub's certificate cannot be read", "err", err)
	}
	return h
}

// chain is the encoded records from which a hub's certificate follows.
func chain(s *store.Store, who record.Author) (out [][]byte, err error) {
	arrivals, err := s.Find(s.Roster().Chain(who)...)
	if err != nil {
		return nil, err
	}
	encs, err := s.Load(arrivals...)
	for _, enc := range encs {
		if enc != nil {
			out = append(out, enc)
		}
	}
	return out, err
}

// admit judges what a peer showed. A certificate that this hub has not seen yet
// is taken into the set if it holds.
func (n *Node) admit(ctx context.Context, who record.Author, h peer.Hello) error {
	f, err := roster.DecodeFounding(h.Founding)
	if err != nil || f.Community() != n.store.Codec().Community() {
		return peer.ErrForeign
	}
	state := n.store.Roster()
	if _, ok := state.Hub(who); !ok && !state.Revoked(who) {
		if err := n.takeChain(ctx, who, h.Chain); err != nil {
			return err
		}
		state = n.store.Roster()
	}
	if state.Revoked(who) {
		return peer.ErrRevoked
	}
	if _, ok := state.Hub(who); !ok {
		return peer.ErrNoCertificate
	}
	return nil
}

func (n *Node) takeChain(ctx context.Context, who record.Author, chain [][]byte) error {
	rs, state, err := proven(n.store.Codec(), n.conf.Folder.Founding, chain)
	if err != nil {
		return fmt.Errorf("%w: %w", peer.ErrNoCertificate, err)
	}
	// a stranger's hello costs no commit
	if _, ok := state.Hub(who); !ok {
		return peer.ErrNoCertificate
	}
	_, err = n.store.Apply(ctx, rs...)
	return err
}

// proven is the trust records of a chain, verified, and what follows from them.
func proven(codec *record.Codec, f roster.Founding, chain [][]byte) ([]record.Record, *roster.State, error) {
	var rs []record.Record
	for _, enc := range chain {
		r, err := codec.Decode(enc)
		if err != nil {
			return nil, nil, err
		}
		if r.App == record.Roster && r.Class == record.Trust {
			rs = append(rs, r)
		}
	}
	if err := errors.Join(verifyAll(rs)...); err != nil {
		return nil, nil, err
	}
	return rs, roster.Compute(f, rs), nil
}

// recertify puts the hub's certificate into a store that has lost it: one that
// was begun anew after the old one was damaged.
func (n *Node) recertify() error {
	if _, ok := n.store.Roster().Hub(n.self); ok || len(n.conf.Folder.Trust) == 0 {
		return nil
	}
	if err := n.takeChain(context.Background(), n.self, n.conf.Folder.Trust); err != nil {
		return fmt.Errorf("the hub's certificate in %s: %w", filepath.Join(n.conf.Folder.Path, trustFile), err)
	}
	return nil
}

func (n *Node) serveLink(ctx context.Context, l peer.Link) {
	if _, ok := n.store.Roster().Hub(l.Peer); !ok {
		return // revoked after it was admitted, and before dropRevoked could see the link
	}
	n.heard.set(l.Peer)
	n.links.serve(ctx, l)
	n.heard.set(l.Peer)
}

// watchTrust ends links as soon as the roster no longer carries them, and keeps
// this hub's own certificate.
func (n *Node) watchTrust(ctx context.Context) error {
	changed := n.store.Watch(ctx)
	last := n.store.Roster()
	kept := n.keepCertificate(n.conf.Folder.Label())
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
		if now := n.store.Roster(); now != last {
			if moreHubs(last, now) {
				n.host.Redial() // whom it was turned away by, or turned away, may be welcome now
			}
			last = now
			n.dropRevoked()
			kept = n.keepCertificate(kept)
			n.near.stir() // there may be a new hub
		}
	}
}

// moreHubs reports whether a hub has a certificate that had none.
func moreHubs(before, now *roster.State) bool {
	for who := range now.Hubs() {
		if _, had := before.Hub(who); !had {
			return true
		}
	}
	return false
}

// dropRevoked ends the links with hubs that lost their certificate.
func (n *Node) dropRevoked() {
	state := n.store.Roster()
	for _, l := range n.host.Status() {
		if _, ok := state.Hub(l.Peer); !ok && l.Linked() {
			n.host.Drop(l.Peer)
		}
	}
}

// vouched reads which residents this hub vouches for, by place.
func (n *Node) vouched() (map[int]record.Author, error) {
	out := map[int]record.Author{}
	err := n.store.Read(func(v *store.View) error {
		for r, err := range v.By(n.self) {
			if err != nil {
				return err
			}
			if place, vouch, ok := roster.VouchOf(r); ok {
				out[place] = vouch.Subject
			}
		}
		return nil
	})
	return out, err
}

// heard is when other hubs were last linked, and when what was signed at them last
// was, of that which came here by whatever way: moments of this process, which
// stay as long ago as they are when a clock is set.
type heard struct {
	mu   sync.Mutex
	at   map[record.Author]time.Time
	news map[record.Via]time.Time
}

func newHeard() *heard {
	return &heard{at: map[record.Author]time.Time{}, news: map[record.Via]time.Time{}}
}

// maxNews bounds the hubs whose news are kept in mind: anybody can name one.
const maxNews = 4096

// record notes what came in and was signed so long ago.
func (h *heard) record(via record.Via, age time.Duration) {
	at := time.Now().Add(-age)
	h.mu.Lock()
	defer h.mu.Unlock()
	if at.After(h.news[via]) && len(h.news) < maxNews {
		h.news[via] = at
	}
}

func (h *heard) set(who record.Author) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at[who] = time.Now()
}

func (h *heard) get(who record.Author) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := h.news[who.Via()]; n.After(h.at[who]) {
		return n
	}
	return h.at[who]
}
