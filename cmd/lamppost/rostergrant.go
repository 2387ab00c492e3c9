package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// granted is what somebody may from now on, as it is typed.
type granted struct {
	Roles   []string `required:"" blank:"" placeholder:"ROLE" help:"All that they may from now on: notices, moderate, maps, relay, admit. none takes back what they may."`
	Senders []string `placeholder:"NAME" help:"With relay: whose warnings may be passed on, as they name themselves in them, such as w-nws.webmaster@noaa.gov."`
	Area    string   `placeholder:"TEXT" help:"For people: for what or where they speak, such as \"fire district\". If not given, as before; none takes it back."`
	Until   string   `placeholder:"DATE" help:"For people: until when this is meant, such as 2027-06-30. Nothing ends by itself then; pages say that it was meant until that day."`
}

// act is what was typed as an act; it fails where that cannot be meant.
func (g *granted) act() (act control.RoleAct, err error) {
	act = control.RoleAct{Act: control.Grant, Roles: []string{}, Area: strings.TrimSpace(g.Area)}
	if act.Area == "none" {
		act.Area = ""
	}
	for _, r := range g.Roles {
		if r = strings.ToLower(strings.TrimSpace(r)); r != "" && r != "none" && !slices.Contains(act.Roles, r) {
			act.Roles = append(act.Roles, r)
		}
	}
	for _, r := range act.Roles {
		if roleWords[r] == "" {
			return act, fmt.Errorf("--roles: %q is no role; there are notices, moderate, maps, relay and admit", r)
		}
	}
	if slices.Contains(g.Roles, "none") && len(act.Roles) > 0 {
		return act, errors.New("--roles: none and other roles say different things; give one of them")
	}
	if relay := slices.Contains(act.Roles, "relay"); relay != (len(g.Senders) > 0) {
		return act, errors.New("--roles relay and --senders go together: relay is the right to pass on the warnings of those senders")
	}
	for _, s := range g.Senders {
		s = strings.TrimSpace(s)
		if s == "" || len(s) > roster.MaxText || strings.ContainsAny(s, " <&") {
			return act, fmt.Errorf("--senders: %q is no sender: 1 to %d characters, without blanks, commas, < and & (CAP 1.2 §3.2.1)", s, roster.MaxText)
		}
		act.Senders = append(act.Senders, s)
	}
	switch {
	case len(act.Senders) > roster.MaxSenders:
		return act, fmt.Errorf("--senders: %d of them; at most %d fit", len(act.Senders), roster.MaxSenders)
	case len(act.Area) > roster.MaxText:
		return act, fmt.Errorf("--area: this is too long: %d bytes; at most %d fit", len(act.Area), roster.MaxText)
	}
	if g.Until != "" {
		day, err := time.ParseInLocation(time.DateOnly, g.Until, time.Local)
		if err != nil {
			return act, fmt.Errorf("--until: %q is not a date; write it like 2027-06-30", g.Until)
		}
		act.Until = register.Day(day)
	}
	return act, nil
}

type rosterGrant struct {
	Who  string `arg:"" help:"Who: a name, with the mark behind it where several are called so (\"Maria Ortiz 3fa2b1\"), the mark alone, or a whole key; or a hub."`
	Name string `placeholder:"NAME" help:"What a person is called officially. If not given, as they call themselves."`
	granted
	byRoots
}

// Help is the longer text of --help.
func (rosterGrant) Help() string {
	return `Makes somebody a coordinator. They come in at any place like everybody else, and keep their six
words well: whoever has the words speaks officially. Let them show you the page "You" of their
phone, so that you know the mark behind their name. Then, at any hub, with the root sheets:

    lamppost roster grant "Maria Ortiz 3fa2b1" --roles notices,moderate --area "fire district"

What is given replaces what they had, so the same with other roles changes it, but for the area, which
stays unless another is given; --roles none takes all back, and the notices that they wrote are then
not shown any more. It spreads like a post.

A hub is given relay, to pass on the warnings of an office:

    lamppost roster grant "Fire Station" --roles relay --senders w-nws.webmaster@noaa.gov

A hub that may invite keeps that: "lamppost hub ungrant" takes it back.`
}

// Validate checks what was typed before the hub is asked.
func (c *rosterGrant) Validate() (err error) {
	if _, err = c.act(); err != nil {
		return err
	}
	if c.Name != "" {
		c.Name, err = label("--name", c.Name)
	}
	return err
}

// Run gives somebody roles.
func (c *rosterGrant) Run(ctx context.Context, std streams) error {
	who, err := c.find(ctx, c.Who)
	if err != nil {
		return err
	}
	if who.Guest {
		return errors.New("that is the key by which everybody without a name writes at a place; a coordinator needs six words of their own")
	}
	act, err := c.act()
	if err != nil {
		return err
	}
	if err := forBox(who, act); err != nil {
		return err
	}
	act.Who, act.Label = who.ID, c.Name
	if strings.TrimSpace(c.Area) == "" && len(act.Roles) > 0 {
		act.Area = who.Area
	}
	plan, err := c.plan(ctx, act)
	if err != nil {
		return err
	}
	if len(plan.Labels) != 1 || meansRoles(who, plan.Labels[0], act, plan.Statements) != nil {
		return errOtherMeant
	}
	who.Name = plan.Labels[0]
	fmt.Fprint(std.err, grantText(who, act)+effectsText(plan.Effects))
	if err := c.decide(ctx, std, newAsker(std), plan.RootPlan); err != nil {
		return err
	}
	switch {
	case len(act.Roles) == 0:
		fmt.Fprintf(std.out, "%q may do nothing officially any more, at each place as soon as it has heard of this.\n", who.Name)
	case who.Hub:
		fmt.Fprintf(std.out, "%q may %s from now on, at each place as soon as it has heard of this.\n", who.Name, mayText(act.Roles, ""))
	default:
		fmt.Fprintf(std.out, "%q is a coordinator now, at each place as soon as it has heard of this.\n", who.Name)
	}
	fmt.Fprint(std.out, doneText(plan.Effects))
	return nil
}

// forBox refuses what only people may: a box has nobody who answers for its word.
func forBox(who control.Somebody, act control.RoleAct) error {
	for _, r := range act.Roles {
		if who.Hub && r != "relay" && r != "admit" {
			return fmt.Errorf("%s is a place, and %s is for people: grant it to somebody who writes there. Places are given relay, and admit by \"lamppost hub grant\"", knownText(who), r)
		}
	}
	return nil
}

// grantText says what a grant means.
func grantText(who control.Somebody, act control.RoleAct) string {
	switch {
	case len(act.Roles) == 0 && who.Hub:
		return folded("", "", fmt.Sprintf("From then on %s may do nothing officially. Warnings that it has passed on are not shown any more, at no place; what it passes on from then on stands there as not confirmed. If somebody has taken its box or its key, this is not enough: lamppost roster revoke.", knownText(who)))
	case len(act.Roles) == 0:
		return folded("", "", fmt.Sprintf("From then on %s may do nothing officially. Notices that they wrote are not shown any more. If their six words were stolen, this is not enough: lamppost roster revoke.", knownText(who)))
	}
	text := fmt.Sprintf("From then on %s may do this, and nothing else officially: %s.", knownText(who), mayText(act.Roles, ""))
	if len(act.Senders) > 0 {
		text += fmt.Sprintf(" Relay is for the warnings of %s.", strings.Join(act.Senders, ", "))
	}
	text += endsText(who, act)
	switch {
	case act.Area != "" && act.Area == who.Area:
		text += fmt.Sprintf(" They speak for the same as before: %s.", act.Area)
	case act.Area != "":
		text += fmt.Sprintf(" They speak for: %s.", act.Area)
	case who.Area != "":
		text += fmt.Sprintf(" That they speak for %s is not said any more.", who.Area)
	}
	if !who.Hub && who.Home == "" && !who.Certified {
		text += " Nobody here has heard of that key yet."
	}
	return folded("", "", text+" The whole key is "+who.ID+".")
}

// endsText says what somebody may now, and may not any more by a grant that does not name it:
// each grant says all that they may.
func endsText(who control.Somebody, act control.RoleAct) (text string) {
	roles := without(who.Roles, act.Roles)
	if who.Hub {
		roles = without(roles, []string{"admit"}) // only "hub ungrant" takes it back
	}
	if len(roles) > 0 {
		text = fmt.Sprintf(" They may not do this any more: %s.", mayText(roles, ""))
	}
	if senders := without(who.Senders, act.Senders); len(senders) > 0 && len(act.Senders) > 0 {
		text += fmt.Sprintf(" The warnings of %s, which they may pass on now, are shown as not confirmed then: to keep them, name those senders as well.", strings.Join(senders, ", "))
	}
	return text
}

// without is what of all is not among some.
func without(all, some []string) (left []string) {
	for _, s := range all {
		if !slices.Contains(some, s) {
			left = append(left, s)
		}
	}
	return left
}

// meansRoles is an error if the statements are not the one certificate that was meant.
func meansRoles(who control.Somebody, label string, act control.RoleAct, statements []control.Statement) error {
	if len(statements) != 1 || !strings.HasPrefix(statements[0].Key, "c/") || act.Label != "" && label != act.Label {
		return errOtherMeant
	}
	got, err := roster.DecodeCertificate(statements[0].Body)
	if err != nil || who.Hub && label != who.Name || who.Certified && act.Label == "" && label != who.Name {
		return errOtherMeant
	}
	subject, err := control.Peer{Peer: who.ID}.Author()
	if err != nil {
		return err
	}
	want := roster.Certificate{Kind: roster.Coordinator, Subject: subject, Label: label, Senders: act.Senders, Area: act.Area, Until: act.Until}
	roles := act.Roles
	if who.Hub {
		want.Kind = roster.Hub
		if slices.Contains(who.Roles, "admit") && !slices.Contains(roles, "admit") {
			roles = append(slices.Clone(roles), "admit")
		}
	}
	for _, r := range []roster.Role{roster.Admit, roster.Notices, roster.Relay, roster.Maps, roster.Moderate} {
		if slices.Contains(roles, r.String()) {
			want.Roles |= r
		}
	}
	// What is signed is the body; so it is compared as it would be made here, but for
	// a quota, which nobody types.
	want.Quota = got.Quota
	r, err := want.Record(record.Time(statements[0].Time), record.Via{})
	if err != nil || r.Key != statements[0].Key || string(r.Body) != string(statements[0].Body) {
		return errOtherMeant
	}
	return nil
}
