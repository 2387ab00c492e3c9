package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"golang.org/x/text/unicode/norm"
)

type rosterRevoke struct {
	Who     string `arg:"" help:"Who: a name, with the mark behind it where several are called so (\"Maria Ortiz 3fa2b1\"), the mark alone, or a whole key."`
	Retired bool   `help:"They have left in good standing: what they wrote stays, and they write nothing official any more. It stops no thief."`
	Why     string `placeholder:"TEXT" help:"For other people: why."`
	Yes     bool   `help:"Do not ask."`
	byRoots
}

// Help is the longer text of --help.
func (rosterRevoke) Help() string {
	return `For six words that were stolen or lost, of a coordinator or of anybody else. At each place nothing
of that key counts from the moment the news comes there: what they posted and their notices are gone,
and whoever has the words can do nothing with them. It is final. The person comes in anew, with new six
words, and can be made a coordinator again.

With --retired nothing is cut off: the person is named as somebody who no longer speaks for the
community, and can be nothing else. It cannot be taken back either.

For a hub: lamppost hub revoke.`
}

// Validate checks what was typed before the hub is asked.
func (c *rosterRevoke) Validate() error {
	c.Why = norm.NFC.String(c.Why) // as it is signed
	if len(c.Why) > roster.MaxWhy {
		return fmt.Errorf("--why: this is too long: %d bytes; at most %d fit", len(c.Why), roster.MaxWhy)
	}
	return nil
}

// Run puts an end to what somebody may do.
func (c *rosterRevoke) Run(ctx context.Context, std streams) error {
	who, err := c.find(ctx, c.Who)
	if err != nil {
		return err
	}
	if who.Hub {
		return fmt.Errorf("%q is a hub; see: lamppost hub revoke --help", who.Name)
	}
	act := control.RoleAct{Act: control.Revoke, Who: who.ID, Roles: []string{}, Why: c.Why}
	if c.Retired {
		act.Act = control.Retire
	}
	plan, err := c.plan(ctx, act)
	if err != nil {
		return err
	}
	if meansEndOf(who, act, plan.Statements) != nil {
		return errOtherMeant
	}
	fmt.Fprint(std.err, endText(who, c.Retired)+effectsText(plan.Effects))
	ask := newAsker(std)
	if !c.Yes {
		name := who.Name
		if name == "" {
			name = who.ID[:6]
		}
		if err := ask.name(ctx, name); err != nil {
			return err
		}
	}
	if err := c.decide(ctx, std, ask, plan.RootPlan); err != nil {
		return err
	}
	if c.Retired {
		fmt.Fprintf(std.out, "%s no longer speaks for the community.\n", knownText(who))
		return nil
	}
	fmt.Fprintf(std.out, "Nothing of %s counts any more, at each place as soon as it has heard of this.\n", knownText(who))
	fmt.Fprint(std.out, doneText(plan.Effects))
	return nil
}

// effectsText is what others see otherwise by an act; empty where nothing is.
func effectsText(all []control.Effect) string {
	var b strings.Builder
	for _, e := range all {
		b.WriteString(folded("", "", e.Says))
		for _, one := range e.Of {
			b.WriteString(folded("  ", "    ", one))
		}
	}
	return b.String()
}

// doneText is effectsText once the act counts.
func doneText(all []control.Effect) string {
	if len(all) == 0 {
		return ""
	}
	return effectsText(all) + folded("", "", "Look at the notices at once, and cancel anew what is not to hold. Moderators hide anew what is not to be read.")
}

// endText says what the end of a person's key means.
func endText(who control.Somebody, retired bool) string {
	if retired {
		return folded("", "", fmt.Sprintf("From then on %s no longer speaks for the community. What they wrote stays. It cannot be taken back, and it stops nobody who has their six words.", knownText(who)))
	}
	text := fmt.Sprintf("This puts an end to the six words of %s for good: nothing counts that is written with them, and all that was is shown no more.", knownText(who))
	if who.Certified {
		text += " Their notices are gone as well; another coordinator writes anew what still holds. So are their cancellations and second signatures: what they had cancelled holds again, and what only they had signed waits again."
	}
	return folded("", "", text)
}

// meansEndOf is an error if the statements are not the one end that was meant.
func meansEndOf(who control.Somebody, act control.RoleAct, statements []control.Statement) error {
	if len(statements) != 1 {
		return errOtherMeant
	}
	s := statements[0]
	end, err := roster.DecodeRevocation(s.Body)
	form := "r/"
	if act.Act == control.Retire {
		form = "t/"
	}
	if err != nil || !strings.HasPrefix(s.Key, form) || end.Retired != (act.Act == control.Retire) ||
		end.Subject.String() != who.ID || end.Why != act.Why || len(end.Stays) > 0 {
		return errOtherMeant
	}
	return nil
}
