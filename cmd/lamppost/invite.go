package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/qr"
	"github.com/lamppost-hub/lamppost/sync/join"
)

// inviteCommand is invite alone, and what is done with codes.
type inviteCommand struct {
	Make   inviteMake   `cmd:"" default:"withargs" help:"Make a code by which one new hub can join. This is what invite does by itself."`
	List   inviteList   `cmd:"" help:"Show the codes that were made here, and what became of them."`
	Cancel inviteCancel `cmd:"" help:"Make a code worthless that has not been used."`
}

// Help is the longer text of --help.
func (inviteCommand) Help() string {
	return `Without another word a code is made. Flags for that:

    --place LABEL     what the new place is to be called, such as "School"
    --for TIME        how long the code is good: 90m, 12h, 3d; normally 24h
    --address ADDR    where the new hub reaches this one
    --quiet           print the code and nothing else
    --data DIR        the data folder of the hub here

"lamppost invite make --help" says more.`
}

// consoleFlag is of commands that ask the hub that runs on a folder.
type consoleFlag struct{ folderFlag }

// call has the hub do what a verb says.
func (f consoleFlag) call(ctx context.Context, verb string, in, out any) error {
	err := control.NewClient(f.Data).Call(ctx, verb, in, out)
	if errors.Is(err, control.ErrNotRunning) {
		return fmt.Errorf("no hub runs on %s; start it with: lamppost run%s", f.Data, f.flag())
	}
	return err
}

type inviteMake struct {
	Place   string  `placeholder:"LABEL" help:"What the new place is to be called, such as \"School\". If not given, whoever joins says it."`
	For     life    `default:"24h" placeholder:"TIME" help:"How long the code is good, such as 90m, 12h or 3d; up to 7d. Normally ${default}."`
	Address *string `placeholder:"ADDR" help:"Where the new hub reaches this one, such as 192.168.1.7 or [fd00::7]:4680. If not given, the likeliest of this machine's addresses."`
	Quiet   bool    `help:"Print the code and nothing else."`
	consoleFlag
}

// life is a length of time as people type it, such as that for which a code is good.
type life time.Duration

// UnmarshalText reads a number with its unit, days included.
func (l *life) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			*l = life(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	}
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a length of time; write minutes, hours or days, such as 90m, 12h or 3d", text)
	}
	*l = life(d)
	return nil
}

// Help is the longer text of --help.
func (inviteMake) Help() string {
	return `Makes a code by which one new hub can join the community of the hub that runs here. Tell it
by phone or radio, or let it be photographed. On the new machine:

    lamppost join CODE --place "School"

A code is good for one hub, once, and for a day. Whoever has it first can use it, so tell it
to nobody else; "lamppost invite list" shows who used it.`
}

// Validate checks what was typed before the hub is asked.
func (c *inviteMake) Validate() (err error) {
	if d := time.Duration(c.For); d < time.Minute || d > local.MaxInvitationLife {
		return errors.New("--for: a code is good for 1m to 7d (minutes, hours or days: 90m, 12h, 3d)")
	}
	if c.Address != nil {
		*c.Address, err = toldAddress(*c.Address)
	}
	return err
}

// toldAddress is an address as it stands in a code: an IP address and a port, which
// is normally the one of hubs.
func toldAddress(s string) (string, error) {
	at, err := netip.ParseAddrPort(s)
	if err != nil {
		a, err := netip.ParseAddr(strings.Trim(s, "[]"))
		if err != nil {
			return "", fmt.Errorf("--address: %q is not an address; write it like 192.168.1.7 or [fd00::7]:4680", s)
		}
		at = netip.AddrPortFrom(a, join.DefaultPort)
	}
	if a := at.Addr(); a.Is6() && a.IsLinkLocalUnicast() {
		return "", fmt.Errorf("--address: %s means another machine at each, so no code can say it; give another of this machine's addresses, or have the new hub join with --at %s, where eth0 is its own interface", a, a.WithZone("eth0"))
	}
	return at.String(), nil
}

// Run makes the code.
func (c *inviteMake) Run(ctx context.Context, std streams) error {
	var made control.Invited
	in := control.Invite{Label: c.Place, Seconds: int64(time.Duration(c.For) / time.Second)}
	if c.Address != nil {
		in.Address = *c.Address
	}
	switch err := c.call(ctx, "invite", in, &made); {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("told to stop before the hub has answered; whether it has made a code shows: lamppost invite list%s", c.flag())
	case err != nil:
		return err
	}
	if c.Quiet {
		_, err := fmt.Fprintln(std.out, made.Code)
		return err
	}
	return c.show(std.out, made)
}

// show says the code in all the ways in which it may be passed on.
func (c *inviteMake) show(out io.Writer, made control.Invited) error {
	var b strings.Builder
	left := time.Duration(made.Left) * time.Second
	fmt.Fprintf(&b, "This code is good for one hub, once, for %s (until %s by this machine's clock):\n\n    %s\n\n",
		lasting(left), time.Now().Add(left).Format("Mon 2 Jan 15:04"), made.Code)
	fmt.Fprintf(&b, "To say it on a radio, a group at a time:\n\n")
	for _, group := range strings.Split(made.Code, "-") {
		fmt.Fprintf(&b, "    %s  %s\n", group, join.Spell(group))
	}
	if isTerminal(out) {
		code, err := qr.Encode(made.Code, qr.Screen)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n%s", code.Terminal())
	}
	fmt.Fprintf(&b, "\nOn the new machine:\n\n    lamppost join %s", made.Code)
	switch {
	case made.Address == "":
		b.WriteString(" --at ADDRESS")
	case made.Label == "":
		b.WriteString(` --place "School"`)
	}
	b.WriteString("\n\n")
	switch {
	case made.Address == "":
		b.WriteString("The code does not say where this hub is, because it has no address now at which another could reach it.\n")
	case len(made.Others) > 0:
		fmt.Fprintf(&b, "The code says that this hub is at %s. It also has %s: if the new hub is on that network,\nmake another code with --address.\n",
			made.Address, strings.Join(made.Others, ", "))
	default:
		fmt.Fprintf(&b, "The code says that this hub is at %s.\n", made.Address)
	}
	fmt.Fprintf(&b, "What becomes of it: lamppost invite list%s\n", c.flag())
	_, err := io.WriteString(out, b.String())
	return err
}

// lasting is a length of time in words, rounded to the unit, at least a minute.
func lasting(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = max(d.Round(time.Minute), time.Minute); {
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d.Round(time.Hour) <= 2*day:
		return fmt.Sprintf("%d hours", d.Round(time.Hour)/time.Hour)
	}
	return fmt.Sprintf("%d days", d.Round(day)/day)
}

type inviteList struct{ consoleFlag }

// Run shows the codes.
func (c *inviteList) Run(ctx context.Context, std streams) error {
	var all control.Invitations
	if err := c.call(ctx, "invitations", control.Nothing{}, &all); err != nil {
		return err
	}
	if len(all.Invitations) == 0 {
		fmt.Fprintf(std.out, "No code has been made here. Make one with: lamppost invite%s\n", c.flag())
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tPLACE\tWHAT BECAME OF IT")
	for _, in := range all.Invitations {
		place := in.Label
		if place == "" {
			place = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", in.ID, place, fate(in))
	}
	return w.Flush()
}

// fate says what has become of a code.
func fate(in control.Invitation) string {
	since := join.Since(time.Duration(in.Ago) * time.Second)
	switch in.State {
	case "open":
		return "good for " + lasting(time.Duration(in.Left)*time.Second)
	case "used":
		by := in.By
		if by == "" {
			by = "a hub that is no member any more"
		}
		return "used by " + by + " " + since
	case "void":
		return "void " + since + ": it was tried too often without the right code"
	}
	return in.State + " " + since
}

type inviteCancel struct {
	Which []string `arg:"" name:"code" help:"The code, or its ID as invite list shows it."`
	consoleFlag
}

// Run cancels one code.
func (c *inviteCancel) Run(ctx context.Context, std streams) error {
	var now control.Invitation
	if err := c.call(ctx, "uninvite", control.Cancel{Which: strings.Join(c.Which, " ")}, &now); err != nil {
		return err
	}
	switch {
	case now.State == "cancelled" && !now.Before:
		fmt.Fprintf(std.out, "The code %s is cancelled: nobody can join with it.\n", now.ID)
		return nil
	case now.State == "used":
		return fmt.Errorf("the code %s cannot be cancelled: it was %s", now.ID, fate(now))
	}
	fmt.Fprintf(std.out, "The code %s was good for nothing already: %s.\n", now.ID, fate(now))
	return nil
}
