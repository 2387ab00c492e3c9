// Package node builds one hub out of its parts and runs it: the store, the
// replication engine on its links, the clock, and the pages.
//
// What is written here goes the way desk → store → links → peers; what others
// wrote comes in by links → store. Pages read the store and nothing else.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/gateway"
	"github.com/lamppost-hub/lamppost/hub/leftover"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/hub/spread"
	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
	"github.com/lamppost-hub/lamppost/webui"
)

// Config is what a hub is made of.
type Config struct {
	Folder Folder
	Apps   []hub.App

	BlobSpace int64 // bytes that attachments may take; 0 = blob.DefaultMost

	HTTP   string   // host:port of the pages; "" = none
	HTTPS  HTTPS    // zero = none
	Listen []string // host:port for other hubs; empty = none
	Peers  []string // host:port of other hubs

	Nearby   Nearby
	Wifi     Wifi
	Internet *gateway.Watch // of whether the internet can be reached; nil = not known

	Control bool   // serve the control socket in the folder
	Metrics string // host:port of the metrics for everybody; "" = for this machine only, with the pages

	Version    string           // of the program, for those who ask
	Built      time.Time        // of the program: no clock is before it; zero if unknown
	Wall       func() time.Time // nil = time.Now
	TrustClock bool             // an operator says that the machine's clock is right
	Newcomers  int              // new people an hour from one address; 0 = 30
	ClaimEvery time.Duration    // least time between two of this hub's claims of what it holds; 0 = a minute
	Limits     replica.Limits   // zero = the design's
	Log        *slog.Logger     // nil = none
}

// Nearby is how other hubs are found. Where neither of the first two is given, the
// links are those that Peers and other hubs make.
type Nearby struct {
	Membership string   // host:port for finding other hubs over the network; "" = none
	Multicast  bool     // look for other hubs on the networks that the machine is in
	LeaveAlone []string // interfaces by which no hub is spoken with, such as the phones'
}

// Node is one hub. New opens it, Run runs it, Close is for one that does not run.
type Node struct {
	conf  Config
	self  record.Author
	log   *slog.Logger
	store *store.Store
	blobs *blob.Store // nil where its folder does not read
	local *local.Local
	seats seats
	clock timekeeper
	desk  *Desk
	apps  map[record.App]hub.Manifest
	outward
	inward
	shell net.Listener // of the control socket
	care  care

	closing sync.Once
	closed  error
}

// outward is what a hub has to do with other hubs.
type outward struct {
	links  *links
	host   *peer.Host
	ferry  *ferry.Ferry
	near   *neighborhood
	invite *inviter
	spread *spread.Spread
	heard  *heard
}

// inward is what it has for those who come to it.
type inward struct {
	pages   *server.Server
	sealed  *sealedPages
	feed    *feed
	index   store.Index
	call    callable
	bench   bench
	web     net.Listener
	wifi    wifi
	measure measure
}

// New opens the hub's folder, listens, and leaves nothing behind when it fails.
func New(c Config) (n *Node, err error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Newcomers == 0 {
		c.Newcomers = 30
	}
	if c.Wall == nil {
		c.Wall = time.Now
	}
	n = &Node{
		conf: c, self: record.AuthorOf(c.Folder.Key), log: c.Log,
		apps: map[record.App]hub.Manifest{}, outward: outward{heard: newHeard()}, care: care{begun: time.Now()},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	for _, step := range []func() error{n.openStore, n.openBlobs, n.openLocal, n.openMetrics, n.openWeb, n.openWifi, n.openHTTPS, n.openFerry, n.openPages, n.openInviter, n.openLinks, n.openSpread, n.openControl} {
		if err := step(); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (n *Node) openStore() (err error) {
	for _, m := range builtin() {
		n.apps[m.Name] = m
	}
	for _, a := range n.conf.Apps {
		n.apps[a.Manifest().Name] = a.Manifest()
	}
	n.index = IndexOf(n.conf.Apps...)
	n.store, err = store.Open(filepath.Join(n.conf.Folder.Path, recordsFile), store.Config{Founding: n.conf.Folder.Founding, Index: n.index})
	if err != nil {
		return err
	}
	if err := leftover.Clear(n.conf.Folder.Path, half); err != nil {
		n.log.Warn("files that were not written whole are left in the folder; remove what is called .new-", "err", err)
	}
	if n.store.Full() {
		n.log.Warn("the disk is full: what is here is shown, and nothing can be saved until there is room", "folder", n.conf.Folder.Path)
	}
	n.feed = newFeed(n.store)
	return n.recertify()
}

func (n *Node) openLocal() (err error) {
	if n.local, err = local.Open(filepath.Join(n.conf.Folder.Path, localFile), local.Options{Hub: n.conf.Folder.Key}); err != nil {
		return err
	}
	if k := n.local.Skipped(); k > 0 {
		n.log.Warn("part of this hub's own data could not be read; some people have to enter their six words again", "entries", k)
	}
	if err := n.openClock(); err != nil {
		return err
	}
	n.desk = NewDesk(n.store, n.clock.Clock, n.self)
	return n.openSeats()
}

func (n *Node) openWeb() (err error) {
	if n.conf.HTTP == "" {
		return nil
	}
	n.web, err = net.Listen("tcp", n.conf.HTTP)
	return listening("the pages", n.conf.HTTP, err)
}

func (n *Node) openPages() (err error) {
	c := server.Config{
		Hub: n, Feed: n.feed, Sessions: n.local, Readers: n.local, Newcomers: local.NewNewcomers(n.conf.Newcomers),
		Clock: n.clock, Trust: n, Metrics: n.measure, Apps: n.conf.Apps, Behind: n.behindApp, Scripts: webui.Scripts, Community: n.store.Codec().Community(), Log: n.log,
	}
	if n.wifi.portal != nil {
		c.Portal = n.wifi.portal
	}
	if n.wifi.gate != nil {
		c.Shares = n.wifi.gate
	}
	c.Authority, c.Reached = n.sealed, n.meetsDevices
	n.pages, err = server.New(c)
	return err
}

// listening says in words why nothing can be served at an address.
func listening(what, addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s cannot be served at %s: another program uses that port; stop it, or choose another port", what, addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s cannot be served at %s: this user may not use that port; choose one above 1023", what, addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s cannot be served at %s: this machine does not have that address", what, addr)
	case err != nil:
		return fmt.Errorf("%s cannot be served at %s: %w", what, addr, err)
	}
	return nil
}

func (n *Node) openLinks() (err error) {
	n.links, err = newLinks(n.self, n.store, n.blobs, n.conf.Limits, n.millis, n.peerClock, n.observe, n.log)
	if err != nil {
		return err
	}
	if err := n.openNeighborhood(); err != nil {
		return err
	}
	n.host, err = peer.New(peer.Config{
		Key: n.conf.Folder.Key, Listen: n.conf.Listen, Peers: n.conf.Peers,
		Hello: n.hello, Admit: n.admit, Serve: n.serveLink, Refuse: n.near.alone.Holds, Log: n.log,
		Guests: n.invite.guests(), Members: n.members(), Shared: n.links.shared, Blobs: n.blobs != nil,
	})
	n.near.host = n.host
	return err
}

func (n *Node) openControl() (err error) {
	if n.conf.Control {
		n.shell, err = control.Listen(n.conf.Folder.Path)
	}
	return err
}

// Run serves until ctx ends or a part fails.
func (n *Node) Run(outer context.Context) error {
	ctx, cancel := context.WithCancelCause(outer)
	defer cancel(nil)
	var parts sync.WaitGroup
	start := func(name string, run func(context.Context) error) {
		parts.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	start("links", func(ctx context.Context) error { n.links.run(ctx); return nil })
	start("peers", n.host.Run)
	start("neighbors", n.near.run)
	start("upkeep", n.upkeep)
	start("memory", n.boundMemory)
	start("attachments", n.nameBlobs)
	start("trust", n.watchTrust)
	start("twins", n.watchTwins)
	start("standing", n.watchStanding)
	start("seats", n.watchSeats)
	start("spread", n.spread.Run)
	n.runWifi(start)
	n.runApps(start)
	if n.conf.Internet != nil {
		start("internet", n.conf.Internet.Run)
	}
	start("moderation", n.watchModeration)
	start("feed", func(ctx context.Context) error { n.feed.run(ctx); return nil })
	if n.web != nil {
		start("pages", func(ctx context.Context) error { return n.pages.Serve(ctx, n.web) })
	}
	if n.conf.HTTPS.Listen != "" {
		start("pages over HTTPS", func(ctx context.Context) error { return n.sealed.run(ctx, n.pages) })
	}
	if n.measure.ln != nil {
		start("metrics", func(ctx context.Context) error { return n.measure.Serve(ctx, n.measure.ln, n.log) })
	}
	if n.shell != nil {
		start("control", func(ctx context.Context) error {
			return control.Serve(ctx, n.shell, control.Desk{Verbs: n.verbs(), Apps: n.appVerbs()}, n.log)
		})
	}
	<-ctx.Done()
	parts.Wait()
	closed := n.Close()
	if outer.Err() == nil {
		return errors.Join(context.Cause(ctx), closed)
	}
	if closed != nil { // being told to stop is no failure; what was acknowledged is on disk
		n.log.Warn("not all could be saved when stopping", "err", closed)
	}
	return nil
}

// Close lets go of the folder and the listeners. It may be called again.
func (n *Node) Close() error {
	n.closing.Do(func() {
		var errs []error
		if n.host != nil {
			errs = append(errs, n.host.Close())
		}
		for _, ln := range []net.Listener{n.web, n.shell, n.measure.ln} {
			if ln == nil {
				continue
			}
			if err := ln.Close(); !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
		if n.near != nil {
			errs = append(errs, n.near.alone.Close())
		}
		errs = append(errs, n.wifi.close())
		if n.local != nil {
			errs = append(errs, n.local.Close())
		}
		if n.store != nil {
			errs = append(errs, n.store.Close())
		}
		n.closed = errors.Join(errs...)
	})
	return n.closed
}

// HTTPAddr is where the pages are served; "" if they are not.
func (n *Node) HTTPAddr() string {
	if n.web == nil {
		return ""
	}
	return n.web.Addr().String()
}

// DNSAddr is where names are asked; "" if they are not.
func (n *Node) DNSAddr() string {
	if n.wifi.at == nil {
		return ""
	}
	return n.wifi.at.String()
}

// SyncAddrs are where other hubs reach this one.
func (n *Node) SyncAddrs() []string { return n.host.Addrs() }

// Host is the hub's side of its links.
func (n *Node) Host() *peer.Host { return n.host }

// Store is the hub's part of the community's records.
func (n *Node) Store() *store.Store { return n.store }
