package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/node"
)

// sheetsIn reads the words of the root sheets that a text shows.
func sheetsIn(text string) (sheets [][]string) {
	for _, sheet := range strings.Split(text, "Root sheet ")[1:] {
		words := make([]string, 10)
		for _, m := range regexp.MustCompile(`(\d+)\. ([a-z]+)`).FindAllStringSubmatch(sheet, -1) {
			n := 0
			if _, err := fmt.Sscan(m[1], &n); err == nil && n >= 1 && n <= 10 {
				words[n-1] = m[2]
			}
		}
		sheets = append(sheets, words)
	}
	return sheets
}

// Whoever founds at a terminal is asked for a word of the sheets, and may be wrong
// twice.
func TestFoundingAsksWhetherTheSheetsAreOnPaper(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	for _, right := range []bool{true, false} {
		t.Run(fmt.Sprint(right), func(t *testing.T) {
			keyboard, terminal := openTerminal(t)
			folder := filepath.Join(t.TempDir(), "hub")
			cmd := exec.Command("lamppost", "found", "Millbrook", "--data", folder)
			out, err := os.Create(filepath.Join(t.TempDir(), "out")) // a file, as it is read while the command writes
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			shown := func() string {
				b, err := os.ReadFile(out.Name())
				if err != nil {
					t.Fatal(err)
				}
				return string(b)
			}
			cmd.Stdin, cmd.Stdout = terminal, out
			asked, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			questions := bufio.NewReader(asked)
			question := regexp.MustCompile(`When all 3 are on paper, type word (\d+) of sheet (\d): `)
			for try := range 3 {
				said, err := readUntil(questions, ": ")
				m := question.FindStringSubmatch(said)
				if err != nil || m == nil {
					t.Fatalf("asked %q (%v)", said, err)
				}
				word := "nonsense"
				if right && try == 2 {
					at, sheet := 0, 0
					if _, err := fmt.Sscan(m[1]+" "+m[2], &at, &sheet); err != nil {
						t.Fatal(err)
					}
					word = strings.ToUpper(sheetsIn(shown())[sheet-1][at-1])
				}
				if _, err := keyboard.WriteString(word + "\n"); err != nil {
					t.Fatal(err)
				}
			}
			rest, _ := readUntil(questions, "\x00") // to its end
			err = cmd.Wait()
			f, read := node.ReadFolder(folder)
			if right && (err != nil || read != nil || f.Founding.Threshold != 2 || len(f.Founding.Roots) != 3) {
				t.Errorf("%v, %v, %+v\n%s", err, read, f.Founding, rest)
			}
			if !right && (!errors.Is(read, node.ErrNoCommunity) || err == nil || !strings.Contains(rest, "the sheets above are void")) {
				t.Errorf("%v, %v\n%s", err, read, rest)
			}
		})
	}
}

// readUntil reads up to the end of a text.
func readUntil(r *bufio.Reader, end string) (string, error) {
	var b strings.Builder
	for !strings.HasSuffix(b.String(), end) {
		c, err := r.ReadByte()
		if err != nil {
			return b.String(), err
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

// A plug pulled during a founding leaves no community, or all of one.
func TestAFoundingIsAllOrNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	none, whole := 0, 0
	begun := time.Now()
	folder := filepath.Join(t.TempDir(), "measure")
	found := func(folder string) *exec.Cmd {
		return exec.Command("lamppost", "found", "Millbrook", "--data", folder, "--roots", "1", "--yes", "--keep-roots")
	}
	if out, err := found(folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	takes := time.Since(begun)
	for i := range count(100) {
		folder := filepath.Join(t.TempDir(), fmt.Sprint(i))
		cmd := found(folder)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(takes/3+rand.N(takes), func() { _ = cmd.Process.Kill() }) // it may have ended
		_ = cmd.Wait()
		timer.Stop()
		switch _, err := node.ReadFolder(folder); {
		case errors.Is(err, node.ErrNoCommunity):
			none++
			if out, err := found(folder).CombinedOutput(); err != nil {
				t.Fatalf("founding again: %v\n%s", err, out)
			}
		case err == nil:
			whole++
		default:
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join(folder, node.SheetsFile))
		if err != nil || len(sheetsIn(string(kept))) != 1 {
			t.Errorf("%v: %s", err, kept)
		}
		f, err := node.ReadFolder(folder)
		if err != nil {
			t.Fatal(err)
		}
		n, err := node.New(node.Config{Folder: f})
		if err != nil {
			t.Fatal(err)
		}
		if about := n.About(); about.Place != "First place" {
			t.Errorf("the hub has no certificate: %+v", about)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d interrupted before, %d after", none, whole)
}
