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
	typed := map[string]bool{}
	for _, p := range ctx.Path {
		if p.Flag != nil && !p.Resolved {
			typed[p.Flag.Name] = true
		}
	}
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
		from := "as normal"
		if _, set := os.LookupEnv(envName(f.Name)); typed[f.Name] {
			from = "command line"
		} else if set {
			from = "environment: " + envName(f.Name)
		} else if _, said := file.values[f.Name]; said {
			from = "file"
		}
		fmt.Fprintf(std.out, "%-40s # %s\n", line, from)
	}
	return nil
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
