package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
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
	plain, err := texts(sheets, false)
	if err != nil {
		return err
	}
	if err := c.hand(std, sheets); err != nil {
		return err
	}
	if err := c.confirm(ctx, std, sheets); err != nil {
		return errors.Join(err, c.void())
	}
	now := time.Now()
	if t := built(); now.Before(t) {
		now = t // a clock that has not been set
	}
	plan := node.Plan{
		Name: c.Name, Now: now, Roots: keys, Threshold: *c.Threshold,
		Places: []node.Place{{Folder: c.Data, Label: c.Place}},
	}
	if c.KeepRoots {
		plan.Sheets = []byte(plain)
	}
	if err := plan.Found(); err != nil {
		return errors.Join(explain(c.Data, err), c.void())
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
	probe, err := os.CreateTemp(c.Data, ".founding-*")
	if err != nil {
		return explain(c.Data, err)
	}
	err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	if _, found := os.Lstat(filepath.Join(c.Data, "records.db")); !errors.Is(found, fs.ErrNotExist) {
		err = errors.Join(err, fmt.Errorf("%s holds the records of a community, but not its community.cbor: copy that file from any of its hubs, or choose another folder with --data", c.Data))
	}
	return err
}

// texts is all sheets, one after the other.
func texts(sheets []rootsheet.Sheet, terminal bool) (string, error) {
	var b strings.Builder
	for _, s := range sheets {
		text, err := s.Text(terminal)
		if err != nil {
			return "", err
		}
		b.WriteString(text + "\n")
	}
	return b.String(), nil
}

// hand gives out the sheets: into a file to print, or on standard output.
func (c *foundCommand) hand(std streams, sheets []rootsheet.Sheet) error {
	if c.Sheets == "" {
		text, err := texts(sheets, isTerminal(std.out))
		if err == nil {
			_, err = fmt.Fprint(std.out, text)
		}
		if err != nil {
			return fmt.Errorf("the root sheets could not be shown, so nothing was founded: %w", err)
		}
		return nil
	}
	page, err := rootsheet.HTML(sheets)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.Sheets, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and may be the sheets of another community; choose another file with --sheets", c.Sheets)
	}
	if err != nil {
		return fmt.Errorf("the root sheets could not be written, so nothing was founded: %w", err)
	}
	_, err = bytes.NewReader(page).WriteTo(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("the root sheets could not be written, so nothing was founded: %w", err), os.Remove(c.Sheets))
	}
	if len(sheets) == 1 {
		fmt.Fprintf(std.out, "The root sheet is in %s: open it in a browser and print it.\n", c.Sheets)
		return nil
	}
	fmt.Fprintf(std.out, "The %d root sheets are in %s: open it in a browser and print it, a page each.\n", len(sheets), c.Sheets)
	return nil
}

// void says what has become of sheets whose community was not founded.
func (c *foundCommand) void() error {
	if c.Sheets == "" {
		return errors.New("no community was founded: the sheets above are void")
	}
	return errors.Join(fmt.Errorf("no community was founded: the sheets are void, and %s was removed", c.Sheets), os.Remove(c.Sheets))
}

// confirm asks whoever sits at the terminal for a word, which shows that the
// sheets were looked at.
func (c *foundCommand) confirm(ctx context.Context, std streams, sheets []rootsheet.Sheet) error {
	a := newAsker(std)
	if c.Yes || !a.person {
		return nil
	}
	s, at := sheets[rand.IntN(len(sheets))], rand.IntN(rootsheet.Words)
	fmt.Fprintf(std.err, "\nThe sheets are shown this once. Print or copy them now.\n")
	for range 3 {
		word, err := a.line(ctx, fmt.Sprintf("When all %d are on paper, type word %d of sheet %d: ", len(sheets), at+1, s.Number))
		if err != nil {
			return err
		}
		if strings.EqualFold(word, s.Secret.Words()[at]) {
			return nil
		}
		fmt.Fprintf(std.err, "That is not word %d of sheet %d (check %s).\n", at+1, s.Number, s.Check())
	}
	return errors.New("the word was wrong three times")
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
