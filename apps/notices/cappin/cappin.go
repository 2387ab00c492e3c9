// Package cappin keeps the keys that whoever looks after a hub has pinned to senders of
// alerts: a folder of PEM files, each of which begins with a line that names the sender.
package cappin

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/notices/capsig"
)

const (
	// MaxFile is how large the file of a key is at most, in bytes.
	MaxFile = 64 << 10

	suffix    = ".pem"
	naming    = "Sender: "
	most      = 256
	maxSender = 500 // bytes
)

// Folder is where the keys are. One that is not there holds none.
type Folder string

// All is the pinned keys, at most 256. The error is about those that are left out.
func (d Folder) All() ([]capsig.Pin, error) {
	_, all, err := d.read()
	return all, err
}

func (d Folder) read() (paths []string, all []capsig.Pin, wrong error) {
	dir := string(d)
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if f.IsDir() || !strings.HasSuffix(f.Name(), suffix) || len(all) == most {
			continue
		}
		path := filepath.Join(dir, f.Name())
		pin, err := read(path)
		if err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("%s: %w", path, err))
			continue
		}
		paths, all = append(paths, path), append(all, pin)
	}
	return paths, all, wrong
}

func read(path string) (capsig.Pin, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return capsig.Pin{}, err
	}
	first, rest, _ := bytes.Cut(raw, []byte("\n"))
	sender, ok := strings.CutPrefix(strings.TrimSpace(string(first)), naming)
	if !ok || len(raw) > MaxFile {
		return capsig.Pin{}, fmt.Errorf("the file of a pinned key begins with the line %q", naming+"NAME")
	}
	return capsig.NewPin(sender, rest)
}

// Add pins a key that is in PEM or DER to a sender. The folder is made where there is none,
// in one that is there.
func (d Folder) Add(sender string, raw []byte) (capsig.Pin, error) {
	if sender = strings.TrimSpace(sender); len(sender) > maxSender || strings.ContainsAny(sender, " ,<&\r\n\t") {
		return capsig.Pin{}, fmt.Errorf("%q is no sender: it has no blanks, commas, < and & (CAP 1.2 §3.2.1)", sender)
	}
	pin, err := capsig.NewPin(sender, raw)
	if err != nil {
		return pin, err
	}
	if _, err := os.Stat(filepath.Dir(string(d))); err != nil {
		return pin, fmt.Errorf("there is no hub in %s: %w", filepath.Dir(string(d)), err)
	}
	_, all, err := d.read()
	if err != nil {
		return pin, err
	}
	own := 0
	for _, p := range all {
		if p.Sender == sender && p.Fingerprint() != pin.Fingerprint() {
			own++
		}
	}
	if own >= capsig.MaxPins || len(all) >= most {
		return pin, fmt.Errorf("%s has %d keys already; take one back first: lamppost cap unpin KEY", sender, own)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		block = &pem.Block{Type: "PUBLIC KEY", Bytes: raw}
		if !pin.NotAfter.IsZero() {
			block.Type = "CERTIFICATE"
		}
	}
	sum := sha256.Sum256([]byte(sender))
	dir := string(d)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return pin, err
	}
	path := filepath.Join(dir, pin.Fingerprint()[:16]+"-"+hex.EncodeToString(sum[:4])+suffix)
	block.Headers = nil
	return pin, replaceFile(path, slices.Concat([]byte(naming+sender+"\n"), pem.EncodeToMemory(block)))
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, raw []byte) error {
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Remove takes back the one pinned key whose fingerprint begins so.
func (d Folder) Remove(begins string) (capsig.Pin, error) {
	paths, all, err := d.read()
	if err != nil {
		return capsig.Pin{}, err
	}
	at := -1
	for i, p := range all {
		if begins != "" && strings.HasPrefix(p.Fingerprint(), strings.ToLower(begins)) {
			if at >= 0 {
				return p, fmt.Errorf("several keys begin with %q; give more of it", begins)
			}
			at = i
		}
	}
	if at < 0 {
		return capsig.Pin{}, fmt.Errorf("no key that begins with %q is pinned here; see: lamppost cap pins", begins)
	}
	return all[at], os.Remove(paths[at])
}
