package packaging_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/webui/catalog"
)

const phraseType = modulePath + "/hub.Phrase"

// spoken is a folder with what its pages say: its Go files, its templates and its
// catalogues.
type spoken struct {
	dir       string
	templates string // below dir
	packages  []string
}

// spokenFolders are all folders with catalogues. What is said by packages without
// pages of their own stands with the server's.
func spokenFolders(t *testing.T) []spoken {
	t.Helper()
	all := []spoken{
		{"webui", "layout", []string{"webui"}},
		{"hub/server", "templates", []string{"hub", "hub/server", "hub/local", "hub/node", "hub/words", "hub/returncode", "hub/names", "hub/moderation"}},
	}
	apps, err := filepath.Glob("../apps/*/templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range apps {
		name := "apps/" + filepath.Base(filepath.Dir(dir))
		all = append(all, spoken{name, "templates", append([]string{name}, heardOn(name)...)})
	}
	return all
}

// heardOn lists the packages of an app whose phrases stand in its catalogues, as its pages
// say them.
func heardOn(app string) []string {
	if app == "apps/maps" {
		return []string{"apps/maps/draw/picture", "apps/maps/exchange", "apps/maps/feature", "apps/maps/fetching", "apps/maps/geojson", "apps/maps/table", "apps/maps/grid", "apps/maps/gpx", "apps/maps/inbox", "apps/maps/kml", "apps/maps/markup", "apps/maps/place", "apps/maps/pmtiles", "apps/maps/shelf", "apps/maps/size"}
	}
	return nil
}

func TestEveryPhraseIsInEveryCatalogue(t *testing.T) {
	checker := newChecker(t)
	for _, f := range spokenFolders(t) {
		said := map[hub.Phrase]string{}
		for _, p := range f.packages {
			checker.phrases(p, said)
		}
		templatePhrases(t, f, said)
		root := os.DirFS("../" + f.dir)
		here, err := catalog.Load(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range everyLanguage(t) {
			theirs, _ := here.Language(l.Code)
			var has []hub.Phrase
			if theirs != nil {
				has = theirs.Phrases()
			}
			for p, where := range said {
				if l.Code != "en" && !slices.Contains(has, p) {
					t.Errorf("%s/catalog.%s.toml does not say %q (%s)", f.dir, l.Code, p, where)
				}
			}
			for _, p := range has {
				if _, ok := said[p]; !ok {
					t.Errorf("%s/catalog.%s.toml says %q, which nobody asks for", f.dir, l.Code, p)
				}
				if err := sameVerbs(string(p), theirs, p); err != nil {
					t.Errorf("%s/catalog.%s.toml: %q: %v", f.dir, l.Code, p, err)
				}
			}
		}
	}
}

// jargon is what only those say who build hubs.
var jargon = regexp.MustCompile(`(?i)\b(hub|record|slot|roster|resident|vouch)(s|es|ed)?\b`)

func TestPhrasesUseEverydayWords(t *testing.T) {
	checker := newChecker(t)
	for _, f := range spokenFolders(t) {
		said := map[hub.Phrase]string{}
		for _, p := range f.packages {
			checker.phrases(p, said)
		}
		templatePhrases(t, f, said)
		for p, where := range said {
			if word := jargon.FindString(string(p)); word != "" {
				t.Errorf("%s: %q says %q", where, p, word)
			}
		}
	}
}

// everyLanguage is those that any folder has a catalogue of.
func everyLanguage(t *testing.T) []*catalog.Language {
	t.Helper()
	var folders []fs.FS
	for _, f := range spokenFolders(t) {
		folders = append(folders, os.DirFS("../"+f.dir))
	}
	c, err := catalog.Load(folders...)
	if err != nil {
		t.Fatal(err)
	}
	return c.Languages()
}

// sameVerbs holds a translation to what is put into the phrase: each form prints
// without a complaint of package fmt.
func sameVerbs(words string, l *catalog.Language, p hub.Phrase) error {
	for _, n := range []int{0, 1, 2, 3, 11, 100} {
		args := argsFor(words, n)
		if got := l.Text(p, args...); strings.Contains(got, "%!") || got == "" {
			return fmt.Errorf("with %v it is %q", args, got)
		}
	}
	return nil
}

var verb = regexp.MustCompile(`%(?:\[(\d)\])?([sdqUv])`)

func argsFor(words string, n int) []any {
	var args []any
	for i, m := range verb.FindAllStringSubmatch(strings.ReplaceAll(words, "%%", ""), -1) {
		at := i
		if m[1] != "" {
			at = int(m[1][0] - '1')
		}
		for len(args) <= at {
			args = append(args, nil)
		}
		switch m[2] {
		case "d":
			args[at] = n
		case "U":
			args[at] = 'x'
		default:
			args[at] = "text"
		}
	}
	return args
}

// checker finds the constants of type hub.Phrase in packages.
type checker struct {
	t       *testing.T
	exports map[string]string // file of a package's export data, by import path
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./...")
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{t, map[string]string{}}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			c.exports[path] = file
		}
	}
	return c
}

func (c *checker) phrases(dir string, said map[hub.Phrase]string) {
	c.t.Helper()
	fset := token.NewFileSet()
	names, err := filepath.Glob("../" + dir + "/*.go")
	if err != nil {
		c.t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			c.t.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{
		Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(c.exports[path]) }),
		Error:    func(error) {}, // build constraints are not looked at; the compiler sees to errors
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	_, _ = conf.Check(modulePath+"/"+dir, fset, files, info)
	for e, tv := range info.Types {
		if tv.Value != nil && tv.Value.Kind() == constant.String && tv.Type.String() == phraseType {
			if p := constant.StringVal(tv.Value); strings.ContainsFunc(p, unicode.IsLetter) {
				said[hub.Phrase(p)] = fset.Position(e.Pos()).String()
			}
		}
	}
}

var (
	tags     = regexp.MustCompile(`<[^>]*>`)
	entities = regexp.MustCompile(`&[a-z]+;`)
	shown    = regexp.MustCompile(`(?:aria-label|aria-description|placeholder|title|alt|content|label)="([^"]*)"`)
	machines = regexp.MustCompile(`<meta[^>]*>|<svg.*?</svg>`)
)

// templatePhrases adds the phrases of a folder's templates, and fails for words
// that stand in one as they are.
func templatePhrases(t *testing.T, f spoken, said map[hub.Phrase]string) {
	t.Helper()
	names, err := filepath.Glob("../" + f.dir + "/" + f.templates + "/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(f.dir, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		trees := map[string]*parse.Tree{}
		tree := parse.New(name)
		tree.Mode = parse.SkipFuncCheck
		if _, err := tree.Parse(string(b), "", "", trees); err != nil {
			t.Fatal(err)
		}
		trees[name] = tree
		for _, tree := range trees {
			w := walk{phrase: func(p string) { said[hub.Phrase(p)] = name }}
			w.node(tree.Root)
			html := machines.ReplaceAllString(w.text.String(), "")
			for _, m := range shown.FindAllStringSubmatch(html, -1) {
				if strings.ContainsFunc(m[1], unicode.IsLetter) {
					t.Errorf("%s: %q is in no catalogue", name, m[0])
				}
			}
			visible := entities.ReplaceAllString(tags.ReplaceAllString(html, ""), "")
			if strings.ContainsFunc(visible, unicode.IsLetter) {
				t.Errorf("%s: %q is in no catalogue", name, strings.Join(strings.Fields(visible), " "))
			}
		}
	}
}

// walk collects a template's plain text and its calls of T.
type walk struct {
	text   bytes.Buffer
	phrase func(string)
}

func (w *walk) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				w.node(c)
			}
		}
	case *parse.TextNode:
		w.text.Write(n.Text)
	case *parse.ActionNode:
		w.pipe(n.Pipe)
	case *parse.TemplateNode:
		w.pipe(n.Pipe)
	case *parse.IfNode:
		w.branch(&n.BranchNode)
	case *parse.RangeNode:
		w.branch(&n.BranchNode)
	case *parse.WithNode:
		w.branch(&n.BranchNode)
	}
}

func (w *walk) branch(b *parse.BranchNode) {
	w.pipe(b.Pipe)
	w.node(b.List)
	w.node(b.ElseList)
}

func (w *walk) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		for i, arg := range c.Args {
			if s, ok := arg.(*parse.StringNode); ok && i == 1 && strings.HasSuffix(c.Args[0].String(), ".T") {
				w.phrase(s.Text)
			}
			if inner, ok := arg.(*parse.PipeNode); ok {
				w.pipe(inner)
			}
		}
	}
}
