// Package packaging_test holds the whole repository to its house rules: which
// package may import which, what the pure ones leave alone, which modules it
// is built from. The linter knows the same import rules (.golangci.yml,
// depguard) and shows them in an editor; this test is the one that decides.
package packaging_test

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// direction says what the packages at or under a folder may import of this
// module. The first entry that covers a package counts. "x" is one package,
// "x/..." that package and all below it.
type direction struct {
	from  string
	code  []string // what any file may import
	tests []string // what test files may import besides
}

// directions is the layout: a folder that no entry covers has no place yet.
func directions() []direction {
	return []direction{
		{from: "cmd/lampbench", code: []string{"cmd/internal/...", "hub/...", "apps/...", "sync/...", "webui"}}, // it makes up what residents write
		{from: "cmd/internal/netnstest"},
		{from: "cmd/internal/fieldtest", code: []string{"cmd/internal/netnstest", "hub/...", "apps/...", "sync/..."}}, // it too
		{from: "cmd/internal/madeup", code: []string{"apps/...", "sync/..."}, tests: []string{"hub"}},                 // what its people have written is made by no form
		{from: "cmd/...", code: []string{"cmd/internal/madeup", "hub/...", "apps", "sync/...", "webui"}, tests: []string{"apps/...", "cmd/internal/..."}},
		{from: "hub", code: []string{"sync/record", "sync/roster"}},
		{from: "hub/names", code: []string{"hub"}}, // apps know it as well
		{from: "hub/...", code: []string{"hub/...", "sync/...", "webui/..."}, tests: []string{"apps/..."}},
		{from: "apps", code: []string{"hub", "apps/..."}, tests: []string{"hub/...", "sync/..."}},
		{from: "apps/apptest/...", code: []string{"hub", "hub/node", "sync/..."}},
		{from: "apps/...", code: []string{"hub", "hub/names", "sync/record", "sync/roster"}, tests: []string{"apps/apptest/...", "hub/...", "sync/..."}},
		{from: "sync/...", code: []string{"sync/..."}},
		{from: "webui/...", code: []string{"hub", "sync/record", "webui/..."}},
		{from: "packaging/...", tests: []string{"hub", "webui/..."}},
	}
}

// isHelper reports whether a package is made for tests: no program is built
// from it, but the benchmarks.
func isHelper(dir string) bool {
	return dir == "sync/simnet" || strings.HasSuffix(path.Base(dir), "test")
}

func TestImportsFollowTheLayout(t *testing.T) {
	rules := directions()
	for _, src := range sources(t) {
		i := slices.IndexFunc(rules, func(d direction) bool { return covers(d.from, src.dir) })
		if i < 0 {
			t.Errorf("%s: the layout has no folder %q; if it is meant to be, add it to directions", src.path, src.dir)
			continue
		}
		allowed := rules[i].code
		if src.test {
			allowed = slices.Concat(rules[i].code, rules[i].tests)
		}
		for _, imp := range src.imports() {
			to, ours := strings.CutPrefix(imp, modulePath+"/")
			switch {
			case !ours || sameApp(src.dir, to):
			case !slices.ContainsFunc(allowed, func(p string) bool { return covers(p, to) }):
				t.Errorf("%s: %s must not import %s; it may import %s", src.path, src.dir, to, orNothing(allowed))
			case isHelper(to) && !src.test && !isHelper(src.dir) && src.dir != "cmd/lampbench":
				t.Errorf("%s: %s is for tests only", src.path, to)
			}
		}
	}
}

// covers reports whether the pattern "x" or "x/..." takes in the folder dir.
func covers(pattern, dir string) bool {
	base, below := strings.CutSuffix(pattern, "/...")
	return dir == base || below && strings.HasPrefix(dir, base+"/")
}

// sameApp reports whether an import stays within one package or one app.
func sameApp(from, to string) bool {
	if from == to {
		return true
	}
	a, b := strings.Split(from, "/"), strings.Split(to, "/")
	return a[0] == "apps" && len(a) > 1 && len(b) > 1 && a[0] == b[0] && a[1] == b[1]
}

func orNothing(patterns []string) string {
	if len(patterns) == 0 {
		return "nothing of this module"
	}
	return strings.Join(patterns, ", ")
}

// pure lists the packages that start no goroutine, do no I/O and know no clock
// but the one handed in, so that every run of them can be replayed.
func pure() []string {
	return []string{
		"hub", "hub/names", "hub/moderation",
		"sync/strict", "sync/record", "sync/clock", "sync/roster", "sync/reconcile", "sync/replica", "sync/join", "sync/mesh", "sync/reach", "sync/recent",
		"apps/notices/capxml", "apps/notices/capsig",
		"apps/maps/feature", "apps/maps/geojson", "apps/maps/pmtiles", "apps/maps/table", "apps/maps/grid", "apps/maps/markup", "apps/maps/kml", "apps/maps/gpx", "apps/maps/layer", "apps/maps/place", "apps/maps/stock", "apps/maps/exchange",
	}
}

// worldly lists what a pure package does not import.
func worldly() []string {
	return []string{
		"os/...", "net", "net/http/...", "syscall/...", "log/...",
		"go.etcd.io/bbolt/...", "github.com/gorilla/websocket/...",
		"github.com/hashicorp/memberlist/...", "github.com/libp2p/go-libp2p/...",
	}
}

func TestPurePackagesTouchNothing(t *testing.T) {
	packages, banned := pure(), worldly()
	for _, src := range sources(t) {
		if src.test || !slices.Contains(packages, src.dir) {
			continue
		}
		for _, imp := range src.imports() {
			if src.dir == "hub" && imp == "net/http" {
				continue // for the types in the apps' contract
			}
			if slices.ContainsFunc(banned, func(p string) bool { return covers(p, imp) }) {
				t.Errorf("%s: %s is pure and must not import %s", src.path, src.dir, imp)
			}
		}
		clocks := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}
		for _, use := range src.uses("time", clocks...) {
			t.Errorf("%s: %s is pure: take the time as an argument", src.at(use), src.dir)
		}
		ast.Inspect(src.syntax, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: %s is pure and must not start a goroutine", src.at(g), src.dir)
			}
			return true
		})
	}
}

// A sleeping test is slow or flaky; inside a synctest bubble sleeping is free.
func TestNoTestSleeps(t *testing.T) {
	for _, src := range sources(t) {
		if !src.test || slices.Contains(src.imports(), "testing/synctest") {
			continue
		}
		for _, use := range src.uses("time", "Sleep") {
			t.Errorf("%s: wait for the event itself, or use testing/synctest", src.at(use))
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	for _, src := range sources(t) {
		if src.dir == "sync" {
			t.Errorf("%s: no Go file lies directly in sync/, or a package would be named like the standard one", src.path)
		}
		for _, vague := range []string{"util", "utils", "common", "helpers", "misc"} {
			if path.Base(src.dir) == vague {
				t.Errorf("%s: name the package after its one idea, not %q", src.path, vague)
			}
		}
		if !src.test || src.dir == "packaging" {
			said[src.dir] = said[src.dir] || src.syntax.Doc.Text() != ""
		}
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("%s: the package has no comment that says what it is for", dir)
		}
	}
}

// imports lists the import paths of one file.
func (s source) imports() []string {
	var out []string
	for _, spec := range s.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// uses finds where the file calls or mentions one of the names of a package
// of the standard library.
func (s source) uses(pkg string, names ...string) []ast.Node {
	local := ""
	for _, spec := range s.syntax.Imports {
		if spec.Path.Value != strconv.Quote(pkg) {
			continue
		}
		local = path.Base(pkg)
		if spec.Name != nil {
			local = spec.Name.Name
		}
	}
	if local == "" {
		return nil
	}
	var out []ast.Node
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && slices.Contains(names, sel.Sel.Name) {
			out = append(out, sel)
		}
		return true
	})
	return out
}
