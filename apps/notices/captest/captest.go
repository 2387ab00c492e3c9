// Package captest is what tests hold CAP against that nobody here wrote: real alerts, and
// the schema of the standard.
package captest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Corpora is the folder of real alerts, in the folder that LAMPPOST_CORPORA names. Where
// that is not set the test is skipped and says so; in continuous integration it fails.
func Corpora(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("LAMPPOST_CORPORA")
	if dir == "" {
		missing(t, "LAMPPOST_CORPORA is not set; it names the folder of the sample data")
	}
	return filepath.Join(dir, "cap")
}

// Lint has xmllint, another reader than ours, hold files against OASIS's own schema of
// CAP 1.2. The error is its judgement, or that it could not run; with it is what it says.
// Where it is missing it does as Corpora does.
func Lint(t testing.TB, files ...string) ([]byte, error) {
	t.Helper()
	schema := filepath.Join(Corpora(t), "schema", "cap12.xsd")
	if _, err := exec.LookPath("xmllint"); err != nil {
		missing(t, "xmllint is missing: apt install libxml2-utils")
	}
	args := append([]string{"--noout", "--nonet", "--schema", schema}, files...)
	return exec.CommandContext(t.Context(), "xmllint", args...).CombinedOutput()
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip("did not run: " + what)
}
