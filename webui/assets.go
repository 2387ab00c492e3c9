package webui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

//go:embed style.css wall.css paper.css icon.svg icons.svg clock.js wall.js
var sources embed.FS

// Scripts is what the front end's build has made, if it was run.
//
//go:embed all:dist
var Scripts embed.FS

// Notices are the terms of those whose work is in Scripts, as they have to go with it;
// empty if the front end's build was not run.
func Notices() (string, error) {
	b, err := fs.ReadFile(Scripts, "dist/notices.txt")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// Catalogs are what the frame says, in other languages.
//
//go:embed catalog.*.toml
var Catalogs embed.FS

// AssetRoot is where assets are served.
const AssetRoot = "/a/"

// Asset is a file whose path names its content, so that it never changes.
type Asset struct {
	Path string // with a slash in front: /a/style.0123456789abcdef.css
	Type string // of its content
	Gzip []byte
}

// Plain is the file without compression, for the few that take none: all others in memory
// would be there for nothing.
func (a Asset) Plain() ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(a.Gzip))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// Assets are the files that every page refers to, by path.
type Assets struct {
	byPath  map[string]Asset
	Style   string // path of the style sheet
	Inline  Inline // it once more, for a page that can load nothing from here
	Wall    string // path of what it lacks for a screen on a wall
	Paper   string // path of what it lacks for what goes on paper
	Icon    string // path of the hub's own icon
	Clock   string // path of the script that tells what time a phone shows
	Turner  string // path of the script that turns the sheets of a screen on a wall
	icons   map[string]template.HTML
	scripts map[string]string // paths of the islands, by name
	build   string
}

// Inline is a style sheet that stands in a page.
type Inline struct {
	Text   template.CSS
	Source string // what a Content-Security-Policy calls it (CSP 3, hash-source)
}

// LoadAssets hashes and compresses the assets, and the islands among the scripts
// (dist/*.js); nil for none.
func LoadAssets(scripts fs.FS) (*Assets, error) {
	a := &Assets{byPath: make(map[string]Asset), scripts: make(map[string]string)}
	drawings, err := sources.ReadFile("icons.svg")
	if err != nil {
		return nil, err
	}
	if a.icons, err = readIcons(drawings); err != nil {
		return nil, err
	}
	for name, to := range map[string]*string{"style.css": &a.Style, "wall.css": &a.Wall, "paper.css": &a.Paper, "icon.svg": &a.Icon, "clock.js": &a.Clock, "wall.js": &a.Turner} {
		asset, err := load(sources, name)
		if err != nil {
			return nil, fmt.Errorf("asset %s: %w", name, err)
		}
		a.byPath[asset.Path] = asset
		*to = asset.Path
	}
	style, err := a.byPath[a.Style].Plain()
	if err != nil {
		return nil, err
	}
	styleSum := sha256.Sum256(style)
	a.Inline = Inline{template.CSS(style), "'sha256-" + base64.StdEncoding.EncodeToString(styleSum[:]) + "'"} //nolint:gosec // our own
	var islands []string
	if scripts != nil {
		if islands, err = fs.Glob(scripts, "dist/*.js"); err != nil {
			return nil, err
		}
	}
	for _, name := range islands {
		asset, err := load(scripts, name)
		if err != nil {
			return nil, fmt.Errorf("asset %s: %w", name, err)
		}
		a.byPath[asset.Path] = asset
		a.scripts[strings.TrimSuffix(path.Base(name), ".js")] = asset.Path
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(maps.Keys(a.byPath)), " ")))
	a.build = hex.EncodeToString(sum[:4])
	return a, nil
}

// Script is the path of an island; empty if the front end's build was not run.
func (a *Assets) Script(name string) string { return a.scripts[name] }

// Scripted reports whether there are islands.
func (a *Assets) Scripted() bool { return len(a.scripts) > 0 }

// Build names all that the assets hold: with another content it is another one.
func (a *Assets) Build() string { return a.build }

// Find is the asset at a path.
func (a *Assets) Find(path string) (Asset, bool) {
	asset, ok := a.byPath[path]
	return asset, ok
}

func load(from fs.FS, name string) (Asset, error) {
	b, err := fs.ReadFile(from, name)
	if err != nil {
		return Asset{}, err
	}
	if path.Dir(name) == "." && path.Ext(name) != ".svg" { // the build has done it to the others
		b = slim(b)
	}
	if path.Ext(name) == ".css" { // whose lines end where a rule or a declaration does
		b = bytes.ReplaceAll(b, []byte("\n"), nil)
	}
	name = path.Base(name)
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return Asset{}, err
	}
	if _, err := w.Write(b); err != nil {
		return Asset{}, err
	}
	if err := w.Close(); err != nil {
		return Asset{}, err
	}
	sum := sha256.Sum256(b)
	ext := path.Ext(name)
	types := map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8"}
	return Asset{
		Path: AssetRoot + name[:len(name)-len(ext)] + "." + hex.EncodeToString(sum[:8]) + ext,
		Type: types[ext], Gzip: bytes.Clone(z.Bytes()),
	}, nil
}

// slim takes comments and indents out of a style sheet or a script that has
// neither in a string.
func slim(text []byte) []byte {
	var out bytes.Buffer
	for {
		before, rest, found := bytes.Cut(text, []byte("/*"))
		out.Write(before)
		if !found {
			break
		}
		_, text, _ = bytes.Cut(rest, []byte("*/"))
	}
	var lines bytes.Buffer
	for line := range bytes.Lines(out.Bytes()) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines.Write(line)
			lines.WriteByte('\n')
		}
	}
	return lines.Bytes()
}
