package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

type rosterSucceed struct {
	Roots     int    `default:"3" placeholder:"N" help:"How many new root sheets there are, 1 to 9. Normally ${default}."`
	Threshold *int   `placeholder:"K" help:"How many of them it takes to decide something. Normally more than half: 2 of 3."`
	Print     string `type:"path" placeholder:"FILE" help:"Write the new sheets into a file to print with a browser, a page each. If not given they are shown here."`
	Yes       bool   `help:"Do not ask whether the new sheets are on paper."`
	byRoots
}

// Help is the longer text of --help.
func (rosterSucceed) Help() string {
	return `Makes new root sheets, by the word of those there are: when one was lost, while there are still
enough to decide, or when others are to keep them.

    lamppost roster succeed --print new.html

What the old sheets decided goes on counting, and so would what they still decide: when the new ones are
with those who keep them, burn the old ones. If somebody signs another list with old sheets as well,
neither counts, and the old sheets go on deciding; so nobody can take over a community in secret.`
}

// Validate checks what was typed before the hub is asked.
func (c *rosterSucceed) Validate() error {
	if c.Threshold == nil {
		c.Threshold = new(max(c.Roots, 0)/2 + 1)
	}
	switch {
	case c.Roots < 1 || c.Roots > most:
		return fmt.Errorf("--roots: %d root sheets; choose 1 to %d", c.Roots, most)
	case *c.Threshold < 1 || *c.Threshold > c.Roots:
		return fmt.Errorf("--threshold: %d of %d root sheets; choose 1 to %d", *c.Threshold, c.Roots, c.Roots)
	case c.Print != "" && within(c.Data, c.Print):
		return errors.New("--print: that file would lie in the data folder, where the sheets do not belong; write it elsewhere")
	}
	return nil
}

// Run has new roots follow.
func (c *rosterSucceed) Run(ctx context.Context, std streams) error {
	f, err := node.ReadFolder(c.Data)
	if err != nil {
		return explain(c.Data, err)
	}
	sheets, keys := rootsheet.Draw(f.Founding.Name, c.Roots, *c.Threshold)
	next := control.Successors{Threshold: *c.Threshold}
	for _, k := range keys {
		next.Roots = append(next.Roots, record.AuthorOf(k).String())
	}
	var plan control.RootPlan
	if err := c.call(ctx, "succeed", next, &plan); err != nil {
		return err
	}
	if err := meansSuccession(next, plan.Statements); err != nil {
		return err
	}
	out := handout{
		file: c.Print, flag: "--print", one: "new root sheet", undone: "nothing was changed", void: "no new list was made: the new sheets",
		title: "Root sheets", leaves: rootsheet.Papers(sheets),
	}
	ask := newAsker(std)
	err = out.then(ctx, std, ask, c.Yes, func() error {
		fmt.Fprintln(std.err, "Now the sheets that have counted so far.")
		return c.decide(ctx, std, ask, plan)
	})
	if err != nil {
		return err
	}
	var all register.Register
	if err := c.call(ctx, "roster", control.Nothing{}, &all); err != nil {
		return err
	}
	for _, s := range sheets {
		if !slices.Contains(all.Roots, s.Check()) {
			return errors.Join(errors.New("another list was signed to follow the same sheets, so neither counts, and those sheets go on deciding. See: lamppost roster"), out.voided())
		}
	}
	fmt.Fprintf(std.out, "From now on any %d of the %s decide. Give each to its keeper. When \"lamppost roster\" shows the new checks at each place, burn the old ones: what they sign would still count. Until then keep them, in case somebody at a place that was cut off has signed another list: then only the old ones decide.\n", *c.Threshold, plural(c.Roots, "new root sheet", "new root sheets"))
	if c.Print != "" {
		fmt.Fprintf(std.out, "When the sheets are printed, delete the file: shred -u %s\n", c.Print)
	}
	return nil
}

// meansSuccession is an error if the statements are not the one list that was meant.
func meansSuccession(next control.Successors, statements []control.Statement) error {
	if len(statements) != 1 || !strings.HasPrefix(statements[0].Key, "s/") {
		return errOtherMeant
	}
	s, err := roster.DecodeSuccession(statements[0].Body)
	if err != nil || s.Threshold != next.Threshold || len(s.Roots) != len(next.Roots) {
		return errOtherMeant
	}
	for _, root := range s.Roots {
		if !slices.Contains(next.Roots, root.String()) {
			return errOtherMeant
		}
	}
	return nil
}
