package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the README tells people to paste does what it says.
func TestTheReadmesCurlPosts(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	if _, err := exec.LookPath("curl"); err != nil {
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
