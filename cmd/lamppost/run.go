package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/alecthomas/kong"
	"github.com/lamppost-hub/lamppost/hub/accesspoint"
	"github.com/lamppost-hub/lamppost/hub/gateway"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/peer"
)

type runCommand struct {
	Config string `type:"path" placeholder:"FILE" help:"File with settings. Normally lamppost.toml in the data folder, if there is one. \"lamppost config\" shows what is in effect."`

	Data  string   `default:"lamppost-data" placeholder:"DIR" type:"path" help:"Folder for everything this hub keeps, made if there is none. Normally ${default}."`
	HTTP  string   `name:"http" default:":8080" placeholder:"ADDR" help:"Where the pages are. Normally ${default}, which is port 8080 at every address of this machine; :80 saves people typing the port."`
	HTTPS string   `name:"https" default:":8443" placeholder:"ADDR" help:"Where the pages are over HTTPS, once this hub has a certificate: see \"lamppost ca\". Normally ${default}; off for nowhere."`
	Sync  string   `default:":4680" placeholder:"ADDR" help:"Where other hubs connect. Normally ${default}."`
	Peer  []string `placeholder:"ADDR" help:"Another hub to connect with, such as 192.168.1.7:4680. Can be given more than once."`

	Metrics string `blank:"none" placeholder:"ADDR" help:"Where everybody may read the metrics, such as :9100. Without it only programs on this machine can, at /metrics with the pages."`

	Membership string   `default:":4681" placeholder:"ADDR" help:"Where hubs of the community tell each other who is there. Normally ${default}; off for none."`
	Multicast  bool     `default:"true" negatable:"" help:"Look for hubs on the networks that this machine is in, without any address. --no-multicast switches it off."`
	Phones     []string `placeholder:"IF" help:"An interface that only phones are on, such as wlan0: no hub is spoken with there but those that --peer names. Can be given more than once."`

	Portal       bool     `help:"Meet phones that join the Wi-Fi: answer what they ask to find out whether they are on the internet, so that they open the page by themselves."`
	DNS          string   `name:"dns" blank:"none" placeholder:"ADDR" help:"Answer names for phones there, such as :53 or 192.168.1.5:5353."`
	Upstream     []string `placeholder:"ADDR" help:"With --dns: a name server of the internet to ask when there is one, such as 9.9.9.9. Can be given more than once. Normally those of this machine, and public ones."`
	AllowPrivate []string `placeholder:"NAME" help:"A name of the internet that may lead phones to private addresses, with all below it, such as clinic.example. Can be given more than once. Normally no name may."`

	PortalCertificate string `type:"path" placeholder:"FILE" help:"A certificate for a host name of this hub, in PEM: phones are then told over HTTPS where the page is, as long as it holds. It may be renewed while the hub runs."`
	PortalKey         string `type:"path" placeholder:"FILE" help:"The certificate's key, in PEM."`
	PortalHTTPS       string `name:"portal-https" default:":443" placeholder:"ADDR" help:"Where that is told. Normally ${default}; after portal up, the port given there."`

	Budget string `blank:"none" placeholder:"SIZE" help:"After portal up with an uplink: how much of the internet one phone may use in a day, such as 200MB. Normally as much as it likes."`

	Attachments string `default:"256MB" placeholder:"SIZE" help:"How much room attachments may take, such as the originals of warnings. Normally ${default}; the last tenth of the disk stays free in any case."`

	WatchInternet bool `default:"true" negatable:"" help:"Ask public servers now and then whether the internet works, so that pages can say so. --no-watch-internet switches it off."`

	CAPFeed []string `name:"cap-feed" placeholder:"ADDRESS" help:"A feed of official warnings (Common Alerting Protocol, also Atom or RSS) to fetch while there is internet, such as https://alerts.example.org/feed.atom. Can be given more than once. See \"lamppost cap\"."`

	Found string `placeholder:"NAME" help:"If the folder is new: start a new community of this name, with this hub as its only place. Good for trying out."`
	Place string `placeholder:"LABEL" help:"With --found: what people call this place, such as \"Fire Station\"."`

	TrustClock bool   `help:"Say that this machine's clock is right. Without it, and without network time, pages say \"time uncertain\"."`
	Log        string `enum:"text,json" default:"text" placeholder:"FORM" help:"Form of the log on standard error: text or json."`
	Verbose    bool   `help:"Log more."`

	rehearsal
}

// rehearsal is for tests and for the demo.
type rehearsal struct {
	Newcomers        int           `hidden:"" default:"30" help:"New people an hour from one address."`
	ClaimEvery       time.Duration `hidden:"" default:"1m" help:"Least time between two records of what this hub has taken over from others."`
	WallClock        time.Time     `hidden:"" help:"Pretend that this machine's clock showed this time at the start."`
	UntilStdinCloses bool          `hidden:"" help:"Stop when standard input ends."`
	Unslowed         []string      `hidden:"" help:"A network that may ask --dns as much as it likes, for measurements."`
}

// BeforeResolve reads the configuration file.
func (*runCommand) BeforeResolve(ctx *kong.Context) error {
	c, err := findConfig(ctx)
	if err != nil {
		return err
	}
	ctx.AddResolver(c)
	ctx.Bind(&c)
	return nil
}

// Help is the longer text of --help.
func (runCommand) Help() string {
	return `Neighbors join the Wi-Fi of this place and open the page in a browser. What they post
is kept in the data folder and passed on to other hubs of the community.

The first time, to try it out:

    lamppost run --found "My street" --place "Fire Station"

From then on:

    lamppost run

With another hub of the same community at 192.168.1.7:

    lamppost run --peer 192.168.1.7:4680

Stop it with Ctrl-C. It is safe to pull the plug: what a page has answered with
"saved" is on the disk.`
}

// Validate checks what was set before anything is touched.
func (c *runCommand) Validate() error {
	if err := checkListen("--http", c.HTTP); err != nil {
		return err
	}
	if c.HTTPS != off {
		if err := checkListen("--https", c.HTTPS); err != nil {
			return err
		}
	}
	if err := checkListen("--sync", c.Sync); err != nil {
		return err
	}
	if c.Metrics != "" {
		if err := checkListen("--metrics", c.Metrics); err != nil {
			return err
		}
	}
	if c.DNS != "" {
		if err := checkListen("--dns", c.DNS); err != nil {
			return err
		}
	}
	if len(c.Upstream) > 0 && c.DNS == "" {
		return errors.New("--upstream is for --dns: give that as well")
	}
	if _, err := c.upstreams(); err != nil {
		return err
	}
	if _, err := networks(c.Unslowed); err != nil {
		return fmt.Errorf("--unslowed: %w", err)
	}
	if slices.Contains(c.Phones, "") {
		return errors.New("--phones: the name of an interface is empty; write it like wlan0")
	}
	if slices.Contains(c.AllowPrivate, "") {
		return errors.New("--allow-private: a name is empty; write it like clinic.example")
	}
	if err := c.checkCertificate(); err != nil {
		return err
	}
	if _, err := parseSize("--attachments", c.Attachments); err != nil {
		return err
	}
	if err := c.checkFeeds(); err != nil {
		return err
	}
	if _, err := parseBudget(c.Budget); err != nil {
		return err
	}
	if c.Membership != off {
		if err := checkListen("--membership", c.Membership); err != nil {
			return err
		}
	}
	for _, p := range c.Peer {
		if err := checkPeer(p); err != nil {
			return err
		}
	}
	if c.Place != "" && c.Found == "" {
		return errors.New("--place names the place when a community is founded: give --found as well")
	}
	return nil
}

// Run runs a hub until ctx ends.
func (c *runCommand) Run(ctx context.Context, std streams) error {
	defer beLean(ctx)()
	log := c.logger(std.err)
	peer.LogTo(log)
	wall := c.wall()
	if err := c.open(ctx, std.out, wall()); err != nil {
		return err
	}
	if c.UntilStdinCloses {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		go func() {
			defer cancel()
			_, _ = io.Copy(io.Discard, std.in) // its end is all that counts
		}()
	}
	plan, err := standing(c.Data)
	if err != nil {
		return err
	}
	k := keeper{runCommand: *c, wall: wall, log: log}
	n, wifi, err := k.open(plan)
	if err != nil {
		return err
	}
	status, err := n.Status()
	if err != nil {
		return errors.Join(explain(c.Data, err), n.Close())
	}
	if !status.Clock.Plausible {
		log.Warn("time uncertain: nothing confirms this machine's clock, and pages say so; switch network time on, or say what time it is: lamppost clock set", "clock", wall().UTC().Format(time.DateTime))
	}
	welcome(std.out, status)
	program, err := os.Executable()
	if err != nil {
		program = "lamppost"
	}
	tellGuest(std.out, guestNotes(wifi, status.HTTP, program, os.Geteuid() == 0))
	return k.run(ctx, n, plan)
}

// internet is who looks whether the internet works, or nil.
func (c *runCommand) internet(log *slog.Logger) *gateway.Watch {
	if !c.WatchInternet {
		return nil
	}
	return gateway.Usual(log)
}

// off is what --membership and --https take for none.
const off = "off"

func (c *runCommand) membership() string {
	if c.Membership == off {
		return ""
	}
	return c.Membership
}

// https is where the pages are over HTTPS. After portal up with a port of HTTPS, phones
// are led there, unless it is for a certificate of another kind.
func (c *runCommand) https(p *accesspoint.Plan) node.HTTPS {
	switch {
	case c.HTTPS == off:
		return node.HTTPS{}
	case p != nil && p.API != 0 && c.PortalCertificate == "":
		return node.HTTPS{Listen: net.JoinHostPort("", strconv.Itoa(int(p.API))), Port: "443"}
	}
	return node.HTTPS{Listen: c.HTTPS}
}

func (c *runCommand) logger(w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if c.Verbose {
		o.Level = slog.LevelDebug
	}
	if c.Log == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// wall is the machine's clock, or one that a test has set.
func (c *runCommand) wall() func() time.Time {
	if c.WallClock.IsZero() {
		return time.Now
	}
	offset := time.Until(c.WallClock)
	return func() time.Time { return time.Now().Add(offset) }
}
