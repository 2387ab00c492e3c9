package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
)

// invitingRight is what is typed to give the right to invite, or to take it back.
type invitingRight struct {
	Hub    string `arg:"" help:"Which hub: its name, or the beginning of its key as hub list shows it."`
	Sheets string `type:"path" placeholder:"FILE" help:"Read the root sheets from a file: the page that found has written, or a line of ten words each. If not given, they are typed."`
	consoleFlag
}

// decide has the roots do it, once say has told what it means, and returns which hub
// it was.
func (c *invitingRight) decide(ctx context.Context, std streams, what control.ActKind, say func(control.CertifiedHub, control.HubPlan) string) (control.CertifiedHub, error) {
	by := deciding{Sheets: c.Sheets, consoleFlag: c.consoleFlag}
	which, err := by.pick(ctx, c.Hub)
	if err != nil {
		return which, err
	}
	act := control.HubAct{Act: what, Hub: which.ID}
	plan, err := by.plan(ctx, act)
	if err != nil {
		return which, err
	}
	fmt.Fprint(std.err, say(which, plan))
	return which, by.decide(ctx, std, newAsker(std), which, act, plan)
}

type hubGrant struct{ invitingRight }

// Help is the longer text of --help.
func (hubGrant) Help() string {
	return `Lets a hub invite others, which otherwise the community's first hub alone does. It takes the
root sheets, at any hub of the community that runs. Do it before the first hub is lost, or
after. The right spreads like a post: "lamppost invite" works at that hub once it has come
there, and for as long as the hub is in the community.`
}

// Run gives the right to invite.
func (c *hubGrant) Run(ctx context.Context, std streams) error {
	which, err := c.decide(ctx, std, control.Grant, func(control.CertifiedHub, control.HubPlan) string { return "" })
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%q may invite others now: once it has heard of this, “lamppost invite” works there.\n", which.Label)
	return nil
}

// may is what a hub may do, as the list has it: one that is no longer in use invites
// nobody.
func may(h control.CertifiedHub) string {
	var out []string
	for role := range strings.SplitSeq(h.Roles, ",") {
		switch {
		case role == "admit" && !h.Retired:
			out = append(out, "invite")
		case role != "admit":
			out = append(out, role)
		}
	}
	return strings.Join(out, ", ")
}
