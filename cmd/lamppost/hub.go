package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// hubCommand is what is decided about hubs.
type hubCommand struct {
	List   hubList   `cmd:"" help:"Show the community's hubs, and who let them in."`
	Rename hubRename `cmd:"" help:"Give a hub another name."`
	Retire hubRetire `cmd:"" help:"Say that a hub is no longer in use."`
	Revoke hubRevoke `cmd:"" help:"Put an end to a hub that was stolen or lost, for good."`
	Grant  hubGrant  `cmd:"" help:"Let a hub invite others, as the first one does."`

	Ungrant hubUngrant `cmd:"" help:"Take back that a hub may invite others."`
}

type hubList struct {
	JSON bool `name:"json" help:"For programs: one JSON object."`
	consoleFlag
}

// Run shows the hubs.
func (c *hubList) Run(ctx context.Context, std streams) error {
	var all control.Hubs
	if err := c.call(ctx, "hubs", control.Nothing{}, &all); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(std.out, all)
	}
	_, err := io.WriteString(std.out, hubsText(all.Hubs))
	return err
}

// hubsText is the community's hubs for people.
func hubsText(all []control.CertifiedHub) string {
	t := table{most: []int{labelWide, 8, 16, 20}}
	t.add("HUB", "PEOPLE", "MAY", "LET IN BY", "")
	for _, h := range all {
		by := h.Issuer
		if by == "" {
			by = "the roots"
		}
		note := ""
		switch {
		case h.Revoked != nil:
			by, note = "", revokedText(h)
		case h.Self && h.Retired:
			note = "this one, not in use"
		case h.Self:
			note = "this one"
		case h.Retired:
			note = "not in use"
		case h.Linked:
			note = "linked"
		}
		t.add(named(h.Label, h.ID), thousands(uint64(h.Vouches)), may(h), by, note)
	}
	return t.String()
}

// revokedText is when a hub was revoked, and by whom.
func revokedText(h control.CertifiedHub) string {
	text := "revoked " + h.Revoked.At.Local().Format(time.DateOnly)
	if h.Revoked.By != "" {
		text += " by " + h.Revoked.By
	}
	if h.Self {
		return "this one, " + text
	}
	return text
}

// deciding is of commands that decide something about a hub.
type deciding struct {
	Roots  bool   `help:"Decide it with the root sheets, also where this hub's own word is enough."`
	Sheets string `type:"path" placeholder:"FILE" help:"Where root sheets are needed: read them from a file: the page that found has written, or a line of ten words each. If not given, they are typed."`
	consoleFlag
}

type hubRename struct {
	Label string `arg:"" help:"The new name, such as \"Fire Station\"."`
	Hub   string `arg:"" optional:"" help:"Which hub: its name, or the beginning of its key as hub list shows it. If not given, this one."`
	deciding
}

// Help is the longer text of --help.
func (hubRename) Help() string {
	return `A hub that another one let in is renamed at that one. The community's first hub is renamed
with the root sheets, at any hub. The new name spreads like a post.`
}

// Run renames a hub.
func (c *hubRename) Run(ctx context.Context, std streams) error {
	which, err := c.pick(ctx, c.Hub)
	if err != nil && c.Hub != "" {
		if other, meant := c.pick(ctx, c.Label); meant == nil {
			return fmt.Errorf("%w; the new name comes first: lamppost hub rename %q %q", err, c.Hub, other.Label)
		}
	}
	if err != nil {
		return err
	}
	act := control.HubAct{Act: control.Rename, Hub: which.ID, Label: c.Label, Roots: c.Roots}
	plan, err := c.plan(ctx, act)
	if err != nil {
		return err
	}
	if err := c.decide(ctx, std, newAsker(std), which, act, plan); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%q is called %q now.\n", which.Label, plan.Label)
	return nil
}

type hubRetire struct {
	Hub string `arg:"" help:"Which hub: its name, or the beginning of its key as hub list shows it."`
	Yes bool   `help:"Do not ask."`
	deciding
}

// Help is the longer text of --help.
func (hubRetire) Help() string {
	return `Nobody misses a hub that is no longer in use, and another may have its name. Nothing is cut
off: what was posted there stays, and if it runs, it still passes posts on, but lets no other
hub in. It cannot be taken back; a machine that is used again joins anew. For a hub that was stolen: lamppost hub revoke.`
}

// Run marks a hub as no longer in use.
func (c *hubRetire) Run(ctx context.Context, std streams) error {
	which, err := c.pick(ctx, c.Hub)
	if err != nil {
		return err
	}
	act := control.HubAct{Act: control.Retire, Hub: which.ID, Roots: c.Roots}
	plan, err := c.plan(ctx, act)
	if err != nil {
		return err
	}
	fmt.Fprint(std.err, retireText(which))
	ask := newAsker(std)
	if !c.Yes {
		if err := ask.name(ctx, which.Label); err != nil {
			return err
		}
	}
	if err := c.decide(ctx, std, ask, which, act, plan); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%q is no longer in use; its name is free.\n", which.Label)
	return nil
}

// retireText says what it means that a hub is no longer in use.
func retireText(which control.CertifiedHub) string {
	text := fmt.Sprintf("From then on %s is no longer in use: nobody misses it, and another may have its name. It cannot be taken back.", named(which.Label, which.ID))
	if which.Self {
		text += " It is the hub on this machine."
	}
	if admits(which) {
		text += " It may let hubs in, and then lets in none. If no other hub may, none can join until the root sheets let another: lamppost hub grant."
	}
	return folded("", "", text)
}

// pick is the hub that a person means: by its name, or by the beginning of its key.
// Nothing means this one.
func (c *deciding) pick(ctx context.Context, name string) (control.CertifiedHub, error) {
	var all control.Hubs
	if err := c.call(ctx, "hubs", control.Nothing{}, &all); err != nil {
		return control.CertifiedHub{}, err
	}
	return meant(all.Hubs, name)
}

// leastKey is how many digits of a key name a hub.
const leastKey = 4

// meant is the hub that somebody names: one in use before one that is not any more.
func meant(all []control.CertifiedHub, name string) (control.CertifiedHub, error) {
	var found []control.CertifiedHub
	for _, fits := range []func(control.CertifiedHub) bool{
		func(h control.CertifiedHub) bool { return name == "" && h.Self },
		func(h control.CertifiedHub) bool { return h.Label == name && h.Revoked == nil && !h.Retired },
		func(h control.CertifiedHub) bool { return h.Label == name && h.Revoked == nil },
		func(h control.CertifiedHub) bool { return called(h, name) && h.Revoked == nil && !h.Retired },
		func(h control.CertifiedHub) bool { return called(h, name) && h.Revoked == nil },
		func(h control.CertifiedHub) bool {
			return len(name) >= leastKey && strings.HasPrefix(h.ID, strings.ToLower(name))
		},
		func(h control.CertifiedHub) bool { return called(h, name) },
	} {
		for _, h := range all {
			if fits(h) {
				found = append(found, h)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0 && name == "":
		return control.CertifiedHub{}, errors.New("this hub has no certificate any more; say which hub is meant")
	case len(found) == 0:
		return control.CertifiedHub{}, fmt.Errorf("there is no hub %q in this community; “lamppost hub list” shows them", name)
	}
	var which []string
	for _, h := range found {
		which = append(which, named(h.Label, h.ID))
	}
	return control.CertifiedHub{}, fmt.Errorf("%q is more than one hub (%s); say more of its key", name, strings.Join(which, ", "))
}

func called(h control.CertifiedHub, name string) bool {
	return h.Label != "" && strings.EqualFold(h.Label, strings.TrimSpace(name))
}

// plan asks the hub what an act takes.
func (c *deciding) plan(ctx context.Context, act control.HubAct) (plan control.HubPlan, err error) {
	err = c.call(ctx, "hub", act, &plan)
	return plan, err
}

// decide has an act signed: by the hub where its own word is enough, else with the
// root sheets.
func (c *deciding) decide(ctx context.Context, std streams, ask *asker, which control.CertifiedHub, act control.HubAct, plan control.HubPlan) error {
	if len(plan.Roots) == 0 {
		act.Sign = true
		return c.call(ctx, "hub", act, nil)
	}
	if which.Issuer != "" && !c.Roots && (act.Act == control.Rename || act.Act == control.Retire) {
		verb := fmt.Sprintf("retire %q", which.Label)
		if act.Act == control.Rename {
			verb = fmt.Sprintf("rename %q %q", act.Label, which.Label)
		}
		fmt.Fprintf(std.err, "At %q, which let it in, this needs no root sheets: lamppost hub %s\n", which.Issuer, verb)
	}
	f, err := node.ReadFolder(c.Data)
	if err != nil {
		return explain(c.Data, err)
	}
	if err := means(which, act, plan); err != nil {
		return err
	}
	r := rootAct{file: c.Sheets, console: control.NewClient(c.Data), founding: f.Founding, self: f.ID()}
	return r.run(ctx, std, ask, plan.RootPlan)
}
