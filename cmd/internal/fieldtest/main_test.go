package fieldtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// program builds lamppost once for all tests; TestMain removes it.
var (
	programDir string
	program    = sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "lamppost-field-")
		if err != nil {
			return "", err
		}
		programDir = dir
		path := filepath.Join(dir, "lamppost")
		cmd := exec.Command("go", "build", "-o", path, "github.com/lamppost-hub/lamppost/cmd/lamppost")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build lamppost: %w\n%s", err, out)
		}
		return path, nil
	})
)

func TestMain(m *testing.M) {
	code := m.Run()
	if programDir != "" {
		if err := os.RemoveAll(programDir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// full reports whether LAMPPOST_COUNT asks for the full sizes and times.
func full() bool {
	percent, err := strconv.Atoi(os.Getenv("LAMPPOST_COUNT"))
	return err == nil && percent >= 100
}

// sized is the full size or time, or else the short one.
func sized[T any](whole, short T) T {
	if full() {
		return whole
	}
	return short
}
