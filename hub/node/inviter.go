package node

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// inviter makes join codes and takes in the hubs that have them.
type inviter struct {
	folder Folder
	self   record.Author
	store  *store.Store
	desk   *Desk
	book   local.Invitations
	now    func() time.Time        // zero while the clock is not believed
	addrs  func() []netip.AddrPort // at which this hub may be reached, the best first
	pace   *join.Pace
	log    *slog.Logger
	out    func() error // why this hub may not speak for the community; nil if it may
	turn   sync.Mutex   // one hub is taken in at a time: of two with one name the second is told

	stretching sync.Mutex
}

func (n *Node) openInviter() error {
	n.invite = &inviter{
		folder: n.conf.Folder, self: n.self, store: n.store, desk: n.desk, book: n.local.Invitations(),
		now: n.believed, addrs: func() []netip.AddrPort { return n.near.toldAddrs() },
		pace: join.NewPace(), log: n.log, out: n.outcast,
	}
	return nil
}

// believed is the time, or zero while the clock is not believed.
func (n *Node) believed() time.Time {
	if now, sure := n.clock.Now(); sure {
		return now
	}
	return time.Time{}
}

// guests are the protocols of hubs that are no members yet.
func (v *inviter) guests() map[string]func(context.Context, peer.Guest) {
	return map[string]func(context.Context, peer.Guest){join.Protocol: v.serve}
}

// serve answers one hub that wants to join.
func (v *inviter) serve(ctx context.Context, g peer.Guest) {
	if !v.pace.Allow(g.From, time.Now()) {
		v.log.Debug("too many hubs want to join", "from", g.From, "err", join.Refuse(g.Stream))
		return
	}
	err := join.Serve(ctx, g.Stream, v.self, g.Peer, v, rand.Reader)
	if err == nil {
		return // Admit has told of it
	}
	if _, refused := errors.AsType[*join.Refusal](err); refused {
		v.log.Info("a hub that wants to join was refused", "peer", g.Peer.Tag(), "from", g.From, "err", err)
	} else {
		v.log.Warn("a hub that wants to join could not be served", "peer", g.Peer.Tag(), "from", g.From, "err", err)
	}
}

// Key is the key of an invitation, in whatever state that is.
func (v *inviter) Key(id join.ID) (join.Key, bool) { return v.book.Key(id) }

// Failed notes that somebody showed the id and not the MAC.
func (v *inviter) Failed(id join.ID) error { return v.book.Failed(id, v.now()) }

// Admit takes in a joiner: it binds the invitation to its key on disk, certifies
// it, and gives what it needs. Asked again by the same it goes on where it was.
func (v *inviter) Admit(ctx context.Context, id join.ID, joiner record.Author, label string) (join.Welcome, error) {
	v.turn.Lock()
	defer v.turn.Unlock()
	state := v.store.Roster()
	in, err := v.book.Get(id, v.now())
	if err != nil {
		return join.Welcome{}, &join.Refusal{Reason: join.Unknown}
	}
	if no := v.stands(in, joiner); no != nil {
		return join.Welcome{}, no
	}
	if v.out() != nil {
		return join.Welcome{}, &join.Refusal{Reason: join.Outcast}
	}
	was, err := wasRevoked(v.store, joiner)
	if err != nil {
		return join.Welcome{}, err
	}
	if was || state.Revoked(joiner) {
		return join.Welcome{}, &join.Refusal{Reason: join.Revoked}
	}
	_, member := state.Hub(joiner)
	if !member {
		if !mayAdmit(state, v.self) {
			return join.Welcome{}, &join.Refusal{Reason: join.MayNot, Who: whoAdmits(state)}
		}
		if label == "" {
			label = in.Label
		}
		if label, err = called(state, label, joiner); err != nil {
			return join.Welcome{}, err
		}
	}
	if in, err = v.book.Use(id, joiner, v.now()); err != nil {
		return join.Welcome{}, err
	}
	if no := v.stands(in, joiner); no != nil { // it ended just now
		return join.Welcome{}, no
	}
	if !member {
		if err := v.desk.Certify(ctx, v.folder.Key, joiner, label); err != nil {
			return join.Welcome{}, err
		}
		v.log.Info("a hub has joined", "place", label, "peer", joiner.Tag())
	}
	return v.welcome(joiner)
}

// stands says why an invitation is not for a joiner; nil if it is.
func (v *inviter) stands(in local.Invitation, joiner record.Author) error {
	switch {
	case in.State == local.InvitationOpen, in.State == local.InvitationUsed && in.By == joiner:
		return nil
	case in.State == local.InvitationUsed:
		c, _ := v.store.Roster().Hub(in.By)
		return &join.Refusal{Reason: join.Used, Who: c.Label, Ago: in.Ago}
	case in.State == local.InvitationExpired:
		return &join.Refusal{Reason: join.Expired, Ago: in.Ago}
	case in.State == local.InvitationCancelled:
		return &join.Refusal{Reason: join.Cancelled, Ago: in.Ago}
	}
	return &join.Refusal{Reason: join.Void}
}

// called is what a joiner is to be called, or a refusal that says why not.
func called(state *roster.State, label string, joiner record.Author) (string, error) {
	if label == "" {
		return "", &join.Refusal{Reason: join.LabelNeeded}
	}
	clean, err := Label(state, label, joiner)
	switch {
	case errors.Is(err, ErrLabelTaken):
		_, has, _ := holder(state, label, joiner)
		return "", &join.Refusal{Reason: join.LabelTaken, Who: has}
	case errors.Is(err, ErrLabelReserved):
		return "", &join.Refusal{Reason: join.LabelReserved, Who: label}
	case err != nil:
		return "", &join.Refusal{Reason: join.LabelBad}
	}
	return clean, nil
}

// mayAdmit reports whether a hub may admit others: one that is no longer in use does not.
func mayAdmit(state *roster.State, who record.Author) bool {
	return state.Has(who, roster.Admit) && !state.Retired(who)
}

// whoAdmits is a hub that may admit others; empty if there is none.
func whoAdmits(state *roster.State) string {
	for who, c := range state.Hubs() {
		if mayAdmit(state, who) {
			return c.Label
		}
	}
	return ""
}

// welcome is what a hub needs that has been certified.
func (v *inviter) welcome(joiner record.Author) (w join.Welcome, err error) {
	if w.Founding, err = v.folder.Founding.Encode(); err != nil {
		return w, err
	}
	if w.Chain, err = chain(v.store, joiner); err != nil {
		return w, err
	}
	w.Network = v.folder.Network
	for _, a := range v.addrs() {
		if len(w.Addrs) < join.MaxAddrs {
			w.Addrs = append(w.Addrs, a.String())
		}
	}
	return w, nil
}

// Certify makes the hub say that a key is another hub of the community, called so.
func (d *Desk) Certify(ctx context.Context, hubKey ed25519.PrivateKey, subject record.Author, label string) error {
	r, err := roster.Certificate{Kind: roster.Hub, Subject: subject, Label: label}.Record(0, d.via)
	if err != nil {
		return err
	}
	app := hub.Manifest{Name: record.Roster, Class: record.Trust}
	_, err = d.Write(ctx, app, hubKey, hub.Draft{Key: r.Key, Class: r.Class, Body: r.Body})
	return err
}
