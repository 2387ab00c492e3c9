package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
)

// These are set by the linker, which sets package variables only: see the Makefile.
var (
	version   = "unknown"
	committed string //nolint:gochecknoglobals // when its source was, as of RFC 3339
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(std streams) error {
	_, err := fmt.Fprintf(std.out, "lamppost %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
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
