package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/paper"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// mostCards is how many cards can be made at once.
const mostCards = 20

type rosterCards struct {
	Count int    `arg:"" help:"How many cards, 1 to 20."`
	Name  string `default:"Card %d" placeholder:"NAME" help:"What each is called officially; %d is its number. Normally \"Card 1\" and so on."`
	Print string `type:"path" placeholder:"FILE" help:"Write the cards into a file to print with a browser, a page each. If not given they are shown here."`
	Yes   bool   `help:"Do not ask whether the cards are on paper."`
	granted
	byRoots
}

// Help is the longer text of --help.
func (rosterCards) Help() string {
	return `Makes cards to be sealed in envelopes and locked away, for the day when a coordinator is needed and
none is there. Each holds six words. The root sheets say beforehand what they may; whoever opens the
envelope enters them at any place, under "I have six words already", and is a coordinator at once.

    lamppost roster cards 2 --roles notices,moderate --area "fire district" --print cards.html

They are shown once and kept nowhere. A card that is missing, or that was opened without need, is ended
with "lamppost roster revoke". It speaks as "Card 1", so that everybody sees which one it is.`
}

// Validate checks what was typed before the hub is asked.
func (c *rosterCards) Validate() error {
	act, err := c.act()
	switch {
	case err != nil:
		return err
	case c.Count < 1 || c.Count > mostCards:
		return fmt.Errorf("%d cards; choose 1 to %d", c.Count, mostCards)
	case len(act.Roles) == 0:
		return errors.New("--roles: a card that may do nothing is of no use; say what its holder may")
	case c.Count > 1 && !strings.Contains(c.Name, "%d"):
		return errors.New("--name: the cards need different names; write %d where their number is to stand, as in \"Card %d\"")
	case c.Print != "" && within(c.Data, c.Print):
		return errors.New("--print: that file would lie in the data folder, where the cards do not belong; write it elsewhere")
	}
	_, err = label("--name", c.Name)
	return err
}

// card is one of them, in the making.
type card struct {
	who  control.Somebody
	code returncode.Code
	act  control.RoleAct
}

// Run makes the cards. They are on paper before the roots say that they count: one that
// nobody has is of no harm then.
func (c *rosterCards) Run(ctx context.Context, std streams) error {
	f, err := node.ReadFolder(c.Data)
	if err != nil {
		return explain(c.Data, err)
	}
	cards, err := c.draw(ctx, f)
	if err != nil {
		return err
	}
	acts := make([]control.RoleAct, len(cards))
	for i := range cards {
		acts[i] = cards[i].act
	}
	plan, err := c.plan(ctx, acts...)
	if err != nil {
		return err
	}
	if len(plan.Labels) != len(cards) || len(plan.Statements) != len(cards) {
		return errOtherMeant
	}
	out := handout{
		file: c.Print, flag: "--print", one: "card", undone: "none counts", void: "no card counts: the cards", title: "Cards",
	}
	for i, k := range cards {
		if err := meansRoles(k.who, plan.Labels[i], k.act, plan.Statements[i:i+1]); err != nil {
			return err
		}
		out.leaves = append(out.leaves, c.leaf(f.Founding.Name, k))
	}
	ask := newAsker(std)
	if err := out.then(ctx, std, ask, c.Yes, func() error { return c.decide(ctx, std, ask, plan.RootPlan) }); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s certified: %s. Seal each in an envelope, sign across the flap, and lock it away.\n", plural(len(cards), "card is", "cards are"), strings.Join(plan.Labels, ", "))
	if c.Print != "" {
		fmt.Fprintf(std.out, "When they are printed, delete the file: shred -u %s\n", c.Print)
	}
	return nil
}

// draw makes the words, numbered on from the cards that there have been.
func (c *rosterCards) draw(ctx context.Context, f node.Folder) ([]card, error) {
	var all register.Register
	if err := c.call(ctx, "roster", control.Nothing{}, &all); err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, e := range all.Coordinators {
		taken[strings.ToLower(e.Label)] = true
	}
	for _, e := range all.Ended {
		taken[strings.ToLower(e.Label)] = true
	}
	act, err := c.act()
	if err != nil {
		return nil, err
	}
	var cards []card
	for n := 1; len(cards) < c.Count; n++ {
		name, err := label("--name", strings.ReplaceAll(c.Name, "%d", strconv.Itoa(n)))
		if err != nil {
			return nil, err
		}
		if taken[strings.ToLower(name)] && strings.Contains(c.Name, "%d") {
			continue
		}
		k := card{code: returncode.New(nil), act: act}
		k.act.Label = name
		k.act.Who = record.AuthorOf(returncode.Key(k.code, f.Founding.Community())).String()
		k.who = control.Somebody{ID: k.act.Who, Name: name}
		cards = append(cards, k)
	}
	return cards, nil
}

// leaf is a card as it is printed.
func (c *rosterCards) leaf(community string, k card) paper.Sheet {
	words := k.code.Words()
	text := fmt.Sprintf("Whoever enters these six words speaks officially in this community as “%s” and may %s.", k.act.Label, dutiesText(k.act))
	if k.act.Area != "" {
		text += fmt.Sprintf(" It is for: %s.", k.act.Area)
	}
	if until := register.Date(k.act.Until); until != "" {
		text += fmt.Sprintf(" It is meant until %s.", until)
	}
	return paper.Sheet{
		Community: community, Title: "Coordinator’s card: " + k.act.Label, Words: words[:], Check: k.act.Who[:6], For: text,
		Keep: []string{
			"Fold it, seal it in an envelope, sign across the flap and write the date there. Lock it away where the one who needs it can get it at night.",
			"To use it: at a Lamppost box, open its page on the box itself, choose “I have six words already” and enter the words. From then on you are that coordinator, at every place.",
			"Is it missing, or was the envelope opened without need? Whoever keeps root sheets ends it: lamppost roster revoke \"" + k.act.Label + "\". Then make a new one.",
		},
	}
}

// dutiesText is what the holder of a card may do, in whole words.
func dutiesText(act control.RoleAct) string {
	words := map[string]string{
		"notices": "write official notices", "moderate": "hide posts that harm", "maps": "put places on the map",
		"relay": "pass on the warnings of " + strings.Join(act.Senders, ", "),
	}
	var out []string
	for _, r := range act.Roles {
		out = append(out, words[r])
	}
	return strings.Join(out, ", ")
}
