package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/join"
)

// What the README tells people to paste does what it says.
func TestTheReadmesCurlPosts(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("curl is not installed")
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(readme), "## Posting without a browser")
	_, after, _ = strings.Cut(after, "```sh\n")
	script, _, ok := strings.Cut(after, "```")
	if !ok || !strings.Contains(script, "hub=http://localhost:8080\n") {
		t.Fatalf("the README has no such script any more: %q", script)
	}
	hubs := line(t, 1)
	script = strings.Replace(script, "http://localhost:8080", "http://"+hubs[0].http, 1)
	cmd := exec.Command("sh", "-c", script)
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "303\n" {
		t.Fatalf("%v\n%s", err, out)
	}
	if p, ok, err := newNeighbor(hubs[0].http).find("Water at the school until six."); !ok || p.name != "Ana" {
		t.Errorf("%+v %v %v", p, ok, err)
	}
}

// A code that is shown as a sample has no wrong character, as the program would say.
func TestSampleCodesAreWellFormed(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"README": string(readme), "join --help": joinCommand{}.Help()} {
		codes := regexp.MustCompile(`\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3,}\b`).FindAllString(text, -1)
		if len(codes) == 0 {
			t.Errorf("%s: no sample", where)
		}
		for _, code := range codes {
			if _, err := join.Parse(code); err != nil {
				t.Errorf("%s: %v", where, err)
			}
		}
	}
}

// The first community comes about by the README's own commands: its first two blocks
// are typed at one machine, the third at another.
func TestTheReadmesFirstCommunity(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(readme), "## The first community: at the kitchen table")
	section, _, _ := strings.Cut(after, "\n## ")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of commands", len(blocks))
	}
	dir := t.TempDir()
	station, school := filepath.Join(dir, "station"), filepath.Join(dir, "school")
	code := ""
	for i, machine := range []string{station, station, school} {
		if err := os.MkdirAll(machine, 0o700); err != nil {
			t.Fatal(err)
		}
		for command := range strings.Lines(blocks[i][1]) {
			out := typed(t, machine, strings.ReplaceAll(strings.TrimSpace(command), "CODE", code))
			if found := regexp.MustCompile(`(?m)^    ([0-9A-Z]{4}(-[0-9A-Z]{4})+)$`).FindStringSubmatch(out); found != nil {
				code = found[1]
			}
		}
	}
	if err := waitFor(t.Context(), patience, func() (bool, error) {
		s, err := control.NewClient(filepath.Join(school, "lamppost-data")).Status(t.Context())
		return len(s.Links) == 1 && s.Links[0].Label == "Fire Station" && s.Links[0].Equal && s.Place == "School", err
	}); err != nil {
		t.Error(err)
	}
}

// typed runs a command at a machine, which is a folder here, and returns what it
// prints. A hub runs on until the test ends, at ports that are free.
func typed(t *testing.T, machine, command string) string {
	t.Helper()
	runs := command == "lamppost run"
	if runs {
		command = "exec lamppost run --no-multicast --http 127.0.0.1:0 --sync 127.0.0.1:0 --membership 127.0.0.1:0"
	}
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = machine
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if !runs {
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out.String())
		}
		return out.String()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, out.String())
		}
	})
	if err := waitFor(t.Context(), patience, func() (bool, error) {
		_, err := control.NewClient(filepath.Join(machine, "lamppost-data")).Status(context.Background())
		return err == nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	return ""
}
