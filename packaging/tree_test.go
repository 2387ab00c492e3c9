package packaging_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	modulePath = "github.com/lamppost-hub/lamppost"
	root       = ".." // of the repository, seen from this folder
)

// source is one parsed Go file of the repository.
type source struct {
	path   string // from the root, with slashes
	dir    string
	test   bool
	fset   *token.FileSet
	syntax *ast.File
}

// at is where a node stands: "sync/record/record.go:12".
func (s source) at(n ast.Node) string {
	pos := s.fset.Position(n.Pos())
	pos.Filename, pos.Column = s.path, 0
	return pos.String()
}

// sources parses every Go file of the repository, nested modules included.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := parseTree()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var parseTree = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && skipped(d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		src := source{path: filepath.ToSlash(rel), test: strings.HasSuffix(name, "_test.go"), fset: token.NewFileSet()}
		src.dir = path.Dir(src.path)
		src.syntax, err = parser.ParseFile(src.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		all = append(all, src)
		return err
	})
	return all, err
})

// skipped reports whether a folder holds no source of ours.
func skipped(folder string) bool {
	return strings.HasPrefix(folder, ".") || folder == "testdata" || folder == "node_modules"
}

// filesOf lists what is, or is about to be, in the repository, by path from
// the root. Without git it lists what lies in the folder.
func filesOf(t *testing.T) []string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
		return strings.Split(strings.TrimRight(string(run(t, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")), "\x00"), "\x00")
	}
	var files []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (skipped(d.Name()) || d.Name() == "bin"):
			return filepath.SkipDir
		case d.Type().IsRegular():
			rel, err := filepath.Rel(root, name)
			files = append(files, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// requirement is one line of a go.mod.
type requirement struct {
	Path     string
	Indirect bool
}

// requirements reads the go.mod in a folder, given from the root.
func requirements(t *testing.T, dir string) []requirement {
	t.Helper()
	var mod struct{ Require []requirement }
	out := run(t, "go", "mod", "edit", "-json", filepath.Join(filepath.FromSlash(dir), "go.mod"))
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	return mod.Require
}

// run executes a command in the root and returns what it prints.
func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = root, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return out
}
