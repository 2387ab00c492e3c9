package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/node"
)

type statusCommand struct {
	JSON bool `name:"json" help:"For programs: one JSON object."`
	folderFlag
}

// Help is the longer text of --help.
func (statusCommand) Help() string {
	return `Says how the hub on this machine stands: which places it is linked with and since when,
what is still under way to them or from them, what is kept, the disk, the clock, and what
needs care. Where no hub runs it says what the data folder tells, and exits with 1.

See also "lamppost doctor", which looks for the usual causes.`
}

// report is what --json prints: the hub's own words, or what its folder tells.
type report struct {
	Running bool `json:"running"`
	control.Status
}

// asleep is a report of a hub that does not run.
type asleep struct {
	Running   bool   `json:"running"`
	Community string `json:"community"`
	Place     string `json:"place,omitempty"`
	ID        string `json:"id"`

	Warnings []doctor.Finding `json:"warnings"`
}

// Run prints the status.
func (c *statusCommand) Run(ctx context.Context, std streams) error {
	s, err := control.NewClient(c.Data).Status(ctx)
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return c.asleep(std.out)
	case err != nil:
		return err
	case c.JSON:
		return printJSON(std.out, report{true, s})
	}
	_, err = io.WriteString(std.out, statusText(s))
	return err
}

// asleep says what can be said of a hub that does not run.
func (c *statusCommand) asleep(out io.Writer) error {
	f, err := node.ReadFolder(c.Data)
	if errors.Is(err, node.ErrNoCommunity) {
		return noCommunity(c.Data)
	}
	if err != nil {
		return explain(c.Data, err)
	}
	label, standing := f.Asleep()
	a := asleep{Community: f.Founding.Name, Place: label, ID: f.ID().String(), Warnings: doctor.Troubles(doctor.Asleep(standing))}
	if c.JSON {
		err = printJSON(out, a)
	} else {
		err = sayAsleep(out, a)
	}
	if standing == doctor.Retired || standing == doctor.Revoked {
		return errors.Join(err, fmt.Errorf("no hub runs on %s, and none has to", c.Data))
	}
	return errors.Join(err, fmt.Errorf("no hub runs on %s; start it with: lamppost run%s", c.Data, c.flag()))
}

func sayAsleep(out io.Writer, a asleep) error {
	if a.Place == "" {
		a.Place = "A hub without a certificate"
	}
	text := fmt.Sprintf("%s (%.8s) of %s: not running\n", a.Place, a.ID, a.Community)
	if len(a.Warnings) > 0 {
		text += findingsText(a.Warnings)
	}
	_, err := io.WriteString(out, text)
	return err
}

// noCommunity says that a data folder is new.
func noCommunity(folder string) error {
	return fmt.Errorf("the folder %s belongs to no community yet; give the folder of a hub with --data", folder)
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
