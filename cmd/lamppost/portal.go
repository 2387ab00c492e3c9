package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/lamppost-hub/lamppost/hub/accesspoint"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// portalCommand makes an interface the phones' network.
type portalCommand struct {
	Up    portalUp    `cmd:"" help:"Make an interface of this machine the phones' network. Needs root."`
	Down  portalDown  `cmd:"" help:"Undo what portal up did, exactly. Needs root."`
	Check portalCheck `cmd:"" help:"Say what is in the way of a phones' network, and how to mend it. Changes nothing."`
}

// Help is the longer text of --help.
func (portalCommand) Help() string {
	return `For a machine with an access point at one of its interfaces:

    sudo lamppost portal up --interface eth1 --uplink eth0
    sudo lamppost run --http :80

With --wifi-name it makes the Wi-Fi itself of an adapter, by hostapd:

    sudo lamppost portal up --interface wlan0 --wifi-name Lamppost --country DE

From then on "lamppost run" on the same folder meets the phones there: it gives them their
addresses, answers names, opens the page by itself, and lets those who choose to stay
through to the internet while there is any. "lamppost portal down" undoes it all.`
}

// phonesPlan is what the phones' network is to be.
type phonesPlan struct {
	Interface string   `required:"" placeholder:"IF" help:"The interface of the phones, such as wlan0."`
	Uplink    string   `placeholder:"IF" help:"The interface that leads to the internet, such as eth0. Without it nothing passes."`
	Address   string   `default:"10.44.0.1/20" placeholder:"PREFIX" help:"This machine's address on the phones' network. Normally ${default}."`
	Virtual   string   `default:"192.0.2.1" placeholder:"ADDR" help:"The address to which names lead that phones ask for before they are let through. Normally ${default}."`
	Pages     *uint16  `placeholder:"PORT" help:"The port of the pages, as --http of run has it. Normally that of the hub that runs on this folder, else 80."`
	Names     uint16   `default:"53" placeholder:"PORT" help:"The port at which names are answered. Normally ${default}."`
	HTTPS     uint16   `name:"https" placeholder:"PORT" help:"The port of HTTPS, such as 443, by which coordinators reach the pages (see \"lamppost ca\"), or with --portal-certificate of run all phones are told where they are. Normally none: it is refused."`
	Together  bool     `help:"Let phones reach each other. Normally they reach the hub alone."`
	Passes    string   `enum:"everything,listed,nothing" default:"everything" placeholder:"WHAT" help:"What of the internet phones reach once they are let through: everything, listed (see --allow) or nothing. Normally ${default}."`
	Allow     []string `placeholder:"PREFIX" help:"With --passes listed: a network that they reach, such as 9.9.9.0/24. Can be given more than once."`
	wifiFlags
	folderFlag
}

// plan reads what was typed.
func (c phonesPlan) plan() (p accesspoint.Plan, err error) {
	p = accesspoint.NewPlan(c.Interface, c.Uplink)
	if p.Address, err = netip.ParsePrefix(c.Address); err != nil {
		return p, fmt.Errorf("--address: %q is not an address with a length; write it like \"10.44.0.1/20\"", c.Address)
	}
	if p.Virtual, err = netip.ParseAddr(c.Virtual); err != nil {
		return p, fmt.Errorf("--virtual: %q is not an address; write it like \"192.0.2.1\"", c.Virtual)
	}
	for _, s := range c.Allow {
		n, err := netip.ParsePrefix(s)
		if err != nil {
			return p, fmt.Errorf("--allow: %q is not a network; write it like \"9.9.9.0/24\"", s)
		}
		p.Allowed = append(p.Allowed, n)
	}
	if len(p.Allowed) > 0 && c.Passes != accesspoint.Listed {
		return p, errors.New("--allow is for --passes listed: give that as well")
	}
	if len(p.Allowed) == 0 && c.Passes == accesspoint.Listed {
		return p, errors.New("--passes listed is for the networks that --allow names: give at least one, such as --allow 9.9.9.0/24, or --passes nothing")
	}
	if c.Pages != nil {
		p.HTTP = *c.Pages
	}
	if p.HTTP == 0 {
		return p, errors.New("--pages: there is no port 0; write one from 1 to 65535, such as 80")
	}
	if c.Names == 0 {
		return p, errors.New("--names: there is no port 0; write one from 1 to 65535, such as 53")
	}
	p.DNS, p.API, p.Isolate, p.Passes = c.Names, c.HTTPS, !c.Together, c.Passes
	p.Wifi, err = c.wifi()
	return p, err
}

type portalUp struct{ phonesPlan }

// Run sets the interface up.
func (c *portalUp) Run(ctx context.Context, std streams) error {
	pages, runs := c.running(ctx)
	if port := pages.Port(); runs && c.Pages == nil {
		c.Pages = &port
	}
	p, err := c.plan()
	if err != nil {
		return err
	}
	if err := accesspoint.Allowed(); err != nil {
		return err
	}
	if _, err := node.ReadFolder(c.Data); err != nil {
		return explain(c.Data, err)
	}
	switch err := accesspoint.Up(p, c.Data); {
	case errors.Is(err, accesspoint.ErrAlreadyUp):
		fmt.Fprintf(std.out, "%s is the phones' network already.\n", p.Interface)
		return nil
	case err != nil:
		return err
	}
	fmt.Fprintf(std.out, "%s is the phones' network now, and this machine %s there.\n", p.Interface, p.Address.Addr())
	c.tell(std.out)
	if hub := (&runCommand{HTTP: pages.String()}); runs && hub.reachable(p) == nil {
		fmt.Fprintln(std.out, "The hub that runs meets phones there in a few seconds.")
	} else if runs {
		fmt.Fprintf(std.out, "Phones are not led to where the pages of the hub that runs are. Start it again: lamppost run%s --http :%d\n", c.flag(), p.HTTP)
	} else {
		fmt.Fprintf(std.out, "Now start the hub: lamppost run%s --http :%d\n", c.flag(), p.HTTP)
	}
	fmt.Fprintf(std.out, "To undo it: lamppost portal down%s\n", c.flag())
	return nil
}

// running is where the pages of the hub are that runs on the folder; false if none does,
// or it has none.
func (c *portalUp) running(ctx context.Context) (netip.AddrPort, bool) {
	s, err := control.NewClient(c.Data).Status(ctx)
	if err != nil {
		return netip.AddrPort{}, false
	}
	at, err := netip.ParseAddrPort(s.HTTP)
	return at, err == nil
}

type portalDown struct{ folderFlag }

// Run undoes it.
func (c *portalDown) Run(_ context.Context, std streams) error {
	if err := accesspoint.Allowed(); err != nil {
		return err
	}
	undone, err := accesspoint.Down(c.Data)
	if err != nil {
		return err
	}
	if !undone {
		fmt.Fprintln(std.out, "There was nothing to undo.")
		return nil
	}
	fmt.Fprintln(std.out, "All is as it was before portal up.")
	return nil
}

type portalCheck struct{ phonesPlan }

// Run looks around.
func (c *portalCheck) Run(ctx context.Context, std streams) error {
	p, err := c.plan()
	if err != nil {
		return err
	}
	all, err := accesspoint.Check(ctx, p, c.Data)
	if err != nil {
		return err
	}
	fmt.Fprint(std.out, examinedText(all))
	if bad := doctor.Troubles(all); len(bad) > 0 && bad[0].Level == doctor.Bad {
		return errors.New("phones would not be met here; see above for what to do")
	}
	return nil
}

// standing is what portal up has prepared; nil if nothing.
func standing(folder string) (*accesspoint.Plan, error) {
	p, up, err := accesspoint.Standing(folder)
	if err != nil || !up {
		return nil, err
	}
	return &p, nil
}

// reachable says why phones would not find the pages where a plan leads them.
func (c *runCommand) reachable(p accesspoint.Plan) error {
	host, port, err := net.SplitHostPort(c.HTTP)
	if err == nil && port != strconv.Itoa(int(p.HTTP)) {
		return fmt.Errorf("phones on %s are led to port %d, but the pages are at %s: start with --http :%d, or do portal up again with --pages %s", p.Interface, p.HTTP, c.HTTP, p.HTTP, port)
	}
	if err == nil && !meetsAt(host, p.Address.Addr()) {
		return fmt.Errorf("phones on %s are led to %s, but the pages are at %s alone: start with --http :%d", p.Interface, p.Address.Addr(), c.HTTP, p.HTTP)
	}
	if c.PortalCertificate != "" && p.API == 0 {
		return fmt.Errorf("phones on %s do not reach HTTPS, for which --portal-certificate is: do portal up again with --https 443", p.Interface)
	}
	return nil
}

// meet adds to what a hub does for phones what portal up has prepared.
func (c *runCommand) meet(w *node.Wifi, p accesspoint.Plan) error {
	if err := c.reachable(p); err != nil {
		return err
	}
	if w.Certificate.File != "" {
		w.Certificate.Listen, w.Certificate.Port = netip.AddrPortFrom(p.Address.Addr(), p.API).String(), "443"
	}
	c.Phones = append(c.Phones, p.Interface)
	w.Portal, w.Virtual = true, p.Virtual
	w.Lease = node.Lease{Interface: p.Interface, Address: p.Address}
	if w.DNS == "" {
		w.DNS = netip.AddrPortFrom(p.Address.Addr(), p.DNS).String()
	}
	w.Reach = reach(p)
	if p.Uplink == "" {
		return nil
	}
	var err error
	if w.Budget, err = parseBudget(c.Budget); err != nil {
		return err
	}
	gate, err := accesspoint.NewGate()
	if err != nil {
		return err
	}
	w.Gate = door{gate}
	return nil
}

// door is a gate that nobody has gone through where portal down has taken it away.
type door struct{ *accesspoint.Gate }

func (d door) Used() (map[netip.Addr]uint64, error) {
	used, err := d.Gate.Used()
	if errors.Is(err, accesspoint.ErrNotUp) {
		return nil, nil
	}
	return used, err
}

// meetsAt reports whether who listens at a host of --http is met at an address.
func meetsAt(host string, self netip.Addr) bool {
	at, err := netip.ParseAddr(host)
	return host == "" || err == nil && (at.IsUnspecified() || at.Unmap() == self)
}

// reach is how much of the internet a plan gives phones.
func reach(p accesspoint.Plan) node.Reach {
	switch {
	case p.Uplink == "" || p.Passes == accesspoint.Nothing:
		return node.ReachNothing
	case p.Passes == accesspoint.Listed:
		return node.ReachListed
	}
	return node.ReachAll
}
