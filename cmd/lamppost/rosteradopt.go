package main

import (
	"context"
	"fmt"

	"github.com/lamppost-hub/lamppost/hub/control"
)

type rosterAdopt struct {
	Hub string `arg:"" help:"Whose people: a hub's name, or the beginning of its key as hub list shows it."`
	consoleFlag
}

// Help is the longer text of --help.
func (rosterAdopt) Help() string {
	return `Takes over the people of a hub that is gone: from now on the hub on this machine says that they
belong here. What they wrote stays, and nobody has to do anything. Whom another hub speaks for already is
left alone. It is for a hub that was lost or put out of use; if it was stolen, put it out with "lamppost hub
revoke" first, and say there who of its people stays: only they can be taken over. The others come in
again with their six words.

A hub has 999 places. Where they do not suffice, say the same at another hub for those who are left.`
}

// Run takes over the people of another hub.
func (c *rosterAdopt) Run(ctx context.Context, std streams) error {
	by := deciding{consoleFlag: c.consoleFlag}
	which, err := by.pick(ctx, c.Hub)
	if err != nil {
		return err
	}
	if which.Linked && which.Revoked == nil {
		fmt.Fprint(std.err, folded("", "", fmt.Sprintf("%s is linked just now, so it is not gone. Its people belong to both then, which does no harm.", named(which.Label, which.ID))))
	}
	var done control.Adopted
	if err := c.call(ctx, "adopt", control.Peer{Peer: which.ID}, &done); err != nil {
		return err
	}
	fmt.Fprint(std.out, adoptedText(done))
	if done.Left > 0 {
		return fmt.Errorf("the places here are full: %s of %q could not be taken over; say the same at another hub", plural(done.Left, "person", "people"), done.Label)
	}
	return nil
}

// adoptedText says who was taken over.
func adoptedText(done control.Adopted) string {
	text := fmt.Sprintf("Took over %s of %q.", plural(done.Taken, "person", "people"), done.Label)
	switch {
	case done.Taken == 0 && done.Had == 0 && done.Left == 0:
		text = fmt.Sprintf("%q speaks for nobody, so there is nobody to take over.", done.Label)
	case done.Had == 1:
		text += " Another hub, or this one, speaks for 1 more already."
	case done.Had > 1:
		text += fmt.Sprintf(" Other hubs, or this one, speak for %d more already.", done.Had)
	}
	return text + "\n"
}
