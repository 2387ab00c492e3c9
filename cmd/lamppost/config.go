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

// Where a setting may come from; a variable's name follows the environment.
const (
	fromCommandLine = "command line"
	fromEnvironment = "environment: "
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
		return fromEnvironment + envName(flag)
	}
	return from
}

// blame is what is wrong with a setting, with the place in which it was set
// instead of the flag, if it was not typed.
func blame(ctx *kong.Context, wrong error) string {
	text := wrong.Error()
	if command := ctx.Selected(); command != nil {
		text = strings.TrimPrefix(text, command.Path()+": ")
	}
	text, _, unread := strings.Cut(text, " (from envar ")
	word, rest, _ := strings.Cut(text, " ")
	flag, ok := strings.CutPrefix(strings.TrimRight(word, ":="), "--")
	switch from := origin(ctx, flag); {
	case !ok:
		return text
	case unread, strings.HasPrefix(from, fromEnvironment):
		return envName(flag) + " in the environment" + strings.TrimPrefix(word, "--"+flag) + " " + rest
	case from == fromFile:
		at := fromFile
		// Without a file nothing is from it.
		_, _ = ctx.Call(func(f *configFile) { at = f.at(flag) })
		return at + ": " + strings.TrimPrefix(word, "--") + " " + rest
	}
	return text
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
