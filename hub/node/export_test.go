package node

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/iface"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Told is in which order a hub's addresses are told.
func Told(reachable []netip.AddrPort, on []iface.Interface) []netip.AddrPort {
	return told(reachable, on)
}

// Behind is what an app may ask of the hub.
func (n *Node) Behind(app record.App) hub.Host { return n.behindApp(app) }

// LooksInVain reports whether an attachment is wanted that no link can bring: all that
// could be asked of was.
func (n *Node) LooksInVain() bool {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	return n.links.haul.Status().Waiting > 0 && n.links.haul.Quiet()
}

// Feed is a feed that a test tells what has changed.
type Feed struct{ *feed }

func NewFeed(s *store.Store) Feed { return Feed{newFeed(s)} }

// Feed is what tells the hub's open pages.
func (n *Node) Feed() Feed { return Feed{n.feed} }

func (f Feed) Tell(t store.Touched) { f.tell(t) }

// Watched is how many lists somebody watches.
func (f Feed) Watched() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.by)
}

// TimeFacts is what the doctor is to know of the time.
func TimeFacts(a clock.Account) doctor.Clock { return timeFacts(a) }

// Clock is the node's clock.
func (n *Node) Clock() *clock.Clock { return n.clock.Clock }

// ServeLink serves a link until it ends.
func (n *Node) ServeLink(ctx context.Context, l peer.Link) { n.serveLink(ctx, l) }

// NewAlarms is what logs that keys are used twice, as it looks at which.
func NewAlarms(self record.Author, log *slog.Logger) func(shared map[record.Author]bool, claims []string) {
	return (&alarms{self: self, label: record.Author.Tag, log: log}).look
}

// LookAtClock does what is due with the clock every half minute.
func (n *Node) LookAtClock() { n.lookAtClock() }

// Hourly does what is due every hour.
func (n *Node) Hourly() { n.hourly() }

// Watch is what those see who watch lists of the hub.
func (n *Node) Watch(ctx context.Context, topics ...server.Topic) <-chan []server.Topic {
	return n.feed.Watch(ctx, topics...)
}

// MemberAddr is where the membership is; invalid until it is on the network.
func (n *Node) MemberAddr() netip.AddrPort { return n.near.gossip.Status().Addr }

// BehindOf is how far the ends of a link are apart.
func BehindOf(l replica.LinkStatus, m store.Moment) control.Behind { return behind(l, m) }

// GivePlacesFrom has a hub give places from a number on.
func GivePlacesFrom(n *Node, at int) { n.local.BeginAt(at) }

// Pages answers the hub's requests, without a connection.
func (n *Node) Pages() http.Handler { return n.pages }

// APIURL is what phones are told to ask.
func (n *Node) APIURL() string { return n.apiURL() }

// Seat gives somebody a place at a hub.
func Seat(n *Node, who record.Author) (int, error) { return n.seat(who) }

// MetAt notes that a hub was met at an address.
func (n *Node) MetAt(who record.Author, addr string) error {
	return n.local.Met(who, local.SyncAddress, addr)
}

// Dials are the addresses at which hubs would be looked for on these interfaces.
func (n *Node) Dials(on []iface.Interface) (addrs []string) {
	n.near.take(on)
	_ = n.near.alone.Close() // of the machine itself
	n.near.alone = iface.LeaveAlone(n.conf.Nearby.LeaveAlone, func() ([]iface.Interface, error) { return on, nil })
	for _, c := range n.near.candidates() {
		addrs = append(addrs, c.addrs...)
	}
	return addrs
}
