package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// defaultPlace is what a place is called that nobody has named.
const defaultPlace = "First place"

// maxLabel bounds the name of a community or a place, in characters.
const maxLabel = 40

// open looks whether the data folder can be run. A new one is founded if that was asked for.
func (c *runCommand) open(ctx context.Context, out io.Writer, now time.Time) error {
	f, err := node.ReadFolder(c.Data)
	switch {
	case err == nil && c.Found != "" && c.Found != f.Founding.Name:
		fmt.Fprintf(out, "%s already belongs to %q and stays with it; --found is only for a new folder.\n", c.Data, f.Founding.Name)
		return nil
	case err == nil:
		return nil
	case !errors.Is(err, node.ErrNoCommunity):
		return explain(c.Data, err)
	case c.Found == "":
		return fmt.Errorf("the folder %s belongs to no community yet; to start a new one for trying out, add --found %q; to join one that exists, get a code at one of its hubs and say: lamppost join CODE", c.Data, "My street")
	}
	upstreams, err := c.upstreams()
	if err != nil {
		return err
	}
	if err := node.CheckPorts(ctx, node.Config{
		HTTP: c.HTTP, Listen: []string{c.Sync}, Metrics: c.Metrics, Nearby: node.Nearby{LeaveAlone: c.Phones},
		Wifi: node.Wifi{Portal: c.Portal, DNS: c.DNS, Upstreams: upstreams, AllowPrivate: c.AllowPrivate},
	}); err != nil {
		return fmt.Errorf("nothing was founded: %w", err)
	}
	return c.found(out, now)
}

// found founds a community of this one place. Its root's key is not kept, so
// that a hub that stands about cannot lose it.
func (c *runCommand) found(out io.Writer, now time.Time) error {
	name, err := label("--found", c.Found)
	if err != nil {
		return err
	}
	place := defaultPlace
	if c.Place != "" {
		if place, err = label("--place", c.Place); err != nil {
			return err
		}
	}
	if t := built(); now.Before(t) {
		now = t // a clock that has not been set
	}
	if _, err := node.Found(name, now, node.Place{Folder: c.Data, Label: place}); err != nil {
		return explain(c.Data, err)
	}
	fmt.Fprintf(out, "Founded %q with %q as its only place, in %s.\n"+
		"It is for trying out: its root key was thrown away, so nobody can be made a coordinator in it later.\n", name, place, c.Data)
	return nil
}

// label cleans a name that people will read.
func label(flag, s string) (string, error) {
	clean, err := hub.CleanLine(flag, s, maxLabel, roster.MaxText)
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	if hub.Blank(clean) {
		return "", fmt.Errorf("%s: nothing can be seen in %q; give a name", flag, s)
	}
	return clean, nil
}

// explain says what a person can do about a folder that does not open. Nil
// stays nil, and an error that says it all stays as it is.
func explain(folder string, err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrDamaged), errors.Is(err, local.ErrDamaged):
		return err
	case errors.Is(err, store.ErrInUse), errors.Is(err, local.ErrInUse):
		return fmt.Errorf("the folder %s is in use: a hub is running on it already; stop that one first, or choose another folder with --data", folder)
	case errors.Is(err, store.ErrOther):
		return fmt.Errorf("the records in %s are of another community than the folder itself; put the folder back as it was, or start with a new one", folder)
	case errors.Is(err, store.ErrFull), errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk that holds %s is full; make room on it and start again (%w)", folder, err)
	case errors.Is(err, syscall.ENOTDIR), isFile(folder):
		return fmt.Errorf("%s cannot be a data folder: a file is in the way; choose another folder with --data", folder)
	case ofFile(err) && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)):
		return fmt.Errorf("nothing can be written in %s (%w); choose another folder with --data", folder, err)
	}
	return err
}

// ofFile reports whether an error is about a file, not about a port.
func ofFile(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
