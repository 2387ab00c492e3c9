package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/register"
)

// rosterCommand is who may do what.
type rosterCommand struct {
	List    rosterList    `cmd:"" default:"withargs" help:"Show who may do what, since when, and by whose signature. This is what roster does by itself."`
	Grant   rosterGrant   `cmd:"" help:"Make somebody a coordinator, or say what a coordinator or a hub may do from now on."`
	Revoke  rosterRevoke  `cmd:"" help:"Put an end to what somebody may do, for good: their six words were stolen, or they have left."`
	Cards   rosterCards   `cmd:"" help:"Make sealed cards for the safe, whose holders are coordinators at once."`
	Adopt   rosterAdopt   `cmd:"" help:"Take over the people of a hub that is gone."`
	Succeed rosterSucceed `cmd:"" help:"Make new root sheets, by the word of those there are."`
}

// Help is the longer text of --help.
func (rosterCommand) Help() string {
	return `A coordinator is a person whom the community lets speak officially. They come in like everybody
else, with six words; the root sheets then say what they may do:

    notices     write official notices
    moderate    hide posts that harm, and together with another moderator remove them
    maps        put places on the map
    relay       pass on the warnings of those who are named with --senders
    admit       for hubs alone: let other hubs in

Hubs are let in and put out with "lamppost hub".`
}

type rosterList struct {
	JSON bool `name:"json" help:"For programs: one JSON object."`
	consoleFlag
}

// Run shows who may do what.
func (c *rosterList) Run(ctx context.Context, std streams) error {
	var all register.Register
	if err := c.call(ctx, "roster", control.Nothing{}, &all); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(std.out, all)
	}
	_, err := io.WriteString(std.out, registerText(all))
	return err
}

// Widths of what is told of somebody who may do something.
const (
	mayWide  = 24
	areaWide = 14
)

// registerText is who may do what, for people.
func registerText(all register.Register) string {
	var b strings.Builder
	b.WriteString(folded("", "  ", rootsText(all)) + "\n")
	day := func(t time.Time) string { return t.Local().Format(time.DateOnly) }
	t := table{most: []int{labelWide, mayWide, areaWide, sinceWide}}
	t.add("COORDINATOR", "MAY", "AREA", "SINCE", "BY")
	for _, e := range all.Coordinators {
		t.add(named(e.Label, e.ID), mayText(e.Roles, "nothing any more"), e.Area, day(e.Since), byText(e.By, e.Issuer)+untilText(e))
	}
	if len(all.Coordinators) == 0 {
		t.add("nobody yet", "", "", "", "")
	}
	b.WriteString(t.String() + "\n")
	t = table{most: []int{labelWide, mayWide, areaWide, sinceWide}}
	t.add("HUB", "MAY", "AREA", "SINCE", "BY")
	for _, e := range all.Hubs {
		t.add(named(e.Label, e.ID), mayText(e.Roles, ""), e.Area, day(e.Since), byText(e.By, e.Issuer)+untilText(e))
	}
	b.WriteString(t.String())
	if senders := sendersText(all); senders != "" {
		b.WriteString("\n" + senders)
	}
	if len(all.Ended) > 0 {
		b.WriteString("\n")
		t = table{most: []int{labelWide, 12, 12, sinceWide, 28}}
		t.add("NO MORE", "WAS", "HOW", "SINCE", "BY", "WHY")
		for _, e := range all.Ended {
			how, by := "revoked", byText(e.By, e.Issuer)
			if e.Retired {
				how = "retired"
			}
			if e.Own {
				by = "themselves"
			}
			label := e.Label
			if label == "" {
				label = "no name"
			}
			t.add(named(label, e.ID), string(e.Kind), how, day(e.At), by, e.Why)
		}
		b.WriteString(t.String())
	}
	return b.String()
}

// rootsText says who decides.
func rootsText(all register.Register) string {
	text := fmt.Sprintf("%s: the root sheet with the check %s decides who may do what.", all.Community, strings.Join(all.Roots, ""))
	if len(all.Roots) > 1 {
		text = fmt.Sprintf("%s: any %d of %d root sheets decide who may do what. The checks on them: %s.", all.Community, all.Threshold, len(all.Roots), strings.Join(all.Roots, ", "))
	}
	if all.Lists > 1 {
		text += fmt.Sprintf(" They are the %s since the founding; what those before them signed still counts.", ordinal(all.Lists))
	}
	if all.Rivals > 0 {
		text += fmt.Sprintf(" %d different lists were signed to follow them, so none does: these sheets go on deciding.", all.Rivals)
	}
	return text
}

func ordinal(n int) string {
	switch n {
	case 2:
		return "second list"
	case 3:
		return "third list"
	}
	return fmt.Sprintf("%dth list", n)
}

// roleWords are the roles as people read them.
var roleWords = map[string]string{
	"admit": "invite", "notices": "notices", "relay": "relay", "maps": "maps", "moderate": "moderate",
}

func mayText(roles []string, none string) string {
	var out []string
	for _, r := range roles {
		out = append(out, roleWords[r])
	}
	if len(out) == 0 {
		return none
	}
	return strings.Join(out, ", ")
}

// byText is by whose signature something is so.
func byText(sheets []string, issuer string) string {
	switch {
	case issuer != "":
		return issuer
	case len(sheets) == 1:
		return "sheet " + sheets[0]
	case len(sheets) > 1:
		return "sheets " + strings.Join(sheets, ", ")
	}
	return ""
}

func untilText(e register.Entry) string {
	switch {
	case e.Over:
		return "; was meant until " + e.Until
	case e.Until != "":
		return "; until " + e.Until
	}
	return ""
}

// sendersText says whose warnings are passed on, and by whom.
func sendersText(all register.Register) string {
	var b strings.Builder
	for _, list := range [][]register.Entry{all.Coordinators, all.Hubs} {
		for _, e := range list {
			if len(e.Senders) > 0 {
				b.WriteString(folded("", "  ", fmt.Sprintf("%s may pass on: %s", named(e.Label, e.ID), strings.Join(e.Senders, ", "))))
			}
		}
	}
	return b.String()
}

// byRoots is of commands that the roots decide something with.
type byRoots struct {
	Sheets string `type:"path" placeholder:"FILE" help:"Read the root sheets from a file: the page that found has written, or a line of ten words each. If not given, they are typed."`
	consoleFlag
}

// find is whom a person means.
func (c *byRoots) find(ctx context.Context, who string) (control.Somebody, error) {
	var found control.People
	if err := c.call(ctx, "who", control.Who{Who: who}, &found); err != nil {
		return control.Somebody{}, err
	}
	// Somebody may have come in again after their first words were ended.
	for _, over := range []func(control.Somebody) bool{
		func(p control.Somebody) bool { return p.Revoked },
		func(p control.Somebody) bool { return p.Retired },
	} {
		if left := slices.DeleteFunc(slices.Clone(found.People), over); len(left) > 0 {
			found.People = left
		}
	}
	switch {
	case len(found.People) == 1 && found.More == 0:
		return found.People[0], nil
	case len(found.People) == 0:
		var all register.Register
		if err := c.call(ctx, "roster", control.Nothing{}, &all); err != nil {
			return control.Somebody{}, err
		}
		if text := endedText(all.Ended, who); text != "" {
			return control.Somebody{}, errors.New(text)
		}
		return control.Somebody{}, fmt.Errorf("nobody here is called %q. They have to have come in somewhere, and the news of them to have come here; the page “You” shows them the mark behind their name, by which they can be named as well", who)
	}
	var which []string
	for _, p := range found.People {
		which = append(which, knownText(p))
	}
	more := ""
	if found.More > 0 {
		more = fmt.Sprintf(" and %d more", found.More)
	}
	return control.Somebody{}, fmt.Errorf("%q can be %s%s; say the mark behind the name as well, as in: \"%s %.6s\"", who, strings.Join(which, ", or "), more, found.People[0].Name, found.People[0].ID)
}

// endedText says of somebody who is named that they may no more; empty if that is nobody.
func endedText(ended []register.End, who string) string {
	who = strings.Join(strings.Fields(who), " ")
	for _, e := range ended { // the latest first
		named := strings.TrimSpace(e.Label + " " + e.Tag)
		if !slices.ContainsFunc([]string{e.Label, named, e.Tag, e.ID}, func(name string) bool { return name != "" && strings.EqualFold(name, who) }) {
			continue
		}
		why := ""
		if e.Why != "" {
			why = fmt.Sprintf(" (%s)", e.Why)
		}
		day := e.At.Local().Format(time.DateOnly)
		switch {
		case e.Kind == register.Hub:
			return fmt.Sprintf("%s was a hub, and was put out of the community on %s%s", named, day, why)
		case e.Retired:
			return fmt.Sprintf("%s no longer speaks for the community since %s%s, and that is for good; with new six words they can be a coordinator again", named, day, why)
		}
		return fmt.Sprintf("the six words of %s were ended on %s%s, and that is for good: they need new six words, and those can be given what the old ones had", named, day, why)
	}
	return ""
}

// knownText names somebody.
func knownText(p control.Somebody) string {
	name := p.Name
	if name == "" {
		name = "somebody without a name"
	}
	text := fmt.Sprintf("%s %.6s", name, p.ID)
	switch {
	case p.Hub:
		text += " (a hub)"
	case p.Home != "":
		text += fmt.Sprintf(" (at %s)", p.Home)
	}
	return text
}

// plan asks the hub what acts take.
func (c *byRoots) plan(ctx context.Context, acts ...control.RoleAct) (plan control.RolePlan, err error) {
	err = c.call(ctx, "appoint", control.RoleActs{Acts: acts}, &plan)
	return plan, err
}

// decide has acts signed with the root sheets.
func (c *byRoots) decide(ctx context.Context, std streams, ask *asker, plan control.RootPlan) error {
	f, err := node.ReadFolder(c.Data)
	if err != nil {
		return explain(c.Data, err)
	}
	r := rootAct{file: c.Sheets, console: control.NewClient(c.Data), founding: f.Founding, self: f.ID()}
	return r.run(ctx, std, ask, plan)
}

// errOtherMeant means that what is to be signed is not what was typed.
var errOtherMeant = errors.New("the hub asks the roots to sign something else than what was meant; nothing was signed")
