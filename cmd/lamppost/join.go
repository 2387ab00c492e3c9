package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/store"
)

type joinCommand struct {
	Code  []string `arg:"" optional:"" help:"The code, as lamppost invite has shown it. Capitals, hyphens and blanks do not matter."`
	Place string   `placeholder:"LABEL" help:"What people call the place where this hub stands, such as \"School\"."`
	At    *string  `placeholder:"ADDR" help:"Where the hub is that made the code, such as 192.168.1.7, if it is not where the code says."`
	Wait  life     `default:"1m" placeholder:"TIME" help:"How long to fetch what has been posted so far. Normally ${default}; the rest comes when the hub runs."`
	folderFlag
	code join.Code
}

// Help is the longer text of --help.
func (joinCommand) Help() string {
	return `Makes this machine a hub of a community that exists. Somebody at a hub of it makes a code with
"lamppost invite" and tells it to you; that hub has to run, and both have to be on one
network, or on networks between which a router passes.

    lamppost join 30AG-087B-9P62-VBGE-1QQQ --place "School"
    lamppost run

If it is interrupted, do the same again.`
}

// Validate checks what was typed before anybody is asked.
func (c *joinCommand) Validate() (err error) {
	typed := strings.Join(c.Code, " ")
	if strings.TrimSpace(typed) == "" {
		return errors.New("no code was given; write it behind the command, as in: lamppost join 30AG-087B-9P62-VBGE-1QQQ. \"lamppost invite\" makes one, at a hub of the community")
	}
	if c.code, err = join.Parse(typed); err != nil {
		return err
	}
	if c.Wait < 0 {
		return errors.New("--wait: nobody can wait for less than nothing; give a time such as 30s, 5m or 1h, or 0 to fetch nothing now")
	}
	if c.Place != "" {
		if c.Place, err = label("--place", c.Place); err != nil {
			return err
		}
	}
	if c.At != nil {
		*c.At, err = inviterAddress(*c.At)
	}
	return err
}

// Run joins, and fetches what there is.
func (c *joinCommand) Run(ctx context.Context, std streams) error {
	peer.LogTo(slog.New(slog.DiscardHandler))
	asked := node.JoinConfig{Folder: c.Data, Code: c.code, Label: c.Place}
	if c.At != nil {
		asked.At = *c.At
	}
	j, err := node.Join(ctx, asked)
	switch {
	case err != nil && ctx.Err() != nil: // what then went wrong is nobody's fault
		return errors.New("told to stop; do the same again to finish: the code is still good for this folder")
	case err != nil:
		return explain(c.Data, err)
	case !j.Before:
		fmt.Fprint(std.out, joinedText(j))
	}
	if j.Before && c.Wait > 0 {
		fmt.Fprintf(std.err, "%s has joined before. Asking at %s for what has been posted so far, for %s at most.\n", c.Data, j.Addr, time.Duration(c.Wait))
	}
	got, err := "", error(nil)
	if j.Before || c.Wait > 0 {
		got, err = c.fetch(ctx, std, j.Addr)
	}
	if errors.Is(err, store.ErrInUse) || errors.Is(err, local.ErrInUse) {
		return c.running(ctx, std, j)
	}
	if errors.Is(err, node.ErrRevoked) || errors.Is(err, node.ErrRetired) {
		return c.putOut(j, err)
	}
	if j.Before {
		fmt.Fprintf(std.out, "%s belongs to %q already, as %q.\n", c.Data, j.Community, j.Label)
	}
	if err != nil {
		fmt.Fprintf(std.err, "What has been posted so far could not be fetched now (%v).\nIt comes when the hub runs.\n", explain(c.Data, err))
	}
	fmt.Fprintf(std.out, "%sStart the hub with: lamppost run%s\n", got, c.flag())
	return nil
}

func joinedText(j node.Joined) string {
	if j.Inviter == "" {
		return fmt.Sprintf("Joined %q as %q.\n", j.Community, j.Label)
	}
	return fmt.Sprintf("Joined %q as %q, by %s.\n", j.Community, j.Label, j.Inviter)
}

// running says of a folder on which a hub runs how that one stands.
func (c *joinCommand) running(ctx context.Context, std streams, j node.Joined) error {
	s, err := control.NewClient(c.Data).Status(ctx)
	if err != nil {
		return explain(c.Data, store.ErrInUse)
	}
	for _, f := range s.Warnings {
		switch {
		case f.Code == "certificate" && f.Level == doctor.Bad:
			return c.putOut(j, node.ErrRevoked)
		case f.Code == "certificate":
			return c.putOut(j, node.ErrRetired)
		}
	}
	fmt.Fprintf(std.out, "%s belongs to %q already, as %q, and its hub runs: there is nothing to do.\n", c.Data, j.Community, j.Label)
	return nil
}

// putOut says what became of a hub that was a member, and what to do.
func (c *joinCommand) putOut(j node.Joined, why error) error {
	code := "A code other than the one it joined by is still good."
	if !j.Before {
		code = "Ask for a new code."
	}
	return fmt.Errorf("%s was %q in %q, and was put out of that community: %w. It cannot come back under its old key. %s "+
		"Join with a new, empty folder: lamppost join CODE --place %q --data NEW", c.Data, j.Label, j.Community, why, code, j.Label)
}

// fetch takes over what has been posted in the community so far, and says in words
// how far it came. Where it is not to wait, it only looks whether the hub is a member.
func (c *joinCommand) fetch(ctx context.Context, std streams, from string) (got string, err error) {
	folder, err := node.ReadFolder(c.Data)
	if err != nil {
		return "", err
	}
	end := time.Now().Add(time.Duration(c.Wait))
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	var last uint64
	said := false // that there is nobody to fetch from
	show := func(p node.Fetched) {
		switch {
		case p.Alone == 0:
			said = false
		case p.Alone > unlinked && !said:
			said = true
			if isTerminal(std.err) {
				fmt.Fprint(std.err, blank())
			}
			fmt.Fprint(std.err, aloneText(from, time.Until(end).Round(time.Second)))
		}
		if p.Records != last && isTerminal(std.err) {
			fmt.Fprintf(std.err, "\rFetching what has been posted so far: %d ", p.Records)
		}
		last = p.Records
	}
	done, err := node.Fetch(ctx, node.Config{
		Folder: folder, Apps: apps.All(apps.Given{}), Peers: []string{from}, Version: version, Built: built(),
	}, show)
	if isTerminal(std.err) {
		fmt.Fprint(std.err, blank())
	}
	if err != nil || c.Wait <= 0 {
		return "", err
	}
	return told(done, last), nil
}

// unlinked is how long nobody is to fetch from until that is said.
const unlinked = 3 * time.Second

// blank clears the line on which a terminal shows how far it is.
func blank() string { return "\r" + strings.Repeat(" ", 60) + "\r" }

// aloneText says what is waited for where the hub to fetch from is not there.
func aloneText(from string, left time.Duration) string {
	return fmt.Sprintf("The hub at %s does not answer now. It is tried again for %s at most, and no other is asked meanwhile.\n"+
		"Ctrl-C ends the waiting: once started, this hub looks for all others too, and the rest comes by itself.\n", from, left)
}

func told(done bool, records uint64) string {
	if done {
		return fmt.Sprintf("All that has been posted so far is here (%d records).\n", records)
	}
	return fmt.Sprintf("%d records of what has been posted so far are here; the rest comes when the hub runs.\n", records)
}
