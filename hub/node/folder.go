package node

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// What a hub's data folder holds.
const (
	keyFile       = "hub.key"        // the hub's identity: 32 bytes in hex
	communityFile = "community.cbor" // the founding statement
	networkFile   = "network.key"    // the membership's: 32 bytes in hex, the same at all hubs
	trustFile     = "trust.cbor"     // the records that certify the hub, should records.db be lost
	recordsFile   = "records.db"     // what replicates
	localFile     = "local.db"       // what belongs to this hub alone
)

// SheetsFile is where a data folder keeps root sheets, if somebody wants that.
const SheetsFile = "roots.txt"

// ErrNoCommunity means that a data folder belongs to no community yet.
var ErrNoCommunity = errors.New("this hub belongs to no community yet")

// Folder is a hub's identity and community, as its data folder holds them.
type Folder struct {
	Path     string
	Key      ed25519.PrivateKey
	Founding roster.Founding
	Network  []byte   // the membership's key; nil where the folder has none
	Trust    [][]byte // encoded records that certify the hub; may be empty
}

// ReadFolder reads a data folder. It fails with ErrNoCommunity for a new one.
func ReadFolder(path string) (Folder, error) {
	f := Folder{Path: path}
	if err := unstage(path); err != nil {
		return f, err
	}
	enc, err := os.ReadFile(filepath.Join(path, communityFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f, ErrNoCommunity
	}
	if err != nil {
		return f, fmt.Errorf("read the community: %w", err)
	}
	if f.Founding, err = roster.DecodeFounding(enc); err != nil {
		return f, fmt.Errorf("%s is damaged (%w). Put back a copy of it: every hub of the community has the same", filepath.Join(path, communityFile), err)
	}
	if f.Trust, err = readTrust(path); err != nil {
		return f, err
	}
	if f.Network, err = readNetwork(path); err != nil {
		return f, err
	}
	f.Key, err = readKey(path)
	return f, err
}

// readTrust reads the records that certify the hub. Where the file is missing
// they are in the store alone.
func readTrust(path string) (trust [][]byte, err error) {
	enc, err := os.ReadFile(filepath.Join(path, trustFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the hub's certificate: %w", err)
	}
	if err := cbor.Unmarshal(enc, &trust); err != nil {
		return nil, fmt.Errorf("%s is damaged: move it away and start again (%w)", filepath.Join(path, trustFile), err)
	}
	return trust, nil
}

// readNetwork reads the membership's key, of which a hub may do without.
func readNetwork(path string) ([]byte, error) {
	name := filepath.Join(path, networkFile)
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the membership: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) != gossip.KeySize {
		return nil, fmt.Errorf("%s is damaged: it should hold 64 hexadecimal digits. Put back a copy of it: every hub of the community has the same", name)
	}
	return key, nil
}

// MakeFolder makes a data folder with an identity for a hub of a community, with
// the key of its membership (nil = none), and puts the trust records into its
// store: wholly or not at all. It fails with ErrFounded where there is one already.
func MakeFolder(path string, f roster.Founding, key ed25519.PrivateKey, network []byte, trust []record.Record) error {
	return newFolder{Folder: Folder{Path: path, Key: key, Founding: f, Network: network}, trust: trust}.write()
}

// HubKey is the key of a data folder, made if there is none.
func HubKey(path string) (ed25519.PrivateKey, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	_, key, err = ed25519.GenerateKey(rand.Reader)
	return key, err
}

func readKey(path string) (ed25519.PrivateKey, error) {
	b, err := os.ReadFile(filepath.Join(path, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: it says who this hub is. Copy it back from a backup; without one, use a new folder and have the hub certified anew (%w)",
			filepath.Join(path, keyFile), err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the hub's key: %w", err)
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s is damaged: it should hold 64 hexadecimal digits. Put back a copy of it, or start with a new data folder: without its key this hub cannot prove who it is", filepath.Join(path, keyFile))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// half begins the name of a file that is not yet written whole.
const half = ".new-"

// writeNew writes a file for its owner alone, whole or not at all. What it leaves
// where the machine stops midway is removed at the next start: it may hold keys.
func writeNew(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), half+"*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = tmp.Write(b)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(tmp.Name()))
	}
	return nil
}
