package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub/leftover"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// A data folder becomes a community's in one step: its files are written into a
// folder within it, which is then renamed to stageFolder. What has that name is
// whole, and is moved to where it belongs by whoever finds it.
const (
	stageFolder = ".founded"
	unfinished  = ".founding-"
)

// ErrFounded means that a data folder belongs to a community already.
var ErrFounded = errors.New("this folder belongs to a community already")

// newFolder is a data folder to be written.
type newFolder struct {
	Folder
	trust   []record.Record // for the store
	sheets  []byte          // nil = none
	inviter inviterAt       // zero = none
}

// inviterAt is where the hub is that took this one in.
type inviterAt struct {
	key   record.Author
	met   string   // ip:port
	named []string // where it says that it may be reached
}

// Writable finds out whether a data folder that is there can be written into, as one
// that is to become a community's has to be.
func Writable(folder string) error {
	probe, err := os.CreateTemp(folder, unfinished+"*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// write writes the folder wholly or not at all, whenever it is interrupted.
func (f newFolder) write() (err error) {
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if err := unstage(f.Path); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(f.Path, communityFile)); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(ErrFounded, err)
	}
	if err := errors.Join(leftover.Clear(f.Path, unfinished), leftover.Clear(f.Path, half)); err != nil { // of one interrupted
		return err
	}
	stage, err := os.MkdirTemp(f.Path, unfinished+"*")
	if err != nil {
		return fmt.Errorf("write into the data folder: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(stage))
		}
	}()
	if err := f.fill(stage); err != nil {
		return err
	}
	if err := os.Rename(stage, filepath.Join(f.Path, stageFolder)); err != nil {
		return fmt.Errorf("write into the data folder: %w", err)
	}
	if err := syncFolder(f.Path); err != nil {
		return err
	}
	return unstage(f.Path)
}

// fill writes all files into a stage.
func (f newFolder) fill(stage string) error {
	if err := f.fillStore(stage); err != nil {
		return err
	}
	if err := f.fillBook(stage); err != nil {
		return err
	}
	encs := make([][]byte, len(f.trust))
	for i, r := range f.trust {
		encs[i] = r.Encoding()
	}
	trust, err := cbor.Marshal(encs)
	if err != nil {
		return err
	}
	founding, err := f.Founding.Encode()
	if err != nil {
		return err
	}
	files := map[string][]byte{
		keyFile: []byte(hex.EncodeToString(f.Key.Seed()) + "\n"), trustFile: trust, communityFile: founding,
	}
	if f.Network != nil {
		files[networkFile] = []byte(hex.EncodeToString(f.Network) + "\n")
	}
	if f.sheets != nil {
		files[SheetsFile] = f.sheets
	}
	for name, content := range files {
		if err := writeNew(filepath.Join(stage, name), content); err != nil {
			return err
		}
	}
	return syncFolder(stage)
}

// fillStore puts the trust records into a store in the stage. One that the folder
// has already is kept: it is of this community, or opening it fails.
func (f newFolder) fillStore(stage string) error {
	name, err := f.place(stage, recordsFile)
	if err != nil {
		return err
	}
	s, err := store.Open(name, store.Config{Founding: f.Founding})
	if err != nil {
		return err
	}
	_, err = s.Apply(context.Background(), f.trust...)
	return errors.Join(err, s.Close())
}

// fillBook puts into the address book where the hub is that took this one in.
func (f newFolder) fillBook(stage string) error {
	if f.inviter.met == "" {
		return nil
	}
	name, err := f.place(stage, localFile)
	if err != nil {
		return err
	}
	l, err := local.Open(name, local.Options{})
	if err != nil {
		return err
	}
	for _, addr := range f.inviter.named {
		_ = l.Named(f.inviter.key, local.SyncAddress, addr) // what is no address is none
	}
	err = l.Met(f.inviter.key, local.SyncAddress, f.inviter.met)
	return errors.Join(err, l.Close())
}

// place is where a database is to be written: where it is, or else in the stage.
func (f newFolder) place(stage, file string) (string, error) {
	name := filepath.Join(f.Path, file)
	switch _, err := os.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
		return filepath.Join(stage, file), nil
	case err != nil:
		return "", fmt.Errorf("look into the data folder: %w", err)
	}
	return name, nil
}

// unstage moves what lies whole in a folder's stage to where it belongs. Without a
// stage there is nothing to do.
func unstage(path string) error {
	stage := filepath.Join(path, stageFolder)
	files, err := os.ReadDir(stage)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("finish the data folder: %w", err)
	}
	move := func(name string) error {
		err := os.Rename(filepath.Join(stage, name), filepath.Join(path, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another process moved it
			return fmt.Errorf("finish the data folder: %w", err)
		}
		return nil
	}
	for _, file := range files {
		if file.Name() == communityFile {
			continue
		}
		if err := move(file.Name()); err != nil {
			return err
		}
	}
	if err := syncFolder(path); err != nil {
		return err
	}
	if err := move(communityFile); err != nil { // last: with it the folder is whole
		return err
	}
	if err := os.Remove(stage); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("finish the data folder: %w", err)
	}
	return syncFolder(path)
}

// syncFolder makes the names in a folder last.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("write into the data folder: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("write into the data folder: %w", err)
	}
	return nil
}
