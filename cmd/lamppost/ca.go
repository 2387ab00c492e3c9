package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/authority"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/qr"
)

// caCommand is of the community's own certificate authority.
type caCommand struct {
	Init    caInit    `cmd:"" help:"Make the community's certificate authority, with its key at the hub here, and this hub's certificate."`
	Show    caShow    `cmd:"" help:"Show the authority's fingerprint, to compare on each device, and how this hub's certificate stands."`
	Issue   caIssue   `cmd:"" help:"Give the hub here another certificate, where the authority's key is. It does so by itself when it is time."`
	Request caRequest `cmd:"" help:"Write what this hub asks of the one that has the authority's key into a file."`
	Sign    caSign    `cmd:"" help:"Sign what another hub asks, where the authority's key is."`
	Install caInstall `cmd:"" help:"Take the certificate that was signed for this hub."`
}

// Help is the longer text of --help.
func (caCommand) Help() string {
	return `What counts as official is signed at a hub's own machine, or over HTTPS from a device that
trusts the community's own certificate authority. At one hub, which holds its key:

    lamppost ca init
    lamppost ca show              # the fingerprint: on paper, for all whose devices are enrolled

Each other hub gets a certificate by two files, that can walk on a stick:

    lamppost ca request school.request          # at the other hub
    lamppost ca sign school.request school.pem  # where the key is
    lamppost ca install school.pem              # at the other hub

The page /enrol of each such hub says how a device is enrolled.`
}

// act has the hub do something about the authority.
func (f consoleFlag) act(ctx context.Context, what control.AuthorityKind, file []byte) (a control.Authority, err error) {
	err = f.call(ctx, "authority", control.AuthorityAct{Act: what, File: file}, &a)
	return a, err
}

type caInit struct{ consoleFlag }

// Help is the longer text of --help.
func (caInit) Help() string {
	return `Makes one authority for the community, which may speak for its hubs' names and for private
addresses, and for nothing else: do it when the hubs have their names, at one hub, and not
again at another. Its key stays in this hub's data folder, so that this hub renews its
certificate by itself and signs those of others. Who steals that folder can pass for your
hubs' pages on devices that were enrolled; then found another authority, and enrol anew.`
}

// Run makes it.
func (c *caInit) Run(ctx context.Context, std streams) error {
	a, err := c.act(ctx, control.MakeAuthority, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "The authority “%s” is made, and this hub has a certificate by it.\n\n", a.Name)
	if err := showAuthority(std.out, a); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "\nPut the fingerprint on paper for everybody whose device is to be enrolled; the page /enrol\n"+
		"says how. The key is in the data folder of this hub (authority.key): nobody else needs it.\n")
	return nil
}

type caShow struct{ consoleFlag }

// Run shows it.
func (c *caShow) Run(ctx context.Context, std streams) error {
	a, err := c.act(ctx, control.ShowAuthority, nil)
	if err != nil {
		return err
	}
	if a.Name == "" {
		return errors.New(strings.TrimSpace("this hub knows no certificate authority of its community. If another hub has made one, ask that one for a certificate: lamppost ca request --help. Else make it: lamppost ca init" + c.flag() + "\n" + a.Problem))
	}
	return showAuthority(std.out, a)
}

type caIssue struct{ consoleFlag }

// Run issues it.
func (c *caIssue) Run(ctx context.Context, std streams) error {
	a, err := c.act(ctx, control.Recertify, nil)
	if err != nil {
		return err
	}
	return showAuthority(std.out, a)
}

// pairsInLine is how many pairs of a fingerprint stand in a line, as on the page.
const pairsInLine = 8

// showAuthority is an authority for people.
func showAuthority(out io.Writer, a control.Authority) error {
	fmt.Fprintf(out, "Certificate   %s, until %s\nFingerprint   SHA-256\n", a.Name, a.Until.Local().Format(time.DateOnly))
	for pairs := range slices.Chunk(strings.Fields(a.Fingerprint), pairsInLine) {
		fmt.Fprintf(out, "              %s\n", strings.Join(pairs, " "))
	}
	code, err := qr.Encode("SHA-256 "+a.Fingerprint, qr.Screen)
	if err != nil {
		return err
	}
	picture := code.Text()
	if isTerminal(out) {
		picture = code.Terminal()
	}
	fmt.Fprintf(out, "\n%s\nMay speak for %s, and private addresses\n", picture, strings.Join(a.For, ", "))
	key := "at another hub"
	if a.Holds {
		key = "here, in authority.key"
	}
	fmt.Fprintf(out, "Its key       %s\n", key)
	switch {
	case len(a.Names) == 0:
		fmt.Fprintf(out, "This hub      has no certificate yet\n")
	default:
		fmt.Fprintf(out, "This hub      %s, until %s\n", strings.Join(a.Names, ", "), a.Ends.Local().Format(time.DateOnly))
	}
	if a.Address != "" {
		fmt.Fprintf(out, "Official at   %s\n", a.Address)
	}
	if a.Problem != "" {
		fmt.Fprintf(out, "! %s\n", a.Problem)
	}
	return nil
}

type caRequest struct {
	File string `arg:"" type:"path" help:"Where to write it, such as school.request."`
	consoleFlag
}

// Run asks.
func (c *caRequest) Run(ctx context.Context, std streams) error {
	a, err := c.act(ctx, control.AskForHTTPS, nil)
	if err != nil {
		return err
	}
	if err := writeOut(c.File, a.File); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s goes to the hub that has the authority's key. There: lamppost ca sign %s ANSWER\n", c.File, c.File)
	return nil
}

type caSign struct {
	Request string `arg:"" type:"path" help:"What the other hub has written."`
	Answer  string `arg:"" type:"path" help:"Where to write its certificate, such as school.pem."`
	consoleFlag
}

// Run signs.
func (c *caSign) Run(ctx context.Context, std streams) error {
	file, err := readIn(c.Request)
	if err != nil {
		return err
	}
	a, err := c.act(ctx, control.SignForHTTPS, file)
	if err != nil {
		return err
	}
	if err := writeOut(c.Answer, a.File); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s is the certificate of “%s”. There: lamppost ca install %s\n", c.Answer, a.Hub, c.Answer)
	return nil
}

type caInstall struct {
	File string `arg:"" type:"path" help:"What was signed for this hub."`
	consoleFlag
}

// Run installs.
func (c *caInstall) Run(ctx context.Context, std streams) error {
	file, err := readIn(c.File)
	if err != nil {
		return err
	}
	a, err := c.act(ctx, control.InstallHTTPS, file)
	if err != nil {
		return err
	}
	fmt.Fprintln(std.out, "This hub has its certificate. Compare the fingerprint with the paper.")
	return showAuthority(std.out, a)
}

// readIn reads a file that somebody has brought.
func readIn(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, authority.MaxFile+1))
	if err == nil && len(b) > authority.MaxFile {
		err = fmt.Errorf("%s has more than %d bytes: it is none of the files that “lamppost ca” writes", path, authority.MaxFile)
	}
	return b, err
}

// writeOut writes a file that is to go elsewhere. One that is there stays.
func writeOut(path string, b []byte) error {
	f, err := created(path)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// created is a new file for everybody to read.
func created(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // there is no secret in it
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s is there already; choose another file", path)
	}
	return f, err
}
