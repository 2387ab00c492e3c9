package node

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/gateway"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/iface"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

var _ server.Hub = (*Node)(nil)

// Read shows f one consistent moment, as the app sees it.
func (n *Node) Read(_ context.Context, app record.App, f func(hub.Snapshot) error) error {
	return n.store.Read(func(v *store.View) error {
		return f(n.snapshot(v, n.manifest(app)))
	})
}

// snapshot is one moment of the store as an app sees it.
func (n *Node) snapshot(v *store.View, app hub.Manifest) *snapshot {
	s := newSnapshot(v, app, n.clock.Clock, n.reached, &n.call, &n.bench)
	s.apps = n.conf.Apps
	return s
}

// manifest is the app's; one that is not mounted has only its name.
func (n *Node) manifest(app record.App) hub.Manifest {
	if m, ok := n.apps[app]; ok {
		return m
	}
	return hub.Manifest{Name: app}
}

// Write signs drafts; they are on disk on return.
func (n *Node) Write(ctx context.Context, app record.App, as ed25519.PrivateKey, ds ...hub.Draft) ([]record.Record, error) {
	m, ok := n.apps[app]
	if !ok {
		return nil, fmt.Errorf("app %q is not mounted", app)
	}
	author := record.AuthorOf(as)
	if err := n.guestRoom(author, len(ds)); err != nil {
		return nil, err
	}
	n.local.Touch(author)
	own, ofHub := hub.Apart(ds)
	if err := n.say(ctx, m, ofHub); err != nil {
		return nil, err
	}
	rs, err := n.desk.Write(ctx, m, as, own...)
	n.measure.Wrote(string(app), len(rs)+len(ofHub))
	return rs, err
}

// say has the hub write what it is to say of what somebody writes.
func (n *Node) say(ctx context.Context, app hub.Manifest, ds []hub.Draft) error {
	if _, certified := n.store.Roster().Hub(n.self); !certified || len(ds) == 0 {
		return nil
	}
	_, err := n.desk.Write(ctx, app, n.conf.Folder.Key, ds...)
	return err
}

// guestRoom refuses a guest when the guests' key has no slot left: what one
// guest writes must not push out what another wrote.
func (n *Node) guestRoom(author record.Author, more int) error {
	return n.store.Read(func(v *store.View) error {
		guest := false
		for r, err := range v.Vouches(author) {
			if err != nil {
				return err
			}
			guest = guest || r.Key == guestPlace
		}
		if guest && v.Count(author)+more > n.store.Roster().Quota(author) {
			return hub.Errorf(hub.TooMany, "", "There is no room for more guests' posts here. Old ones make room as they expire.")
		}
		return nil
	})
}

// guestPlace is the vouch under which all guests of a hub write.
const guestPlace = "v/0"

// Enroll makes this hub vouch for a person whom no hub vouches for yet.
func (n *Node) Enroll(ctx context.Context, key ed25519.PrivateKey, name string) error {
	author := record.AuthorOf(key)
	known := false
	err := n.store.Read(func(v *store.View) error {
		known = n.store.Roster().Certified(author)
		for _, err := range v.Vouches(author) {
			if err != nil {
				return err
			}
			known = true
		}
		return nil
	})
	if err != nil || known {
		return err
	}
	place, err := n.seat(author)
	if err != nil {
		return err
	}
	if err := n.desk.Vouch(ctx, n.conf.Folder.Key, place, author, name); err != nil {
		return err
	}
	if name == "" {
		return nil
	}
	if err := n.desk.Rename(ctx, key, name); err != nil { // the vouch carries the name as well
		n.log.Warn("a newcomer's own name was not written", "err", err)
	}
	return nil
}

// Rename writes a person's own name for themselves.
func (n *Node) Rename(ctx context.Context, key ed25519.PrivateKey, name string) error {
	return n.desk.Rename(ctx, key, name)
}

// internet is what is known of the backbone.
func (n *Node) internet() gateway.State {
	if n.conf.Internet == nil {
		return gateway.Unknown
	}
	return n.conf.Internet.State()
}

// internetOnPages is what pages say of the backbone.
var internetOnPages = map[gateway.State]server.Internet{gateway.Up: server.Up, gateway.Down: server.Down}

// meetsDevices is where other devices of the same network find the pages, as host or
// host:port; "" where only this machine does.
func (n *Node) meetsDevices() string {
	all, err := iface.List()
	if err != nil {
		n.log.Debug("interfaces are not known", "err", err)
	}
	return reachedAt(n.HTTPAddr(), ownAddrs(all, n.conf.Nearby.LeaveAlone, n.conf.Wifi.Virtual))
}

// reachedAt is it for pages at an address, on a machine with others of its own.
func reachedAt(pages string, own []netip.Addr) string {
	at, err := netip.ParseAddrPort(pages)
	if err != nil {
		return ""
	}
	addr := at.Addr().Unmap()
	switch {
	case addr.IsLoopback() || addr.IsUnspecified() && len(own) == 0:
		return ""
	case addr.IsUnspecified():
		addr = own[0]
	}
	if at.Port() != 80 {
		return netip.AddrPortFrom(addr, at.Port()).String()
	}
	if addr.Is6() {
		return "[" + addr.String() + "]"
	}
	return addr.String()
}

// About is what the hub says of itself.
func (n *Node) About() server.About {
	state := n.store.Roster()
	now, sure := n.clock.Now()
	about := server.About{
		Community: n.conf.Folder.Founding.Name, Version: n.conf.Version, ID: hex.EncodeToString(n.self[:4]),
		Now: now.In(n.conf.Wall().Location()), Plausible: sure, Full: n.full(),
	}
	about.Internet = internetOnPages[n.internet()]
	if c, ok := state.Hub(n.self); ok {
		about.Place = c.Label
	} else {
		about.Place = n.conf.Folder.Label()
	}
	about.Speakers = slices.Collect(spokesmen(state))
	switch n.standing() {
	case doctor.Revoked, doctor.Disowned:
		about.CutOff = true
		return about
	case doctor.Certified, doctor.Retired, doctor.Uncertified:
	}
	linked := map[record.Author]bool{}
	for _, l := range n.host.Status() {
		linked[l.Peer] = linked[l.Peer] || l.Linked()
	}
	for who, c := range state.Hubs() {
		if who != n.self && (linked[who] || !state.Retired(who)) { // nobody misses one that is no longer in use
			about.Neighbors = append(about.Neighbors, server.Neighbor{Label: c.Label, Linked: linked[who], Heard: n.moment(n.heard.get(who))})
		}
	}
	return about
}
