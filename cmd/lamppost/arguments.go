package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// belowZero is a value such as -1h, which no flag looks like.
var belowZero = regexp.MustCompile(`^-[0-9.]`)

// withNumbers are arguments as they are parsed: what looks like a flag and is a number below
// zero is the value of the flag before it, and for that one to judge.
func withNumbers(args []string) (out []string) {
	for i, a := range args {
		last := len(out) - 1
		switch {
		case a == "--":
			return append(out, args[i:]...)
		case last >= 0 && isFlag(out[last]) && belowZero.MatchString(a):
			out[last] += "=" + a
		default:
			out = append(out, a)
		}
	}
	return out
}

// isFlag reports whether an argument is a flag with its value behind it, if it takes one.
func isFlag(arg string) bool {
	return strings.HasPrefix(arg, "--") && arg != "--" && !strings.Contains(arg, "=")
}

// findEmpty is the error of a command line in which a value is empty, as where a
// script's variable is not set: it would be as if nothing had been said, or mean
// something else. Nil if there is none, and of flags for which it means "none".
func findEmpty(args []string, flags []*kong.Flag) error {
	takes := func(arg string) bool { // a value, behind it
		return isFlag(arg) && !slices.ContainsFunc(flags, func(f *kong.Flag) bool { return "--"+f.Name == arg && f.IsBool() })
	}
	for i, a := range args {
		flag, value, split := strings.Cut(a, "=")
		switch {
		case a == "" && (i == 0 || !takes(args[i-1])):
			return errors.New("one of the arguments is empty; was a variable not set?")
		case a == "":
			flag = args[i-1]
		case !split || value != "" || !strings.HasPrefix(flag, "--"):
			continue
		}
		if !slices.ContainsFunc(flags, func(f *kong.Flag) bool { return "--"+f.Name == flag && f.Tag.Has("blank") }) {
			return fmt.Errorf("%s: its value is empty; was a variable not set? Say one, or leave %s out", flag, flag)
		}
	}
	for _, f := range flags {
		if f.Name == "data" && f.Target.String() == "" {
			return errors.New("the name of the data folder is empty: give it with --data, or set LAMPPOST_DATA to it, or leave both out")
		}
	}
	return nil
}

// mistyped are the parser's words for what cannot be read, and ours.
var mistyped = []struct {
	theirs *regexp.Regexp
	ours   string
}{
	{regexp.MustCompile(`expected a valid \d+ bit int but got (".*")`), "$1 is not a whole number"},
	{regexp.MustCompile(`expected a valid 16 bit uint but got (".*")`), "$1 is not a number from 0 to 65535"},
	{regexp.MustCompile(`bool value must be .* but got (".*")`), "$1 is neither true nor false"},
	{regexp.MustCompile(`(missing value, expecting .*|expected \w+ value but got "EOL" \(<EOL>\))`), "its value is missing"},
	{regexp.MustCompile(`expected \w+ value but got (".*") \((long|short) flag\); perhaps try .*`), "its value is missing: $1 is a flag"},
}

// readably is an error of the parser in words for whoever typed.
func readably(text string) string {
	for _, m := range mistyped {
		text = m.theirs.ReplaceAllString(text, m.ours)
	}
	return text
}
