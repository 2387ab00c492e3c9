package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/hub"
)

// capCommand is what is done about warnings of others.
type capCommand struct {
	Import capImport `cmd:"" help:"Pass on the warnings in a file, at the running hub."`
	Pin    capPin    `cmd:"" help:"Take a key for a sender's own: its signatures are checked against it."`
	Pins   capPins   `cmd:"" help:"Show the keys that are taken for senders' own here."`
	Unpin  capUnpin  `cmd:"" help:"Take such a key back."`
}

// Help is the longer text of --help.
func (capCommand) Help() string {
	return `Weather services, fire districts and others write their warnings by the Common Alerting
Protocol (CAP). A hub passes on those that are put in here, and those of the feeds that it
is told of:

    lamppost run --cap-feed https://alerts.example.org/feed.atom

They come to the top of pages if the roots let the hub speak for their sender:

    lamppost roster grant "Fire Station" --roles relay --senders alerts@example.org`
}

type capImport struct {
	File string `arg:"" help:"The file: CAP 1.0, 1.1 or 1.2, also in EDXL-DE, Atom or RSS, of at most 5 MB. - stands for what is piped in."`
	folderFlag
}

// Run has the hub pass on a file.
func (c *capImport) Run(ctx context.Context, std streams) error {
	for _, app := range apps.All(apps.Given{}) {
		if by, ok := app.(hub.Commander); ok && app.Manifest().Name == apps.OfWarnings {
			one := appCommand{Verb: "import", Args: []string{c.File}, folderFlag: c.folderFlag, app: apps.OfWarnings, verbs: by.Commands()}
			return one.Run(ctx, std)
		}
	}
	return errors.New("this program passes on no warnings")
}

type capPin struct {
	Sender string `arg:"" help:"The sender, as its warnings have it."`
	File   string `arg:"" type:"path" help:"A certificate or a public key, in PEM or DER, from the sender itself and not from a warning."`
	folderFlag
}

// Help is the longer text of --help.
func (capPin) Help() string {
	return `Compare the fingerprint that is shown with the one that the sender gives by another way:
on the phone, on paper. A hub that runs goes by the key within a minute.`
}

// Run pins a key.
func (c *capPin) Run(_ context.Context, std streams) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, apps.MaxKey+1))
	if err != nil {
		return err
	}
	if len(raw) > apps.MaxKey {
		return fmt.Errorf("%s is too large for a key", c.File)
	}
	pin, err := c.keys().Add(c.Sender, raw)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Signatures of %s are checked against this key from now on:\n  %s\n", pin.Sender, pin.Fingerprint())
	if !pin.NotAfter.IsZero() && pin.NotAfter.Before(time.Now()) {
		fmt.Fprintf(std.err, "lamppost: its certificate ran out on %s; the key counts all the same\n", pin.NotAfter.Format(time.DateOnly))
	}
	return nil
}

type capPins struct{ folderFlag }

// Run shows the pinned keys.
func (c *capPins) Run(_ context.Context, std streams) error {
	all, err := c.keys().All()
	for _, p := range all {
		fmt.Fprintf(std.out, "%s  %s\n", p.Fingerprint(), p.Sender)
	}
	if len(all) == 0 && err == nil {
		fmt.Fprintln(std.out, "No key is pinned here, so no signature of a warning is checked.")
	}
	return err
}

type capUnpin struct {
	Key string `arg:"" help:"The beginning of its fingerprint, as cap pins shows it."`
	folderFlag
}

// Run takes a pinned key back.
func (c *capUnpin) Run(_ context.Context, std streams) error {
	pin, err := c.keys().Remove(c.Key)
	if err == nil {
		fmt.Fprintf(std.out, "Signatures of %s are not checked against that key any more.\n", pin.Sender)
	}
	return err
}

// pinsFolder holds the pinned keys, within the data folder.
const pinsFolder = "pins"

func (f folderFlag) keys() apps.Keys { return apps.Keys(filepath.Join(f.Data, pinsFolder)) }

// warnings is where warnings of others come from.
func (c *runCommand) warnings(log *slog.Logger) apps.Warnings {
	return apps.Warnings{Feeds: c.CAPFeed, Keys: folderFlag{c.Data}.keys(), Log: log}
}

func (c *runCommand) checkFeeds() error {
	if err := c.warnings(nil).Check(); err != nil {
		return fmt.Errorf("--cap-feed: %w", err)
	}
	if len(c.CAPFeed) > 0 && !c.WatchInternet {
		return errors.New("--cap-feed: feeds are fetched while the internet works, and with --no-watch-internet nobody finds out whether it does")
	}
	return nil
}
