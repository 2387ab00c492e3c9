package webui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
)

//go:embed style.css icon.svg clock.js
var sources embed.FS

// Scripts is what the front end's build has made, if it was run.
//
//go:embed all:dist
var Scripts embed.FS

// AssetRoot is where assets are served.
const AssetRoot = "/a/"

// Asset is a file whose path names its content, so that it never changes.
type Asset struct {
	Path  string // with a slash in front: /a/style.0123456789abcdef.css
	Type  string // of its content
	Plain []byte
	Gzip  []byte
}

// Assets are the files that every page refers to, by path.
type Assets struct {
	byPath             map[string]Asset
	Style, Icon, Clock string // paths; Clock is the script that tells what time a phone shows
}

// LoadAssets hashes and compresses the assets.
func LoadAssets() (*Assets, error) {
	a := &Assets{byPath: make(map[string]Asset)}
	for name, to := range map[string]*string{"style.css": &a.Style, "icon.svg": &a.Icon, "clock.js": &a.Clock} {
		asset, err := load(name)
		if err != nil {
			return nil, fmt.Errorf("asset %s: %w", name, err)
		}
		a.byPath[asset.Path] = asset
		*to = asset.Path
	}
	return a, nil
}

// Find is the asset at a path.
func (a *Assets) Find(path string) (Asset, bool) {
	asset, ok := a.byPath[path]
	return asset, ok
}

func load(name string) (Asset, error) {
	b, err := fs.ReadFile(sources, name)
	if err != nil {
		return Asset{}, err
	}
	if name != "icon.svg" {
		b = slim(b)
	}
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
		Type: types[ext], Plain: b, Gzip: z.Bytes(),
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
