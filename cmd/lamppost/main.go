// Command lamppost is a hub: the pages for the neighbors of one place, and the
// links over which places of one community pass on what was posted.
//
// It exits with 0 when it did what it was asked or was told to stop, with 1 when
// something failed, and with 2 when it was called wrongly.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/hub"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line.
type commands struct {
	Found   foundCommand   `cmd:"" help:"Found a community, with the hub on this machine as its first."`
	Invite  inviteCommand  `cmd:"" help:"Make a code by which another hub can join the community of the hub here."`
	Join    joinCommand    `cmd:"" help:"Join a community with a code, with the hub on this machine."`
	Run     runCommand     `cmd:"" help:"Run a hub on this machine."`
	Clock   clockCommand   `cmd:"" help:"Show or set what time it is at a running hub."`
	Config  configCommand  `cmd:"" help:"Show the settings that a hub would run with."`
	Status  statusCommand  `cmd:"" help:"Say how the hub on this machine stands."`
	Doctor  doctorCommand  `cmd:"" help:"Look for what may be wrong with the hub on this machine, and say how to mend it."`
	Hub     hubCommand     `cmd:"" help:"Show the hubs of the community, rename one, let it invite, or put it out of use or out of the community."`
	Roster  rosterCommand  `cmd:"" help:"Show who may speak officially and decide, make somebody a coordinator, or put an end to it."`
	CAP     capCommand     `cmd:"" name:"cap" help:"Pass on official warnings of others, and pin the keys by which their signatures are checked."`
	CA      caCommand      `cmd:"" name:"ca" help:"Make and show the certificates by which devices of coordinators know the community's hubs over HTTPS."`
	Portal  portalCommand  `cmd:"" help:"Make an interface of this machine the network of phones, or undo it."`
	Metrics metricsCommand `cmd:"" help:"Show the metrics of a running hub."`
	Demo    demoCommand    `cmd:"" help:"Try it out: three hubs in a line on this machine, with links to cut and mend."`
	Version versionCommand `cmd:"" help:"Say which version this is."`
}

// streams are the standard ones.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	// The first signal asks for a clean stop; with the handler gone, the second
	// ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(call(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, apps.All(apps.Given{})))
}

// call runs one command line, with the commands of these apps among it, and returns the
// exit code.
func call(ctx context.Context, args []string, std streams, all []hub.App) int {
	parser, err := newParser(ctx, std, all)
	if err != nil {
		fmt.Fprintf(std.err, "lamppost: %v\n", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	args = withNumbers(args)
	parsed, err := parser.Parse(args)
	if err != nil {
		return wrongCall(std, err)
	}
	if err := findEmpty(args, parsed.Flags()); err != nil {
		return refuse(std, parsed, err.Error())
	}
	if len(configurable(parsed.Selected().Flags)) > 0 {
		warnOfVariables(std, parser.Model)
	}
	if err := parsed.Run(); err != nil {
		fmt.Fprintf(std.err, "lamppost: %v\n", err)
		return exitFailed
	}
	return exitOK
}

func newParser(ctx context.Context, std streams, all []hub.App) (*kong.Kong, error) {
	p, err := kong.New(&commands{}, append(appCommands(all),
		kong.Name("lamppost"),
		kong.Description("Lamppost keeps neighbors in touch when the internet is gone: a page for everybody on the Wi-Fi of a place, and the same posts at every place that a link still reaches."),
		kong.Writers(std.out, std.err),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
		kong.PostBuild(environment),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 90}),
	)...)
	if err == nil {
		p.Model.HelpFlag.Help = "Show this help."
	}
	return p, err
}

func wrongCall(std streams, err error) int {
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		return refuse(std, parse.Context, readably(blame(parse.Context, err)))
	}
	return refuse(std, nil, err.Error())
}

// refuse says what is wrong with a command line, and where to read more.
func refuse(std streams, ctx *kong.Context, text string) int {
	help := "lamppost --help"
	if ctx != nil && ctx.Selected() != nil {
		help = ctx.Selected().FullPath() + " --help"
	}
	fmt.Fprintf(std.err, "lamppost: %s\n", text)
	fmt.Fprintf(std.err, "See %q for what can be given.\n", help)
	return exitUsage
}
