package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/webui"
)

// These are set by the linker, which sets package variables only: see the Makefile.
var (
	version   = "unknown"
	committed string //nolint:gochecknoglobals // when its source was, as of RFC 3339
)

type versionCommand struct {
	Notices bool `help:"Also say of whose work the program is made, with the terms of what runs in browsers."`
}

// Run prints the version.
func (c versionCommand) Run(std streams) error {
	_, err := fmt.Fprintf(std.out, "lamppost %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if err != nil || !c.Notices {
		return err
	}
	return notices(std.out)
}

// notices says of whose work the program is made.
func notices(out io.Writer) error {
	var b strings.Builder
	if info, ok := debug.ReadBuildInfo(); ok {
		b.WriteString("\nModules in it, whose terms are with them (https://pkg.go.dev/MODULE@VERSION?tab=licenses):\n")
		for _, m := range info.Deps {
			fmt.Fprintf(&b, "  %s %s\n", m.Path, m.Version)
		}
	}
	terms, err := webui.Notices()
	if err != nil {
		return err
	}
	if terms != "" {
		b.WriteString("\nIn its pages' scripts:\n\n" + terms)
	}
	_, err = io.WriteString(out, b.String())
	return err
}

// built is when the source that the program was made from was committed: no
// true clock shows less. It is zero where the build does not know.
func built() time.Time {
	if t, err := time.Parse(time.RFC3339, committed); err == nil {
		return t
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}
