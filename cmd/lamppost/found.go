package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// most is how many root sheets can be printed: more than anybody can keep track of.
const most = 9

type foundCommand struct {
	Name      string `arg:"" help:"What the community is called, such as \"Millbrook\"."`
	Place     string `placeholder:"LABEL" default:"First place" help:"What people call the place where this hub stands, such as \"Fire Station\"."`
	Roots     int    `default:"3" placeholder:"N" help:"How many root sheets there are, 1 to 9. Normally ${default}."`
	Threshold *int   `placeholder:"K" help:"How many of them it takes to decide something. Normally more than half: 2 of 3."`
	Sheets    string `type:"path" placeholder:"FILE" help:"Write the sheets into a file to print with a browser, a page each. If not given they are shown here."`
	KeepRoots bool   `help:"Keep the sheets in the data folder as well, in roots.txt. Whoever gets hold of the folder then has the community."`
	Yes       bool   `help:"Do not ask whether the sheets are on paper."`
	folderFlag
}

// Help is the longer text of --help.
func (foundCommand) Help() string {
	return `Founds a community, with the hub on this machine as its first. Decide two things before:
who is to keep the root sheets, and where you print them.

Each root sheet is a key in the form of ten words. It takes some of them together (normally
2 of 3) to decide what no single hub may: to put an end to the first hub if it is stolen, to
rename it, to say who speaks officially. They are shown once. Nothing keeps them but the
paper, unless you ask for --keep-roots.

    lamppost found Millbrook --place "Fire Station" --sheets sheets.html

Open sheets.html in a browser, print it, give each page to another person, and delete the
file. Then start the hub with "lamppost run".`
}

// Validate checks what was typed before anything is touched.
func (c *foundCommand) Validate() error {
	if c.Threshold == nil {
		c.Threshold = new(max(c.Roots, 0)/2 + 1)
	}
	switch {
	case c.Name == "":
		return errors.New("say what the community is called, as in: lamppost found Millbrook")
	case c.Roots < 1 || c.Roots > most:
		return fmt.Errorf("--roots: %d root sheets; choose 1 to %d", c.Roots, most)
	case *c.Threshold < 1 || *c.Threshold > c.Roots:
		return fmt.Errorf("--threshold: %d of %d root sheets; choose 1 to %d", *c.Threshold, c.Roots, c.Roots)
	case c.Sheets != "" && within(c.Data, c.Sheets) && !c.KeepRoots:
		return errors.New("--sheets: that file would lie in the data folder, where the sheets do not belong; write it elsewhere, or say --keep-roots")
	}
	var err error
	if c.Name, err = label("NAME", c.Name); err != nil {
		return err
	}
	if c.Place, err = node.Label(roster.New(roster.Founding{}), c.Place, record.Author{}); err != nil {
		return fmt.Errorf("--place: %w", err)
	}
	return nil
}

// within reports whether a file lies in a folder.
func within(folder, file string) bool {
	rel, err := filepath.Rel(folder, file)
	return err == nil && filepath.IsLocal(rel)
}

// Run founds the community. The sheets come first: those of a community that is not
// founded in the end are waste paper, and one whose sheets nobody has is worse.
func (c *foundCommand) Run(ctx context.Context, std streams) error {
	if err := c.ready(); err != nil {
		return err
	}
	sheets, keys := rootsheet.Draw(c.Name, c.Roots, *c.Threshold)
	leaves := handout{
		file: c.Sheets, flag: "--sheets", one: "root sheet", undone: "nothing was founded", void: "no community was founded: the sheets",
		title: "Root sheets", leaves: rootsheet.Papers(sheets),
	}
	plain, err := leaves.text(false)
	if err != nil {
		return err
	}
	plan := node.Plan{
		Name: c.Name, Roots: keys, Threshold: *c.Threshold,
		Places: []node.Place{{Folder: c.Data, Label: c.Place}},
	}
	if c.KeepRoots {
		plan.Sheets = []byte(plain)
	}
	err = leaves.then(ctx, std, newAsker(std), c.Yes, func() error {
		plan.Now = time.Now()
		if t := built(); plan.Now.Before(t) {
			plan.Now = t // a clock that has not been set
		}
		if err := plan.Found(); err != nil {
			return explain(c.Data, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.founded(std)
	return nil
}

// ready checks that the folder can become a community's, before anybody prints.
func (c *foundCommand) ready() error {
	f, err := node.ReadFolder(c.Data)
	switch {
	case err == nil:
		return fmt.Errorf("%s belongs to %q already; to found another community, choose another folder with --data", c.Data, f.Founding.Name)
	case !errors.Is(err, node.ErrNoCommunity):
		return explain(c.Data, err)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return explain(c.Data, fmt.Errorf("make the data folder: %w", err))
	}
	if err := node.Writable(c.Data); err != nil {
		return explain(c.Data, err)
	}
	if _, found := os.Lstat(filepath.Join(c.Data, "records.db")); !errors.Is(found, fs.ErrNotExist) {
		return fmt.Errorf("%s holds the records of a community, but not its community.cbor: copy that file from any of its hubs, or choose another folder with --data", c.Data)
	}
	return nil
}

// founded says what has been done and what comes next.
func (c *foundCommand) founded(std streams) {
	fmt.Fprintf(std.out, "Founded %q with %q as its first place, in %s.\n", c.Name, c.Place, c.Data)
	switch {
	case c.Sheets != "":
		fmt.Fprintf(std.out, "When the sheets are printed, delete the file: shred -u %s\n", c.Sheets)
	case isTerminal(std.out):
		fmt.Fprintln(std.out, "When the sheets are on paper, close this terminal window: it still shows them.")
	}
	if c.KeepRoots {
		fmt.Fprintf(std.out, "They are also in %s: whoever gets hold of this folder or of a copy has the community. Move that file to a safe place.\n", filepath.Join(c.Data, node.SheetsFile))
	}
	fmt.Fprintf(std.out, "Start the hub with: lamppost run%s\n", c.flag())
	fmt.Fprintf(std.out, "Then make a code for each other hub with: lamppost invite%s\n", c.flag())
}
