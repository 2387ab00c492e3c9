package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// configFlags are the flags that a file can set.
func configFlags(t testing.TB) map[string]*kong.Flag {
	t.Helper()
	p, err := newParser(t.Context(), streams{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range p.Model.Leaves(false) {
		if leaf.Name == "run" {
			return configurable(leaf.Flags)
		}
	}
	t.Fatal("there is no command run")
	return nil
}

func TestAFileThatIsTooLargeIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), configName)
	for _, c := range []struct {
		size int
		ok   bool
	}{{maxConfig, true}, {maxConfig + 1, false}} {
		if err := os.WriteFile(path, []byte("#"+strings.Repeat("x", c.size-1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readConfig(path, configFlags(t)); (err == nil) != c.ok {
			t.Errorf("%d bytes: %v", c.size, err)
		}
	}
}

func TestAPathInTheFileIsMeantFromTheFilesFolder(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x.toml")
	if err := os.WriteFile(path, []byte(`data = "hub"`), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := readConfig(path, configFlags(t))
	if err != nil || c.values["data"] != filepath.Join(folder, "hub") {
		t.Errorf("%v, %v", c.values, err)
	}
}

// What reads is known, and what does not is said with the place where it stands.
func FuzzReadConfig(f *testing.F) {
	for _, seed := range []string{"", `http = ":80"`, "peer = [\"a\", 1]", "verbose = true\n[x]", "\"http\".x = 1", "log = '''\nhttp\n'''\nhttp2 = 1", "x = 1979-05-27"} {
		f.Add(seed)
	}
	flags := configFlags(f)
	path := filepath.Join(f.TempDir(), "x.toml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readConfig(path, flags)
		if err != nil {
			if !strings.HasPrefix(err.Error(), path) {
				t.Errorf("%v does not begin with where", err)
			}
			return
		}
		for key := range c.values {
			if flags[key] == nil {
				t.Errorf("unknown %q was read", key)
			}
		}
	})
}
