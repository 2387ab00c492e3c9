package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// configCommand takes what run takes.
type configCommand struct{ runCommand }

// Help is the longer text of --help.
func (configCommand) Help() string {
	return `Prints what "lamppost run" with the same flags would go by, in the form of a configuration
file, with where each value comes from: the command line, else the environment
(LAMPPOST_HTTP for --http), else the file (lamppost.toml in the data folder, or the one given
with --config), else what is normal.

    lamppost config > lamppost.toml`
}

// Run prints the settings in effect.
func (c *configCommand) Run(ctx *kong.Context, file *configFile, std streams) error {
	if file.path == "" {
		fmt.Fprintf(std.out, "# There is no configuration file. It would be %s/%s.\n", c.Data, configName)
	} else {
		fmt.Fprintf(std.out, "# The configuration file is %s.\n", file.path)
	}
	settable := configurable(ctx.Selected().Flags)
	for _, f := range ctx.Selected().Flags { // in the order of --help
		if settable[f.Name] == nil {
			continue
		}
		line, err := setting(f)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "%-40s # %s\n", line, origin(ctx, f.Name))
	}
	return nil
}

// Where a setting may come from besides the environment.
const (
	fromCommandLine = "command line"
	fromFile        = "file"
	fromNowhere     = "as normal"
)

// origin is where a flag's value comes from.
func origin(ctx *kong.Context, flag string) string {
	from := fromNowhere
	for _, p := range ctx.Path {
		switch {
		case p.Flag == nil || p.Flag.Name != flag:
		case !p.Resolved:
			return fromCommandLine
		default:
			from = fromFile
		}
	}
	if _, set := os.LookupEnv(envName(flag)); set {
		return "environment: " + envName(flag)
	}
	return from
}

// blame adds to what is wrong with a flag where its value was set, if it was not typed.
func blame(ctx *kong.Context, wrong error) error {
	if wrong == nil {
		return nil
	}
	word, _, _ := strings.Cut(wrong.Error(), " ")
	flag, ok := strings.CutPrefix(strings.TrimSuffix(word, ":"), "--")
	if from := origin(ctx, flag); ok && from != fromCommandLine && from != fromNowhere {
		return fmt.Errorf("%w (set by the %s)", wrong, from)
	}
	return wrong
}

// setting is a flag's value as a line of a configuration file.
func setting(f *kong.Flag) (string, error) {
	v := f.Target.Interface()
	if list, ok := v.([]string); ok && list == nil {
		v = []string{}
	}
	b, err := toml.Marshal(map[string]any{f.Name: v})
	return strings.TrimSpace(string(b)), err
}
