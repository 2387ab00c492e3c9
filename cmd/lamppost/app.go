package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
)

// piped is the name of a file that stands for what is piped in.
const piped = "-"

// appCommand asks an app of the running hub: lamppost APP VERB.
type appCommand struct {
	Verb string   `arg:"" help:"What to do, as below."`
	Args []string `arg:"" optional:"" passthrough:"partial" help:"What that takes."`
	folderFlag

	app   string                 `kong:"-"`
	title string                 `kong:"-"`
	verbs map[string]hub.Command `kong:"-"`
}

// appCommands are the commands of those apps that have any.
func appCommands(all []hub.App) (options []kong.Option) {
	for _, a := range all {
		c, ok := a.(hub.Commander)
		if !ok {
			continue
		}
		m := a.Manifest()
		one := &appCommand{app: string(m.Name), title: m.Title.English(), verbs: c.Commands()}
		options = append(options, kong.DynamicCommand(one.app, one.brief(), "", one))
	}
	return options
}

// names are the verbs, in order.
func (c *appCommand) names() []string { return slices.Sorted(maps.Keys(c.verbs)) }

// brief is the line in the list of all commands.
func (c *appCommand) brief() string {
	return fmt.Sprintf("%s at the running hub: %s.", c.title, strings.Join(c.names(), ", "))
}

// Help is the longer text of --help.
func (c *appCommand) Help() string {
	var b strings.Builder
	b.WriteString("Asks the hub that runs on this machine.\n\n")
	for _, name := range c.names() {
		v := c.verbs[name]
		fmt.Fprintf(&b, "    lamppost %s %s\n        %s\n", c.app, strings.TrimSpace(name+" "+v.Usage), v.Help)
	}
	return strings.TrimRight(b.String(), "\n")
}

// Validate checks the verb before the hub is asked.
func (c *appCommand) Validate() error {
	v, ok := c.verbs[c.Verb]
	if c.Verb == "" {
		return nil // the parser says that it is missing
	}
	if !ok {
		return fmt.Errorf("there is no %q here%s", c.Verb, didYouMean(c.Verb, c.names()))
	}
	if err := c.take(v); err != nil {
		return err
	}
	if v.File && len(c.Args) == 0 {
		return fmt.Errorf("%s: the name of a file is missing; %s stands for what is piped in", c.Verb, piped)
	}
	return nil
}

// take leaves of the arguments those that are the verb's, its own flags among them; the parser takes
// no flag that stands behind the first. Behind -- there are none.
func (c *appCommand) take(v hub.Command) error {
	known := []string{"--data"}
	for word := range strings.FieldsFuncSeq(v.Usage, func(r rune) bool { return strings.ContainsRune(" []|", r) }) {
		if strings.HasPrefix(word, "--") {
			known = append(known, word)
		}
	}
	var own []string
	for i := 0; i < len(c.Args); i++ {
		name, value, given := strings.Cut(c.Args[i], "=")
		switch {
		case name == "--" && !given:
			c.Args = append(own, c.Args[i+1:]...)
			return nil
		case strings.HasPrefix(name, "--") && !slices.Contains(known, name):
			return fmt.Errorf("%s: unknown flag %s%s", c.Verb, name, didYouMean(name, known))
		case name != "--data":
			own = append(own, c.Args[i])
			continue
		case !given:
			if i++; i == len(c.Args) {
				return errors.New("--data: the name of a folder is missing")
			}
			value = c.Args[i]
		}
		c.Data = kong.ExpandPath(value)
	}
	c.Args = own
	return nil
}

// Run has the hub do it.
func (c *appCommand) Run(ctx context.Context, std streams) error {
	in := std.in
	switch {
	case c.verbs[c.Verb].File && c.Args[0] != piped:
		f, err := os.Open(c.Args[0])
		if err != nil {
			return err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a folder. Name a file in it", c.Args[0])
		}
		in = f
	case isTerminal(std.in):
		in = nil // nothing is piped in, and nobody is waited for
	}
	ask := func(out io.Writer) error {
		return c.unreachable(control.NewClient(c.Data).Command(ctx, c.app, c.Verb, c.Args, in, out))
	}
	if c.verbs[c.Verb].Into && len(c.Args) > 0 && filepath.Ext(c.Args[0]) != "" {
		return into(c.Args[0], ask)
	}
	return ask(std.out)
}

// into has a new file written, which is gone again if that fails.
func into(path string, write func(io.Writer) error) error {
	f, err := created(path)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
