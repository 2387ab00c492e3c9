package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

type hubRevoke struct {
	Hub   string `arg:"" help:"Which hub: its name, or the beginning of its key as hub list shows it."`
	Why   string `placeholder:"TEXT" help:"For other people: why."`
	Since string `placeholder:"TIME" help:"Since when the hub is in other hands, such as 2026-11-25 or \"2026-11-25 18:40\": people whom it let in from then on are out."`
	None  bool   `name:"nobody" help:"Nobody whom it let in stays."`
	Alone bool   `name:"and-admitted" help:"The hubs that it let in are put an end to as well. Normally the roots take them over."`
	Yes   bool   `help:"Do not ask."`
	deciding
}

// Help is the longer text of --help.
func (hubRevoke) Help() string {
	return `For a hub that was stolen, or whose card was. From then on no other hub speaks with it, and
nothing counts that it says. It is final: the machine can only join again as a new hub.

The people who came in at it stay, and so does what they posted, unless you say otherwise with
--since or --nobody. A hub that let others in takes them along, so it is put an end to with the
root sheets, which take the others over.

What it knows it goes on knowing: all that was posted up to then, and the key by which hubs
find each other.`
}

// Validate checks what was typed before the hub is asked.
func (c *hubRevoke) Validate() error {
	if c.None && c.Since != "" {
		return errors.New("--since and --nobody say different things; give one of them")
	}
	if len(c.Why) > roster.MaxWhy {
		return fmt.Errorf("--why: this is too long: %d bytes; at most %d fit", len(c.Why), roster.MaxWhy)
	}
	_, err := c.since()
	return err
}

// since is --since, by this machine's zone; zero if it was not given.
func (c *hubRevoke) since() (t time.Time, err error) {
	if c.Since == "" {
		return t, nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime, time.RFC3339} {
		if t, err = time.ParseInLocation(form, c.Since, time.Local); err == nil {
			return t, nil
		}
	}
	return t, fmt.Errorf("--since: %q is not a time; write it like 2026-11-25 or \"2026-11-25 18:40\"", c.Since)
}

// Run puts an end to a hub.
func (c *hubRevoke) Run(ctx context.Context, std streams) error {
	which, err := c.pick(ctx, c.Hub)
	if err != nil {
		return err
	}
	act := control.HubAct{Act: control.Revoke, Hub: which.ID, Why: c.Why, Roots: c.Roots, None: c.None, Alone: c.Alone}
	if act.Since, err = c.since(); err != nil {
		return err
	}
	plan, err := c.plan(ctx, act)
	if err != nil {
		return err
	}
	fmt.Fprint(std.err, revokeText(which, plan))
	ask := newAsker(std)
	if !c.Yes {
		if err := ask.name(ctx, which.Label); err != nil {
			return err
		}
	}
	if err := c.decide(ctx, std, ask, which, act, plan); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%q is out: its links end now here, and elsewhere as the news comes there.\n", which.Label)
	return nil
}

// admits reports whether a hub may let others in.
func admits(h control.CertifiedHub) bool { return strings.Contains(h.Roles, "admit") }

// revokeText says what a revocation means.
func revokeText(which control.CertifiedHub, plan control.HubPlan) string {
	var b strings.Builder
	say := func(format string, args ...any) {
		b.WriteString(folded("", "", fmt.Sprintf(format, args...)))
	}
	say("This puts an end to %s for good: no other hub will speak with it, and nothing counts that it says from then on.", named(which.Label, which.ID))
	if which.Self {
		say("It is the hub on this machine.")
	}
	switch {
	case plan.Go == 0 && plan.Stay > 0:
		say("%s who came in there stay, with what they posted.", plural(plan.Stay, "person", "people"))
	case plan.Go > 0:
		say("Of those who came in there %d stay, with what they posted; %d do not, unless another hub lets them in.", plan.Stay, plan.Go)
	}
	b.WriteString(tookOverText(plan))
	if len(plan.Fall) > 0 {
		say("With it fall the hubs that it let in: %s.", strings.Join(plan.Fall, ", "))
	}
	if admits(which) {
		say("It may let hubs in. If no other hub may, none can join until the root sheets let another: lamppost hub grant.")
	}
	return b.String()
}
