package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/iface"
)

// doctorCommand takes what run takes, to know the ports.
type doctorCommand struct {
	JSON bool `name:"json" help:"For programs: one JSON object."`
	runCommand
}

// Help is the longer text of --help.
func (doctorCommand) Help() string {
	return `Looks for the usual causes of trouble and says how to mend each: a folder that others can
read, damaged files, a full disk, a clock that cannot be right, ports that are taken or
blocked, two hubs with one identity, places that cannot be reached. It changes nothing.

Run it as the user whose hub it is, with the hub running or not; it exits with 1 if something
is bad. Where the hub is started with other ports, give the same flags.`
}

// examined is what --json prints.
type examined struct {
	Running  bool             `json:"running"`
	Findings []doctor.Finding `json:"findings"`
}

// Run makes the checks.
func (c *doctorCommand) Run(ctx context.Context, std streams) error {
	var hub control.Findings
	err := control.NewClient(c.Data).Call(ctx, "doctor", control.Nothing{}, &hub)
	running := err == nil
	if err != nil && !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	folder := c.look(ctx, running, time.Now())
	all := append(doctor.ExamineFolder(folder), hub.Findings...)
	if c.JSON {
		err = printJSON(std.out, examined{running, all})
	} else {
		_, err = fmt.Fprint(std.out, examinedText(all))
	}
	if err != nil {
		return err
	}
	if n := howMany(all, doctor.Bad); n > 0 {
		return fmt.Errorf("%s", plural(n, "thing is bad", "things are bad"))
	}
	return nil
}

func howMany(all []doctor.Finding, level doctor.Level) (n int) {
	for _, f := range all {
		if f.Level == level {
			n++
		}
	}
	return n
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// examinedText is all findings for people.
func examinedText(all []doctor.Finding) string {
	marks := map[doctor.Level]string{doctor.OK: "ok    ", doctor.Warn: "warn  ", doctor.Bad: "BAD   "}
	blank := strings.Repeat(" ", columns(marks[doctor.OK]))
	var b strings.Builder
	for _, f := range all {
		b.WriteString(folded(marks[f.Level], blank, f.Text))
		if f.Todo != "" {
			b.WriteString(folded(blank+"> ", blank+"  ", f.Todo))
		}
	}
	return b.String()
}

// look is what the folder and the machine show.
func (c *doctorCommand) look(ctx context.Context, running bool, now time.Time) doctor.Folder {
	f := doctor.Folder{Path: c.Data, Running: running, Wall: now, Earliest: built()}
	folder, err := node.ReadFolder(c.Data)
	switch {
	case errors.Is(err, node.ErrNoCommunity):
		f.Problem = "It belongs to no community yet. Give the folder of a hub with --data; to begin one, see “lamppost found --help”."
		return f
	case err != nil:
		f.Problem = explain(c.Data, err).Error()
		return f
	}
	if t := folder.Founding.Time.Wall(); t.After(f.Earliest) {
		f.Earliest = t
	}
	f.Network = folder.Network != nil
	f.Open, f.ReadOnly = node.Exposed(c.Data)
	f.Disk.Free, f.Disk.Total, _ = node.Room(c.Data) // zeros say that it is not known
	if running {
		return f
	}
	for _, err := range node.Inspect(c.Data) {
		f.Damaged = append(f.Damaged, err.Error())
	}
	_, f.Standing = folder.Asleep()
	f.Taken = c.taken(ctx)
	f.Phones, f.Missing = c.Phones, iface.Missing(c.Phones)
	return f
}
