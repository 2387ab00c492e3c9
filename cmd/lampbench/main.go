// Command lampbench measures hubs on this machine and prints one JSON line a
// result: what was measured, the target where there is one, and the settings.
//
// Every hub is a whole one with its store on disk. For startup, people, maps, field, arrivals and
// dns hubs are processes of the program lamppost, for the last three in network namespaces,
// which takes root; for the others they run in this process, speak libp2p over TCP on loopback
// and are posted to over HTTP on loopback. What is measured shares its processors
// with whoever measures. It is a failed exit if at the full size a target is missed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
)

// limit bounds a whole run.
const limit = 30 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "lampbench:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be cancelled
	}
}

// bench is what the measurements share.
type bench struct {
	ctx   context.Context //nolint:containedctx // of one run of the program
	scale float64
	runs  int
	out   *json.Encoder

	program string // path of lamppost; "" = beside lampbench

	notes  io.Writer // of what is left out
	missed []string  // targets
}

// one is a measurement that can be asked for by name.
type one struct {
	name string
	run  func(*bench) error
}

func all() []one {
	return []one{{"posts", posts}, {"live", live}, {"catchup", catchup}, {"heal", heal}, {"startup", startup}, {"people", people}, {"field", field}, {"arrivals", arriving}, {"dns", names}, {"maps", mapped}}
}

func known() (out []string) {
	for _, o := range all() {
		out = append(out, o.name)
	}
	return out
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("lampbench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("only", "", "")
	scale := flags.Float64("scale", 1, "")
	runs := flags.Int("runs", 3, "")              // of which catchup and heal tell the median
	profile := flags.String("cpuprofile", "", "") // a file to write a processor profile to
	program := flags.String("lamppost", "", "")
	flags.Usage = func() {
		fmt.Fprintf(stderr, "Measures hubs on this machine; one JSON line a result.\n\n"+
			"  --only NAME   one measurement: %s\n"+
			"  --scale F     F times the records and seconds, for a quick look (1)\n"+
			"  --lamppost P  the program that startup, people, field, arrivals, dns and maps run (that beside lampbench)\n", strings.Join(known(), ", "))
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q is not understood; see --help", flags.Arg(0))
	case *only != "" && !slices.Contains(known(), *only):
		return fmt.Errorf("there is no measurement %q, but: %s", *only, strings.Join(known(), ", "))
	case !(*scale > 0 && *scale <= 1):
		return errors.New("--scale is above 0 and at most 1")
	case *runs < 1 || *runs > 10:
		return errors.New("--runs is 1 to 10")
	}
	if *profile != "" {
		stop, err := startProfile(*profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	b := &bench{ctx: ctx, scale: *scale, runs: *runs, out: json.NewEncoder(stdout), program: *program, notes: stderr}
	for _, o := range all() {
		if *only != "" && o.name != *only {
			continue
		}
		err := o.run(b)
		if unable := errors.Is(err, netnstest.ErrUnable) || errors.Is(err, errNoProgram) || errors.Is(err, errNoRival); unable && *only == "" {
			fmt.Fprintf(stderr, "lampbench: %s is left out: %v\n", o.name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return b.verdict()
}

// verdict is an error where a target was missed.
func (b *bench) verdict() error {
	if len(b.missed) == 0 {
		return nil
	}
	return fmt.Errorf("missed: %s", strings.Join(b.missed, "; "))
}

func startProfile(path string) (func() error, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

// of scales a number, to no less than least.
func (b *bench) of(n, least int) int { return max(least, int(float64(n)*b.scale)) }

// lasting scales a time.
func (b *bench) lasting(d time.Duration) time.Duration {
	return max(200*time.Millisecond, time.Duration(float64(d)*b.scale))
}

// common is what every line begins and ends with.
type common struct {
	Target string  `json:"target"` // "none" where there is none
	Met    *bool   `json:"met"`    // null where there is no target, or on a part of the full size
	Scale  float64 `json:"scale"`
	Cores  int     `json:"cores"`
	Load   string  `json:"load"` // of the machine over the minute before, ours included
	Setup  string  `json:"setup"`
}

// judged is the common part of a line with a target.
func (b *bench) judged(target string, met bool, setup string) common {
	c := b.plain(setup)
	c.Target = target
	if b.scale == 1 {
		if c.Met = &met; !met {
			b.missed = append(b.missed, target)
		}
	}
	return c
}

func (b *bench) plain(setup string) common {
	return common{Target: "none", Scale: b.scale, Cores: runtime.GOMAXPROCS(0), Load: load(), Setup: setup}
}

// load is the first figure of /proc/loadavg, "" where there is none.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
