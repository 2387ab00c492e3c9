package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
)

type hubUngrant struct{ invitingRight }

// Help is the longer text of --help.
func (hubUngrant) Help() string {
	return `Takes back the right to invite others, which the community's first hub has, and those that
were given it with "lamppost hub grant". The hub stays in the community. It takes the root
sheets, at any hub of the community that runs; those that the hub let in and that are known
there stay, by the roots. "lamppost hub grant" gives the right again.`
}

// Run takes back the right to invite.
func (c *hubUngrant) Run(ctx context.Context, std streams) error {
	which, err := c.decide(ctx, std, control.Ungrant, ungrantText)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%q may not invite others any more, once it has heard of this. Codes that it made before are good for nothing then.\n", which.Label)
	return nil
}

// ungrantText says what it means that a hub may not invite any more.
func ungrantText(which control.CertifiedHub, plan control.HubPlan) string {
	return folded("", "", fmt.Sprintf("From then on %s lets no other hub in. If no other hub may, none can join until the root sheets let another: lamppost hub grant.", named(which.Label, which.ID))) +
		tookOverText(plan)
}

// tookOverText says what the roots say in place of a hub.
func tookOverText(plan control.HubPlan) string {
	var b strings.Builder
	if len(plan.Kept) > 0 {
		b.WriteString(folded("", "", fmt.Sprintf("It let in %s; the roots take them over in the same act.", strings.Join(plan.Kept, ", "))))
	}
	if len(plan.Idle) > 0 {
		b.WriteString(folded("", "", fmt.Sprintf("Not in use any more of them: %s; it stays so.", strings.Join(plan.Idle, ", "))))
	}
	if len(plan.Out) > 0 {
		b.WriteString(folded("", "", fmt.Sprintf("It has put out %s; the roots put them out as well, so that they stay out and the people whom it let stay do stay.", strings.Join(plan.Out, ", "))))
	}
	return b.String()
}
