package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

const (
	// configName is the configuration file's name in the data folder.
	configName = "lamppost.toml"
	// maxConfig bounds a configuration file, in bytes.
	maxConfig = 64 << 10
	// envPrefix is in front of a flag's name in the environment: LAMPPOST_TRUST_CLOCK.
	envPrefix = "LAMPPOST_"
)

// environment lets every flag that can be configured be set in the environment
// too, and the data folder for all commands.
func environment(k *kong.Kong) error {
	for _, command := range k.Model.Leaves(false) {
		for _, flag := range command.Flags {
			if _, configured := configurable(command.Flags)[flag.Name]; flag.Name == "data" || configured {
				flag.Tag.Envs = []string{envName(flag.Name)}
			}
		}
	}
	return nil
}

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// configurable are a command's flags that a file can set, by name: none for a
// command that takes no file, and none of those that say how it is to answer.
func configurable(flags []*kong.Flag) map[string]*kong.Flag {
	out := map[string]*kong.Flag{}
	if !slices.ContainsFunc(flags, func(f *kong.Flag) bool { return f.Name == "config" }) {
		return out
	}
	for _, f := range flags {
		if !f.Hidden && f.Name != "help" && f.Name != "config" && f.Name != "json" {
			out[f.Name] = f
		}
	}
	return out
}

// configFile is what a configuration file says. As a kong.Resolver it stands
// behind the command line and the environment.
type configFile struct {
	path   string         // empty if there is none
	values map[string]any // by flag, as kong parses them
	lines  map[string]int // where they stand
}

// readConfig reads a file whose keys are flags. Everything in it must be right.
func readConfig(path string, flags map[string]*kong.Flag) (configFile, error) {
	c := configFile{path, map[string]any{}, map[string]int{}}
	f, err := os.Open(path)
	if err != nil {
		return c, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	switch {
	case err != nil:
		return c, err
	case len(text) > maxConfig:
		return c, fmt.Errorf("%s is larger than a configuration file can be (%d bytes)", path, maxConfig)
	}
	said := map[string]any{}
	if err := toml.Unmarshal(text, &said); err != nil {
		if wrong, ok := errors.AsType[toml.ParseError](err); ok {
			return c, fmt.Errorf("%s, line %d: %s", path, wrong.Position.Line, wrong.Message)
		}
		return c, fmt.Errorf("%s: %w", path, err)
	}
	for _, key := range slices.Sorted(maps.Keys(said)) {
		c.lines[key] = lineOf(string(text), key)
		at := c.at(key)
		flag, known := flags[key]
		if _, section := said[key].(map[string]any); !known && section {
			return c, fmt.Errorf("%s: there are no sections like [%s] in this file; every line is NAME = VALUE", at, key)
		}
		if !known {
			return c, fmt.Errorf("%s: there is no setting %q%s", at, key, didYouMean(key, slices.Sorted(maps.Keys(flags))))
		}
		if c.values[key], err = configValue(flag, said[key], filepath.Dir(path)); err != nil {
			return c, fmt.Errorf("%s: %s is %w", at, key, err)
		}
	}
	return c, nil
}

// at is where in the file a key is set.
func (c configFile) at(key string) string { return fmt.Sprintf("%s, line %d", c.path, c.lines[key]) }

// lineOf is the line on which a key is set, from 1; 1 if it is not found.
func lineOf(text, key string) int {
	n := 0
	for line := range strings.Lines(text) {
		n++
		rest, ok := strings.CutPrefix(strings.Trim(line, " \t[\"'"), key)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " \t=.]\"'\r\n")) {
			return n
		}
	}
	return 1
}

// configValue is a value of the file as kong takes it. A path is meant from the
// file's folder, wherever the program is started.
func configValue(flag *kong.Flag, v any, folder string) (any, error) {
	switch t := flag.Target.Type(); {
	case t.Kind() == reflect.Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, errors.New("either true or false, without quotes")
	case t.Kind() == reflect.Slice:
		list, ok := v.([]any)
		if s, one := v.(string); one {
			list, ok = []any{s}, true
		}
		for _, one := range list {
			_, text := one.(string)
			ok = ok && text
		}
		if !ok {
			return nil, errors.New("a list of texts in quotes, such as [\"one\", \"two\"]")
		}
		return list, nil
	case t.Kind() == reflect.Int && t != reflect.TypeFor[time.Duration]():
		if n, ok := v.(int64); ok {
			return fmt.Sprint(n), nil
		}
		return nil, errors.New("a number without quotes")
	}
	s, ok := v.(string)
	switch {
	case !ok:
		return nil, fmt.Errorf("a text in quotes, such as %q", likely(flag, v))
	case flag.Tag.Type == "path" && s != "" && !filepath.IsAbs(s):
		return filepath.Join(folder, s), nil
	}
	return s, nil
}

// likely is the text that was meant by a value without quotes: of a number where
// an address belongs, the address with that port.
func likely(flag *kong.Flag, v any) string {
	if port, ok := v.(int64); ok && flag.PlaceHolder == "ADDR" {
		return fmt.Sprintf(":%d", port)
	}
	return fmt.Sprint(v)
}

// Validate has nothing to check: readConfig did.
func (c configFile) Validate(*kong.Application) error { return nil }

// Resolve gives what the file says of a flag, unless the environment says it.
func (c configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if _, set := os.LookupEnv(envName(flag.Name)); set {
		return nil, nil
	}
	return c.values[flag.Name], nil
}

// findConfig reads the configuration file that a command line means: the one it
// names, else that of the data folder, if there is one.
func findConfig(ctx *kong.Context) (configFile, error) {
	named := map[string]string{}
	for _, f := range ctx.Flags() {
		if s, ok := ctx.FlagValue(f).(string); ok {
			named[f.Name] = s
		}
	}
	flags := configurable(ctx.Flags())
	if path := named["config"]; path != "" {
		c, err := readConfig(path, flags)
		if errors.Is(err, fs.ErrNotExist) {
			return c, fmt.Errorf("there is no file %s; make it, or leave out --config", path)
		}
		return c, err
	}
	c, err := readConfig(filepath.Join(named["data"], configName), flags)
	switch data, moved := c.values["data"]; {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return configFile{}, nil // what is wrong with the folder is said by who opens it
	case err == nil && moved && data != named["data"]:
		return c, fmt.Errorf("%s lies in the data folder and cannot name another one; give the file with --config, or take out \"data\"", c.path)
	}
	return c, err
}
